"""Forecasts without a model: yesterday again, or the last days' mean carried on."""

import numpy as np

from cem_core.insight.distribution import Numbers
from cem_core.insight.past_days import Places, past_days

_FADE_H = 12.0
_DAYS = 3


def yesterday(
    history: Numbers, steps: int, *, per_day: int, clock: Places | None = None
) -> Numbers:
    """Return what was measured at the same clock time on the last day."""
    now = len(history)
    found = past_days(
        now, steps, per_day=per_day, days=1, recency_days=1.0, clock=clock
    )
    return np.asarray(history[found.places[0]])


def carry_on(history: Numbers, steps: int, *, per_day: int) -> Numbers:
    """Return the mean of the last days, begun where the last value stands.

    For what drifts slowly around a daily course: outdoor temperature, a COP.
    The last value's distance from its own mean fades over half a day.
    """
    now = len(history)
    if now < per_day:
        return np.full(steps, history[-1])
    found = past_days(
        now, steps, per_day=per_day, days=_DAYS, recency_days=float(_DAYS)
    )
    total = found.weights.sum(axis=0)
    course = (history[found.places] * found.weights).sum(axis=0) / total
    places = now - 1 - per_day * np.arange(1, _DAYS + 1)
    usual = history[places[places >= 0]]
    apart = float(history[-1] - usual.mean()) if len(usual) else 0.0
    fade = np.exp(-np.arange(1, steps + 1) * 24 / per_day / _FADE_H)
    return np.asarray(course + apart * fade)
