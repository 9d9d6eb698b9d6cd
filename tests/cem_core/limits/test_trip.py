"""When a connection trips."""

from hypothesis import given, strategies as st
import pytest

from cem_core.limits.trip import LinkyTrip, ToleranceTrip, spain

LINKY = LinkyTrip(subscribed_va=6000)


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
    rule = ToleranceTrip.of_contract(3000)
    assert rule.left_s(3300) is None
    assert rule.left_s(3500) == 182 * 60
    assert rule.left_s(4100) == 120
    assert rule.after(4100, 50).left_s(4100) == 70
    assert rule.after(4100, 50).left_s(3500) == 182 * 60 - 50
    assert rule.after(4100, 50).after(3000, 1).left_s(4100) == 120
    assert rule.after(4100, 999).left_s(4100) == 0


def test_spain_cuts_what_lasts() -> None:
    assert spain(4600).left_s(4600) is None
    assert spain(4600).left_s(4700) == 30
    assert spain(4600).after(4700, 20).left_s(4700) == 10
