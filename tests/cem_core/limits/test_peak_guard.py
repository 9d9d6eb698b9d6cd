"""The guard of the peak that a capacity tariff bills."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, strategies as st
import pytest

from cem_core.limits import PeakGuard
from cem_core.model import Direction, LimitSource, Plan, PlanStatus, Reading, Scope
from cem_core.tariff import CapacityTariff, PeakMask, PeaksSoFar
from cem_core.tariff.calendar import when
from cem_core.tariff.capacity_presets import CAPACITY_PRESETS

BRUSSELS, OSLO = ZoneInfo("Europe/Brussels"), ZoneInfo("Europe/Oslo")
NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)
FLANDERS = CAPACITY_PRESETS["belgium_flanders"].tariff
PEAK_4_KW = PeaksSoFar(peaks_kw=(4.0,))


def guard(tariff: CapacityTariff = FLANDERS, target_w: int | None = None) -> PeakGuard:
    return PeakGuard(tariff, BRUSSELS, target_w=target_w)


def telegram(second: float, power_w: int, demand_w: int | None = None) -> Reading:
    return Reading(
        format="dsmr",
        timestamp=NOON + timedelta(seconds=second),
        import_power_w=max(0, power_w),
        export_power_w=max(0, -power_w),
        demand_w=demand_w,
    )


def allowed_w(
    kept: PeakGuard,
    *telegrams: Reading,
    so_far: PeaksSoFar = PEAK_4_KW,
    plan: Plan | None = None,
) -> int | None:
    for reading in telegrams:
        kept.update(reading, NOON, so_far, plan)
    return None if kept.limit is None else kept.limit.limit_w


def test_the_rest_of_the_quarter_may_draw_what_is_left_of_the_peak() -> None:
    # 300 W over the whole quarter after 300 s are 270 kWs of 3600.
    kept = guard()
    assert allowed_w(kept, telegram(300, 900, demand_w=300)) == 5550
    assert kept.limit is not None
    assert kept.limit.source is LimitSource.CONTRACT
    assert (kept.limit.direction, kept.limit.scope) == (
        Direction.IMPORT,
        Scope.CONNECTION,
    )


@pytest.mark.parametrize(
    ("so_far", "target_w", "kept_w"),
    [
        (PeaksSoFar(), None, 2500),  # the floor is billed anyway
        (PEAK_4_KW, None, 4000),
        (PEAK_4_KW, 3000, 4000),  # a peak that is billed already is free
        (PEAK_4_KW, 6000, 6000),
    ],
)
def test_it_keeps_to_floor_peak_or_target_whichever_is_highest(
    so_far: PeaksSoFar, target_w: int | None, kept_w: int
) -> None:
    kept = guard(target_w=target_w)
    allowed_w(kept, telegram(10, 900), so_far=so_far)
    assert kept.kept_w == kept_w


def test_out_of_reach_is_no_import_at_all() -> None:
    assert allowed_w(guard(), telegram(450, 9000, demand_w=4500)) == 0


def test_the_last_minute_is_not_chased() -> None:
    kept, seconds = guard(), range(0, 900, 10)
    found = [
        allowed_w(kept, telegram(s, 1000, demand_w=round(1000 * s / 900)))
        for s in seconds
    ]
    last_minute = [w for s, w in zip(seconds, found, strict=True) if s > 840]
    assert set(last_minute) == {found[84]}
    # It may run at what 60 s leave: (4000 * 900 - 1000 * 840) / 60.
    assert found[84] == pytest.approx(46_000, rel=0.01)


def test_the_next_quarter_starts_with_its_whole_peak() -> None:
    kept = guard()
    allowed_w(kept, *(telegram(s, 1000) for s in range(0, 900, 10)))
    assert allowed_w(kept, telegram(900, 9000)) == 4000


def test_a_tariff_by_the_hour_is_kept_by_the_hour_on_our_own_count() -> None:
    kept = PeakGuard(CAPACITY_PRESETS["norway"].tariff, OSLO)
    peaks = PeaksSoFar(peaks_kw=(6.0, 5.0, 4.5))
    # The meter's running mean is of a quarter hour, and so of no use here.
    telegrams = [telegram(s, 3000, demand_w=9999) for s in range(0, 1801, 10)]
    assert allowed_w(kept, *telegrams, so_far=peaks) == 35_000
    assert kept.kept_w == 19_000


def test_hours_begin_on_the_local_clock() -> None:
    kathmandu = ZoneInfo("Asia/Kathmandu")  # 5:45 before UTC
    kept = PeakGuard(CapacityTariff(integration_minutes=60, price_per_kw=1), kathmandu)
    found = allowed_w(kept, *(telegram(s, 2000) for s in range(0, 901, 10)))
    assert found == 4000  # at 12:15 UTC it is 18:00
    allowed_w(kept, telegram(910, 2000))
    assert allowed_w(kept, telegram(920, 2000)) == round((4 * 3600 - 2 * 20) / 3.58)


def test_hours_that_do_not_count_are_free() -> None:
    winter_days = PeakMask(when=when(months="11-3", weekdays="1-5", hours="6-20"))
    tariff = CapacityTariff(price_per_kw=5.0, masks=(winter_days,))
    at = datetime(2026, 1, 15, 18, 59, tzinfo=UTC)  # 19:59 in Brussels
    kept = guard(tariff)
    kept.update(
        Reading(format="dsmr", timestamp=at, import_power_w=1), at, PEAK_4_KW, None
    )
    assert kept.limit is not None
    at += timedelta(minutes=1)
    kept.update(
        Reading(format="dsmr", timestamp=at, import_power_w=1), at, PEAK_4_KW, None
    )
    assert kept.limit is None


def planned(*import_w: int, made_at: datetime = NOON) -> Plan:
    step = timedelta(minutes=5)
    return Plan(
        created_at=made_at,
        edges=tuple(made_at + n * step for n in range(len(import_w) + 1)),
        status=PlanStatus.OPTIMAL,
        devices={},
        import_w=import_w,
    )


def test_a_peak_that_the_plan_pays_for_is_not_taken_from_it() -> None:
    kept = guard()
    plan = planned(9000, 6000, 6000, 9000)
    assert allowed_w(kept, telegram(0, 500), plan=plan) == 7000
    # More load than was planned does not raise it.
    allowed_w(kept, *(telegram(s, 9000) for s in range(1, 300)), plan=plan)
    assert kept.kept_w == 7000


def test_a_plan_made_in_mid_quarter_counts_from_what_was_drawn() -> None:
    kept = guard()
    allowed_w(kept, *(telegram(s, 3000) for s in range(301)))
    plan = planned(9000, 6000, made_at=NOON + timedelta(seconds=300))
    allowed_w(kept, telegram(301, 3000), plan=plan)
    assert kept.kept_w == pytest.approx(6000, abs=20)


def test_a_target_of_the_user_goes_before_the_plan() -> None:
    kept = guard(target_w=5000)
    allowed_w(kept, telegram(0, 500), plan=planned(9000, 9000, 9000))
    assert kept.kept_w == 5000


@given(st.integers(0, 3999), st.integers(1, 839))
def test_who_draws_what_is_allowed_ends_at_the_peak(mean_w: int, second: int) -> None:
    kept = guard()
    demand_w = round(mean_w * second / 900)
    found = allowed_w(kept, telegram(second, mean_w, demand_w=demand_w))
    assert found is not None
    end_w = demand_w + found * (900 - second) / 900
    assert end_w == pytest.approx(4000, abs=2)


@given(st.floats(-7200, 7200))
def test_the_hosts_clock_changes_nothing(offset_s: float) -> None:
    kept, exact = guard(), guard()
    for second in range(0, 600, 10):
        reading = telegram(second, 100 * second)
        kept.update(reading, NOON + timedelta(seconds=offset_s), PEAK_4_KW, None)
        exact.update(reading, NOON, PEAK_4_KW, None)
        assert kept.limit == exact.limit
