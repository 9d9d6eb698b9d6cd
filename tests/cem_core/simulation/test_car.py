from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from cem_core.simulation.car import Calendar, Car, Habit

BRUSSELS = ZoneInfo("Europe/Brussels")
MONDAY = datetime(2026, 11, 23, 23, 0, tzinfo=UTC) - timedelta(days=1)
WORKDAYS = Habit(
    weekdays=frozenset(range(5)),
    arrive=time(17, 30),
    depart=time(7, 30),
    energy_wh=9000,
)


def calendar(seed: int = 1) -> Calendar:
    return Calendar(habits=(WORKDAYS,), time_zone=BRUSSELS, seed=seed)


def away(seed: int = 1) -> Car:
    return Car(capacity_wh=60_000, energy_wh=40_000, calendar=calendar(seed))


def life(car: Car, start: datetime, hours: int) -> list[tuple[datetime, bool]]:
    """Return each coming and going."""
    moves = []
    plugged = car.plugged
    for minute in range(60 * hours):
        now = start + timedelta(minutes=minute)
        car.live(now)
        if car.plugged is not plugged:
            plugged = car.plugged
            moves.append((now, plugged))
    return moves


def test_it_comes_in_the_evening_and_leaves_in_the_morning() -> None:
    moves = life(away(), MONDAY, 48)
    assert [plugged for _, plugged in moves] == [True, False, True]
    arrival, departure = moves[0][0], moves[1][0]
    assert abs(arrival - datetime(2026, 11, 23, 16, 30, tzinfo=UTC)) < timedelta(
        hours=2
    )
    assert abs(departure - datetime(2026, 11, 24, 6, 30, tzinfo=UTC)) < timedelta(
        hours=1
    )


def test_the_trip_has_taken_energy_when_it_arrives() -> None:
    car = away()
    life(car, MONDAY, 24)
    stay = calendar().stay_of(datetime(2026, 11, 23, tzinfo=UTC).date())
    assert stay is not None
    assert car.energy_wh == pytest.approx(40_000 - stay.energy_wh)


def test_the_same_seed_is_the_same_life() -> None:
    assert life(away(3), MONDAY, 72) == life(away(3), MONDAY, 72)
    assert life(away(3), MONDAY, 72) != life(away(4), MONDAY, 72)


def test_on_a_day_without_habit_it_stays_away() -> None:
    saturday = MONDAY + timedelta(days=5, hours=12)
    assert life(away(), saturday, 36) == []


def test_it_leaves_when_told_and_does_not_come_back_the_same_night() -> None:
    car = away()
    evening = MONDAY + timedelta(hours=20)
    car.live(evening)
    assert car.plugged
    car.unplug(evening)
    moves = life(car, evening, 24)
    assert [plugged for _, plugged in moves] == [True]
    assert moves[0][0] > evening + timedelta(hours=12)


def test_it_comes_when_told_and_leaves_at_the_usual_hour() -> None:
    car = away()
    noon = MONDAY + timedelta(hours=12)
    car.plug_in(noon)
    assert car.plugged
    assert car.energy_wh == 40_000
    assert car.departs_at is not None
    assert noon + timedelta(hours=17) < car.departs_at < noon + timedelta(hours=21)


def test_called_just_before_it_would_leave_it_stays_for_some_hours() -> None:
    car = away()
    early = MONDAY + timedelta(hours=7)
    car.plug_in(early)
    assert car.departs_at is not None
    assert car.departs_at > early + timedelta(hours=20)
