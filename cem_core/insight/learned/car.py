"""When the car comes, when it leaves and what it needs, by weekday.

A session is from plug-in to plug-out. Each cell of a table is a quantile over the
sessions seen so far, in which the same weekday, the same part of the day and the
last weeks count most; the start values count like some sessions, and so fade.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Annotated, Final

import numpy as np

from cem_core.insight.learned.bounds import Between, Floats, bounded
from cem_core.insight.learned.learned import Learned, judged, unlearned
from cem_core.insight.learned.weights import (
    DAYS_A_WEEK,
    Integers,
    recency_weights,
    weekday_weights,
    weighted_quantiles,
)

PARTS_A_DAY: Final = 4
SHARES: Final = (0.2, 0.5, 0.8)  # early or low, usual, late or high
_MIDDLE: Final = SHARES.index(0.5)
_HOURS_A_PART: Final = 24 / PARTS_A_DAY
_LONGEST_SESSION_H: Final = 7 * 24.0
_SHORTEST_SESSION_H: Final = 0.25  # less is a cable put in again
_HIGHEST_WH: Final = 150_000
_HISTORY: Final = timedelta(days=365)
_HALF_LIFE_DAYS: Final = 120.0
_OTHER_PART: Final = 0.1
_MOST_OTHERS: Final = 6.0  # as many sessions as all other weekdays count
_PRIOR_WEIGHT: Final = 0.5  # as many sessions as the start values count
_LEAST_SESSIONS: Final = 5
_JUDGED: Final = 40  # the newest sessions, each told from those before it
_AFTER_PLUG_IN_H: Final = 0.25
_SECONDS_A_DAY: Final = 86_400

# Stated defaults of day one: an evening at home, a daily commute of 40 km.
_ARRIVE_H: Final = (17.0, 18.0, 19.5)
_DEPART_H: Final = (7.0, 7.5, 8.5)
_BY_DAY_H: Final = (2.0, 4.0, 6.0)  # of who arrives before noon
_NEED_WH: Final = (4_000.0, 8_000.0, 14_000.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class CarHabits:
    """Quantiles (0.2, 0.5, 0.8) by weekday of arrival (Monday first).

    ``arrive_h``: hour of the local day. ``depart_h``: hours after the midnight
    before the arrival, 31.5 is 07:30 on the next day; ``need_wh``: energy at the
    charger; both by part of the day of arrival (0 to 6, 6 to 12, 12 to 18, 18 to
    24 o'clock).
    """

    arrive_h: Annotated[
        tuple[tuple[float, ...], ...], Between(0, 24, (DAYS_A_WEEK, len(SHARES)))
    ]
    depart_h: Annotated[
        tuple[tuple[tuple[float, ...], ...], ...],
        Between(0, 24 + _LONGEST_SESSION_H, (DAYS_A_WEEK, PARTS_A_DAY, len(SHARES))),
    ]
    need_wh: Annotated[
        tuple[tuple[tuple[float, ...], ...], ...],
        Between(0, _HIGHEST_WH, (DAYS_A_WEEK, PARTS_A_DAY, len(SHARES))),
    ]

    @classmethod
    def typical(cls) -> CarHabits:
        """Return the defaults of day one, the same on each day."""
        part = np.arange(PARTS_A_DAY)[:, None]
        begins_h = part * _HOURS_A_PART
        overnight = np.where(part == 0, 0.0, 24.0) + np.array(_DEPART_H)
        by_day = begins_h + _HOURS_A_PART / 2 + np.array(_BY_DAY_H)
        depart_h = np.where(part == 1, by_day, overnight)
        need_wh = np.tile(_NEED_WH, (DAYS_A_WEEK, PARTS_A_DAY, 1))
        return bounded(
            cls,
            {
                "arrive_h": np.tile(_ARRIVE_H, (DAYS_A_WEEK, 1)),
                "depart_h": np.tile(depart_h, (DAYS_A_WEEK, 1, 1)),
                "need_wh": need_wh,
            },
        )

    def departs(self, arrived: datetime, share: float = 0.5) -> datetime:
        """Return when a car that ``arrived`` (local time) leaves.

        ``share`` of such sessions end before: a smaller one is more careful.
        """
        cell = self.depart_h[arrived.weekday()][_part(_clock_h(arrived))]
        session_h = float(np.interp(share, SHARES, cell)) - _clock_h(arrived)
        return arrived + timedelta(hours=max(_AFTER_PLUG_IN_H, session_h))

    def needs_wh(self, arrived: datetime, share: float = 0.5) -> float:
        """Return what a car that ``arrived`` (local time) needs.

        ``share`` of such sessions need less: a larger one is more careful.
        """
        cell = self.need_wh[arrived.weekday()][_part(_clock_h(arrived))]
        return float(np.interp(share, SHARES, cell))


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One stay of the car at the charger, and what was charged meanwhile."""

    arrive: datetime
    depart: datetime
    energy_wh: float
    away: bool = False


def learn_car(
    sessions: Sequence[Session], prior: CarHabits, time_zone: tzinfo
) -> Learned[CarHabits]:
    """Return the habits that the sessions of the last year tell of.

    The errors `arrive_h`, `depart_h` and `need_wh` are mean absolute errors of
    the usual value, for the newest forty sessions, each told from those before it.
    """
    table = _table(sessions, time_zone)
    used, left_out = len(table.arrive_h), len(sessions) - len(table.arrive_h)
    if used < _LEAST_SESSIONS:
        why = f"fewer than {_LEAST_SESSIONS} sessions"
        return unlearned(prior, why, samples=used, left_out=left_out)
    judged_rows = range(max(1, used - _JUDGED), used)
    own = table.cells()
    at_start = table.missed(judged_rows, [_start(prior, *own[r]) for r in judged_rows])
    told = [_cell(table, r, prior, *own[r]) for r in judged_rows]
    return judged(
        prior,
        _fitted(table, prior),
        error=table.missed(judged_rows, told),
        prior_error=at_start,
        samples=used,
        left_out=left_out,
    )


type _Cell = tuple[Floats, Floats, Floats]  # arrive, depart, need: three shares each


@dataclass(frozen=True, slots=True, kw_only=True)
class _Table:
    """One row a session, in order of time."""

    day: Floats
    weekday: Integers
    part: Integers
    arrive_h: Floats
    depart_h: Floats
    need_wh: Floats

    def cells(self) -> list[tuple[int, int]]:
        """Return each session's weekday and part of the day."""
        return [*zip(self.weekday.tolist(), self.part.tolist(), strict=True)]

    def missed(self, rows: range, told: Sequence[_Cell]) -> dict[str, float]:
        """Return the mean absolute error of the usual values ``told`` of ``rows``."""
        usual = np.array([[share[_MIDDLE] for share in cell] for cell in told])
        been = np.stack((self.arrive_h, self.depart_h, self.need_wh), axis=1)
        means = np.mean(np.abs(been[rows.start : rows.stop] - usual), axis=0)
        names = ("arrive_h", "depart_h", "need_wh")
        return dict(zip(names, means.tolist(), strict=True))


def _table(sessions: Sequence[Session], time_zone: tzinfo) -> _Table:
    """Return the plausible sessions of the last year, away days left out."""
    kept = sorted((s for s in sessions if _plausible(s)), key=lambda s: s.arrive)
    if kept:
        oldest = kept[-1].arrive - _HISTORY
        kept = [session for session in kept if session.arrive >= oldest]
    local = [session.arrive.astimezone(time_zone) for session in kept]
    arrive_h = np.array([_clock_h(time) for time in local], np.float64)
    leave = [session.depart.astimezone(time_zone) for session in kept]
    # By the clock on the wall: who leaves at 7 does so on the day it changes too.
    wall_h = np.array(
        [
            (end.replace(tzinfo=None) - start.replace(tzinfo=None)) / timedelta(hours=1)
            for start, end in zip(local, leave, strict=True)
        ],
        np.float64,
    )
    return _Table(
        day=np.array([s.arrive.timestamp() / _SECONDS_A_DAY for s in kept], np.float64),
        weekday=np.array([time.weekday() for time in local], np.int64),
        part=np.array([_part(hour) for hour in arrive_h], np.int64),
        arrive_h=arrive_h,
        depart_h=arrive_h + wall_h,
        need_wh=np.array([session.energy_wh for session in kept], np.float64),
    )


def _plausible(session: Session) -> bool:
    long_enough = _SHORTEST_SESSION_H <= _hours(session) <= _LONGEST_SESSION_H
    return not session.away and long_enough and 0 <= session.energy_wh <= _HIGHEST_WH


def _hours(session: Session) -> float:
    return (session.depart - session.arrive) / timedelta(hours=1)


def _clock_h(time: datetime) -> float:
    return time.hour + time.minute / 60


def _part(clock_h: float) -> int:
    return int(clock_h // _HOURS_A_PART)


def _start(prior: CarHabits, weekday: int, part: int) -> _Cell:
    return (
        np.array(prior.arrive_h[weekday]),
        np.array(prior.depart_h[weekday][part]),
        np.array(prior.need_wh[weekday][part]),
    )


def _cell(
    table: _Table, before: int, prior: CarHabits, weekday: int, part: int
) -> _Cell:
    """Return the quantiles of a cell as the sessions ``before`` a row tell them."""
    seen = slice(before)
    now = table.day[min(before, len(table.day) - 1)]
    recency = recency_weights(now - table.day[seen], _HALF_LIFE_DAYS)
    same_part = recency * np.where(table.part[seen] == part, 1.0, _OTHER_PART)
    by_day, by_part = (
        weekday_weights(weekday, table.weekday[seen], weights, _MOST_OTHERS)
        for weights in (recency, same_part)
    )
    columns = (
        (table.arrive_h[seen], by_day),
        (table.depart_h[seen], by_part),
        (table.need_wh[seen], by_part),
    )
    arrive, depart, need = (
        _quantiles(values, weights, start)
        for (values, weights), start in zip(
            columns, _start(prior, weekday, part), strict=True
        )
    )
    return arrive, depart, need


def _quantiles(values: Floats, weights: Floats, start: Floats) -> Floats:
    share = np.full(len(start), _PRIOR_WEIGHT / len(start))
    return weighted_quantiles(
        np.concatenate((values, start)), np.concatenate((weights, share)), SHARES
    )


def _fitted(table: _Table, prior: CarHabits) -> CarHabits:
    week = [
        [
            _cell(table, len(table.day), prior, weekday, part)
            for part in range(PARTS_A_DAY)
        ]
        for weekday in range(DAYS_A_WEEK)
    ]
    return bounded(
        CarHabits,
        {
            "arrive_h": [parts[0][0] for parts in week],
            "depart_h": [[depart for _, depart, _ in parts] for parts in week],
            "need_wh": [[need for _, _, need in parts] for parts in week],
        },
    )
