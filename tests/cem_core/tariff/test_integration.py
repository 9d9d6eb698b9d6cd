from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from cem_core.tariff import IntegrationPeriod, TimeGrid, integration_periods

BRUSSELS = ZoneInfo("Europe/Brussels")
NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)


def periods(
    start: datetime,
    minutes: int,
    steps: int,
    integration: int = 15,
    zone: ZoneInfo = BRUSSELS,
) -> Sequence[IntegrationPeriod]:
    step = timedelta(minutes=minutes)
    grid = TimeGrid.equal(start=start, step=step, steps=steps, zone=zone)
    return integration_periods(grid, integration)


def test_the_mean_of_a_quarter_hour_is_over_its_steps() -> None:
    found = periods(NOON, 5, 6)
    assert [p.mean([3.0, 6.0, 0.0, 1.0, 1.0, 4.0]) for p in found] == pytest.approx(
        [3.0, 2.0]
    )


def test_periods_are_aligned_to_the_clock_not_to_the_start() -> None:
    first, second = periods(NOON + timedelta(minutes=10), 5, 3)
    assert first.start == NOON
    assert first.shares == ((0, 1.0),)
    assert second.start == NOON + timedelta(minutes=15)
    assert second.mean([9.0, 2.0, 4.0]) == pytest.approx(3.0)


def test_hours_follow_the_local_clock_where_it_is_half_an_hour_off() -> None:
    first, second = periods(NOON, 15, 4, 60, ZoneInfo("Asia/Kolkata"))
    assert (first.start.hour, first.start.minute) == (17, 0)
    assert first.shares == ((0, 0.5), (1, 0.5))
    assert second.shares == ((2, 0.5), (3, 0.5))


def test_a_step_longer_than_the_period_holds_in_each() -> None:
    found = periods(NOON, 60, 1)
    assert [p.mean([5.0]) for p in found] == [5.0] * 4


def test_a_step_across_two_periods_counts_in_both_by_overlap() -> None:
    first, second = periods(NOON, 10, 3)
    assert first.mean([6.0, 3.0, 0.0]) == pytest.approx(5.0)
    assert second.mean([6.0, 3.0, 0.0]) == pytest.approx(1.0)


def test_the_day_is_the_local_one() -> None:
    # Local midnight of 1 February is 23:00 UTC.
    found = periods(datetime(2026, 1, 31, 22, 45, tzinfo=UTC), 15, 2)
    assert [p.day for p in found] == [date(2026, 1, 31), date(2026, 2, 1)]


@pytest.mark.parametrize(("day", "quarters"), [(29, 92), (28, 96)])
def test_a_day_of_the_clock_change_has_its_own_number_of_quarters(
    day: int, quarters: int
) -> None:
    start = datetime(2026, 3, day, tzinfo=BRUSSELS)
    found = periods(start, 15, quarters)
    assert len(found) == quarters
    assert {p.day for p in found} == {date(2026, 3, day)}
