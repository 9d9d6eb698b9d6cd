"""A solved model, read by the names of its components."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from optimizer.align import Columns
from optimizer.assemble import Parts
from optimizer.component import Component, Coupling
from optimizer.components.capacity import Capacity
from optimizer.home import Column, Home, Inverter, Wiring
from optimizer.horizon import Horizon
from optimizer.matrices import Compiled
from optimizer.series import Numbers
from optimizer.solve import Solution

_PRICED = 1e-6  # currency per kW
_NOTHING = 1e-7  # kW; the solver's zero


@dataclass(frozen=True, slots=True, kw_only=True)
class PricedPeak:
    """A mean that a capacity charge holds down, and what one kW more costs.

    ``price_per_kw`` is None where a level ends instead.
    """

    charge: str
    minutes: int
    steps: Sequence[int]
    mean_kw: float
    price_per_kw: float | None


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What went in and what came out, per step.

    Without slots: what every sentence asks for is computed once.
    """

    home: Home
    horizon: Horizon
    columns: Columns
    parts: Parts
    compiled: Compiled
    solution: Solution

    def part[C: Component | Coupling](self, kind: type[C], name: str) -> C:
        """Return the component of that kind and name."""
        return next(
            part
            for part in (*self.parts.devices, *self.parts.couplings)
            if isinstance(part, kind) and part.name == name
        )

    def block(self, device_id: str) -> Any:  # noqa: ANN401 - Pyomo
        """Return the block of a device."""
        return self.compiled.model.part[f"device {device_id}"]

    def values(self, variables: Mapping[int, Any]) -> Numbers:
        """Return the values of ``variables`` by step, 0 where there is none."""
        known = self._known_values.get(id(variables))
        if known is None:
            known = variables, _fixed(self._values(variables))
            self._known_values[id(variables)] = known
        return known[1]

    @cached_property
    def _known_values(self) -> dict[int, tuple[Mapping[int, Any], Numbers]]:
        """What was asked for, each with its values: kept, its identity is its own."""
        return {}

    def each(self, variables: Mapping[int, Any]) -> Numbers:
        """Return the value of each of ``variables``, in order."""
        return self.solution.values[self.compiled.columns_of(variables.values())]

    def _values(self, variables: Mapping[int, Any]) -> Numbers:
        series = np.zeros(self.horizon.steps)
        steps = np.fromiter(variables.keys(), int, len(variables))
        series[steps] = self.solution.values[
            self.compiled.columns_of(variables.values())
        ]
        series[np.abs(series) < _NOTHING] = 0.0
        return series

    @cached_property
    def drawn_kw(self) -> dict[str, Numbers]:
        """What devices draw, as far as `explain.drawn_kw` was asked: once for each."""
        return {}

    def converted_kw(self, inverter: Inverter) -> tuple[Numbers, Numbers]:
        """Return what an inverter gives to the home and what it takes from it."""
        block = self.compiled.model.part[inverter.block]
        return self.values(block.to_home), self.values(block.from_home)

    def sum(self, variables: Iterable[Any]) -> float:
        """Return the sum of ``variables``."""
        return float(self.solution.values[self.compiled.columns_of(variables)].sum())

    def duals(self, constraints: Mapping[Any, Any]) -> Mapping[Any, float]:
        """Return what one unit more on the right side of each costs."""
        found = self.solution.row_dual[self.compiled.rows_of(constraints.values())]
        return dict(zip(constraints.keys(), map(float, found), strict=True))

    @cached_property
    def imported_kw(self) -> Numbers:
        """Power bought, with what was sold in the same step taken off."""
        return np.maximum(self._net_kw, 0.0)

    @cached_property
    def exported_kw(self) -> Numbers:
        """Power sold, with what was bought in the same step taken off."""
        return np.maximum(-self._net_kw, 0.0)

    @cached_property
    def _net_kw(self) -> Numbers:
        grid = self.compiled.model.part[self.parts.grid.name]
        return self.values(grid.imported) - self.values(grid.exported)

    @cached_property
    def billed_kw(self) -> Numbers:
        """Power bought, less sold, as it is billed: a netting period's mean."""
        billed = self._net_kw.copy()
        for steps in self.parts.grid.netted:
            part, hours = billed[list(steps)], self.horizon.hours[list(steps)]
            billed[list(steps)] = np.average(part, weights=hours)
        return billed

    @cached_property
    def node_price(self) -> Numbers:
        """What one kWh more of load costs in each step, all counted."""
        shares = {meter.id: meter.load_share for meter in self.parts.meters}
        return self._counted(shares) / self.horizon.hours

    def price_at(self, device_id: str) -> Numbers:
        """Return what one kWh more costs where that device is, all counted."""
        if device_id not in self._known_prices:
            shares = {m.id: m.shares.get(device_id, 0.0) for m in self.parts.meters}
            price = self._counted(shares) / self.horizon.hours
            self._known_prices[device_id] = _fixed(price)
        return self._known_prices[device_id]

    @cached_property
    def _known_prices(self) -> dict[str, Numbers]:
        return {}

    def tariff_at(self, device_id: str) -> tuple[Numbers, Numbers]:
        """Return what the contract asks and gives for a kWh where that device is."""
        bought, sold = (
            self.columns[Column.IMPORT_PRICE],
            self.columns[Column.EXPORT_PRICE],
        )
        on = {device.id: device.connection for device in self.home.devices}[device_id]
        for sub in self.home.sub_connections:
            if sub.id == on:
                bought = self.columns[sub.import_column]
                if sub.wiring is Wiring.OWN:
                    sold = self.columns.get(sub.export_column, np.zeros(len(bought)))
        return bought, sold

    def meter_kw(self, meter: str) -> Numbers:
        """Return import less export at a meter beside the connection's."""
        block = self.compiled.model.part[f"meter {meter}"]
        return self.values(block.imported) - self.values(block.exported)

    def imported_at(self, meter: str | None) -> Numbers:
        """Return the import at a meter, None being the connection's."""
        if meter is None:
            return self.imported_kw
        return np.maximum(self.meter_kw(meter), 0.0)

    def _counted(self, shares: Mapping[str, float]) -> Numbers:
        """Return the dual of the balance, and of each meter by its share."""
        model, total = self.compiled.model, self._duals(self.compiled.model.balance)
        for meter, share in shares.items():
            if share:
                rows = model.part[f"meter {meter}"].net_power
                total = total + share * self._duals(rows)
        return total

    def _duals(self, rows: Mapping[int, Any]) -> Numbers:
        duals = self.duals(rows)
        return np.array([duals[t] for t in self.horizon.index])

    def stored_value(self, device_id: str) -> Numbers:
        """Return what one more kWh in a device's store is worth at each step's end."""
        if device_id not in self._known_worth:
            value = np.zeros(self.horizon.steps)
            for t, dual in self.duals(self.block(device_id).storage).items():
                value[t] = -dual / self.horizon.hours[t]  # its row is in kW
            self._known_worth[device_id] = _fixed(value)
        return self._known_worth[device_id]

    @cached_property
    def _known_worth(self) -> dict[str, Numbers]:
        return {}

    def priced_peaks_in(self, steps: slice) -> Sequence[PricedPeak]:
        """Return those of the priced peaks that have a step in ``steps``."""
        places = {
            place
            for t in range(steps.start, steps.stop)
            for place in self._peaks_by_step.get(t, ())
        }
        return [self.priced_peaks[place] for place in sorted(places)]

    @cached_property
    def _peaks_by_step(self) -> Mapping[int, Sequence[int]]:
        found: dict[int, list[int]] = {}
        for place, peak in enumerate(self.priced_peaks):
            for t in peak.steps:
                found.setdefault(t, []).append(place)
        return found

    @cached_property
    def priced_peaks(self) -> Sequence[PricedPeak]:
        """The integration periods in which one kW more would cost."""
        found = []
        for part in self.parts.couplings:
            if not isinstance(part, Capacity):
                continue
            blocks = self.compiled.model.part[part.name].window
            for w, window in enumerate(part.windows()):
                for i, dual in self.duals(blocks[w].peak).items():
                    if abs(dual) > _PRICED:
                        period = window.periods[i].period
                        peak = PricedPeak(
                            charge=part.name,
                            minutes=part.tariff.integration_minutes,
                            steps=[t for t, _ in period.shares],
                            mean_kw=float(period.mean(self.imported_at(part.meter))),
                            price_per_kw=window.price_per_kw(i),
                        )
                        found.append(peak)
        return found


def _fixed(series: Numbers) -> Numbers:
    """Return ``series``, which several will read, so that none can change it."""
    series.flags.writeable = False
    return series
