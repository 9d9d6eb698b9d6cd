"""The same clock time on earlier days: where samples of a step come from."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Self

import numpy as np
from numpy.typing import NDArray

from cem_core.insight.distribution import Numbers

type Places = NDArray[np.int64]

WEEK = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class PastDays:
    """Samples for each target step: ``places`` in the history and ``weights``.

    Both have shape (days, steps). A place lies before "now"; where the history
    does not reach that far its weight is 0 and the place is the first row.
    ``lags`` is how many days before the target each sample lies.
    """

    places: Places
    weights: Numbers
    lags: Places


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalClock:
    """The home's clock at each row of the history and each step to come.

    ``hour`` is its hour (0..24), ``number`` counts its steps: a row in which the
    clock was put forward has a number left out before it.
    """

    per_day: int
    hour: Numbers
    number: Places | None = None

    @classmethod
    def of(cls, start: datetime, rows: int, step: timedelta, zone: tzinfo) -> Self:
        """Return the clock in ``zone`` at ``rows`` rows from ``start`` (aware)."""
        begin = start.astimezone(UTC)
        walls = [
            (begin + row * step).astimezone(zone).replace(tzinfo=None)
            for row in range(rows)
        ]
        return cls(
            per_day=timedelta(days=1) // step,
            hour=np.array([w.hour + w.minute / 60 for w in walls], np.float64),
            number=np.array([(w - walls[0]) // step for w in walls], np.int64),
        )


def past_days(
    now: int,
    steps: int,
    *,
    per_day: int,
    days: int,
    recency_days: float,
    same_weekday: float = 1.0,
    clock: Places | None = None,
) -> PastDays:
    """Return samples for the ``steps`` steps from ``now`` on.

    ``clock[t]`` is the number of the local clock's step at row t (absent: no
    clock change), so that on the day after a clock change seven in the morning
    is still compared with seven in the morning. A weight halves every
    0.69 ``recency_days`` days and is ``same_weekday`` times as high a whole
    number of weeks ago.
    """
    target = np.arange(now, now + steps)
    ahead = (target - now) // per_day
    lags = np.arange(1, days + 1)[:, None] + ahead[None, :]
    places = target[None, :] - per_day * lags
    if clock is not None:
        reachable = np.clip(places, 0, None)
        places = places + (clock[target] - target) - (clock[reachable] - reachable)
    weights = np.exp(-(lags - ahead) / recency_days)
    weights = np.where(lags % WEEK == 0, same_weekday, 1.0) * weights
    weights = np.where(places >= 0, weights, 0.0)
    return PastDays(places=np.clip(places, 0, now - 1), weights=weights, lags=lags)
