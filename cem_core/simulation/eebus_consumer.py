"""A device that takes limits of its consumption and says what it draws.

Source: EEBUS UC TS LPC 1.0.0 (Controllable System) and MPC 1.0.0 (Monitored Unit).
"""

from collections.abc import Callable
from typing import Final

from cem_core.eebus.clock import Clock
from cem_core.eebus.controllable import ControllableSystem
from cem_core.eebus.datagram import Address
from cem_core.eebus.device import (
    NODE_MANAGEMENT,
    Device,
    Entity,
    Feature,
    Function,
    Role,
    UseCase,
)
from cem_core.eebus.guard import Failsafe
from cem_core.eebus.heartbeat import Heartbeat
from cem_core.eebus.home import Naming, our_home
from cem_core.eebus.json_form import Tree
from cem_core.eebus.layout import CEM
from cem_core.eebus.peer import Home, Told
from cem_core.eebus.values import scaled, timestamp
from cem_core.simulation.eebus_compressor import OfferedRun
from cem_core.simulation.eebus_hot_water import HotWaterCircuit

_MEASUREMENT: Final = Address(CEM, 8)
_CAR: Final = Entity(address=(*CEM, 1), type="EV")
# The device type and the type of its first entity (EEBUS SPINE 1.3.0, 4.1).
CHARGING_STATION: Final = ("ChargingStation", "EVSE")
HEAT_PUMP: Final = ("HeatGenerationSystem", "HeatPumpAppliance")


class Consumer:
    """The device as its peers see it; ``power_w`` returns what it draws.

    ``run`` is what its compressor offers, ``hot_water`` its tank.
    """

    def __init__(
        self,
        *,
        system: ControllableSystem,
        clock: Clock,
        types: tuple[str, str],
        power_w: Callable[[], float],
        run: OfferedRun | None = None,
        hot_water: HotWaterCircuit | None = None,
    ) -> None:
        """Stand behind ``system``, without a car."""
        self._run = run
        self._hot_water = hot_water
        self._system = system
        self._clock = clock
        self._power_w = power_w
        self._type, entity = types
        self._entities = [Entity(address=CEM, type=entity)]
        if run is not None:
            self._entities.append(run.entity)
        if hot_water is not None:
            self._entities.append(hot_water.entity)

    def show_car(self, *, there: bool) -> None:
        """Say whether a car is plugged in."""
        if there == (_CAR in self._entities):
            return
        if there:
            self._entities.append(_CAR)
        else:
            self._entities.remove(_CAR)

    def home(self, naming: Naming) -> Home:
        """Return what all its connections share."""
        measured = Function(name="measurementListData", read=self._measured)
        described = Function(name="measurementDescriptionListData", read=_described)
        client = Feature(
            address=Address(CEM, 1), type="DeviceDiagnosis", role=Role.CLIENT
        )
        measurement = Feature(
            address=_MEASUREMENT,
            type="Measurement",
            role=Role.SERVER,
            functions=(described, measured),
        )
        features = (client, *self._system.features(), Heartbeat(self._clock).feature())
        monitored = UseCase(
            entity=CEM,
            actor="MonitoredUnit",
            name="monitoringOfPowerConsumption",
            scenarios=(1,),
        )
        runs = () if self._run is None else (self._run,)
        circuits = () if self._hot_water is None else (self._hot_water,)
        device = Device(
            address=naming.device,
            type=self._type,
            entities=self._entities,
            features=[
                *features,
                measurement,
                *(run.feature() for run in runs),
                *(each for circuit in circuits for each in circuit.features()),
            ],
            use_cases=[
                *self._system.use_cases(),
                monitored,
                *(run.use_case() for run in runs),
                *(each for circuit in circuits for each in circuit.use_cases()),
            ],
            manufacturer={"deviceName": naming.model, "brandName": naming.brand},
        )
        told = Told(
            address=_MEASUREMENT,
            function=measured.name,
            stamp=lambda: tuple(self._value().items()),
            spare=True,
        )
        parts = Told(
            address=NODE_MANAGEMENT,
            function="nodeManagementDetailedDiscoveryData",
            stamp=lambda: len(self._entities),
        )
        limits = our_home(naming, self._clock, self._system, None, {}).told
        return Home(
            device=device,
            ship_id=naming.ship_id,
            system=self._system,
            told=(
                *limits,
                told,
                parts,
                *(run.told() for run in runs),
                *(each for circuit in circuits for each in circuit.told()),
            ),
            failsafe=Failsafe(),
        )

    def _value(self) -> Tree:
        return scaled(round(self._power_w()))

    def _measured(self) -> Tree:
        value = {
            "measurementId": 0,
            "valueType": "value",
            "timestamp": timestamp(self._clock.utc()),
            "value": self._value(),
            "valueSource": "measuredValue",
            "valueState": "normal",
        }
        return {"measurementData": [value]}


def _described() -> Tree:
    power = {
        "measurementId": 0,
        "measurementType": "power",
        "commodityType": "electricity",
        "unit": "W",
        "scopeType": "acPowerTotal",
    }
    return {"measurementDescriptionData": [power]}
