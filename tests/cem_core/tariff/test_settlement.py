"""Worked examples of laws and operators, and what holds for any series."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, strategies as st
import pytest

from cem_core.tariff import (
    BillingWindow,
    CapacityTariff,
    PeakLevel,
    PeakMask,
    PeaksSoFar,
    TimeGrid,
    WindowBill,
    capacity_cost,
    charge_before,
    integration_periods,
    peaks_so_far,
    settle,
    weigh,
)
from cem_core.tariff.calendar import when
from cem_core.tariff.capacity_presets import CAPACITY_PRESETS

BRUSSELS = ZoneInfo("Europe/Brussels")
OSLO = ZoneInfo("Europe/Oslo")
QUARTER, HOUR = timedelta(minutes=15), timedelta(hours=1)
NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)


def local(zone: ZoneInfo, year: int, month: int, day: int, hour: int = 0) -> datetime:
    return datetime(year, month, day, hour, tzinfo=zone)


def with_peaks(
    start: datetime, end: datetime, *peaks: tuple[datetime, float]
) -> list[float]:
    """Return hours of 1 kW, and the given power in the hours of the peaks."""
    powers = [1.0] * round((end - start) / HOUR)
    for time, kw in peaks:
        powers[round((time - start) / HOUR)] = kw
    return powers


def cost(
    tariff: CapacityTariff,
    import_kw: Sequence[float],
    so_far: PeaksSoFar | None = None,
    *,
    start: datetime = NOON,
    step: timedelta = QUARTER,
) -> float:
    grid = TimeGrid.equal(start=start, step=step, steps=len(import_kw), zone=BRUSSELS)
    periods = integration_periods(grid, tariff.integration_minutes)
    known = so_far or PeaksSoFar()
    return capacity_cost(tariff, weigh(tariff, periods), import_kw, known)


# The example of nl.wikibooks.org, Energietransitie/Capaciteitstarief, May to April;
# its 4.546 kW is a slip of the pen: 53.472 / 12 = 4.456 = 1.782 x 2.5, as it says.
FLEMISH_YEAR = (
    0.632, 4.6, 0.0, 1.028, 3.444, 4.164, 4.564, 6.0, 9.2, 5.0, 4.12, 4.88,
)  # fmt: skip


def test_flanders_bills_the_mean_of_twelve_months_after_the_floor() -> None:
    tariff = CAPACITY_PRESETS["belgium_flanders"].tariff
    start = datetime(2026, 4, 30, 21, 45, tzinfo=UTC)  # 23:45, the month's last
    (bill,) = settle(
        tariff,
        [FLEMISH_YEAR[-1]],
        start=start,
        step=QUARTER,
        zone=BRUSSELS,
        earlier_kw=FLEMISH_YEAR[:-1],
    )
    assert bill.start == date(2026, 4, 1)
    assert bill.peaks_kw == (4.88,)
    assert bill.billed_kw == pytest.approx(4.456)


def test_flanders_settles_a_whole_year_of_quarter_hours() -> None:
    tariff = CapacityTariff(price_per_kw=4.0, floor_kw=2.5, months_averaged=12)
    start = datetime(2025, 5, 1, tzinfo=BRUSSELS)
    powers: list[float] = []
    for month, peak_kw in enumerate(FLEMISH_YEAR):
        first = start.replace(year=2025 + (month + 4) // 12, month=(month + 4) % 12 + 1)
        after = first.replace(
            year=first.year + first.month // 12, month=first.month % 12 + 1
        )
        length = after.astimezone(UTC) - first.astimezone(UTC)
        quarters = [0.0] * (length // QUARTER)
        quarters[7] = peak_kw
        powers += quarters
    bills = settle(tariff, powers, start=start, step=QUARTER, zone=BRUSSELS)
    assert len(bills) == 12
    assert [bill.peaks_kw[0] for bill in bills] == list(FLEMISH_YEAR)
    assert bills[-1].billed_kw == pytest.approx(4.456)
    assert bills[-1].charge == pytest.approx(4 * 4.456)
    # The year before is not known: the first bill is on the month alone.
    assert bills[0].billed_kw == 2.5


def test_one_more_kw_in_flanders_costs_the_price_once() -> None:
    tariff = CapacityTariff(price_per_kw=4.0, floor_kw=2.5, months_averaged=12)
    so_far = PeaksSoFar(peaks_kw=(4.0,))
    assert cost(tariff, [5.0, 1.0], so_far) == pytest.approx(4.0)
    assert cost(tariff, [2.0], PeaksSoFar(peaks_kw=(1.0,))) == 0
    assert cost(tariff, [3.0], PeaksSoFar(peaks_kw=(1.0,))) == pytest.approx(2.0)


# Elvia's model: the three highest hours on three different days.
NORWAY = CAPACITY_PRESETS["norway"].tariff


def norwegian_month(*peaks: tuple[datetime, float]) -> WindowBill:
    start, end = local(OSLO, 2026, 9, 1), local(OSLO, 2026, 10, 1)
    powers = with_peaks(start, end, *peaks)
    (bill,) = settle(NORWAY, powers, start=start, step=HOUR, zone=OSLO)
    return bill


def test_norway_takes_the_three_highest_hours_of_three_days() -> None:
    bill = norwegian_month(
        (local(OSLO, 2026, 9, 3, 17), 7.0),
        (local(OSLO, 2026, 9, 3, 18), 6.8),  # the same day: not counted
        (local(OSLO, 2026, 9, 10, 8), 4.0),
        (local(OSLO, 2026, 9, 21, 23), 4.0),
    )
    assert bill.peaks_kw == (7.0, 4.0, 4.0)
    assert bill.billed_kw == pytest.approx(5.0)
    assert bill.charge == 250  # exactly 5 kW still is the step 2 to 5 kW


def test_norway_s_next_step_begins_above_its_power() -> None:
    bill = norwegian_month(
        (local(OSLO, 2026, 9, 3, 17), 7.0),
        (local(OSLO, 2026, 9, 10, 8), 4.0),
        (local(OSLO, 2026, 9, 21, 23), 4.0001),
    )
    assert bill.charge == 420


def test_a_level_is_inclusive_to_a_milliwatt_and_the_last_holds_above() -> None:
    levels = (PeakLevel(up_to_kw=2, price=83), PeakLevel(up_to_kw=5, price=147))
    tariff = CapacityTariff(levels=levels)
    assert [tariff.charge(kw) for kw in (0, 2, 2 + 9e-7, 2 + 2e-6, 5, 50)] == [
        83, 83, 83, 147, 147, 147,
    ]  # fmt: skip


def test_a_plan_within_the_first_step_is_free() -> None:
    levels = (PeakLevel(up_to_kw=2, price=83), PeakLevel(up_to_kw=5, price=147))
    tariff = CapacityTariff(levels=levels)
    assert cost(tariff, [2.0, 1.0]) == 0
    assert cost(tariff, [2.5, 1.0]) == 64


# SEOM, "Så här räknar vi ut effektavgiften": three highest on working days 7-19.
@pytest.mark.parametrize(
    ("month", "tuesday", "kr"),
    [(4, 7, 317.78), (10, 6, 317.78), (11, 3, 635.55), (3, 3, 635.55)],
)
def test_sollentuna_bills_318_kr_in_summer_and_636_in_winter(
    month: int, tuesday: int, kr: float
) -> None:
    """The operator's own example, at its price of that year."""
    tariff = replace(CAPACITY_PRESETS["sweden_sollentuna"].tariff, price_per_kw=55.75)
    zone = ZoneInfo("Europe/Stockholm")
    start = local(zone, 2026, month, 1)
    powers = with_peaks(
        start,
        start + timedelta(days=28),
        (local(zone, 2026, month, tuesday, 7), 6.7),
        (local(zone, 2026, month, tuesday + 1, 18), 5.7),
        (local(zone, 2026, month, tuesday + 1, 17), 5.5),  # one a day counts
        (local(zone, 2026, month, tuesday + 2, 17), 4.7),
        (local(zone, 2026, month, tuesday + 1, 19), 9.0),  # the evening is free
        (local(zone, 2026, month, tuesday + 4, 12), 9.0),  # and so is Saturday
    )
    (bill,) = settle(tariff, powers, start=start, step=HOUR, zone=zone)
    assert bill.charge == pytest.approx(kr, abs=0.006)


def test_ellevio_counts_half_the_power_at_night() -> None:
    tariff = CAPACITY_PRESETS["sweden_ellevio"].tariff
    start = local(OSLO, 2026, 9, 1)
    powers = with_peaks(
        start,
        local(OSLO, 2026, 10, 1),
        (local(OSLO, 2026, 9, 2, 22), 11.0),
        (local(OSLO, 2026, 9, 3, 5), 11.0),
        (local(OSLO, 2026, 9, 4, 6), 7.0),
    )
    (bill,) = settle(tariff, powers, start=start, step=HOUR, zone=OSLO)
    assert bill.peaks_kw == (7.0, 5.5, 5.5)
    assert bill.charge == pytest.approx(81.25 * 6)


def test_falkenberg_leaves_out_holidays_and_summer() -> None:
    tariff = CAPACITY_PRESETS["sweden_falkenberg"].tariff
    start = local(OSLO, 2026, 1, 1)
    powers = with_peaks(
        start,
        local(OSLO, 2026, 2, 1),
        (local(OSLO, 2026, 1, 6, 10), 9.0),  # Epiphany, a Tuesday
        (local(OSLO, 2026, 1, 7, 10), 4.0),
    )
    bills = [
        settle(tariff, powers, start=start, step=HOUR, zone=OSLO, holidays=holidays)[0]
        for holidays in (frozenset[date](), frozenset({date(2026, 1, 6)}))
    ]
    assert bills[0].peaks_kw == (9.0, 4.0, 1.0)
    assert bills[1].peaks_kw == (4.0, 1.0, 1.0)
    (summer,) = settle(
        tariff, [9.0] * 24, start=local(OSLO, 2026, 7, 1), step=HOUR, zone=OSLO
    )
    assert summer.billed_kw == 0


# somenergia.coop: [2 x (power used - power contracted) x price of the excess].
def test_spain_bills_what_exceeds_the_contracted_power_twice() -> None:
    preset = CAPACITY_PRESETS["spain"].tariff
    tariff = CapacityTariff(
        integration_minutes=preset.integration_minutes,
        price_per_kw=preset.price_per_kw,
        floor_kw=20.0,
    )
    assert cost(tariff, [21.5, 19.0]) == pytest.approx(2 * 1.5 * 1.4064)
    assert cost(tariff, [20.0, 19.0]) == 0


def test_a_higher_peak_of_the_first_day_replaces_the_one_before() -> None:
    tariff = CapacityTariff(
        integration_minutes=60, top=2, distinct_days=True, price_per_kw=10.0
    )
    so_far = PeaksSoFar(peaks_kw=(4.0,), first_day_kw=6.0)
    assert charge_before(tariff, so_far) == pytest.approx(50)
    assert cost(tariff, [6.0], so_far, step=HOUR) == 0
    assert cost(tariff, [8.0], so_far, step=HOUR) == pytest.approx(10)
    every = CapacityTariff(integration_minutes=60, top=2, price_per_kw=10.0)
    assert cost(every, [6.0], so_far, step=HOUR) == pytest.approx(10)


def test_fewer_than_the_highest_ones_are_averaged_as_they_are() -> None:
    tariff = CapacityTariff(
        integration_minutes=60, top=3, distinct_days=True, price_per_kw=3.0
    )
    assert cost(tariff, [2.0] * 4, step=HOUR) == pytest.approx(6.0)
    known = PeaksSoFar(peaks_kw=(5.0,))
    assert cost(tariff, [2.0] * 4, known, step=HOUR) == pytest.approx(3 * (3.5 - 5))


def test_a_window_that_begins_inside_starts_empty() -> None:
    start = datetime(2026, 1, 31, 22, 45, tzinfo=UTC)  # a quarter before February
    so_far = PeaksSoFar(peaks_kw=(4.0,))
    month = CapacityTariff(price_per_kw=4.0, floor_kw=1.0)
    assert cost(month, [3.0, 2.0], so_far, start=start) == pytest.approx(4.0)
    year = CapacityTariff(price_per_kw=4.0, window=BillingWindow.YEAR)
    assert cost(year, [3.0, 2.0], so_far, start=start) == 0
    assert cost(year, [5.0, 6.0], so_far, start=start) == pytest.approx(8.0)


def test_no_mask_that_holds_weighs_nothing() -> None:
    mask = PeakMask(when=when(hours="8-9"), weight=1.0)
    tariff = CapacityTariff(price_per_kw=4.0, masks=(mask,))
    assert cost(tariff, [9.0]) == 0  # 13:00 in Brussels


def test_the_first_mask_that_holds_weighs() -> None:
    masks = (PeakMask(when=when(hours="13-14"), weight=0.25), PeakMask(weight=2.0))
    tariff = CapacityTariff(price_per_kw=4.0, masks=masks)
    assert cost(tariff, [8.0] * 4) == pytest.approx(8.0)
    assert cost(tariff, [8.0] * 5) == pytest.approx(64.0)


powers = st.lists(st.floats(0, 20), min_size=1, max_size=60)


@given(powers=powers, top=st.integers(1, 5), days=st.booleans(), scale=st.floats(1, 3))
def test_more_import_never_costs_less(
    *, powers: list[float], top: int, days: bool, scale: float
) -> None:
    tariff = CapacityTariff(
        integration_minutes=60, top=top, distinct_days=days, price_per_kw=4.0
    )
    more = [scale * kw for kw in powers]
    assert cost(tariff, more, step=HOUR) >= cost(tariff, powers, step=HOUR) - 1e-9


@given(powers=powers, peak_kw=st.floats(0, 20), floor_kw=st.floats(0, 5))
def test_the_cost_is_the_settled_bill_less_the_one_before(
    powers: list[float], peak_kw: float, floor_kw: float
) -> None:
    tariff = CapacityTariff(price_per_kw=4.0, floor_kw=floor_kw)
    so_far = PeaksSoFar(peaks_kw=(peak_kw,))
    (bill,) = settle(
        tariff, powers, start=NOON, step=QUARTER, zone=BRUSSELS, so_far=so_far
    )
    before = 4.0 * max(peak_kw, floor_kw)
    assert cost(tariff, powers, so_far) == pytest.approx(bill.charge - before)
    assert bill.charge == pytest.approx(4.0 * max(*powers, peak_kw, floor_kw))


@pytest.mark.parametrize("name", CAPACITY_PRESETS)
def test_every_preset_has_its_source_and_date(name: str) -> None:
    preset = CAPACITY_PRESETS[name]
    assert preset.source.startswith("https://")
    assert preset.valid_from >= date(2021, 1, 1)
    levels = preset.tariff.levels
    assert [*levels] == sorted(levels, key=lambda level: level.up_to_kw)
    priced = bool(levels) or preset.tariff.price_per_kw > 0
    assert priced == (preset.needs != "price_per_kw")


MASKS = (PeakMask(when=when(hours="22-6"), weight=0.5), PeakMask())


@given(
    powers=st.lists(st.floats(0, 20), min_size=2, max_size=80),
    cut=st.integers(1, 79),
    top=st.integers(1, 4),
    days=st.booleans(),
    begin=st.integers(0, 60),
    known=st.sampled_from(
        [
            PeaksSoFar(),
            PeaksSoFar(peaks_kw=(4.0, 9.0)),
            PeaksSoFar(peaks_kw=(3.0,), first_day_kw=7.0),
        ]
    ),
    window=st.sampled_from(BillingWindow),
)
def test_a_series_may_be_settled_in_two_parts(
    *,
    powers: list[float],
    cut: int,
    top: int,
    days: bool,
    begin: int,
    known: PeaksSoFar,
    window: BillingWindow,
) -> None:
    """Whatever the hour of the cut, over the end of a month and of a year too."""
    tariff = CapacityTariff(
        integration_minutes=60,
        top=top,
        distinct_days=days,
        price_per_kw=4.0,
        masks=MASKS,
        window=window,
    )
    start = datetime(2026, 12, 30, 0, tzinfo=UTC) + begin * HOUR
    first, rest = powers[:cut], powers[cut:]
    whole = settle(tariff, powers, start=start, step=HOUR, zone=BRUSSELS, so_far=known)
    left = peaks_so_far(
        tariff, first, start=start, step=HOUR, zone=BRUSSELS, so_far=known
    )
    if rest:
        later = settle(
            tariff,
            rest,
            start=start + len(first) * HOUR,
            step=HOUR,
            zone=BRUSSELS,
            so_far=left,
        )
        assert later[-1] == whole[-1]
        assert [bill.start for bill in later] == [
            bill.start for bill in whole if bill.start >= later[0].start
        ]
        assert later[0] in whole
