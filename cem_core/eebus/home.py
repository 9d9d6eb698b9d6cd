"""Our device as every peer sees it."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass

from cem_core.eebus import compressor, hot_water
from cem_core.eebus.clock import Clock
from cem_core.eebus.controllable import KEY_LIST, LIMIT_LIST, ControllableSystem
from cem_core.eebus.device import Device, Entity, Feature, Role, UseCase
from cem_core.eebus.grid_point import MEASUREMENTS, GridPoint
from cem_core.eebus.guard import Failsafe
from cem_core.eebus.heartbeat import Heartbeat
from cem_core.eebus.json_form import safe_text
from cem_core.eebus.layout import (
    CEM,
    CONFIGURATION,
    GRID_MEASUREMENT,
    GRID_POINT,
    LIMITS,
    PEER_CONFIGURATION,
    PEER_CONNECTION,
    PEER_FLEXIBILITY,
    PEER_HEARTBEAT,
    PEER_HVAC,
    PEER_LIMITS,
    PEER_MEASUREMENT,
    PEER_SETPOINT,
)
from cem_core.eebus.peer import Home, Told
from cem_core.model import Direction

_CLIENTS = {
    PEER_HEARTBEAT: "DeviceDiagnosis",
    PEER_LIMITS: "LoadControl",
    PEER_CONFIGURATION: "DeviceConfiguration",
    PEER_MEASUREMENT: "Measurement",
    PEER_CONNECTION: "ElectricalConnection",
    PEER_FLEXIBILITY: compressor.FEATURE,
    PEER_SETPOINT: "Setpoint",
    PEER_HVAC: "HVAC",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Naming:
    """How we call ourselves; SHIP wants at most 32 bytes each."""

    brand: str
    model: str
    serial: str

    @property
    def ship_id(self) -> str:
        """Our SHIP id."""
        return f"{self.brand}-{self.model}-{self.serial}"

    @property
    def device(self) -> str:
        """Our SPINE device address."""
        return f"d:_n:{self.brand}_{self.model}-{self.serial}"


def our_home(
    naming: Naming,
    clock: Clock,
    system: ControllableSystem,
    grid_point: GridPoint | None,
    failsafe_w: Mapping[Direction, float],
) -> Home:
    """Return what all connections of this home share.

    ``failsafe_w`` is what devices are to keep to when they no longer hear of us.
    """
    clients = (
        Feature(address=address, type=kind, role=Role.CLIENT)
        for address, kind in _CLIENTS.items()
    )
    features = [*clients, *system.features(), Heartbeat(clock).feature()]
    entities, use_cases = [Entity(address=CEM, type="CEM")], [*system.use_cases()]
    if grid_point is not None:
        kind = "GridConnectionPointOfPremises"
        entities.append(Entity(address=GRID_POINT, type=kind))
        features += grid_point.features()
        use_cases.append(grid_point.use_case())
    use_cases += _as_guard()
    device = Device(
        address=naming.device,
        type="EnergyManagementSystem",
        entities=entities,
        features=sorted(features, key=lambda f: (f.address.entity, f.address.feature)),
        use_cases=use_cases,
        manufacturer={
            "deviceName": safe_text(naming.model),
            "deviceCode": safe_text(naming.model),
            "serialNumber": safe_text(naming.serial),
            "brandName": safe_text(naming.brand),
        },
    )
    return Home(
        device=device,
        ship_id=naming.ship_id,
        system=system,
        told=tuple(_told(system, grid_point)),
        failsafe=Failsafe(limit_w=failsafe_w),
    )


def _as_guard() -> list[UseCase]:
    return [
        UseCase(entity=CEM, actor=actor, name=name, scenarios=scenarios)
        for actor, name, scenarios in (
            ("EnergyGuard", "limitationOfPowerConsumption", (1, 2, 3, 4)),
            ("EnergyGuard", "limitationOfPowerProduction", (1, 2, 3, 4)),
            ("MonitoringAppliance", "monitoringOfPowerConsumption", (1, 2, 3, 4, 5)),
            ("CEM", compressor.USE_CASE, compressor.SCENARIOS),
            ("ConfigurationAppliance", hot_water.CONFIGURES, (1,)),
            ("MonitoringAppliance", hot_water.MONITORS, (1,)),
        )
    ]


def _told(system: ControllableSystem, grid_point: GridPoint | None) -> list[Told]:
    def limits() -> Hashable:
        return tuple(
            (direction, machine.active, machine.value_w, machine.ends_s)
            for direction, machine in system.machines().items()
        )

    def failsafe() -> Hashable:
        return tuple(system.kept().items())

    told = [
        Told(address=LIMITS, function=LIMIT_LIST, stamp=limits),
        Told(address=CONFIGURATION, function=KEY_LIST, stamp=failsafe),
    ]
    if grid_point is not None:
        told.append(
            Told(
                address=GRID_MEASUREMENT,
                function=MEASUREMENTS,
                stamp=grid_point.stamp,
                spare=True,
            )
        )
    return told
