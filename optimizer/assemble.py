"""A home and its aligned series -> components, with their bounds tightened."""

from collections.abc import Iterator, Mapping, Sequence, Set as AbstractSet
from dataclasses import dataclass

from optimizer import home
from optimizer.align import Columns
from optimizer.assemble_flexibility import flexibility
from optimizer.assemble_further import further
from optimizer.assemble_meters import Metering, lines, metering
from optimizer.assemble_tariff import sub_charges, tariff_couplings
from optimizer.bounds import Bounds
from optimizer.component import Component, Coupling
from optimizer.components.appliance import Appliance
from optimizer.components.battery import Battery
from optimizer.components.ev_charger import EvCharger
from optimizer.components.grid_connection import GridConnection
from optimizer.components.inverter import Inverter
from optimizer.components.load import Load
from optimizer.components.meter import Meter
from optimizer.components.operator_limit import OperatorLimit
from optimizer.components.phase_balance import PhaseBalance
from optimizer.components.solar import Solar
from optimizer.components.surplus_charging import SurplusCharging
from optimizer.home import Column, Home
from optimizer.horizon import Horizon
from optimizer.ordered import ordered_limits


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Everything a model is made of."""

    grid: GridConnection
    load: Load
    devices: Sequence[Component]
    meters: Sequence[Meter]
    couplings: Sequence[Coupling]

    def components(self) -> Mapping[str, Component]:
        """Return what has a power, by the name of its block."""
        return {self.grid.name: self.grid, **self.consumers()}

    def consumers(self) -> Mapping[str, Component]:
        """Return load and devices by the name of their block."""
        devices: dict[str, Component] = {f"device {d.name}": d for d in self.devices}
        return {self.load.name: self.load, **devices}

    def named(self) -> Mapping[str, Component | Coupling]:
        """Return every part by the name of its block, always in the same order."""
        rules: dict[str, Component | Coupling] = {
            rule.name: rule for rule in (*self.meters, *self.couplings)
        }
        return {**self.components(), **rules}


def assemble(
    given: Home,
    columns: Columns,
    horizon: Horizon,
    exclusive: AbstractSet[int] = frozenset(),
) -> Parts:
    """Return the parts; batteries also take ``exclusive`` steps apart."""
    bounds = Bounds(given, columns, horizon, ordered_limits(given))
    apart = bounds.waste_pays() | exclusive
    metered = metering(given, bounds, horizon)
    return Parts(
        grid=GridConnection(
            grid=given.grid,
            most_import_kw=bounds.most_import_kw,
            most_export_kw=bounds.most_export_kw,
            billing=metered.connection,
        ),
        meters=metered.meters,
        load=Load(load_kw=columns[Column.LOAD]),
        devices=[_device(d, columns, horizon, bounds, apart) for d in given.devices],
        couplings=list(_couplings(given, horizon, bounds, metered, apart)),
    )


def _device(
    device: home.AnyDevice,
    columns: Columns,
    horizon: Horizon,
    bounds: Bounds,
    apart: AbstractSet[int],
) -> Component:
    match device:
        case home.Solar():
            return Solar(device=device, available_kw=columns[device.series])
        case home.Battery():
            return Battery(
                device=device,
                most_charge_kw=bounds.most_charge_kw(device),
                exclusive=apart,
                demand_kw=(
                    None
                    if device.demand_series is None
                    else columns[device.demand_series]
                ),
            )
        case home.EvCharger():
            return EvCharger(
                device=device,
                most_kw=bounds.most_flexible_kw(device),
                exclusive=apart,
            )
        case home.Appliance():
            return Appliance(device=device)
        case _:
            return further(device, columns, horizon, apart)


def _couplings(
    given: Home,
    horizon: Horizon,
    bounds: Bounds,
    metered: Metering,
    apart: AbstractSet[int],
) -> Iterator[Coupling]:
    # First: what the others bound is what passes the inverters.
    for inverter in given.inverters:
        behind = given.battery_of(inverter)
        yield Inverter(
            inverter=inverter,
            lead=inverter.devices[0] if behind is None else behind.id,
            most_taken_kw=bounds.most_taken_kw(inverter),
            exclusive=apart,
        )
    most_import_kw = bounds.most_import_kw
    where = metered.capacity_meter
    yield from tariff_couplings(given.tariff, horizon, most_import_kw, where)
    yield from sub_charges(given, horizon, metered.meters)
    yield from lines(given, horizon)
    yield from flexibility(given, horizon, bounds)
    for limit in bounds.limits:
        if horizon.touching(limit.start, limit.end):
            yield OperatorLimit(
                limit=limit,
                most_surplus_kw=bounds.most_surplus_kw(),
                most_import_kw=bounds.most_wanted_import_kw(),
            )
    if given.grid.phases is not None:
        yield _phases(given, given.grid.phases, bounds)
    for battery in given.devices:
        if isinstance(battery, home.Battery) and not battery.grid_charge:
            yield _from_surplus(battery, given, bounds)


def _from_surplus(
    battery: home.Battery, given: Home, bounds: Bounds
) -> SurplusCharging:
    """Return the rule for what the battery, or its inverter, takes from the home."""
    inverter = given.inverter_of(battery.id)
    return SurplusCharging(
        battery=battery.id,
        most_charge_kw=bounds.most_charge_kw(battery)
        if inverter is None
        else bounds.most_taken_kw(inverter),
        most_import_kw=bounds.most_wanted_import_kw(),
    )


def _phases(given: Home, phases: home.Phases, bounds: Bounds) -> PhaseBalance:
    every = (1, 2, 3)
    # VDE-AR-N 4100, 5.5.2: heat pumps and household load are not counted.
    balanced = home.Solar | home.Battery | home.EvCharger | home.Generator
    columns = [bounds.columns[name] for name in phases.load_series]
    return PhaseBalance(
        phases=phases,
        on={device.id: device.phases or every for device in given.devices},
        balanced=frozenset(d.id for d in given.devices if isinstance(d, balanced)),
        load_kw=columns or [bounds.load_kw / len(every)] * len(every),
    )
