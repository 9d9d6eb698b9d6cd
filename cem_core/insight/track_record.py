"""How far off a forecaster has been lately: it foretells past days again.

At each origin of the last days it gets what was known then, and what it says of
the next day is compared with what came. So there is a figure from the first days
of history on, and a better forecaster is judged by the same days as the last.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from cem_core.insight.distribution import Numbers

LEADS_H: Final = (1, 6, 24)  # each from the end of the one before
SHARES: Final = (0.1, 0.5, 0.9)
_JUDGED_DAYS: Final = 14
_EVERY_H: Final = 3
_LEAST_HISTORY_DAYS: Final = 1
_LEAST_ORIGINS: Final = 8  # a day of them: each hour was foretold at each lead

type Foretell = Callable[[int, int], Numbers]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackRecord:
    """Errors of the last ``days`` days (only whole forecasts of a day count).

    ``error_share``: mean absolute error over the mean of what came, of
    24 hours ahead. ``by_lead``: the same up to 1, 6 and 24 hours ahead.
    ``missed_kw``: quantiles 0.1, 0.5 and 0.9 of actual less foretold, by lead.
    """

    days: float
    error_share: float
    by_lead: Mapping[int, float]
    missed_kw: Mapping[int, tuple[float, ...]]


def track_record(
    foretell: Foretell, actual_kw: Numbers, *, per_day: int
) -> TrackRecord | None:
    """Return how ``foretell`` did; None before it could be judged over a day.

    ``foretell(now, steps)`` returns the ``steps`` rows from row ``now`` on, in kW,
    from what was known before it. Rows of ``actual_kw`` that are NaN do not count.
    """
    every = max(1, _EVERY_H * per_day // 24)
    last = len(actual_kw) - per_day
    first = max(_LEAST_HISTORY_DAYS, len(actual_kw) // per_day - _JUDGED_DAYS - 1)
    origins = range(last, first * per_day - 1, -every)
    if len(origins) < _LEAST_ORIGINS:
        return None
    came = np.array([actual_kw[now : now + per_day] for now in origins])
    missed = came - np.array([foretell(now, per_day) for now in origins])
    if not np.nansum(np.abs(came)) > 0:
        return None  # nothing came: a share of nothing is no number
    by_lead, quantiles, begin = {}, {}, 0
    for lead_h in LEADS_H:
        part = slice(begin, lead_h * per_day // 24)
        begin = part.stop
        happened = float(np.nansum(np.abs(came[:, part])))
        if happened > 0:
            by_lead[lead_h] = float(np.nansum(np.abs(missed[:, part]))) / happened
            found = np.nanquantile(missed[:, part], SHARES)
            quantiles[lead_h] = tuple(found.tolist())
    return TrackRecord(
        days=len(origins) * every / per_day,
        error_share=float(np.nansum(np.abs(missed)) / np.nansum(np.abs(came))),
        by_lead=by_lead,
        missed_kw=quantiles,
    )
