"""When a connection trips."""

from datetime import date

from hypothesis import given, strategies as st
import pytest

from cem_core.limits.trip import (
    BREAKER_B,
    BREAKER_C,
    BreakerTrip,
    LinkyTrip,
    italy,
    spain,
)
from cem_core.tariff.country_rules import (
    TripAtOnce,
    TripByFilter,
    TripByTolerance,
    rules_in_force,
)

DAY = date(2026, 11, 26)
[FRANCE] = rules_in_force("FR", TripByFilter, DAY)
[ITALY] = rules_in_force("IT", TripByTolerance, DAY)
[SPAIN] = rules_in_force("ES", TripAtOnce, DAY)
LINKY = LinkyTrip(subscribed_va=6000, law=FRANCE)


@pytest.mark.parametrize(
    ("load", "cut_s"),
    [
        (1.31, 502),
        (1.35, 308),
        (1.4, 230),
        (1.5, 159),
        (1.7, 99),
        (2.0, 61),
        (2.5, 35),
        (3.0, 23),
    ],
)
def test_linky_cuts_as_its_filter_does_second_by_second(
    load: float, cut_s: int
) -> None:
    before = LINKY.after(3000, 1e6)  # half of the subscription for long
    assert before.left_s(load * 6000) == pytest.approx(cut_s, abs=1.0)
    stepped, seconds = before, 0
    while stepped.filtered_va2 <= (1.3 * 6000) ** 2:
        stepped, seconds = stepped.after(load * 6000, 1.0), seconds + 1
    assert seconds == pytest.approx(cut_s, abs=1)


def test_linky_does_not_cut_below_1_3_of_the_subscription() -> None:
    assert LINKY.after(7800, 1e6).left_s(7800) is None
    assert LINKY.after(9000, 1e6).left_s(0) == 0.0


@given(st.floats(0, 20000), st.floats(0, 20000), st.floats(0.1, 500))
def test_the_time_left_runs_down_with_the_time(
    before_w: float, now_w: float, elapsed_s: float
) -> None:
    rule = LINKY.after(before_w, 100.0)
    left_s = rule.left_s(now_w)
    later_s = rule.after(now_w, elapsed_s).left_s(now_w)
    if left_s is None:
        assert later_s is None
    elif left_s > elapsed_s + 1e-3:
        assert later_s == pytest.approx(left_s - elapsed_s, abs=0.01)
    elif left_s < elapsed_s - 1e-3 and now_w**2 > (1.3 * 6000) ** 2:
        assert later_s == 0.0


def test_italy_tolerates_10_percent_for_ever_and_more_for_a_while() -> None:
    rule = italy(3000, ITALY)
    assert rule.left_s(3300) is None
    assert rule.left_s(3500) == 182 * 60
    assert rule.left_s(4100) == 120
    assert rule.after(3300, 1e6) == rule


def test_italy_checks_the_mean_since_the_power_was_exceeded() -> None:
    rule = italy(3000, ITALY)
    assert rule.after(4100, 50).left_s(4100) == 70
    assert rule.after(4100, 50).left_s(3500) == 182 * 60 - 50
    # A minute above, a minute far below: the mean of both is what counts.
    assert rule.after(4100, 60).left_s(2400) is None
    assert rule.after(4100, 60).after(2400, 60) == rule
    # After the check of minute 2 the next is that of minute 92.
    assert rule.after(3500, 121).left_s(4100) == 90 * 60 - 1
    assert rule.after(3500, 92 * 60).left_s(9000) == 90 * 60
    assert rule.after(3500, 182 * 60 + 1).left_s(3500) == 182 * 60 - 1


@given(
    st.lists(st.tuples(st.floats(0, 9000), st.floats(0, 8000)), max_size=6),
    st.floats(0, 9000),
    st.floats(0.1, 300),
)
def test_italys_time_runs_down_with_the_time(
    past: list[tuple[float, float]], now_w: float, elapsed_s: float
) -> None:
    rule = italy(3000, ITALY)
    for power_w, lasts_s in past:
        rule = rule.after(power_w, lasts_s)
    left_s = rule.left_s(now_w)
    assert left_s is None or 0 < left_s <= (182 + 182) * 60
    if left_s is not None and left_s > elapsed_s + 1:
        later_s = rule.after(now_w, elapsed_s).left_s(now_w)
        assert later_s == pytest.approx(left_s - elapsed_s, abs=0.01)


def test_spain_cuts_what_lasts() -> None:
    assert spain(4600, SPAIN).left_s(4600) is None
    assert spain(4600, SPAIN).left_s(4700) == 30
    assert spain(4600, SPAIN).after(4700, 20).left_s(4700) == 10
    assert spain(4600, SPAIN).after(4700, 20).after(0, 1).left_s(4700) == 30


@pytest.mark.parametrize(
    ("points", "load", "least_s"),
    [
        (BREAKER_B, 1.13, None),
        (BREAKER_B, 1.45, 293),
        (BREAKER_B, 2.55, 1.0),
        (BREAKER_B, 3.0, 0.1),
        (BREAKER_B, 3.1, 0.0),
        (BREAKER_C, 2.55, 1.0),
        (BREAKER_C, 5.0, 0.1),
        (BREAKER_C, 5.1, 0.0),
    ],
)
def test_a_breaker_may_trip_at_the_soonest_its_characteristic_allows(
    points: tuple[tuple[float, float], ...], load: float, least_s: float | None
) -> None:
    left_s = BreakerTrip(rated_w=9200, points=points).left_s(load * 9200)
    expected = None if least_s is None else pytest.approx(least_s, rel=0.01)
    assert left_s == expected


def test_a_warm_breaker_trips_sooner_and_cools() -> None:
    cold = BreakerTrip(rated_w=9200)
    whole_s = cold.left_s(14_000)
    assert whole_s is not None
    warm = cold.after(14_000, whole_s / 2)
    assert warm.left_s(14_000) == pytest.approx(whole_s / 2)
    assert warm.after(14_000, whole_s).left_s(14_000) == 0
    assert warm.after(0, 1e6).left_s(14_000) == pytest.approx(whole_s)
    assert cold.after(40_000, 1).left_s(14_000) == 0


@given(st.floats(1.0, 6.0), st.floats(0.001, 1.0))
def test_more_power_never_lasts_longer(load: float, more: float) -> None:
    for points in (BREAKER_B, BREAKER_C):
        breaker = BreakerTrip(rated_w=1000, points=points)
        less_s, more_s = (
            breaker.left_s(load * 1000),
            breaker.left_s((load + more) * 1000),
        )
        assert less_s is None or (more_s is not None and more_s <= less_s)
