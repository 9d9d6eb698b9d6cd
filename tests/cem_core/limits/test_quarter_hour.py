from datetime import UTC, datetime, timedelta

from hypothesis import given, strategies as st
import pytest

from cem_core.limits import QuarterHour, QuarterHourTracker
from cem_core.model import Reading

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)


def telegram(
    second: float, power_w: int, demand_w: int | None = None, clock: bool = True
) -> Reading:
    return Reading(
        format="dsmr",
        timestamp=NOON + timedelta(seconds=second) if clock else None,
        import_power_w=max(0, power_w),
        export_power_w=max(0, -power_w),
        demand_w=demand_w,
    )


def follow(*telegrams: Reading) -> QuarterHour:
    tracker = QuarterHourTracker()
    for reading in telegrams:
        tracker.update(reading, NOON)
    assert tracker.quarter is not None
    return tracker.quarter


def test_import_is_integrated_from_telegram_to_telegram() -> None:
    quarter = follow(*(telegram(s, 1000 if s < 300 else 4000) for s in range(601)))
    assert quarter.mean_w == 2500
    assert quarter.remaining_s == 300
    assert quarter.projected_w == 3000


def test_export_does_not_pay_back_import() -> None:
    quarter = follow(*(telegram(s, 1000 if s < 300 else -4000) for s in range(601)))
    assert quarter.mean_w == 500


def test_the_meters_own_demand_goes_first() -> None:
    # By DLMS the energy so far over the whole quarter: 1000 W after 450 s of
    # 900 s is a mean of 2000 W so far.
    quarter = follow(telegram(450, 3000, demand_w=1000))
    assert quarter.mean_w == 2000
    assert quarter.projected_w == 2500


def test_a_meter_may_divide_by_the_time_elapsed_instead() -> None:
    tracker = QuarterHourTracker(demand_over_elapsed=True)
    quarter = tracker.update(telegram(450, 3000, demand_w=2000), NOON)
    assert quarter is not None
    assert quarter.projected_w == 2500


def test_a_new_quarter_starts_on_the_meters_clock() -> None:
    tracker = QuarterHourTracker()
    for second in range(880, 921):
        tracker.update(telegram(second, 5000 if second < 900 else 1000), NOON)
    assert tracker.quarter is not None
    assert tracker.quarter.start == NOON + timedelta(minutes=15)
    assert tracker.quarter.mean_w == 1000


@given(st.floats(-3600, 3600))
def test_the_hosts_clock_changes_nothing(offset_s: float) -> None:
    host, exact = QuarterHourTracker(), QuarterHourTracker()
    for second in range(0, 600, 10):
        reading = telegram(second, 100 * second)
        late = NOON + timedelta(seconds=second + offset_s)
        assert host.update(reading, late) == exact.update(reading, NOON)


def test_without_a_clock_in_the_meter_the_hosts_serves() -> None:
    quarter = QuarterHourTracker().update(
        telegram(0, 1000, clock=False), NOON + timedelta(seconds=100)
    )
    assert quarter is not None
    assert quarter.elapsed_s == 100


def test_a_start_in_mid_quarter_takes_the_unseen_part_for_the_seen() -> None:
    assert follow(telegram(600, 3000), telegram(610, 3000)).mean_w == 3000


def test_a_long_gap_says_nothing_about_the_power_within_it() -> None:
    quarter = follow(
        telegram(0, 1000), telegram(10, 9000), telegram(400, 1000), telegram(410, 1000)
    )
    assert quarter.mean_w == 1000


def test_a_late_telegram_changes_nothing() -> None:
    tracker = QuarterHourTracker()
    tracker.update(telegram(100, 1000), NOON)
    before = tracker.update(telegram(110, 2000), NOON)
    assert tracker.update(telegram(105, 9000), NOON) is before


def test_a_clock_set_back_starts_afresh() -> None:
    tracker = QuarterHourTracker()
    tracker.update(telegram(3700, 1000), NOON)
    quarter = tracker.update(telegram(100, 2000), NOON)
    assert quarter is not None
    assert (quarter.start, quarter.mean_w) == (NOON, 2000)


def test_a_telegram_without_power_changes_nothing() -> None:
    tracker = QuarterHourTracker()
    before = tracker.update(telegram(100, 1000), NOON)
    nothing = Reading(format="dsmr", timestamp=NOON + timedelta(seconds=110))
    assert tracker.update(nothing, NOON) is before


@pytest.mark.parametrize(
    ("second", "target_w", "allowed_w"),
    [
        (450, 2500, 4000),  # 1000 W in the first half leaves 4000 W for the rest
        (450, 500, 0),
        (450, 250, -500),  # only export would still reach it
    ],
)
def test_what_the_rest_of_the_quarter_may_draw(
    second: int, target_w: int, allowed_w: int
) -> None:
    quarter = follow(*(telegram(s, 1000) for s in range(0, second + 1, 10)))
    assert quarter.allowed_w(target_w) == allowed_w


@given(st.integers(0, 8000), st.integers(1, 839), st.integers(0, 10_000))
def test_keeping_to_the_allowed_power_ends_at_the_target(
    mean_w: int, elapsed_s: int, target_w: int
) -> None:
    quarter = QuarterHour(
        start=NOON, elapsed_s=elapsed_s, mean_w=mean_w, projected_w=0, import_w=0
    )
    allowed_w = quarter.allowed_w(target_w)
    end_w = (mean_w * elapsed_s + allowed_w * quarter.remaining_s) / 900
    assert abs(end_w - target_w) <= 1


def test_the_last_minute_is_not_chased() -> None:
    quarter = QuarterHour(
        start=NOON, elapsed_s=899, mean_w=1000, projected_w=0, import_w=0
    )
    assert quarter.allowed_w(2500) < 25_000
