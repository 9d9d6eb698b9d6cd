"""The load that nobody controls: weighted past days, corrected by the last hour.

For each step the samples are the same clock time on up to four weeks of days.
Recent days weigh more, so does the same weekday, and so do days that followed a
day like the last one: that is how a holiday, guests or a cold spell is noticed.
A household's load is mostly noise: gradient boosting on the same history was not
better on three data sets (docs/insight.md), so nothing heavier is used.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from cem_core.insight.distribution import (
    Distribution,
    Numbers,
    equal_bins,
    weighted_quantile,
)
from cem_core.insight.past_days import LocalClock, past_days
from cem_core.insight.typical import ANNUAL_KWH, Dwelling, typical_load_kw

_LEAST_KW = 0.01

type Middle = Callable[[Numbers, Numbers], Numbers]


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadForecaster:
    """Settings, tuned on the odd days of six homes.

    ``live_gain`` of the last hours' error is carried on and fades with
    ``live_fade_h``. ``typical_weight`` is how much of a day the typical profile of
    ``annual_kwh`` counts at first; it fades with ``typical_fade_days`` of history.
    A history may have holes: NaN is no sample.
    """

    days: int = 28
    recency_days: float = 6.0
    same_weekday: float = 2.0
    likeness: float = 0.3  # of a mean power: a day that differs by it weighs 1/e
    beside: float = 0.3  # weight of the steps before and after, 0 for none
    points: int = 5
    live_hours: float = 1.0
    live_gain: float = 0.5
    live_fade_h: float = 2.0
    typical_weight: float = 0.7
    typical_fade_days: float = 7.0
    annual_kwh: float = ANNUAL_KWH[Dwelling.TERRACED]

    def forecast(
        self,
        history_kw: Numbers,
        steps: int,
        clock: LocalClock,
    ) -> Distribution:
        """Return the next ``steps`` steps from history alone, in kW."""
        values, weights = self._samples(history_kw, steps, clock)
        points = equal_bins(values, weights, self.points)
        return Distribution(self._carried_on(points, history_kw, clock, _weighted_mean))

    def median(
        self,
        history_kw: Numbers,
        steps: int,
        clock: LocalClock,
    ) -> Numbers:
        """Return the weighted median: the forecast of least absolute error."""
        values, weights = self._samples(history_kw, steps, clock)
        found = _weighted_median(values, weights)
        return self._carried_on(found[:, None], history_kw, clock, _weighted_median)[
            :, 0
        ]

    def _carried_on(
        self, points: Numbers, history_kw: Numbers, clock: LocalClock, middle: Middle
    ) -> Numbers:
        """Return ``points`` (steps, K) with the last hours' error, which fades."""
        now, per_day = len(history_kw), clock.per_day
        back = min(max(1, round(self.live_hours * per_day / 24)), now)
        if not back or not self.live_gain:
            return points
        expected = middle(*self._samples(history_kw[: now - back], back, clock))
        missed = history_kw[-back:] - expected
        missed = missed[np.isfinite(missed)]
        if not len(missed):
            return points
        error = self.live_gain * float(missed.mean())
        hours = np.arange(len(points)) * 24 / per_day
        fade = np.exp(-hours / self.live_fade_h)
        lowest = min(0.0, float(np.nan_to_num(history_kw).min()))
        return np.asarray(np.maximum(points + (error * fade)[:, None], lowest))

    def _samples(
        self, history_kw: Numbers, steps: int, clock: LocalClock
    ) -> tuple[Numbers, Numbers]:
        now, per_day = len(history_kw), clock.per_day
        typical = typical_load_kw(clock.hour[: now + steps], self.annual_kwh)
        values, weights = np.empty((0, steps)), np.empty((0, steps))
        if now:
            typical = typical * _level(history_kw, typical[:now], per_day)
            found = past_days(
                now,
                steps,
                per_day=per_day,
                days=self.days,
                recency_days=self.recency_days,
                same_weekday=self.same_weekday,
                clock=clock.number,
            )
            alike = days_alike(history_kw, per_day, self.days, self.likeness)
            weights = found.weights * alike[:, None]
            values = np.vstack(
                [
                    history_kw[np.clip(found.places + shift, 0, now - 1)]
                    for shift in (0, -1, 1)
                ]
            )
            weights = np.vstack([weights, self.beside * weights, self.beside * weights])
            weights = np.where(np.isnan(values), 0.0, weights)
        measured_days = np.isfinite(history_kw).sum() / per_day
        prior = self.typical_weight * np.exp(-measured_days / self.typical_fade_days)
        unknown = weights.sum(axis=0) == 0  # there the profile is all there is
        return (
            np.vstack([np.nan_to_num(values), typical[None, now : now + steps]]),
            np.vstack([weights, np.where(unknown, 1.0, prior)[None]]),
        )


def _weighted_mean(values: Numbers, weights: Numbers) -> Numbers:
    return np.asarray((values * weights).sum(axis=0) / weights.sum(axis=0))


def _weighted_median(values: Numbers, weights: Numbers) -> Numbers:
    return weighted_quantile(values, weights, 0.5)


def days_alike(
    history_kw: Numbers, per_day: int, days: int, likeness: float
) -> Numbers:
    """Return how alike the day before each sample day is to the last day.

    Compared are the powers in order of size, so that the same things done at
    another hour count as alike; shape (days,), 1 for the same and for a day with
    holes, of which it cannot be said.
    """
    now = len(history_kw)
    alike = np.ones(days)
    last = np.sort(history_kw[-per_day:])
    if now < per_day or np.isnan(last).any():
        return alike
    scale = likeness * max(float(np.abs(last).mean()), _LEAST_KW)
    for k in range(1, days + 1):
        end = now - k * per_day
        if end < per_day:
            break
        before = np.sort(history_kw[end - per_day : end])
        if not np.isnan(before).any():
            alike[k - 1] = np.exp(-np.abs(before - last).mean() / scale)
    return alike


def _level(history_kw: Numbers, typical_kw: Numbers, per_day: int) -> float:
    """Return this home's size against the typical one, drawn to 1 at first."""
    recent = slice(-7 * per_day, None)
    known = np.isfinite(history_kw[recent])
    measured = history_kw[recent][known].sum()
    expected = typical_kw[recent][known].sum()
    one_day = typical_kw.mean() * per_day
    return float((measured + one_day) / (expected + one_day))
