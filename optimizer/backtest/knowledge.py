"""What a decision may see: nothing that was not known at its time.

Prices are known to the end of today and, from an hour that is given, of tomorrow;
beyond that stands the median of the same clock time on the last days whose prices
are known. Loads, production and weather are known up to now. A wish (comfort
bounds) is known; a car's stay from its arrival on.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from cem_core.insight.distribution import Distribution
from cem_core.insight.load import LoadForecaster
from cem_core.insight.past_days import LocalClock, Places, past_days
from cem_core.insight.persistence import carry_on, yesterday
from cem_core.insight.solar import SolarForecaster
from optimizer.backtest.playable import cop_column
from optimizer.backtest.record import Record
from optimizer.backtest.settings import Foresight, Settings
from optimizer.home import Column, HeatPump, Solar
from optimizer.series import Numbers

_PRICE_DAYS = 7
_TAIL_POINTS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """The horizon as it looks at step ``now``: every column's expected value.

    ``net_kw`` holds equally likely values of load minus production, shape
    (steps, K); prices of the first ``priced`` steps are known. ``certain`` where
    loads and production are those that will be.
    """

    now: int
    steps: int
    priced: int
    columns: Mapping[str, Numbers]
    net_kw: Numbers
    certain: bool = False


class Knowledge:
    """Looks into a record, never ahead of "now"."""

    def __init__(
        self,
        record: Record,
        settings: Settings,
        load: LoadForecaster | None = None,
        solar: SolarForecaster | None = None,
    ) -> None:
        """Take the forecasters, those with default settings where absent."""
        self.record, self.settings = record, settings
        self._load = load or _load_forecaster(record)
        self._solar = solar or SolarForecaster()
        published = settings.prices_known_from
        self._published_h = published.hour + published.minute / 60
        self._roofs = [d for d in record.home.devices if isinstance(d, Solar)]

    def priced(self, now: int) -> int:
        """Return for how many steps from ``now`` on the prices are known."""
        record = self.record
        tomorrow = record.local_hour[now] >= self._published_h
        last_day = record.local_day[now] + (1 if tomorrow else 0)
        end = int(np.searchsorted(record.local_day, last_day, side="right"))
        return end - now

    def view(self, now: int, steps: int) -> View:
        """Return ``steps`` steps from ``now`` on."""
        priced = min(self.priced(now), steps)
        load = self._load_kw(now, steps)
        solar = {d.id: self._solar_kw(d.series, now, steps) for d in self._roofs}
        columns: dict[str, Numbers] = {Column.LOAD: load.mean}
        net = load.points[:, :, None]
        if solar:
            produced = np.sum([s.points for s in solar.values()], axis=0)
            net = net - produced[:, None, :]
        net = net.reshape(steps, -1)
        for roof in self._roofs:
            columns[roof.series] = solar[roof.id].mean
        for name in (Column.IMPORT_PRICE, Column.EXPORT_PRICE):
            columns[name] = self._price(name, now, steps, priced)
        for pump in self.record.home.devices:
            if isinstance(pump, HeatPump):
                columns.update(self._heat(pump, now, steps))
        if self.settings.know_current_step:
            actual = self.record.columns
            columns = {k: _first_known(v, actual[k][now]) for k, v in columns.items()}
            net[0] = columns[Column.LOAD][0] - sum(
                columns[d.series][0] for d in self._roofs
            )
        return View(
            now=now,
            steps=steps,
            priced=priced,
            columns=columns,
            net_kw=net,
            certain=self.settings.forecast is Foresight.PERFECT,
        )

    def _price(self, name: str, now: int, steps: int, priced: int) -> Numbers:
        record, end = self.record, now + priced
        known = record.columns[name][:end]
        if priced >= steps:
            return known[now : now + steps]
        found = past_days(
            end,
            steps - priced,
            per_day=record.per_day,
            days=_PRICE_DAYS,
            recency_days=float(_PRICE_DAYS),
            clock=_long_enough(record.clock, end + steps - priced),
        )
        seen = found.weights.sum(axis=1) > 0
        places = found.places[seen] if seen.any() else found.places
        return np.concatenate([known[now:], np.median(known[places], axis=0)])

    def _load_kw(self, now: int, steps: int) -> Distribution:
        record, known = self.record, self.record.columns[Column.LOAD]
        if self.settings.forecast is Foresight.PERFECT:
            return Distribution.certain(known[now : now + steps])
        clock = _long_enough(record.clock, now + steps)
        if self.settings.forecast is Foresight.NAIVE and now:
            before = yesterday(known[:now], steps, per_day=record.per_day, clock=clock)
            return Distribution.certain(before)
        local = LocalClock(per_day=record.per_day, hour=record.local_hour, number=clock)
        return self._load.forecast(known[:now], steps, local)

    def _solar_kw(self, name: str, now: int, steps: int) -> Distribution:
        known, issued = self.record.columns[name], self.record.issued.get(name)
        if self.settings.forecast is Foresight.PERFECT:
            return Distribution.certain(known[now : now + steps])
        if self.settings.forecast is Foresight.NAIVE:
            before = np.zeros(steps)
            if now:
                before = yesterday(known[:now], steps, per_day=self.record.per_day)
            if issued is not None:
                before = _said_or(issued[now : now + steps], before)
            return Distribution.certain(before)
        return self._solar.forecast(
            known[:now], steps, per_day=self.record.per_day, issued_kw=issued
        )

    def _heat(self, pump: HeatPump, now: int, steps: int) -> Mapping[str, Numbers]:
        actual, issued = self.record.columns, self.record.issued
        columns = {
            name: actual[name][now : now + steps]
            for name in (pump.comfort.min_series, pump.comfort.max_series)
        }
        names = [Column.OUTDOOR, cop_column(pump)]
        if pump.thermal.gains_series is not None:
            names.append(pump.thermal.gains_series)
        for name in names:
            if self.settings.forecast is Foresight.PERFECT:
                columns[name] = actual[name][now : now + steps]
                continue
            # Of the very first step a thermometer shows where it begins.
            known = actual[name][: max(now, 1)]
            columns[name] = carry_on(known, steps, per_day=self.record.per_day)
            if name in issued:
                said = issued[name][now : now + steps]
                columns[name] = _said_or(said, columns[name])
        return columns


def _load_forecaster(record: Record) -> LoadForecaster:
    """Return the forecaster; a price on peaks asks for a finer tail."""
    if record.home.tariff.capacity:
        return LoadForecaster(points=_TAIL_POINTS)
    return LoadForecaster()


def _said_or(said: Numbers, otherwise: Numbers) -> Numbers:
    """Return what a service said, and what stands in where it said nothing."""
    return np.where(np.isnan(said), otherwise, said)


def _first_known(values: Numbers, actual: float) -> Numbers:
    return np.concatenate([[actual], values[1:]])


def _long_enough(clock: Places, rows: int) -> Places:
    """Return the local clock, counted on beyond the last row."""
    missing = rows - len(clock)
    if missing <= 0:
        return clock
    return np.concatenate([clock, clock[-1] + 1 + np.arange(missing)])
