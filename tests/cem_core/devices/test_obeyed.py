"""How much of the time a device did what it was ordered."""

from hypothesis import given, strategies as st
import pytest

from cem_core.devices.obeyed import Obeyed


def watched(
    *rows: tuple[int, int | None, int | None], both_ways: bool = False
) -> tuple[Obeyed, float]:
    """Return what was seen: (for so many seconds, ordered, drawn)."""
    obeyed, now_s = Obeyed(both_ways=both_ways), 0.0
    for seconds, ordered_w, power_w in rows:
        for _ in range(seconds):
            now_s += 1
            obeyed.update(now_s, ordered_w, power_w)
    return obeyed, now_s


@pytest.mark.parametrize(
    ("power_w", "both_ways", "percent"),
    [
        (4200, False, 100),
        (4600, False, 100),  # within a tenth
        (0, False, 100),  # less than it may
        (7000, False, 0),
        (4200, True, 100),
        (0, True, 0),  # a battery is to follow both ways
    ],
)
def test_a_ceiling_is_kept_from_below_and_a_setpoint_from_both_sides(
    power_w: int, both_ways: bool, percent: int
) -> None:
    obeyed, now_s = watched((120, 4200, power_w), both_ways=both_ways)
    assert obeyed.percent(now_s) == percent


def test_the_time_that_it_takes_to_follow_does_not_count() -> None:
    obeyed, now_s = watched((60, 4200, 4200), (29, 0, 4200), (60, 0, 0))
    assert obeyed.percent(now_s) == 100


def test_half_of_the_time_is_half() -> None:
    obeyed, now_s = watched((131, 4200, 4200), (100, 4200, 9000))
    assert obeyed.percent(now_s) == 50


@pytest.mark.parametrize(("ordered_w", "power_w"), [(None, 5000), (5000, None)])
def test_nothing_ordered_or_measured_is_nothing_to_go_by(
    ordered_w: int | None, power_w: int | None
) -> None:
    obeyed, now_s = watched((120, ordered_w, power_w))
    assert obeyed.percent(now_s) is None


def test_what_was_a_day_ago_is_forgotten() -> None:
    obeyed, now_s = watched((120, 4200, 9000))
    assert obeyed.percent(now_s) == 0
    assert obeyed.percent(now_s + 24 * 3600) is None


@given(
    st.lists(
        st.tuples(
            st.integers(1, 90),
            st.none() | st.integers(-11_000, 11_000),
            st.none() | st.integers(-11_000, 11_000),
        ),
        max_size=8,
    ),
    st.booleans(),
)
def test_it_is_a_share(
    rows: list[tuple[int, int | None, int | None]], both_ways: bool
) -> None:
    obeyed, now_s = watched(*rows, both_ways=both_ways)
    percent = obeyed.percent(now_s)
    assert percent is None or 0 <= percent <= 100


@pytest.mark.parametrize(
    ("ordered_w", "power_w", "beyond_s"),
    [
        (0, 7000, 90),
        (4200, 0, 0),  # a full battery, a car that takes less
        (-3000, -100, 0),  # an empty one
        (-3000, 2000, 90),
        (3000, -500, 90),
        (4200, 4600, 0),
    ],
)
def test_more_than_ordered_lasts_and_less_does_not_count(
    ordered_w: int, power_w: int, beyond_s: float
) -> None:
    obeyed, now_s = watched((121, ordered_w, power_w), both_ways=True)
    assert obeyed.beyond_s(now_s) == beyond_s


def test_an_order_that_is_followed_or_ends_is_no_longer_gone_beyond() -> None:
    for last in ((1, 0, 0), (1, None, 7000)):
        obeyed, now_s = watched((120, 0, 7000), last)
        assert obeyed.beyond_s(now_s) == 0
