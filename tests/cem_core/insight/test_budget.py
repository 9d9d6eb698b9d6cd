"""Budgets: what is used, what is expected, and when that is worth telling."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, strategies as st
import pytest

from cem_core.insight.budget import HOUR, LOOKS_BACK, Counted, Mark, Progress, progress

START = datetime(2026, 6, 1, tzinfo=UTC)  # a Monday
DAY = timedelta(days=1)
MONTH_END = START + 30 * DAY


def hours(start: datetime, end: datetime, value: float = 1.0) -> dict[datetime, float]:
    count = (end - start) // HOUR
    return {start + n * HOUR: value for n in range(count)}


def test_without_days_before_it_goes_on_as_it_began() -> None:
    found = progress(
        100, START, START + DAY, Counted(hours=hours(START, START + 6 * HOUR, 2)), UTC
    )
    assert (found.used, found.until) == (12, START + 6 * HOUR)
    # Of the hours to come none was ever counted.
    assert found.expected == 48
    assert found.elapsed == 0.25


def test_before_anything_is_counted_nothing_is_foretold() -> None:
    found = progress(100, START, START + DAY, Counted(hours={}), UTC)
    assert (found.used, found.expected, found.marks(0.8)) == (0, None, [])


def test_what_is_to_come_is_as_the_same_hours_were_on_such_days() -> None:
    back = START - LOOKS_BACK
    before = {at: (3.0 if at.weekday() >= 5 else 1.0) for at in hours(back, START)}
    counted = before | hours(START, START + DAY, 10)
    found = progress(2000, START, START + 14 * DAY, Counted(hours=counted), UTC)
    # 14 days from a Monday: 10 working days, of which one is counted, and 4 others.
    # The day that was counted is one of 20 working days that are looked at.
    working = (19 * 24 * 1 + 24 * 10) / 20
    assert found.used == 240
    assert found.expected == pytest.approx(240 + 9 * working + 4 * 72)


def test_of_the_hour_that_runs_the_rest_is_to_come() -> None:
    whole = hours(START - 7 * DAY, START + 6 * HOUR, 2)
    open_at = START + 6 * HOUR
    until = open_at + 15 * timedelta(minutes=1)
    counted = Counted(hours=whole | {open_at: 1.5}, until=until)
    found = progress(100, START, START + DAY, counted, UTC)
    assert (found.used, found.until) == (13.5, until)
    # A quarter of the hour was 1.5; three quarters and 17 hours are as they were.
    assert found.expected == pytest.approx(13.5 + 0.75 * 2 + 17 * 2)


def test_hours_are_those_of_the_homes_clock() -> None:
    zone = ZoneInfo("Europe/Amsterdam")
    # In winter 7 o'clock is 6 UTC, in summer 5 UTC.
    start = datetime(2026, 3, 30, tzinfo=zone).astimezone(UTC)  # after the change
    before = {
        at: (5.0 if at.astimezone(zone).hour == 7 else 0.0)
        for at in hours(start - LOOKS_BACK, start)
    }
    found = progress(100, start, start + DAY, Counted(hours=before), zone)
    assert found.expected == pytest.approx(5)


@pytest.mark.parametrize(
    ("used", "expected", "elapsed_days", "marks"),
    [
        (10, 90, 3, []),
        (10, 110, 2, []),  # too early to say
        (10, 110, 3, [Mark.FORETOLD]),
        (80, 95, 20, [Mark.NEARLY]),
        (85, 130, 20, [Mark.NEARLY, Mark.FORETOLD]),
        (100, 130, 20, [Mark.OVER]),
        (0, None, 20, []),
    ],
)
def test_what_is_worth_telling(
    used: float, expected: float | None, elapsed_days: int, marks: list[Mark]
) -> None:
    found = Progress(
        amount=100,
        start=START,
        end=MONTH_END,
        until=START + elapsed_days * DAY,
        used=used,
        expected=expected,
    )
    assert found.marks(0.8) == marks


@given(
    st.dictionaries(st.integers(-28 * 24, 30 * 24 - 1), st.floats(0, 100), min_size=1),
    st.none() | st.integers(5, 60),
)
def test_no_less_is_expected_than_is_used(
    counted: dict[int, float], minutes: int | None
) -> None:
    hours = {START + n * HOUR: v for n, v in counted.items()}
    until = None if minutes is None else max(hours) + timedelta(minutes=minutes)
    found = progress(50, START, MONTH_END, Counted(hours=hours, until=until), UTC)
    here = [value for n, value in counted.items() if n >= 0]
    assert found.used == pytest.approx(sum(here))
    assert START <= found.until <= MONTH_END
    assert found.expected is None or found.expected >= found.used - 1e-9
