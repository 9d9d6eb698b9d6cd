from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from cem_core.tariff import TimeGrid, netted_kwh, netting_periods

MADRID = ZoneInfo("Europe/Madrid")


def grid(start: datetime, steps: int, minutes: int = 15) -> TimeGrid:
    step = timedelta(minutes=minutes)
    return TimeGrid.equal(start=start, step=step, steps=steps, zone=MADRID)


def test_periods_are_those_of_the_clock() -> None:
    steps = grid(datetime(2026, 1, 15, 11, 45, tzinfo=UTC), 6)
    assert netting_periods(steps, 60) == [[0], [1, 2, 3, 4], [5]]
    assert netting_periods(steps, 30) == [[0], [1, 2], [3, 4], [5]]


def test_the_hour_that_comes_twice_is_two_periods() -> None:
    steps = grid(datetime(2026, 10, 25, 0, tzinfo=UTC), 8)
    assert netting_periods(steps, 60) == [[0, 1, 2, 3], [4, 5, 6, 7]]


def test_export_takes_off_import_of_the_same_hour_alone() -> None:
    """Real Decreto 244/2019, article 14: hourly balances of bought and sold."""
    steps = grid(datetime(2026, 1, 15, 12, tzinfo=UTC), 8)
    power = [2.0, 2, -3, -2, 1, 1, 1, 1]
    energy = netted_kwh(netting_periods(steps, 60), power, steps.hours)
    assert energy == pytest.approx([-0.25, 1.0])
