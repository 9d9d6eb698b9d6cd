"""Each day at noon: what happened, and what doing nothing and plans would have cost."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
import logging
from typing import Any, Final

from homeassistant.util import dt as dt_util

from cem_core.insight.savings import SavedDay
from cem_core.model import Message
from cem_core.tariff import CapacityTariff, settle
from custom_components.cem.causes import in_words
from custom_components.cem.const import Mode
from custom_components.cem.home import Home
from custom_components.cem.learning.statistics import HOUR
from custom_components.cem.planning.capacity import tariff_of
from custom_components.cem.planning.document import Request
from custom_components.cem.planning.steps import STEP
from custom_components.cem.saving.asked import Asked, async_past, day_asked
from custom_components.cem.saving.carbon import async_intensity, emitted_kg
from custom_components.cem.saving.left_alone import async_left_alone, learn_habits
from custom_components.cem.saving.long_term import async_keep_long
from custom_components.cem.saving.observed import Observed, async_observed
from custom_components.cem.saving.store import Price
from custom_components.cem.worker_client import WorkerClient, WorkerError

_LOGGER = logging.getLogger(__name__)

_NOON_H: Final = 12
_DAY: Final = timedelta(days=1)
_LEAST_SHARE: Final = 0.9
_STEP_H: Final = STEP / HOUR
# Peaks that cost nothing are those of quarter hours.
_QUARTER: Final = CapacityTariff(price_per_kw=0.0)


def last_noon(now: datetime) -> datetime:
    """Return the local noon before ``now``, in UTC."""
    local = dt_util.as_local(now)
    noon = local.replace(hour=_NOON_H, minute=0, second=0, microsecond=0)
    return dt_util.as_utc(noon if noon <= local else noon - _DAY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lived:
    """A day as it was, and as it was asked about; ``intensity`` in kg CO2 a kWh."""

    seen: Observed
    prices: Sequence[Price]
    asked: Asked
    intensity: Sequence[float] | None

    def emitted(self, import_kw: Sequence[float], left_kwh: float) -> float | None:
        """Return the kg of a course, None where nothing tells of the grid's CO2."""
        if self.intensity is None:
            return None
        return emitted_kg(import_kw, left_kwh, self.intensity)


class SavingsKeeper:
    """Lives each day again once it is over."""

    def __init__(self, home: Home, worker: WorkerClient) -> None:
        """Look at nothing yet."""
        self._home, self._worker = home, worker
        self._store = home.savings
        self._running = False

    def note(self, asked: Request, now: datetime) -> None:
        """Keep the prices that a plan knew, and whether the CEM commands now."""
        until = asked.prices_known_until
        series = asked.series
        rows = zip(
            series["time"], series["import_price"], series["export_price"], strict=True
        )
        known = [(datetime.fromisoformat(time), (i, e)) for time, i, e in rows]
        self._store.note_prices(
            (time, price)
            for time, price in known
            if time - now < _DAY and (until is None or time < until)
        )
        if self._home.mode is Mode.CONTROL:
            self._store.controlled.add(now.replace(minute=0, second=0, microsecond=0))

    def due(self, now: datetime) -> bool:
        """Tell whether a day is over that was not looked at.

        The first one of a new home is still to come.
        """
        if self._store.tried is None:
            self._store.looked_at(last_noon(now))
        return not self._running and self._store.tried != last_noon(now)

    async def async_look(self, now: datetime) -> None:
        """Look at the day that ended last; what cannot be told is said."""
        end = last_noon(now)
        start = last_noon(end - HOUR)
        self._running = True
        try:
            self._home.savings_waiting = await self._look(start, end)
        except WorkerError as error:
            _LOGGER.info("The day's savings are not known: %s", error)
            self._home.savings_waiting = Message.of(
                "savings_no_answer", cause=in_words(str(error))
            )
            if error.kind == "abandoned":
                return  # something more urgent came: later again
        finally:
            self._running = False
        self._store.looked_at(end)
        self._home.notify()

    async def _look(self, start: datetime, end: datetime) -> Message | None:
        """Keep the day, or return why it cannot be told."""
        home, store = self._home, self._store
        seen = await async_observed(home, start, end)
        if seen is None or seen.measured_share < _LEAST_SHARE:
            return Message.of("savings_not_measured")
        prices = self._prices(start, len(seen.imported))
        if prices is None:
            return Message.of("savings_no_prices")
        hours = [start + k * HOUR for k in range((end - start) // HOUR)]
        controlled = any(hour in store.controlled for hour in hours)
        if not controlled:
            store.own_rule = seen.batteries_move or not seen.batteries
        alone = await async_left_alone(home, seen, prices, controlled=controlled)
        past = await async_past(home, start)
        asked = day_asked(home, seen, prices, past, self._peaks(start), alone=alone)
        wish = {
            "hours": (end - start) / HOUR,
            "own_rule": store.own_rule,
            "starts": asked.starts,
            "thermostats": asked.thermostats,
        }
        answer = await self._worker.replay(asked.home, asked.series, wish)
        intensity = await async_intensity(home, start, len(seen.imported))
        lived = Lived(seen=seen, prices=prices, asked=asked, intensity=intensity)
        store.add(self._day(lived, end, answer, controlled=controlled))
        home.saved_day = {
            "home": asked.home,
            "series": asked.series,
            "replay": wish,
            "answer": answer,
        }
        if not controlled:
            learn_habits(home, seen, alone.runs)
        await async_keep_long(home)
        return None

    def _prices(self, start: datetime, count: int) -> Sequence[Price] | None:
        """Return the day's prices; a few that are missing are those before."""
        found = [self._store.prices.get(start + k * STEP) for k in range(count)]
        known = [price for price in found if price is not None]
        if len(known) < _LEAST_SHARE * count:
            return None
        last, filled = known[0], []
        for price in found:
            last = last if price is None else price
            filled.append(last)
        return filled

    def _peaks(self, start: datetime) -> list[float]:
        """Return the peaks that plans would have had in this billing window."""
        capacity = tariff_of(self._home.tariff or {}) or _QUARTER
        window = capacity.window.start(dt_util.as_local(start).date())
        return [
            day.peak_planned_kw
            for day in self._store.days
            if capacity.window.start(dt_util.as_local(day.end).date()) == window
        ]

    def _day(
        self, lived: Lived, end: datetime, answer: dict[str, Any], *, controlled: bool
    ) -> SavedDay:
        without, planned = answer["without"], answer["planned"]
        seen, prices = lived.seen, lived.prices
        bill = sum(
            (into * buys - out * sells) * _STEP_H
            for into, out, (buys, sells) in zip(
                seen.imported, seen.exported, prices, strict=True
            )
        )
        bought = [buys for buys, _ in prices]
        warmed = lived.asked.warmed.values()
        return SavedDay(
            start=seen.start,
            end=end,
            controlled=controlled,
            measured_share=seen.measured_share,
            bill=bill,
            without=without["cost"],
            planned=planned["cost"],
            known=answer["known"]["cost"],
            perfect=answer["perfect_cost"],
            peak_kw=self._peak(seen.imported, seen.start),
            peak_without_kw=self._peak(without["import_kw"], seen.start),
            peak_planned_kw=self._peak(planned["import_kw"], seen.start),
            import_kwh=sum(seen.imported) * _STEP_H,
            export_kwh=sum(seen.exported) * _STEP_H,
            produced_kwh=seen.produced_kwh,
            export_planned_kwh=planned["export_kwh"],
            stored=lived.asked.left_kwh * sum(bought) / len(bought),
            unsure=sum(each.unsure(bought) for each in warmed),
            co2_kg=lived.emitted(seen.imported, lived.asked.left_kwh),
            co2_without_kg=lived.emitted(without["import_kw"], without["left_kwh"]),
            co2_planned_kg=lived.emitted(planned["import_kw"], planned["left_kwh"]),
        )

    def _peak(self, import_kw: Sequence[float], start: datetime) -> float:
        """Return the day's highest mean, as the tariff weighs it."""
        bills = settle(
            tariff_of(self._home.tariff or {}) or _QUARTER,
            import_kw,
            start=start,
            step=STEP,
            zone=dt_util.get_default_time_zone(),
        )
        return max((bill.peaks_kw[0] for bill in bills if bill.peaks_kw), default=0.0)
