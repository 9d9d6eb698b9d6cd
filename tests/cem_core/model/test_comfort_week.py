"""Comfort by the week: blocks, what they say, and how cool it may be outside them."""

from datetime import UTC, datetime, time, timedelta

from hypothesis import given, strategies as st
import pytest

from cem_core.model.comfort_week import ComfortBlock, ComfortWeek
from cem_core.model.profile import VACATION_C

MONDAY = datetime(2026, 11, 2, tzinfo=UTC)
USUAL = (20.0, 22.0)
MORNING = ComfortBlock(start=time(6), end=time(9))
EVENING = ComfortBlock(start=time(17), end=time.max, lowest_c=21.5, highest_c=23)
WEEK = ComfortWeek(days=((MORNING, EVENING), *((),) * 6), setback_k=3)


@pytest.mark.parametrize(
    ("hours", "band"),
    [
        (5.99, (17, 22)),
        (6, USUAL),
        (8.99, USUAL),
        (9, (17, 22)),
        (17, (21.5, 23)),
        (23.99, (21.5, 23)),
        (24, (17, 22)),
    ],
)
def test_blocks_of_a_day(hours: float, band: tuple[float, float]) -> None:
    assert WEEK.band(MONDAY + timedelta(hours=hours), USUAL) == band


@pytest.mark.parametrize(
    ("lowest_c", "highest_c", "band"),
    [
        (21, None, (21, 22)),
        (None, 21, (20, 21)),
        (24, None, (24, 26)),  # as wide as usual
        (None, 19, (17, 19)),
    ],
)
def test_a_block_may_say_one_bound_alone(
    lowest_c: float | None, highest_c: float | None, band: tuple[float, float]
) -> None:
    block = ComfortBlock(
        start=time(0), end=time.max, lowest_c=lowest_c, highest_c=highest_c
    )
    week = ComfortWeek(days=((block,),) * 7, setback_k=0)
    assert week.band(MONDAY, USUAL) == band


def test_without_a_setback_the_usual_holds_outside_blocks() -> None:
    assert ComfortWeek(days=((),) * 7, setback_k=0).band(MONDAY, USUAL) == USUAL


@given(st.floats(5, 25), st.floats(0.5, 5), st.floats(0, 10), st.integers(0, 167))
def test_no_setback_is_damp_or_warmer(
    low_c: float, width_k: float, setback_k: float, hour: int
) -> None:
    week = ComfortWeek(days=((),) * 7, setback_k=setback_k)
    usual = (low_c, low_c + width_k)
    low, high = week.band(MONDAY + timedelta(hours=hour), usual)
    assert min(low_c, VACATION_C) <= low <= low_c
    assert high == usual[1]


@pytest.mark.parametrize(
    ("usual", "band"),
    [((20, 24), (20, 26)), ((20, 27), (20, 28)), ((20, 29), (20, 29))],
)
def test_cooled_rooms_may_be_warmer_outside_the_blocks(
    usual: tuple[float, float], band: tuple[float, float]
) -> None:
    week = ComfortWeek(days=((),) * 7, setback_k=2)
    assert week.band(MONDAY, usual, cooled=True) == band
