"""How much can flow at all: the tighter the bounds, the faster the solver."""

from collections.abc import Mapping, Sequence

import numpy as np

from cem_core.model import Direction, Scope
from optimizer import home
from optimizer.align import Columns
from optimizer.home import Basis, Column, Home
from optimizer.horizon import Horizon
from optimizer.ordered import OrderedLimit
from optimizer.series import Numbers


class Bounds:
    """The most that devices, load and limits let flow in each step, in kW."""

    def __init__(
        self,
        given: Home,
        columns: Columns,
        horizon: Horizon,
        limits: Sequence[OrderedLimit],
    ) -> None:
        """Add up what the devices of ``given`` can draw and give."""
        self.given, self.columns, self.horizon = given, columns, horizon
        self.limits = limits
        self.load_kw = columns[Column.LOAD]
        self.solar_kw = self._solar_kw(list(self._all(home.Solar)))
        self.draw_kw = np.zeros(horizon.steps)
        self.feed_kw = np.zeros(horizon.steps)
        for device in given.devices:
            there = self._there(device)
            self.draw_kw += there * self._most_draw_kw(device)
            self.feed_kw += there * device.most_feed_kw
        self.most_import_kw = np.maximum(self.load_kw + self.draw_kw, 0.0)
        self.most_export_kw = self.most_surplus_kw()

    def _all[D](self, kind: type[D]) -> list[D]:
        return [d for d in self.given.devices if isinstance(d, kind)]

    def _solar_kw(self, roofs: Sequence[home.Solar]) -> Numbers:
        produced_kw = np.zeros(self.horizon.steps)
        for roof in roofs:
            produced_kw += self.columns[roof.series]
        return produced_kw

    def _there(self, device: home.AnyDevice) -> Numbers | float:
        """Return 1 in steps in which ``device`` can do anything, 0 elsewhere."""
        if not isinstance(device, home.EvCharger):
            return 1.0
        plugged = np.zeros(self.horizon.steps)
        for session in device.sessions:
            steps = self.horizon.inside(session.arrive, session.depart)
            plugged[steps.start : steps.stop] = 1.0
        return plugged

    def _most_draw_kw(self, device: home.AnyDevice) -> float:
        """Return the most that ``device`` draws on the home's side."""
        inverter = self.given.inverter_of(device.id)
        if inverter is None or not isinstance(device, home.Battery):
            return device.most_draw_kw
        return device.standby_kw + min(
            device.charge_limit_kw / inverter.to_dc_efficiency, inverter.most_taken_kw
        )

    def most_surplus_kw(self, without: home.AnyDevice | None = None) -> Numbers:
        """Return the most production and discharge that load can leave."""
        own_kw = 0.0 if without is None else without.most_feed_kw
        return np.maximum(self.solar_kw + self.feed_kw - own_kw - self.load_kw, 0.0)

    def counted_kw(
        self, shares: Mapping[str, float], load_kw: Numbers
    ) -> tuple[Numbers, Numbers]:
        """Return the most that flows into and out of a part of the home.

        ``shares`` are those of its devices' power, none below 0.
        """
        drawn_kw, fed_kw = np.zeros((2, self.horizon.steps))
        for device in self.given.devices:
            share = shares.get(device.id, 0.0) * self._there(device)
            drawn_kw += share * device.most_draw_kw
            fed_kw += share * device.most_feed_kw
            if isinstance(device, home.Solar):
                fed_kw += share * self.columns[device.series]
        return np.maximum(load_kw + drawn_kw, 0.0), np.maximum(fed_kw - load_kw, 0.0)

    def most_charge_kw(self, battery: home.Battery) -> Numbers:
        """Return the most that ``battery`` may draw."""
        limit_kw = np.full(self.horizon.steps, battery.charge_limit_kw)
        if battery.grid_charge or self.given.inverter_of(battery.id) is not None:
            return limit_kw
        most_kw: Numbers = np.minimum(limit_kw, self.most_surplus_kw(without=battery))
        return most_kw

    def most_taken_kw(self, inverter: home.Inverter) -> Numbers:
        """Return the most that ``inverter`` may take from the home for its battery."""
        battery = self.given.battery_of(inverter)
        if battery is None:
            return np.zeros(self.horizon.steps)
        charged_kw = battery.charge_limit_kw / inverter.to_dc_efficiency
        limit_kw = np.full(self.horizon.steps, min(charged_kw, inverter.most_taken_kw))
        if battery.grid_charge:
            return limit_kw
        most_kw: Numbers = np.minimum(limit_kw, self.most_surplus_kw(without=battery))
        return most_kw

    def strictest(
        self, direction: Direction, scope: Scope, device: str | None = None
    ) -> Numbers:
        """Return the lowest limit in each step; infinite where there is none.

        With ``device``, of those that count it.
        """
        limit_kw = np.full(self.horizon.steps, np.inf)
        for limit in self.limits:
            if limit.direction is not direction or limit.scope is not scope:
                continue
            if device is not None and device not in limit.counted:
                continue
            steps = self.horizon.touching(limit.start, limit.end)
            part = slice(steps.start, steps.stop)
            draw = limit.basis is Basis.GRID_DRAW
            free_kw = self.most_surplus_kw()[part] if draw else 0.0
            limit_kw[part] = np.minimum(limit_kw[part], limit.limit_kw + free_kw)
        return limit_kw

    def connection_kw(self, direction: Direction) -> Numbers:
        """Return the lowest limit of the connection in each step, infinite for none."""
        grid = self.given.grid
        own_kw = (
            grid.import_limit_kw
            if direction is Direction.IMPORT
            else grid.export_limit_kw
        )
        ordered_kw = self.strictest(direction, Scope.CONNECTION)
        return ordered_kw if own_kw is None else np.minimum(ordered_kw, own_kw)

    def most_wanted_import_kw(self) -> Numbers:
        """Return the most that a best plan imports.

        More than the limits allow is only imported for what cannot be turned down.
        """
        standby_kw = sum(d.standby_kw for d in self._all(home.Battery))
        forced_kw = np.maximum(self.load_kw + standby_kw, 0.0)
        allowed_kw = np.maximum(self.connection_kw(Direction.IMPORT), forced_kw)
        least: Numbers = np.minimum(self.most_import_kw, allowed_kw)
        return least

    def most_flexible_kw(self, device: home.AnyDevice) -> Numbers:
        """Return the most that limits and load leave ``device``."""
        imported_kw = self.connection_kw(Direction.IMPORT)
        reachable_kw = imported_kw - self.load_kw + self.solar_kw + self.feed_kw
        ordered_kw = self.strictest(Direction.IMPORT, Scope.CONTROLLABLE, device.id)
        return np.minimum(reachable_kw, ordered_kw)

    def waste_pays(self) -> frozenset[int]:
        """Return the steps in which losing energy may be worth money.

        Only there does a linear battery charge and discharge at once: when a
        price is not above zero, or when more must be produced than can leave.
        """
        forced = [roof for roof in self._all(home.Solar) if not roof.curtailable]
        surplus_kw = self._solar_kw(forced) - self.load_kw
        outlet_kw = np.minimum(
            self.connection_kw(Direction.EXPORT),
            self.strictest(Direction.EXPORT, Scope.CONTROLLABLE),
        )
        pays = (
            (self.columns[Column.IMPORT_PRICE] <= 0)
            | ((self.columns[Column.EXPORT_PRICE] <= 0) & (surplus_kw > 0))
            | (surplus_kw > outlet_kw)
        )
        return frozenset(int(t) for t in np.flatnonzero(pays))
