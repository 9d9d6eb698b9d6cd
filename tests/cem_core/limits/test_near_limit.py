from collections.abc import Iterable
from itertools import pairwise

from hypothesis import given, strategies as st
import pytest

from cem_core.limits import (
    Level,
    NearLimit,
    NearLimitDetector,
    NearLimitSettings,
    NoticeCause,
)
from cem_core.model import Direction, LimitsInForce, LimitSource, PowerLimit, Scope

SIDE = Direction.IMPORT, Scope.CONNECTION
SUM = Direction.IMPORT, Scope.CONTROLLABLE
FIVE_MINUTES_S = 300


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


def watch(
    limit_w: int, rows: Iterable[tuple[float, int]]
) -> list[tuple[float, NearLimit]]:
    """Return when each notice came; a row is a time in s and a power in W."""
    detector, limits = NearLimitDetector(), in_force(limit_w)
    return [
        (at_s, notice)
        for at_s, power_w in rows
        for notice in detector.update(limits, {SIDE: power_w}, at_s=at_s)
    ]


def play(limit_w: int, *powers_w: int, step_s: int = 1) -> list[tuple[int, str]]:
    rows = [(float(place * step_s), power_w) for place, power_w in enumerate(powers_w)]
    return [
        (round(at_s) // step_s, notice.level.word)
        for at_s, notice in watch(limit_w, rows)
    ]


def test_the_telegram_that_crosses_is_the_one_that_tells() -> None:
    assert play(10_000, 7999, 8000, 9000, 9499, 9500, 12_000) == [
        (1, "caution"),
        (4, "warning"),
    ]


def test_a_leap_over_both_levels_is_one_notice() -> None:
    assert play(10_000, 5000, 9900, 9000, 9600) == [(1, "warning")]


def test_power_that_trembles_about_a_threshold_is_told_once() -> None:
    assert play(10_000, *([8010, 7990] * 50)) == [(0, "caution")]
    assert play(10_000, *([9510, 9490] * 50)) == [(0, "warning")]


def test_it_clears_below_the_lower_share() -> None:
    assert play(10_000, 8100, 7500, 7499, 7000) == [(0, "caution"), (2, "clear")]


def test_within_five_minutes_each_level_is_told_once() -> None:
    wave = (0, 8500, 9700, 8500)
    told = play(10_000, *(wave * 18), step_s=4)  # 288 s
    assert [level for _, level in told if level != "clear"] == ["caution", "warning"]


def test_what_was_kept_back_is_told_when_the_five_minutes_have_passed() -> None:
    # It came back after a minute and stayed: at 300 s it is still near.
    rows = [(0.0, 8500), (60.0, 0), *((float(s), 8500) for s in range(120, 400, 10))]
    assert [(at_s, x.level.word) for at_s, x in watch(10_000, rows)] == [
        (0, "caution"),
        (60, "clear"),
        (300, "caution"),
    ]


def test_what_was_kept_back_and_has_passed_is_told_no_more() -> None:
    rows = [(0.0, 8500), (60.0, 0), (120.0, 8500), (180.0, 0), (500.0, 0)]
    assert [at_s for at_s, _ in watch(10_000, rows)] == [0, 60]


def test_a_higher_level_that_is_left_again_is_no_news() -> None:
    rows = [(0.0, 9700), (10.0, 8800), (400.0, 8800)]
    assert [at_s for at_s, _ in watch(10_000, rows)] == [0]


def test_a_notice_says_how_far_it_is() -> None:
    (notice,) = NearLimitDetector().update(in_force(10_000), {SIDE: 9400}, at_s=0)
    assert notice.near
    assert (notice.power_w, notice.distance_w, notice.limit.limit_w) == (
        9400,
        600,
        10_000,
    )
    assert (notice.cause, notice.trip_s) == (NoticeCause.LEVEL, None)


def test_a_limit_of_zero_is_near_while_anything_flows() -> None:
    assert play(0, 0, 5, 0) == [(1, "warning"), (2, "clear")]


def test_a_limit_that_ends_is_no_longer_near() -> None:
    detector = NearLimitDetector()
    detector.update(in_force(5000), {SIDE: 5000}, at_s=0)
    (notice,) = detector.update(LimitsInForce(), {SIDE: 5000}, at_s=1)
    assert not notice.near
    assert notice.limit.limit_w == 5000
    assert detector.near == ()


def test_a_stricter_limit_warns_at_the_same_power() -> None:
    detector = NearLimitDetector()
    assert detector.update(in_force(10_000), {SIDE: 4000}, at_s=0) == ()
    (notice,) = detector.update(in_force(4200), {SIDE: 4000}, at_s=1)
    assert notice.level is Level.WARNING


def test_not_knowing_is_no_all_clear() -> None:
    detector = NearLimitDetector()
    detector.update(in_force(5000), {SIDE: 5000}, at_s=0)
    assert detector.update(in_force(5000), {}, at_s=1) == ()
    assert [level for _, level in detector.near] == [Level.WARNING]


def test_the_sum_of_controllable_devices_has_a_state_of_its_own() -> None:
    detector = NearLimitDetector()
    limits = LimitsInForce(
        {**in_force(9000).strictest, **in_force(4200, SUM).strictest}
    )
    powers_w = {SIDE: 5000, SUM: 3500}
    (notice,) = detector.update(limits, powers_w, at_s=0, trip_s=None)
    assert (notice.scope, notice.level) == (Scope.CONTROLLABLE, Level.CAUTION)


def test_each_phase_has_a_state_of_its_own() -> None:
    limits = LimitsInForce(
        per_phase={
            (*SIDE, phase): PowerLimit(
                limit_id=f"fuse of phase {phase}",
                source=LimitSource.CONTRACT,
                issuer="contract",
                direction=SIDE[0],
                scope=SIDE[1],
                limit_w=5750,
                phase=phase,
            )
            for phase in (1, 2)
        }
    )
    detector = NearLimitDetector()
    phases_w = {(*SIDE, 1): 1000, (*SIDE, 2): 5000}
    (notice,) = detector.update(
        limits, {SIDE: 6000}, at_s=0, phases_w=phases_w, trip_s=10
    )
    assert (notice.limit.phase, notice.level) == (2, Level.CAUTION)
    assert (notice.side, notice.trip_s) == ((*SIDE, 2), None)


def test_the_meters_own_warning_is_told_at_once_and_once() -> None:
    detector, limits = NearLimitDetector(), in_force(9000)
    told = [
        (second, notice.cause)
        for second in range(100)
        for notice in detector.update(
            limits,
            {SIDE: 8900 if second < 5 else 9100},
            at_s=float(second),
            # ADPS stands in each telegram, and in some it does not.
            meter_warns=second >= 10 and second % 3 != 0,
        )
    ]
    assert told == [(0, NoticeCause.LEVEL), (10, NoticeCause.METER)]


def test_the_meters_warning_counts_far_from_the_limit_too() -> None:
    detector, limits = NearLimitDetector(), in_force(20_000)
    (notice,) = detector.update(limits, {SIDE: 6000}, at_s=0, meter_warns=True)
    assert notice.level is Level.WARNING
    assert detector.update(limits, {SIDE: 6000}, at_s=30) == ()
    (cleared,) = detector.update(limits, {SIDE: 6000}, at_s=90)
    assert not cleared.near


def trips(*rows: tuple[float, float | None]) -> list[tuple[float, NoticeCause]]:
    """Return what is told at 9.6 kW of 10 kW; a row is a time and the time to trip."""
    detector, limits = NearLimitDetector(), in_force(10_000)
    return [
        (at_s, notice.cause)
        for at_s, trip_s in rows
        for notice in detector.update(limits, {SIDE: 9600}, at_s=at_s, trip_s=trip_s)
    ]


def test_a_trip_that_was_not_in_sight_is_told_at_once() -> None:
    assert trips((0, None), (10, 200)) == [
        (0, NoticeCause.LEVEL),
        (10, NoticeCause.TRIP),
    ]


def test_a_trip_that_runs_down_as_told_is_no_news() -> None:
    assert trips(*((float(s), 200.0 - s) for s in range(200))) == [
        (0, NoticeCause.TRIP)
    ]


def test_only_a_clearly_shorter_trip_is_told_again() -> None:
    assert trips((0, 200), (10, 120), (20, 60)) == [
        (0, NoticeCause.TRIP),
        (20, NoticeCause.TRIP),
    ]
    assert trips((0, 8), (1, 3)) == [(0, NoticeCause.TRIP)]


def test_a_trip_that_was_escaped_is_told_again_only_if_it_is_shorter() -> None:
    escaped = (0, 60), (10, None), (100, 50), (110, 25)
    assert trips(*escaped) == [(0, NoticeCause.TRIP), (110, NoticeCause.TRIP)]


def test_a_trip_that_was_escaped_is_news_again_after_five_minutes() -> None:
    for lasts_s in (60, 10_000):
        again = (0, lasts_s), (10, None), (299, lasts_s), (300, lasts_s)
        assert trips(*again) == [(0, NoticeCause.TRIP), (300, NoticeCause.TRIP)]


def test_a_time_that_has_run_down_is_no_news() -> None:
    assert trips((0, 60), (60, 0), (90, 0)) == [(0, NoticeCause.TRIP)]


@pytest.mark.parametrize(
    ("caution", "warning"), [(0.95, 0.8), (0.9, 0.9), (0.8, 1.1), (0.05, 0.5)]
)
def test_shares_that_make_no_levels_are_refused(caution: float, warning: float) -> None:
    with pytest.raises(ValueError, match="caution_share"):
        NearLimitSettings(caution_share=caution, warning_share=warning)


@given(st.lists(st.integers(0, 7999)))
def test_no_telegram_below_the_share_ever_warns(powers_w: list[int]) -> None:
    assert play(10_000, *powers_w) == []


steps = st.lists(
    st.tuples(st.sampled_from([1, 7, 59, 60, 61, 299, 300]), st.integers(0, 12_000))
)


@given(steps)
def test_no_level_is_told_twice_within_five_minutes(
    steps: list[tuple[int, int]],
) -> None:
    at_s, rows = 0.0, []
    for elapsed_s, power_w in steps:
        at_s += elapsed_s
        rows.append((at_s, power_w))
    told = watch(10_000, rows)
    for level in (Level.CAUTION, Level.WARNING):
        times = [at_s for at_s, notice in told if notice.level is level]
        for earlier, later in pairwise(times):
            assert later - earlier >= FIVE_MINUTES_S


alarms = st.lists(
    st.tuples(
        st.integers(1, 120),
        st.integers(0, 12_000),
        st.none() | st.integers(0, 500),
        st.booleans(),
    )
)


@given(alarms)
def test_only_an_escalation_passes_the_five_minutes(
    rows: list[tuple[int, int, int | None, bool]],
) -> None:
    detector, limits = NearLimitDetector(), in_force(10_000)
    at_s, last_s = 0, dict.fromkeys(Level, float("-inf"))
    for elapsed_s, power_w, trip_s, warns in rows:
        at_s += elapsed_s
        for notice in detector.update(
            limits, {SIDE: power_w}, at_s=at_s, trip_s=trip_s, meter_warns=warns
        ):
            if notice.near and notice.cause is NoticeCause.LEVEL:
                assert at_s - last_s[notice.level] >= FIVE_MINUTES_S
            elif notice.cause is NoticeCause.TRIP:
                assert trip_s is not None
            elif notice.cause is NoticeCause.METER:
                assert warns
            last_s[notice.level] = at_s


@given(st.lists(st.integers(0, 12_000)))
def test_an_all_clear_follows_a_notice(powers_w: list[int]) -> None:
    levels = ["clear", *(level for _, level in play(10_000, *powers_w, step_s=400))]
    assert all(pair != ("clear", "clear") for pair in pairwise(levels))
