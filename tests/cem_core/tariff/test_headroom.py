"""A peak up to the headroom costs nothing, one above it does."""

from math import inf

from hypothesis import given, strategies as st
import pytest

from cem_core.tariff import (
    CapacityTariff,
    PeakLevel,
    PeaksSoFar,
    charge_before,
    free_kw,
)
from cem_core.tariff.capacity_presets import CAPACITY_PRESETS

FLANDERS = CAPACITY_PRESETS["belgium_flanders"].tariff
NORWAY = CAPACITY_PRESETS["norway"].tariff


@pytest.mark.parametrize(
    ("tariff", "so_far", "kw"),
    [
        # What is not above the floor of 2.5 kW is billed as 2.5 kW anyway.
        (FLANDERS, PeaksSoFar(), 2.5),
        (FLANDERS, PeaksSoFar(peaks_kw=(1.2,)), 2.5),
        (FLANDERS, PeaksSoFar(peaks_kw=(4.0,)), 4.0),
        # (6 + 5 + m) / 3 stays in the step up to 10 kW until m is 19 kW.
        (NORWAY, PeaksSoFar(peaks_kw=(6.0, 5.0, 4.5)), 19.0),
        # Today has 7 kW already: (6 + 5 + m) / 3 with m in the place of these 7.
        (NORWAY, PeaksSoFar(peaks_kw=(6.0, 5.0), first_day_kw=7.0), 19.0),
        # The mean of one is that one: the step up to 5 kW allows (4 + m) / 2.
        (NORWAY, PeaksSoFar(peaks_kw=(4.0,)), 6.0),
        # The last step has no end.
        (NORWAY, PeaksSoFar(peaks_kw=(2000.0,)), inf),
        (CapacityTariff(price_per_kw=0.0), PeaksSoFar(peaks_kw=(1.0,)), inf),
    ],
)
def test_worked_examples(tariff: CapacityTariff, so_far: PeaksSoFar, kw: float) -> None:
    assert free_kw(tariff, so_far) == pytest.approx(kw)


def test_a_mean_that_counts_half_may_be_twice_as_high() -> None:
    assert free_kw(FLANDERS, PeaksSoFar(peaks_kw=(4.0,)), weight=0.5) == 8.0


def test_a_mean_that_does_not_count_is_free() -> None:
    assert free_kw(FLANDERS, PeaksSoFar(), weight=0.0) == inf


powers = st.integers(0, 120).map(lambda tenths: tenths / 10)
steps = st.lists(st.integers(1, 20), min_size=1, max_size=4, unique=True).map(
    lambda kws: tuple(PeakLevel(up_to_kw=kw, price=10.0 * kw) for kw in sorted(kws))
)


@given(
    levels=st.just(()) | steps,
    top=st.integers(1, 3),
    distinct_days=st.booleans(),
    floor_kw=st.sampled_from([0.0, 2.5]),
    peaks_kw=st.lists(powers, max_size=4).map(tuple),
    today_kw=st.none() | powers,
    weight=st.sampled_from([0.5, 1.0, 2.0]),
)
def test_up_to_it_the_bill_stays_and_above_it_grows(
    *,
    levels: tuple[PeakLevel, ...],
    top: int,
    distinct_days: bool,
    floor_kw: float,
    peaks_kw: tuple[float, ...],
    today_kw: float | None,
    weight: float,
) -> None:
    tariff = CapacityTariff(
        price_per_kw=0.0 if levels else 4.0,
        levels=levels,
        top=top,
        distinct_days=distinct_days,
        floor_kw=floor_kw,
    )
    so_far = PeaksSoFar(peaks_kw=peaks_kw, first_day_kw=today_kw)

    def bill(mean_kw: float) -> float:
        counted_kw = weight * mean_kw
        found = [*peaks_kw, counted_kw]
        if today_kw is not None and distinct_days:
            found[-1] = max(counted_kw, today_kw)
        elif today_kw is not None:
            found.append(today_kw)
        return tariff.charge(tariff.billed_kw(found))

    owed, free = charge_before(tariff, so_far), free_kw(tariff, so_far, weight=weight)
    if free == inf:
        assert bill(1000.0) <= owed
        return
    assert bill(free) <= owed + 1e-9
    assert bill(free + 0.01) > owed
