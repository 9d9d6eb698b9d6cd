"""Cheap and dear: a third of each day, by the clock of the home."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given, strategies as st

from cem_core.insight.price_level import PriceLevel, PriceLevels
from cem_core.model import Interval, Series

BRUSSELS = ZoneInfo("Europe/Brussels")
MIDNIGHT = datetime(2026, 1, 15, tzinfo=BRUSSELS).astimezone(UTC)
HOUR = timedelta(hours=1)


def hourly(*values: float, start: datetime = MIDNIGHT) -> Series:
    return Series.of(
        Interval(start=start + n * HOUR, end=start + (n + 1) * HOUR, value=value)
        for n, value in enumerate(values)
    )


def test_the_cheapest_third_of_a_day_is_cheap() -> None:
    levels = PriceLevels.of(hourly(*range(24)), BRUSSELS)
    by_hour = [levels.at(MIDNIGHT + n * HOUR) for n in range(24)]
    assert by_hour == (
        [PriceLevel.CHEAP] * 8 + [PriceLevel.NORMAL] * 8 + [PriceLevel.DEAR] * 8
    )


def test_each_day_is_judged_by_itself() -> None:
    levels = PriceLevels.of(hourly(*range(24), *range(100, 124)), BRUSSELS)
    assert levels.at(MIDNIGHT + 24 * HOUR) is PriceLevel.CHEAP
    assert levels.at(MIDNIGHT + 23 * HOUR) is PriceLevel.DEAR
    # What ends one day dear and begins the next cheap are two spans.
    assert levels.next(PriceLevel.DEAR, MIDNIGHT) == (
        MIDNIGHT + 16 * HOUR,
        MIDNIGHT + 24 * HOUR,
    )


def test_what_is_left_of_an_evening_is_judged_with_the_day_after() -> None:
    evening, day = (0.16, 0.15, 0.17), (*[0.25] * 9, *[0.30] * 9)
    night = hourly(*evening, *day, start=MIDNIGHT + 21 * HOUR)
    levels = PriceLevels.of(night, BRUSSELS)
    assert levels.at(MIDNIGHT + 21 * HOUR) is PriceLevel.CHEAP
    assert levels.next(PriceLevel.DEAR, MIDNIGHT) == (
        MIDNIGHT + 33 * HOUR,
        MIDNIGHT + 42 * HOUR,
    )


def test_a_morning_that_is_known_alone_is_judged_with_the_day_before() -> None:
    levels = PriceLevels.of(hourly(*[0.30] * 16, *[0.10] * 8, 0.28, 0.29), BRUSSELS)
    assert levels.at(MIDNIGHT + 24 * HOUR) is PriceLevel.NORMAL


def test_a_span_under_way_is_the_next_one() -> None:
    levels = PriceLevels.of(hourly(*range(24)), BRUSSELS)
    span = MIDNIGHT, MIDNIGHT + 8 * HOUR
    assert levels.next(PriceLevel.CHEAP, MIDNIGHT + 3 * HOUR) == span
    assert levels.next(PriceLevel.CHEAP, MIDNIGHT + 8 * HOUR) is None


def test_a_flat_day_is_neither() -> None:
    levels = PriceLevels.of(hourly(*[0.30, 0.31] * 12), BRUSSELS)
    assert levels.at(MIDNIGHT) is PriceLevel.NORMAL
    assert levels.next(PriceLevel.CHEAP, MIDNIGHT) is None


def test_where_no_price_is_known_there_is_no_level() -> None:
    levels = PriceLevels.of(hourly(0.1, 0.5), BRUSSELS)
    assert levels.at(MIDNIGHT - HOUR) is None
    assert levels.at(MIDNIGHT + 2 * HOUR) is None
    assert PriceLevels.of(Series(()), BRUSSELS).at(MIDNIGHT) is None


@given(st.lists(st.floats(-1, 1), min_size=1, max_size=100))
def test_no_cheap_hour_costs_more_than_a_dear_one(values: list[float]) -> None:
    series = hourly(*values)
    levels = PriceLevels.of(series, BRUSSELS)
    days: dict[object, dict[PriceLevel, list[float]]] = {}
    for interval in series.intervals:
        level = levels.at(interval.start)
        assert level is not None
        day = interval.start.astimezone(BRUSSELS).date()
        days.setdefault(day, {}).setdefault(level, []).append(interval.value)
    for found in days.values():
        for lower, higher in pairwise(level for level in PriceLevel if level in found):
            assert max(found[lower]) <= min(found[higher])
