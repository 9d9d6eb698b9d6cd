"""Hot water drawn by weekday and hour, as heat.

Each cell is a mean over what was drawn in that hour of the day, in which the
same weekday and the last weeks count most, and the start value like some hours.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Annotated, Final

import numpy as np

from cem_core.insight.learned.bounds import Between, Floats, bounded
from cem_core.insight.learned.dwelling import Dwelling
from cem_core.insight.learned.hours import plausible
from cem_core.insight.learned.learned import Learned, judged, unlearned
from cem_core.insight.learned.weights import (
    DAYS_A_WEEK,
    Integers,
    recency_weights,
    weekday_weights,
)

HOURS_A_DAY: Final = 24
HIGHEST_WH: Final = 20_000
WATER_WH_PER_LITRE_K: Final = 1.163
_HISTORY: Final = timedelta(days=120)
_HALF_LIFE_DAYS: Final = 30.0
_PRIOR_WEIGHT: Final = 1.0  # as many hours as the start value counts
_MOST_OTHERS: Final = 2.0 * HOURS_A_DAY  # all other weekdays: two a cell
_LEAST_DAYS: Final = 7
_HELD_OUT: Final = 0.25
# Regulation (EU) 814/2013 annex III table 1, load profile M: 5845 Wh by hour.
_MORNING_WH: Final = (0, 0, 0, 0, 0, 0, 0, 1610, 420, 210, 105, 210)
_EVENING_WH: Final = (315, 0, 105, 105, 105, 0, 315, 105, 735, 1505, 0, 0)
_PROFILE_M_WH: Final = np.array((*_MORNING_WH, *_EVENING_WH), np.float64)


@dataclass(frozen=True, slots=True, kw_only=True)
class HotWaterDraw:
    """Heat drawn in each hour: seven weekdays (Monday first) of 24 hours."""

    draw_wh: Annotated[
        tuple[tuple[float, ...], ...],
        Between(0, HIGHEST_WH, (DAYS_A_WEEK, HOURS_A_DAY)),
    ]

    @classmethod
    def typical(cls, dwelling: Dwelling) -> HotWaterDraw:
        """Return the start values: the same on each day."""
        return cls.profile(dwelling.hot_water_wh_per_day)

    @classmethod
    def profile(cls, wh_per_day: float) -> HotWaterDraw:
        """Return so much a day at the hours of load profile M."""
        day = wh_per_day * _PROFILE_M_WH / _PROFILE_M_WH.sum()
        return bounded(cls, {"draw_wh": np.tile(day, (DAYS_A_WEEK, 1))})

    def on(self, weekday: int) -> float:
        """Return what is drawn on a ``weekday`` (0 Monday), in Wh."""
        return sum(self.draw_wh[weekday])


@dataclass(frozen=True, slots=True, kw_only=True)
class HotWaterSample:
    """Heat drawn from ``time`` for at most an hour; 0 says that none was drawn."""

    time: datetime
    draw_wh: float | None
    away: bool = False


def drawn_wh(
    *, litres: float, before_c: float, after_c: float, heat_wh: float, loss_wh: float
) -> float:
    """Return what was drawn from a tank whose mean temperature is measured.

    ``heat_wh`` was put in and ``loss_wh`` lost meanwhile. What comes out below
    zero is the thermometer's: no draw.
    """
    stored_wh = litres * WATER_WH_PER_LITRE_K * (after_c - before_c)
    return max(0.0, heat_wh - loss_wh - stored_wh)


def learn_hot_water(
    samples: Sequence[HotWaterSample], prior: HotWaterDraw, time_zone: tzinfo
) -> Learned[HotWaterDraw]:
    """Return the draw that the hours of the last 120 days tell of.

    The error `hour_rms_wh` is the root of the mean squared error of an hour on
    the newest quarter of the hours, which were left out of the fit.
    """
    present = [sample for sample in samples if not sample.away]
    draws = plausible([s.draw_wh for s in present], 0, HIGHEST_WH)
    hours = _hours(present, draws)
    left_out = len(samples) - int(np.isfinite(draws).sum())
    if len(hours) < _LEAST_DAYS * HOURS_A_DAY:
        why = f"fewer than {_LEAST_DAYS} days of hours at home"
        return unlearned(prior, why, samples=len(hours), left_out=left_out)
    clocks = [time.astimezone(time_zone) for time in hours]
    newest = max(hours)
    table = _Hours(
        draw_wh=np.array([*hours.values()]),
        weekday=np.array([clock.weekday() for clock in clocks]),
        hour=np.array([clock.hour for clock in clocks]),
        age_days=np.array([(newest - t) / timedelta(days=1) for t in hours]),
    )
    if np.all(table.draw_wh == table.draw_wh[0]):
        why = "the draw does not change"
        return unlearned(prior, why, samples=len(hours), left_out=left_out)
    judge = round((1 - _HELD_OUT) * len(hours))
    judged_hours = table.part(slice(judge, None))
    return judged(
        prior,
        _fitted(table, prior),
        error=_error(judged_hours, _fitted(table.part(slice(judge)), prior)),
        prior_error=_error(judged_hours, prior),
        samples=len(hours),
        left_out=left_out,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Hours:
    """One row an hour, in order of time."""

    draw_wh: Floats
    weekday: Integers
    hour: Integers
    age_days: Floats

    def part(self, rows: slice) -> _Hours:
        return _Hours(
            draw_wh=self.draw_wh[rows],
            weekday=self.weekday[rows],
            hour=self.hour[rows],
            age_days=self.age_days[rows],
        )


def _hours(samples: Sequence[HotWaterSample], draws: Floats) -> dict[datetime, float]:
    """Return the draw of each hour that anything is known of, in order."""
    if not samples:
        return {}
    oldest = max(sample.time for sample in samples) - _HISTORY
    sums: dict[datetime, float] = {}
    for sample, draw_wh in zip(samples, draws, strict=True):
        if np.isfinite(draw_wh) and sample.time >= oldest:
            hour = sample.time.replace(minute=0, second=0, microsecond=0)
            sums[hour] = sums.get(hour, 0.0) + float(draw_wh)
    return dict(sorted(sums.items()))


def _fitted(table: _Hours, prior: HotWaterDraw) -> HotWaterDraw:
    recency = recency_weights(table.age_days, _HALF_LIFE_DAYS)
    cells = np.eye(HOURS_A_DAY)[table.hour]
    rows = []
    for weekday, start in enumerate(prior.draw_wh):
        weights = weekday_weights(weekday, table.weekday, recency, _MOST_OTHERS)
        told = (weights * table.draw_wh) @ cells + _PRIOR_WEIGHT * np.array(start)
        rows.append(told / (weights @ cells + _PRIOR_WEIGHT))
    return bounded(HotWaterDraw, {"draw_wh": rows})


def _error(table: _Hours, model: HotWaterDraw) -> dict[str, float]:
    told = np.array(model.draw_wh)[table.weekday, table.hour]
    return {"hour_rms_wh": float(np.sqrt(np.mean((table.draw_wh - told) ** 2)))}
