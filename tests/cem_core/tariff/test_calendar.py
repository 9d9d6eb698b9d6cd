from datetime import date, datetime

from hypothesis import given, strategies as st
import pytest

from cem_core.tariff.calendar import HourSpan, MonthSpan, WeekdaySpan, when

MONDAY = datetime(2026, 1, 5)  # noqa: DTZ001 - what the local clock shows


@pytest.mark.parametrize(
    ("text", "months"),
    [("11-3", {11, 12, 1, 2, 3}), (7, {7}), ("4-10", set(range(4, 11)))],
)
def test_months_include_the_last_and_wrap(text: int | str, months: set[int]) -> None:
    span = MonthSpan.parse(text)
    assert {m for m in range(1, 13) if span.covers(m)} == months


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("mon-fri", {1, 2, 3, 4, 5}),
        ("sat-mon", {6, 7, 1}),
        (3, {3}),
        ("SUN", {7}),
        ("Saturday-sunday", {6, 7}),
    ],
)
def test_days_of_the_week_count_from_monday(text: int | str, days: set[int]) -> None:
    span = WeekdaySpan.parse(text)
    assert {d for d in range(1, 8) if span.covers(d)} == days


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        (6, range(360, 420)),
        ("6", range(360, 420)),
        ("6-20", range(360, 1200)),
        ("22:30-24", range(1350, 1440)),
        ("0-24", range(1440)),
        ("7-7", range(1440)),
    ],
)
def test_hours_end_before_their_end(text: int | str, minutes: range) -> None:
    span = HourSpan.parse(text)
    assert [m for m in range(1440) if span.covers(m)] == list(minutes)


@given(first=st.integers(0, 1439), end=st.integers(0, 1439))
def test_a_span_and_its_rest_make_a_day(first: int, end: int) -> None:
    def clock(minute: int) -> str:
        return f"{minute // 60}:{minute % 60:02}"

    span = HourSpan.parse(f"{clock(first)}-{clock(end)}")
    rest = HourSpan.parse(f"{clock(end)}-{clock(first)}")
    if first != end:
        assert all(span.covers(m) != rest.covers(m) for m in range(1440))


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (MonthSpan, 0),
        (MonthSpan, "13"),
        (MonthSpan, "1-2-3"),
        (MonthSpan, "x"),
        (WeekdaySpan, 0),
        (WeekdaySpan, 8),
        (WeekdaySpan, "monday-"),
        (HourSpan, 24),
        (HourSpan, -1),
        (HourSpan, "6:60-7"),
        (HourSpan, "22:30"),
        (HourSpan, "24-6"),
        (HourSpan, "²"),
    ],
)
def test_what_is_no_span_is_refused(
    kind: type[MonthSpan | WeekdaySpan | HourSpan], text: int | str
) -> None:
    with pytest.raises(ValueError, match=r"is no (month|day of the week|hour); write"):
        kind.parse(text)


def test_a_part_of_the_year_asks_for_all_that_is_given() -> None:
    peak = when(months="11-3", weekdays="mon-fri", hours="6-20")
    assert peak.holds(MONDAY.replace(hour=6))
    assert not peak.holds(MONDAY.replace(hour=20))
    assert not peak.holds(MONDAY.replace(month=6, day=1, hour=8))
    assert not peak.holds(MONDAY.replace(day=10, hour=8))
    assert when().holds(MONDAY)


def test_a_holiday_counts_as_a_sunday() -> None:
    epiphany = datetime(2026, 1, 6, 10)  # noqa: DTZ001 - a Tuesday
    holidays = {date(2026, 1, 6)}
    assert when(weekdays="mon-fri").holds(epiphany)
    assert not when(weekdays="mon-fri").holds(epiphany, holidays)
    assert when(weekdays="7").holds(epiphany, holidays)
