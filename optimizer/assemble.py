"""A home and its aligned series -> components, with their bounds tightened."""

from collections.abc import Iterator, Mapping, Sequence, Set as AbstractSet
from dataclasses import dataclass

import numpy as np

from cem_core.model import Direction, Scope
from optimizer import home
from optimizer.assemble_tariff import netted_steps, tariff_couplings
from optimizer.component import Component, Coupling
from optimizer.components.appliance import Appliance
from optimizer.components.battery import Battery
from optimizer.components.ev_charger import EvCharger
from optimizer.components.grid_connection import GridConnection
from optimizer.components.heat_pump import HeatPump
from optimizer.components.load import Load
from optimizer.components.operator_limit import OperatorLimit
from optimizer.components.solar import Solar
from optimizer.home import Column, Home
from optimizer.horizon import Horizon
from optimizer.series import Numbers

type Columns = Mapping[str, Numbers]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Everything a model is made of."""

    grid: GridConnection
    load: Load
    devices: Sequence[Component]
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
        couplings: dict[str, Component | Coupling] = {c.name: c for c in self.couplings}
        return {**self.components(), **couplings}


def assemble(
    given: Home,
    columns: Columns,
    horizon: Horizon,
    exclusive: AbstractSet[int] = frozenset(),
) -> Parts:
    """Return the parts; batteries also take ``exclusive`` steps apart."""
    bounds = _Bounds(given, columns, horizon)
    apart = bounds.waste_pays() | exclusive
    return Parts(
        grid=GridConnection(
            grid=given.grid,
            import_price=columns[Column.IMPORT_PRICE],
            export_price=columns[Column.EXPORT_PRICE],
            most_import_kw=bounds.most_import_kw,
            most_export_kw=bounds.most_export_kw,
            netted=netted_steps(given.tariff, horizon),
        ),
        load=Load(load_kw=columns[Column.LOAD]),
        devices=[_device(d, columns, horizon, bounds, apart) for d in given.devices],
        couplings=list(_couplings(given, horizon, bounds.most_import_kw)),
    )


def _device(
    device: home.AnyDevice,
    columns: Columns,
    horizon: Horizon,
    bounds: _Bounds,
    apart: AbstractSet[int],
) -> Component:
    match device:
        case home.Solar():
            return Solar(device=device, available_kw=columns[device.series])
        case home.Battery():
            return Battery(device=device, exclusive=apart)
        case home.EvCharger():
            return EvCharger(device=device, most_kw=bounds.most_flexible_kw())
        case home.HeatPump():
            return _heat_pump(device, columns, horizon)
        case home.Appliance():
            return Appliance(device=device)


def _heat_pump(device: home.HeatPump, columns: Columns, horizon: Horizon) -> HeatPump:
    gains = device.thermal.gains_series
    return HeatPump(
        device=device,
        cop=columns[device.cop_series],
        gains_kw=np.zeros(horizon.steps) if gains is None else columns[gains],
        outdoor_c=columns[Column.OUTDOOR],
        lowest_c=columns[device.comfort.min_series],
        highest_c=columns[device.comfort.max_series],
    )


def _couplings(
    given: Home, horizon: Horizon, most_import_kw: Numbers
) -> Iterator[Coupling]:
    yield from tariff_couplings(given.tariff, horizon, most_import_kw)
    for limit in given.limits:
        if horizon.touching(limit.start, limit.end):
            yield OperatorLimit(limit=limit, name=f"limit {limit.id}")


class _Bounds:
    """How much can flow at all: the tighter, the faster the solver."""

    def __init__(self, given: Home, columns: Columns, horizon: Horizon) -> None:
        self.given, self.columns, self.horizon = given, columns, horizon
        zero = np.zeros(horizon.steps)
        self.load_kw = columns[Column.LOAD]
        self.solar_kw = sum((columns[d.series] for d in self._all(home.Solar)), zero)
        self.discharge_kw = sum(d.discharge_limit_kw for d in self._all(home.Battery))
        consumption_kw = (
            sum(d.charge_limit_kw for d in self._all(home.Battery))
            + sum(d.max_power_kw for d in self._all(home.EvCharger))
            + sum(d.max_power_kw for d in self._all(home.HeatPump))
            + sum(max(d.profile_kw) for d in self._all(home.Appliance))
        )
        self.most_import_kw = np.maximum(self.load_kw + consumption_kw, 0.0)
        self.most_export_kw = np.maximum(
            self.solar_kw + self.discharge_kw - self.load_kw, 0.0
        )

    def _all[D](self, kind: type[D]) -> list[D]:
        return [d for d in self.given.devices if isinstance(d, kind)]

    def strictest(
        self, direction: Direction, scope: Scope, connection_kw: float | None = None
    ) -> Numbers:
        """Return the lowest limit in each step; infinite where there is none."""
        limit_kw = np.full(
            self.horizon.steps, np.inf if connection_kw is None else connection_kw
        )
        for limit in self.given.limits:
            if limit.direction is direction and limit.scope is scope:
                steps = self.horizon.touching(limit.start, limit.end)
                limit_kw[steps.start : steps.stop] = np.minimum(
                    limit_kw[steps.start : steps.stop], limit.limit_kw
                )
        return limit_kw

    def most_flexible_kw(self) -> Numbers:
        """Return the most that limits and load leave a flexible consumer."""
        imported = self.strictest(
            Direction.IMPORT, Scope.CONNECTION, self.given.grid.import_limit_kw
        )
        reachable = imported - self.load_kw + self.solar_kw + self.discharge_kw
        controllable = self.strictest(Direction.IMPORT, Scope.CONTROLLABLE)
        return np.minimum(reachable, controllable)

    def waste_pays(self) -> frozenset[int]:
        """Return the steps in which losing energy may be worth money.

        Only there does a linear battery charge and discharge at once: when a
        price is not above zero, or when more must be produced than can leave.
        """
        forced = sum(
            (
                self.columns[d.series]
                for d in self._all(home.Solar)
                if not d.curtailable
            ),
            np.zeros(self.horizon.steps),
        )
        surplus = forced - self.load_kw
        outlet = np.minimum(
            self.strictest(
                Direction.EXPORT, Scope.CONNECTION, self.given.grid.export_limit_kw
            ),
            self.strictest(Direction.EXPORT, Scope.CONTROLLABLE),
        )
        pays = (
            (self.columns[Column.IMPORT_PRICE] <= 0)
            | ((self.columns[Column.EXPORT_PRICE] <= 0) & (surplus > 0))
            | (surplus > outlet)
        )
        return frozenset(int(t) for t in np.flatnonzero(pays))
