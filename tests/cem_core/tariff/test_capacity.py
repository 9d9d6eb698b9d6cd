from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from cem_core.tariff import (
    CapacityWindow,
    capacity_charge,
    capacity_windows,
    month_peaks,
)

BRUSSELS = ZoneInfo("Europe/Brussels")
NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)


def windows(
    start: datetime, minutes: int, steps: int, integration: int = 15
) -> tuple[CapacityWindow, ...]:
    step = timedelta(minutes=minutes)
    return capacity_windows(start, step, steps, integration, BRUSSELS)


def test_the_mean_of_a_quarter_hour_is_over_its_steps() -> None:
    found = windows(NOON, 5, 6)
    assert [w.mean([3.0, 6.0, 0.0, 1.0, 1.0, 4.0]) for w in found] == pytest.approx(
        [3.0, 2.0]
    )


def test_windows_are_aligned_to_the_clock_not_to_the_start() -> None:
    first, second = windows(NOON + timedelta(minutes=10), 5, 3)
    assert first.start == NOON
    assert first.shares == ((0, 1.0),)
    assert second.start == NOON + timedelta(minutes=15)
    assert second.mean([9.0, 2.0, 4.0]) == pytest.approx(3.0)


def test_a_step_longer_than_the_window_holds_in_each() -> None:
    found = windows(NOON, 60, 1)
    assert [w.mean([5.0]) for w in found] == [5.0] * 4


def test_a_step_across_two_windows_counts_in_both_by_overlap() -> None:
    first, second = windows(NOON, 10, 3)
    assert first.mean([6.0, 3.0, 0.0]) == pytest.approx(5.0)
    assert second.mean([6.0, 3.0, 0.0]) == pytest.approx(1.0)


def test_only_what_is_above_the_peak_so_far_is_charged() -> None:
    charge = capacity_charge(
        windows(NOON, 15, 2), [5.5, 3.0], price_per_kw=4.0, peak_so_far_kw=4.0
    )
    assert charge == pytest.approx(6.0)
    below = capacity_charge(
        windows(NOON, 15, 2), [3.5, 3.0], price_per_kw=4.0, peak_so_far_kw=4.0
    )
    assert below == 0


def test_a_month_that_begins_inside_starts_without_a_peak() -> None:
    # Local midnight of 1 February is 23:00 UTC.
    start = datetime(2026, 1, 31, 22, 45, tzinfo=UTC)
    found = windows(start, 15, 2)
    assert month_peaks(found, [3.0, 2.0]) == {(2026, 1): 3.0, (2026, 2): 2.0}
    charge = capacity_charge(found, [3.0, 2.0], price_per_kw=4.0, peak_so_far_kw=4.0)
    assert charge == pytest.approx(8.0)


@pytest.mark.parametrize(("day", "quarters"), [(29, 92), (28, 96)])
def test_a_day_of_the_clock_change_has_its_own_number_of_quarters(
    day: int, quarters: int
) -> None:
    start = datetime(2026, 3, day, tzinfo=BRUSSELS).astimezone(UTC)
    assert len(windows(start, 15, quarters)) == quarters
    assert {w.month for w in windows(start, 15, quarters)} == {(2026, 3)}
