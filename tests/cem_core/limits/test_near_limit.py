from hypothesis import given, strategies as st
import pytest

from cem_core.limits import NearLimit, NearLimitDetector
from cem_core.model import Direction, LimitsInForce, LimitSource, PowerLimit, Scope

SIDE = Direction.IMPORT, Scope.CONNECTION
SUM = Direction.IMPORT, Scope.CONTROLLABLE


def in_force(limit_w: int, side: tuple[Direction, Scope] = SIDE) -> LimitsInForce:
    limit = PowerLimit(
        limit_id=f"limit of {limit_w}",
        source=LimitSource.ORDER,
        issuer="operator",
        direction=side[0],
        scope=side[1],
        limit_w=limit_w,
    )
    return LimitsInForce({side: limit})


def play(limit_w: int, *powers_w: int) -> list[tuple[int, bool]]:
    detector = NearLimitDetector()
    return [
        (place, change.near)
        for place, power_w in enumerate(powers_w)
        for change in detector.update(in_force(limit_w), {SIDE: power_w})
    ]


def test_the_telegram_that_crosses_warns_and_only_that_one() -> None:
    assert play(10_000, 8999, 9000, 9500, 12_000) == [(1, True)]


def test_power_that_trembles_about_the_threshold_warns_once() -> None:
    assert play(10_000, *([9010, 8990] * 50)) == [(0, True)]


def test_it_clears_below_the_lower_share() -> None:
    assert play(10_000, 9100, 8500, 8499, 8000) == [(0, True), (2, False)]


def test_a_transition_says_how_far_it_is() -> None:
    (change,) = NearLimitDetector().update(in_force(10_000), {SIDE: 9400})
    assert isinstance(change, NearLimit)
    assert (change.power_w, change.distance_w, change.limit.limit_w) == (
        9400,
        600,
        10_000,
    )


def test_a_limit_of_zero_is_near_while_anything_flows() -> None:
    assert play(0, 0, 5, 0) == [(1, True), (2, False)]


def test_a_limit_that_ends_is_no_longer_near() -> None:
    detector = NearLimitDetector()
    detector.update(in_force(5000), {SIDE: 5000})
    (change,) = detector.update(LimitsInForce(), {SIDE: 5000})
    assert not change.near
    assert change.limit.limit_w == 5000
    assert detector.near == frozenset()


def test_a_stricter_limit_warns_at_the_same_power() -> None:
    detector = NearLimitDetector()
    assert detector.update(in_force(10_000), {SIDE: 4000}) == ()
    (change,) = detector.update(in_force(4200), {SIDE: 4000})
    assert change.near


def test_not_knowing_is_no_all_clear() -> None:
    detector = NearLimitDetector()
    detector.update(in_force(5000), {SIDE: 5000})
    assert detector.update(in_force(5000), {}) == ()
    assert detector.near == {SIDE}


def test_the_sum_of_controllable_devices_has_a_state_of_its_own() -> None:
    detector = NearLimitDetector()
    limits = LimitsInForce(
        {**in_force(9000).strictest, **in_force(4200, SUM).strictest}
    )
    (change,) = detector.update(limits, {SIDE: 5000, SUM: 4000})
    assert change.scope is Scope.CONTROLLABLE


@pytest.mark.parametrize(("warn", "clear"), [(0.8, 0.9), (0.9, 0.9), (1.1, 0.5)])
def test_shares_that_make_no_hysteresis_are_refused(warn: float, clear: float) -> None:
    with pytest.raises(ValueError, match="clear_share"):
        NearLimitDetector(warn_share=warn, clear_share=clear)


@given(st.lists(st.integers(0, 8999)))
def test_no_telegram_below_the_share_ever_warns(powers_w: list[int]) -> None:
    assert play(10_000, *powers_w) == []


@given(st.lists(st.integers(0, 12_000)))
def test_warnings_and_all_clears_alternate(powers_w: list[int]) -> None:
    nears = [near for _, near in play(10_000, *powers_w)]
    assert nears == [place % 2 == 0 for place in range(len(nears))]
