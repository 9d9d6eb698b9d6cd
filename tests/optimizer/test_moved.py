from typing import Any

from hypothesis import given, strategies as st
import pytest

from optimizer.moved import largest, move_json, moved
from tests.optimizer.homes import Json, at


def document(begin: float = 0, minutes: int = 60, **devices: Json) -> Json:
    """Return as much of a PLAN as is compared."""
    (steps,) = {
        len(next(v for v in d.values() if isinstance(v, list)))
        for d in devices.values()
    }
    times = [at(begin + t * minutes / 60) for t in range(steps)]
    return {"times": times, "minutes": [minutes] * len(times), "devices": devices}


def car(*power_kw: float) -> Json:
    return {"kind": "ev_charger", "power_kw": list(power_kw)}


def battery(charge_kw: list[float], discharge_kw: list[float]) -> Json:
    return {"kind": "battery", "charge_kw": charge_kw, "discharge_kw": discharge_kw}


def run(start: float | None, *power_kw: float) -> Json:
    text = None if start is None else at(start)
    return {"kind": "appliance", "power_kw": list(power_kw), "start": text}


def said(old: Json, new: Json) -> list[str]:
    return [str(move_json(move)["text"]) for move in moved(old, new)]


def test_a_block_that_moves_is_less_here_and_more_there() -> None:
    old, new = document(car=car(7, 7, 0, 0)), document(car=car(0, 0, 4, 10))
    assert said(old, new) == [
        "car: 14.00 kWh less from 12:00 to 14:00.",
        "car: 14.00 kWh more from 14:00 to 16:00.",
    ]


def test_only_time_that_both_plan_is_compared() -> None:
    old = document(car=car(7, 7, 0))
    new = document(begin=1, minutes=30, car=car(7, 0, 0, 0, 9, 9))
    assert said(old, new) == ["car: 3.50 kWh less from 13:30 to 14:00."]


def test_a_battery_is_compared_by_what_it_takes_less_what_it_gives() -> None:
    old = document(battery=battery([2, 0], [0, 0]))
    new = document(battery=battery([0, 0], [1, 0]))
    (move,) = moved(old, new)
    assert move.energy_kwh == -3


def test_a_run_has_one_sentence() -> None:
    old = document(dishwasher=run(1, 0, 2, 0))
    assert said(old, document(dishwasher=run(2, 0, 0, 2))) == [
        "dishwasher starts at 14:00 instead of 13:00."
    ]
    none = document(dishwasher=run(None, 0, 0, 0))
    assert said(old, none) == ["dishwasher does not start at 13:00."]
    assert said(none, old) == ["dishwasher starts at 13:00."]
    later = document(begin=2, dishwasher=run(None, 0, 0, 0))
    assert said(old, later) == []  # it has begun
    by_rules = document(dishwasher={"kind": "appliance", "power_kw": [0, 2, 0]})
    assert said(old, by_rules) == []


def test_sun_and_crumbs_are_no_moves() -> None:
    old = document(roof={"kind": "solar", "power_kw": [3]}, car=car(5))
    new = document(roof={"kind": "solar", "power_kw": [1]}, car=car(5.04))
    assert moved(old, new) == []


def test_a_device_that_comes_or_goes_moves_all_it_does() -> None:
    with_car, without = document(car=car(5), boat=car(0)), document(boat=car(0))
    assert said(with_car, without) == ["car: 5.00 kWh less from 12:00 to 13:00."]
    assert said(without, with_car) == ["car: 5.00 kWh more from 12:00 to 13:00."]


def test_the_largest_stay_in_order() -> None:
    moves = moved(document(car=car(1, 0, 5, 0, 3)), document(car=car(0, 0, 0, 0, 0)))
    assert [move.energy_kwh for move in largest(moves, 2)] == [-5, -3]


POWERS = st.lists(st.sampled_from([0.0, 2.5, 7.0, 11.0]), min_size=6, max_size=6)


@given(before=POWERS, after=POWERS)
def test_the_moves_are_all_of_the_difference(
    before: list[Any], after: list[Any]
) -> None:
    old, new = document(car=car(*before)), document(car=car(*after))
    moves = moved(old, new)
    difference = sum(after) - sum(before)
    assert sum(move.energy_kwh for move in moves) == pytest.approx(difference)
    backwards = moved(new, old)
    assert [-m.energy_kwh for m in backwards] == [m.energy_kwh for m in moves]
