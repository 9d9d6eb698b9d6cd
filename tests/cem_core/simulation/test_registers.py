from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from cem_core.simulation.registers import MonthPeak, Registers, Standard, tariff_at

BRUSSELS = ZoneInfo("Europe/Brussels")
# The last evening of October in Brussels, after the clocks went back.
EVENING = datetime(2026, 10, 31, 22, 0, tzinfo=UTC)


def registers(peak_w: float = 4000) -> Registers:
    return Registers(
        standard=Standard.BELGIUM,
        time_zone=BRUSSELS,
        import_wh={1: 0.0, 2: 0.0},
        export_wh={1: 0.0, 2: 0.0},
        month_peak=MonthPeak(power_w=peak_w, at=EVENING.astimezone(BRUSSELS)),
    )


def count(it: Registers, start: datetime, powers_w: Sequence[float]) -> datetime:
    """Count each of ``powers_w`` for a minute; return the end."""
    now = start
    for power_w in powers_w:
        for _ in range(60):
            now += timedelta(seconds=1)
            it.count(now, 1, power_w)
    return now


def test_import_and_export_are_counted_apart() -> None:
    it = registers()
    count(it, EVENING, [600, -1200])
    assert it.import_wh == {1: 0, 2: pytest.approx(10)}
    assert it.export_wh == {1: 0, 2: pytest.approx(20)}


def test_the_running_mean_rises_to_the_quarter_s_mean() -> None:
    it = registers()
    now = count(it, EVENING, [3000] * 5)
    assert it.demand_w == pytest.approx(1000)
    count(it, now, [3000] * 10)
    assert it.demand_w == pytest.approx(3000)
    it.count(now + timedelta(minutes=10, seconds=1), 1, 3000)
    assert it.demand_w == pytest.approx(3000 / 900)


def test_export_does_not_lower_a_quarter() -> None:
    it = registers()
    count(it, EVENING, [3000] * 5 + [-3000] * 10)
    assert it.demand_w == pytest.approx(1000)


def test_a_higher_quarter_is_the_month_s_peak_from_its_end() -> None:
    it = registers(peak_w=2000)
    count(it, EVENING, [2500] * 15)
    assert it.month_peak.power_w == 2000
    count(it, EVENING + timedelta(minutes=15), [0])
    assert it.month_peak.power_w == pytest.approx(2500)
    assert it.month_peak.at == datetime(2026, 10, 31, 23, 15, tzinfo=BRUSSELS)


def test_a_lower_quarter_leaves_the_peak() -> None:
    it = registers(peak_w=4000)
    count(it, EVENING, [2500] * 16)
    assert it.month_peak.power_w == 4000


def test_a_new_month_begins_without_a_peak_and_closes_the_old_one() -> None:
    it = registers(peak_w=2000)
    count(it, EVENING, [0] * 45 + [5000] * 15 + [0])
    midnight = datetime(2026, 11, 1, tzinfo=BRUSSELS)
    [closed] = it.history
    assert closed.closed_at == midnight
    assert closed.peak.power_w == pytest.approx(5000)
    assert closed.peak.at == midnight
    assert it.month_peak == MonthPeak(power_w=0, at=None)


def test_thirteen_months_are_kept() -> None:
    it = registers()
    for month in range(16):
        start = datetime(2026 + month // 12, 1 + month % 12, 15, tzinfo=UTC)
        count(it, start, [100 * (month + 1)] * 15 + [0])
    assert len(it.history) == 13
    assert it.history[-1].closed_at == datetime(2027, 4, 1, tzinfo=BRUSSELS)


def test_quarters_of_an_hour_that_comes_twice_are_four_and_four() -> None:
    it = registers(peak_w=0)
    start = datetime(2026, 10, 25, 0, 0, tzinfo=UTC)  # 02:00 summer time
    starts = set()
    for minute in range(120):
        count(it, start + timedelta(minutes=minute), [60])
        starts.add(it.quarter_start)
    assert len(starts) == 8


@pytest.mark.parametrize(
    ("standard", "when", "tariff"),
    [
        (Standard.BELGIUM, "2026-11-23T12:00", 1),
        (Standard.BELGIUM, "2026-11-23T22:00", 2),
        (Standard.BELGIUM, "2026-11-22T12:00", 2),
        (Standard.DSMR5, "2026-11-23T12:00", 2),
        (Standard.DSMR5, "2026-11-23T06:59", 1),
    ],
)
def test_tariff_numbers_differ_by_country(
    standard: Standard, when: str, tariff: int
) -> None:
    assert tariff_at(standard, datetime.fromisoformat(when)) == tariff
