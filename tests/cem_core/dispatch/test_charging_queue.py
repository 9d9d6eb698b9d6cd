"""Sharing a site among cars."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from hypothesis import given, strategies as st

from cem_core.dispatch.charging_queue import Car, ready_at, share

_NOW: Final = datetime(2026, 1, 15, 18, tzinfo=UTC)


def car(socket: str, **fields: Any) -> Car:
    """Return a car of 11 kW that came an hour ago."""
    values = {
        "arrived_at": _NOW - timedelta(hours=1),
        "least_w": 4140,
        "most_w": 11_040,
        "needed_wh": 20_000.0,
        "departs_at": _NOW + timedelta(hours=12),
    }
    return Car(socket=socket, **{**values, **fields})


def test_the_car_that_can_wait_least_comes_first() -> None:
    soon = car("soon", departs_at=_NOW + timedelta(hours=2))
    assert share([car("late"), soon], 11_040, _NOW) == {"late": 0, "soon": 11_040}


def test_what_it_leaves_goes_to_the_next() -> None:
    soon = car("soon", departs_at=_NOW + timedelta(hours=2))
    assert share([car("late"), soon], 16_000, _NOW) == {"late": 4960, "soon": 11_040}


def test_a_priority_comes_before_a_departure() -> None:
    soon = car("soon", departs_at=_NOW + timedelta(hours=2))
    first = car("first", priority=1)
    assert share([first, soon], 11_040, _NOW) == {"first": 11_040, "soon": 0}


def test_what_is_ready_gets_nothing() -> None:
    assert share([car("full", needed_wh=0.0)], 11_040, _NOW) == {"full": 0}


def test_a_car_that_waited_an_hour_has_its_turn_and_keeps_it() -> None:
    soon = car("soon", departs_at=_NOW + timedelta(hours=2))
    waits = car("waits", off_since=_NOW - timedelta(hours=1))
    assert share([soon, waits], 11_040, _NOW)["waits"] > 0
    charges = car("waits", on_since=_NOW - timedelta(minutes=14))
    assert share([soon, charges], 11_040, _NOW)["waits"] > 0
    done = car("waits", on_since=_NOW - timedelta(minutes=15))
    assert share([soon, done], 11_040, _NOW)["waits"] == 0


_CARS: Final = st.lists(
    st.builds(
        car,
        socket=st.just(""),
        needed_wh=st.one_of(st.none(), st.floats(0, 80_000)),
        departs_at=st.one_of(
            st.none(), st.integers(-5, 40).map(lambda h: _NOW + timedelta(hours=h))
        ),
        priority=st.integers(0, 2),
        least_w=st.sampled_from([1380, 4140]),
    ),
    max_size=20,
).map(lambda cars: [replace(each, socket=str(n)) for n, each in enumerate(cars)])


@given(_CARS, st.floats(0, 120_000))
def test_never_more_than_the_budget_and_nothing_left_that_a_car_could_take(
    cars: list[Car], budget_w: float
) -> None:
    shares = share(cars, budget_w, _NOW)
    assert sum(shares.values()) <= budget_w
    left_w = budget_w - sum(shares.values())
    for each in cars:
        got_w = shares[each.socket]
        assert got_w == 0 or each.least_w <= got_w <= each.most_w
        if got_w and got_w < each.most_w:
            assert left_w < 1
        if not got_w and (each.needed_wh is None or each.needed_wh > 10):
            assert left_w < each.least_w


def test_when_a_car_will_be_ready_alone_and_after_another() -> None:
    alone = ready_at([car("a", needed_wh=11_040.0)], 11_040, _NOW)
    assert alone == {"a": _NOW + timedelta(hours=1)}
    soon = car("b", needed_wh=11_040.0, departs_at=_NOW + timedelta(hours=1))
    both = ready_at([car("a", needed_wh=11_040.0), soon], 11_040, _NOW)
    assert both["b"] == _NOW + timedelta(hours=1)
    after = both["a"]
    assert after is not None
    assert timedelta(hours=2) <= after - _NOW <= timedelta(hours=2, minutes=10)


def test_a_site_without_power_is_never_ready() -> None:
    assert ready_at([car("a")], 0.0, _NOW) == {"a": None}
