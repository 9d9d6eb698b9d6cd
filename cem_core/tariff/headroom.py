"""How high a mean may be before a capacity bill grows: what a peak guard keeps to."""

from math import inf

from cem_core.tariff.capacity import CapacityTariff
from cem_core.tariff.settlement import PeaksSoFar, charge_before


def free_kw(
    tariff: CapacityTariff, so_far: PeaksSoFar, *, weight: float = 1.0
) -> float:
    """Return the highest mean in kW of a period that leaves its window's bill as it is.

    ``weight`` is that of the period (see `CapacityTariff.weight`). Infinite where
    the period does not count, and where no peak would cost more.
    """
    billed_kw = _same_charge_kw(tariff, so_far)
    if weight <= 0 or billed_kw == inf:
        return inf
    today_kw = so_far.first_day_kw
    others = list(so_far.peaks_kw)
    least_kw = 0.0  # what a mean may be without being looked at
    if tariff.distinct_days and today_kw is not None:
        least_kw = today_kw
    elif today_kw is not None:
        others.append(today_kw)
    highest = tariff.highest(others)
    if len(highest) == tariff.top:
        least_kw = max(least_kw, highest[-1])
        highest = highest[:-1]
    counted_kw = (len(highest) + 1) * billed_kw - sum(highest)
    return max(counted_kw, least_kw) / weight


def _same_charge_kw(tariff: CapacityTariff, so_far: PeaksSoFar) -> float:
    """Return the highest billed peak in kW that costs what is owed already."""
    if tariff.levels:
        owed = charge_before(tariff, so_far)
        if owed >= tariff.levels[-1].price:
            return inf
        return max(at.up_to_kw for at in tariff.levels if at.price <= owed)
    if tariff.price_per_kw <= 0:
        return inf
    known = list(so_far.peaks_kw)
    if so_far.first_day_kw is not None:
        known.append(so_far.first_day_kw)
    return tariff.billed_kw(known)
