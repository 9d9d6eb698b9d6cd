"""Real cars: 21 users in Trondheim with 40 sessions or more.

Sørensen et al., Data in Brief 36 (2021) 107105. Each session after a user's first
ten is told from those before it. Half of the users (every other one by name) set
the three weights in `car.py`; the other half judges.
"""

from collections import defaultdict
import csv
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pytest

from cem_core.insight.learned import CarHabits, Session, learn_car
from cem_core.insight.learned.car import SHARES
from tests.conftest import SHARED

TRONDHEIM = ZoneInfo("Europe/Oslo")
FILE = SHARED / "data/series/ev/trondheim_sessions_privateA.csv"
FIRST_SESSIONS = 10
NAMES = ("arrive_h", "depart_h", "need_wh")

pytestmark = pytest.mark.shared

type Table = npt.NDArray[np.float64]


def clock(text: str) -> datetime:
    local = datetime.strptime(text, "%d.%m.%Y %H:%M")  # noqa: DTZ007 (zone follows)
    return local.replace(tzinfo=TRONDHEIM).astimezone(UTC)


def users() -> list[list[Session]]:
    sessions = defaultdict(list)
    with FILE.open(encoding="utf-8-sig") as file:
        for row in csv.DictReader(file):
            if row["End_plugout"] and row["User_type"] == "Private":
                sessions[row["User_ID"]].append(
                    Session(
                        arrive=clock(row["Start_plugin"]),
                        depart=clock(row["End_plugout"]),
                        energy_wh=1000 * float(row["El_kWh"].replace(",", ".")),
                    )
                )
    return [sessions[user] for user in sorted(sessions) if len(sessions[user]) >= 40]


def hours(session: Session) -> tuple[float, float, float]:
    local = session.arrive.astimezone(TRONDHEIM)
    arrive_h = local.hour + local.minute / 60
    session_h = (session.depart - session.arrive).total_seconds() / 3600
    return arrive_h, arrive_h + session_h, session.energy_wh


def told(habits: CarHabits, session: Session) -> Table:
    """Return arrival, departure and need, three shares each."""
    local = session.arrive.astimezone(TRONDHEIM)
    day, part = local.weekday(), local.hour // 6
    return np.array(
        [habits.arrive_h[day], habits.depart_h[day][part], habits.need_wh[day][part]]
    )


def losses(been: Table, expected: Table) -> tuple[Table, Table]:
    """Return the mean absolute error and the mean pinball loss of each quantity."""
    missed = been[:, :, None] - expected
    share = np.array(SHARES)
    pinball = np.maximum(share * missed, (share - 1) * missed)
    return np.abs(missed[:, :, 1]).mean(axis=0), pinball.mean(axis=(0, 2))


def test_real_cars_are_told_better_than_by_the_defaults(
    capsys: pytest.CaptureFixture[str],
) -> None:
    prior = CarHabits.typical()
    learned_losses, naive_losses = [], []
    early = late = judged = 0
    for sessions in users()[1::2]:
        plausible = [s for s in sessions if 0.25 <= hours(s)[1] - hours(s)[0] <= 168]
        later = plausible[FIRST_SESSIONS::3]
        expected = np.array(
            [
                told(
                    learn_car(
                        [s for s in plausible if s.depart <= session.arrive],
                        prior,
                        TRONDHEIM,
                    ).parameters,
                    session,
                )
                for session in later
            ]
        )
        been = np.array([hours(session) for session in later])
        learned_losses.append(losses(been, expected))
        naive_losses.append(
            losses(been, np.array([told(prior, session) for session in later]))
        )
        early += int((been[:, 1] < expected[:, 1, 0]).sum())
        late += int((been[:, 2] > expected[:, 2, 2]).sum())
        judged += len(later)
    (mae, pinball), (naive_mae, naive_pinball) = (
        np.mean(each, axis=0) for each in (learned_losses, naive_losses)
    )
    with capsys.disabled():
        print(f"\n{judged} sessions of {len(learned_losses)} cars")  # noqa: T201
        for index, name in enumerate(NAMES):
            print(  # noqa: T201
                f"{name}: MAE {mae[index]:.2f} (defaults {naive_mae[index]:.2f}), "
                f"pinball {pinball[index]:.2f} ({naive_pinball[index]:.2f})"
            )
        print(  # noqa: T201
            f"left before the early value: {early / judged:.2f}, "
            f"needed more than the high one: {late / judged:.2f} (0.20 each)"
        )
    assert (mae < naive_mae).all()
    assert (pinball < 0.9 * naive_pinball).all()
    assert early / judged == pytest.approx(0.2, abs=0.06)
    assert late / judged == pytest.approx(0.2, abs=0.06)
