"""Twenty sockets, sixty sessions a day for a week, of recorded arrivals and departures.

Source: charging sessions of residential garages in Trondheim (CC BY 4.0); see
`SOURCES.md` beside them.
"""

import csv
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Final

import highspy
import numpy as np
import pytest

from cem_core.dispatch.charging_queue import Car, share

_FILE: Final = Path("../shared/data/series/ev/trondheim_sessions_privateA.csv")
_SOCKETS: Final = 20
_SESSIONS_A_DAY: Final = 60
_MONDAY: Final = datetime(2019, 3, 4, tzinfo=UTC)
_LEAST_W, _MOST_W, _SITE_W = 1380, 7360, 40_000
_STEP: Final = timedelta(minutes=5)
_HOURS: Final = _STEP / timedelta(hours=1)


@dataclass(slots=True)
class Session:
    """One car, from its arrival to its departure."""

    arrive: datetime
    depart: datetime
    needed_wh: float
    socket: int = -1
    charged_wh: float = 0.0
    on_since: datetime | None = None
    off_since: datetime | None = None
    waited: timedelta = field(default_factory=timedelta)


def recorded() -> list[Session]:
    """Return all sessions of the file that have a length and an energy."""
    found = []
    with _FILE.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            if not row["End_plugout"] or not row["Duration_hours"]:
                continue
            arrive, depart = _time(row["Start_plugin"]), _time(row["End_plugout"])
            energy_wh = float(row["El_kWh"].replace(",", ".")) * 1000
            found.append(
                Session(
                    arrive.replace(tzinfo=UTC), depart.replace(tzinfo=UTC), energy_wh
                )
            )
    return found


def _time(text: str) -> datetime:
    return datetime.strptime(f"{text} +0000", "%d.%m.%Y %H:%M %z")


def week(seed: int) -> list[Session]:
    """Return a week in which each session has a socket, drawn of those recorded."""
    random, pool = Random(seed), recorded()  # noqa: S311 - repeatable on purpose
    sessions: list[Session] = []
    free_at = [_MONDAY] * _SOCKETS
    for day in range(7):
        midnight = _MONDAY + timedelta(days=day)
        drawn: list[tuple[datetime, timedelta, float]] = []
        while len(drawn) < _SESSIONS_A_DAY:
            each = random.choice(pool)
            length = each.depart - each.arrive
            if not timedelta(minutes=20) <= length <= timedelta(hours=14):
                continue
            clock = each.arrive - each.arrive.replace(hour=0, minute=0)
            drawn.append((midnight + clock, length, each.needed_wh))
        for arrive, length, needed_wh in sorted(drawn):
            socket = min(range(_SOCKETS), key=lambda number: free_at[number])
            begin = max(arrive, free_at[socket])
            session = Session(begin, begin + length, needed_wh, socket)
            # As much as the car could take alone: more is no wish but a mistake.
            most_wh = _MOST_W * (length / timedelta(hours=1)) * 0.95
            session.needed_wh = min(needed_wh, most_wh)
            free_at[socket] = session.depart + _STEP
            sessions.append(session)
    return sessions


def feasible(sessions: list[Session]) -> float:
    """Return the most energy in Wh that any schedule could give, by a linear programme.

    Everything is known to it, and what it draws may be anything from nothing up.
    """
    solver = highspy.Highs()  # type: ignore[no-untyped-call]
    solver.setOptionValue("output_flag", False)
    steps: dict[int, list[int]] = {}
    columns = 0
    rows: list[tuple[list[int], float]] = []
    for session in sessions:
        first = int((session.arrive - _MONDAY) / _STEP) + 1
        last = int((session.depart - _MONDAY) / _STEP)
        mine = list(range(columns, columns + max(0, last - first)))
        for column, step in zip(mine, range(first, last), strict=True):
            steps.setdefault(step, []).append(column)
        columns += len(mine)
        rows.append((mine, session.needed_wh / _HOURS))
    solver.addVars(columns, np.zeros(columns), np.full(columns, float(_MOST_W)))
    solver.changeColsCost(
        columns, np.arange(columns, dtype=np.int32), -np.ones(columns)
    )
    rows += [(each, float(_SITE_W)) for each in steps.values()]
    for each, most in rows:
        solver.addRow(-highspy.kHighsInf, most, len(each), each, np.ones(len(each)))
    solver.run()
    return -solver.getObjectiveValue() * _HOURS


def play(sessions: list[Session]) -> list[int]:
    """Play a week and return what the site drew in each step."""
    drawn: list[int] = []
    now = _MONDAY
    until = max(session.depart for session in sessions)
    while now < until:
        here = [
            each for each in sessions if each.arrive < now < each.depart - _STEP / 2
        ]
        cars = [
            Car(
                socket=str(each.socket),
                arrived_at=each.arrive,
                departs_at=each.depart,
                needed_wh=each.needed_wh - each.charged_wh,
                least_w=_LEAST_W,
                most_w=_MOST_W,
                on_since=each.on_since,
                off_since=each.off_since,
            )
            for each in here
        ]
        shares = share(cars, _SITE_W, now)
        for each in here:
            power_w = shares[str(each.socket)]
            left_wh = each.needed_wh - each.charged_wh
            each.charged_wh += min(left_wh, power_w * _HOURS)
            if power_w:
                each.on_since, each.off_since = each.on_since or now, None
            elif left_wh > 10:
                each.off_since = each.off_since or now
                each.on_since = None
                each.waited = max(each.waited, now - each.off_since)
        drawn.append(sum(shares.values()))
        now += _STEP
    return drawn


@pytest.mark.shared
@pytest.mark.parametrize("seed", range(3))
def test_departures_are_met_within_the_site(seed: int) -> None:
    sessions = week(seed)
    assert len(sessions) == 7 * _SESSIONS_A_DAY
    wanted_wh = sum(session.needed_wh for session in sessions)
    share_of_what_can_be = feasible(sessions) / wanted_wh
    drawn = play(sessions)
    assert max(drawn) <= _SITE_W
    met = sum(s.charged_wh >= s.needed_wh * 0.99 for s in sessions) / len(sessions)
    got_wh = sum(session.charged_wh for session in sessions)
    starved = max(session.waited for session in sessions)
    assert met >= 0.98, (met, share_of_what_can_be)
    assert got_wh >= 0.99 * share_of_what_can_be * wanted_wh
    assert starved <= timedelta(minutes=75), starved
