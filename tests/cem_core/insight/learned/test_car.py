from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from cem_core.insight.learned import CarHabits, Session, learn_car
from cem_core.simulation.car import Calendar, Habit

BRUSSELS = ZoneInfo("Europe/Brussels")
PRIOR = CarHabits.typical()
MONDAY = date(2026, 1, 5)
EVENINGS = Habit(
    weekdays=frozenset({0, 1, 2, 3, 6}),
    arrive=time(19, 30),
    depart=time(6, 0),
    energy_wh=16_000,
)
FRIDAY = Habit(
    weekdays=frozenset({4}), arrive=time(15), depart=time(11), energy_wh=5_000
)


def life(weeks: int, *habits: Habit, first: date = MONDAY) -> list[Session]:
    calendar = Calendar(habits=habits, time_zone=BRUSSELS, seed=3)
    drawn = [calendar.stay_of(first + timedelta(days=d)) for d in range(7 * weeks)]
    return [
        Session(
            arrive=stay.arrive.astimezone(UTC),
            depart=stay.depart.astimezone(UTC),
            energy_wh=stay.energy_wh,
        )
        for stay in drawn
        if stay is not None
    ]


def test_day_one_has_stated_defaults() -> None:
    evening = datetime(2026, 1, 5, 18, tzinfo=BRUSSELS)
    assert PRIOR.departs(evening) == datetime(2026, 1, 6, 7, 30, tzinfo=BRUSSELS)
    assert PRIOR.needs_wh(evening) == 8000
    # Careful is to leave earlier and to need more.
    assert PRIOR.departs(evening, 0.2) < PRIOR.departs(evening)
    assert PRIOR.needs_wh(evening, 0.8) > PRIOR.needs_wh(evening)
    # Who comes for lunch does not stay until tomorrow.
    assert PRIOR.departs(datetime(2026, 1, 5, 10, tzinfo=BRUSSELS)).hour == 13


def test_habits_are_found_by_weekday() -> None:
    learned = learn_car(life(12, EVENINGS, FRIDAY), PRIOR, BRUSSELS)
    habits = learned.parameters
    tuesday = datetime(2026, 4, 7, 19, 15, tzinfo=BRUSSELS)
    assert abs(
        habits.departs(tuesday) - datetime(2026, 4, 8, 6, 0, tzinfo=BRUSSELS)
    ) < timedelta(minutes=20)
    assert habits.needs_wh(tuesday) == pytest.approx(16_000, rel=0.15)
    assert habits.arrive_h[1][1] == pytest.approx(19.5, abs=0.3)
    friday = datetime(2026, 4, 10, 15, 0, tzinfo=BRUSSELS)
    assert habits.departs(friday).hour in {10, 11}
    assert habits.needs_wh(friday) < 8000
    for name in ("arrive_h", "depart_h", "need_wh"):
        assert learned.error[name] < learned.prior_error[name]


def test_a_weekday_of_its_own_is_learned_though_it_is_one_of_five() -> None:
    late = replace(EVENINGS, weekdays=frozenset({3}), arrive=time(22), depart=time(10))
    others = replace(EVENINGS, weekdays=frozenset({0, 1, 2, 6}))
    habits = learn_car(life(26, others, late), PRIOR, BRUSSELS).parameters
    assert habits.arrive_h[3][1] == pytest.approx(22, abs=0.5)
    assert habits.depart_h[3][3][1] == pytest.approx(34, abs=0.5)
    assert habits.depart_h[2][3][1] == pytest.approx(30, abs=0.5)


def test_a_new_job_replaces_the_old_one() -> None:
    new = replace(EVENINGS, depart=time(9), energy_wh=6_000)
    sessions = life(26, EVENINGS) + life(26, new, first=MONDAY + timedelta(weeks=26))
    tuesday = datetime(2027, 1, 5, 19, 30, tzinfo=BRUSSELS)
    assert learn_car(sessions, PRIOR, BRUSSELS).parameters.departs(tuesday).hour in {
        8,
        9,
    }


def test_away_and_impossible_sessions_are_left_out() -> None:
    sessions = life(8, EVENINGS)
    first = sessions[0]
    wrong = [
        replace(first, depart=first.arrive - timedelta(hours=1)),
        replace(first, depart=first.arrive + timedelta(minutes=3)),
        replace(first, depart=first.arrive + timedelta(days=20)),
        replace(first, energy_wh=float("nan")),
        replace(first, energy_wh=-5.0),
        replace(first, away=True),
    ]
    learned = learn_car(sessions + wrong, PRIOR, BRUSSELS)
    assert learned.parameters == learn_car(sessions, PRIOR, BRUSSELS).parameters
    assert (learned.samples, learned.left_out) == (len(sessions), len(wrong))


def test_four_sessions_are_too_few() -> None:
    learned = learn_car(life(1, EVENINGS)[:4], PRIOR, BRUSSELS)
    assert learned.parameters == PRIOR
    assert learned.kept_prior == "fewer than 5 sessions"


@pytest.mark.parametrize("changes", [date(2026, 3, 28), date(2026, 10, 24)])
def test_a_night_in_which_the_clock_changes_is_like_any_other(changes: date) -> None:
    arrive = datetime.combine(changes, time(20), BRUSSELS)
    depart = datetime.combine(changes + timedelta(days=1), time(8), BRUSSELS)
    night = Session(
        arrive=arrive.astimezone(UTC), depart=depart.astimezone(UTC), energy_wh=7000
    )
    habits = learn_car([night] * 60, PRIOR, BRUSSELS).parameters
    assert habits.depart_h[5][3] == pytest.approx((32, 32, 32), abs=0.05)
    assert habits.departs(arrive) - depart < timedelta(minutes=3)
    assert habits.departs(arrive).utcoffset() == depart.utcoffset()
