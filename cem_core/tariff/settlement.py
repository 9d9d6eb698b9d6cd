"""The capacity bill of any series of imports, and what a plan adds to it."""

from collections.abc import Sequence, Set as AbstractSet
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from cem_core.tariff.capacity import CapacityTariff
from cem_core.tariff.integration import IntegrationPeriod, Powers, integration_periods
from cem_core.tariff.time_grid import TimeGrid


@dataclass(frozen=True, slots=True, kw_only=True)
class PeaksSoFar:
    """What was measured, weights counted, before a series in its first window.

    ``peaks_kw`` are of earlier days or, without distinct days, of any period;
    ``first_day_kw`` is the highest of the day that the series begins on, which
    a higher one of the same day replaces where only one a day counts.
    """

    peaks_kw: tuple[float, ...] = ()
    first_day_kw: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WeighedPeriod:
    """An integration period and how its mean counts."""

    period: IntegrationPeriod
    weight: float
    window: date  # the first day of its billing window

    def counted_kw(self, import_kw: Powers) -> float:
        """Return the mean of ``import_kw`` times its weight."""
        return self.weight * self.period.mean(import_kw)


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowBill:
    """The capacity charge of one window.

    ``peaks_kw`` are the means that make its peak, highest first; ``billed_kw``
    is what is billed: the peak, at least the floor, averaged over the months
    that the tariff averages.
    """

    start: date
    peaks_kw: tuple[float, ...]
    billed_kw: float
    charge: float


def weigh(
    tariff: CapacityTariff,
    periods: Sequence[IntegrationPeriod],
    holidays: AbstractSet[date] = frozenset(),
) -> Sequence[WeighedPeriod]:
    """Return ``periods`` with the weight and the window that each counts in."""
    return [
        WeighedPeriod(
            period=period,
            weight=tariff.weight(period.start, holidays),
            window=tariff.window.start(period.day),
        )
        for period in periods
    ]


def counted(
    tariff: CapacityTariff,
    weighed: Sequence[WeighedPeriod],
    import_kw: Powers,
    so_far: PeaksSoFar,
) -> dict[date, list[float]]:
    """Return, in order, each window's means in kW that its peak is made from."""
    days: dict[date, dict[object, float]] = {}
    for place, each in enumerate(weighed):
        window = days.setdefault(each.window, {})
        key: object = each.period.day if tariff.distinct_days else place
        mean_kw = each.counted_kw(import_kw)
        window[key] = max(window.get(key, mean_kw), mean_kw)
    if weighed and so_far.first_day_kw is not None:
        first = days[weighed[0].window]
        key = weighed[0].period.day if tariff.distinct_days else None
        first[key] = max(first.get(key, 0.0), so_far.first_day_kw)
    means = {window: list(found.values()) for window, found in days.items()}
    if weighed:
        means[weighed[0].window] += so_far.peaks_kw
    return means


def settle(
    tariff: CapacityTariff,
    import_kw: Powers,
    *,
    start: datetime,
    step: timedelta,
    zone: tzinfo,
    holidays: AbstractSet[date] = frozenset(),
    so_far: PeaksSoFar | None = None,
    earlier_kw: Sequence[float] = (),
) -> Sequence[WindowBill]:
    """Return the bill of each window that the series of imports in kW touches.

    ``earlier_kw`` are the peaks of the windows before, oldest first, for a
    tariff that averages; of fewer than it averages it takes those there are.
    """
    grid = TimeGrid.equal(start=start, step=step, steps=len(import_kw), zone=zone)
    periods = integration_periods(grid, tariff.integration_minutes)
    weighed = weigh(tariff, periods, holidays)
    means = counted(tariff, weighed, import_kw, so_far or PeaksSoFar())
    floored = [max(peak_kw, tariff.floor_kw) for peak_kw in earlier_kw]
    bills = []
    for window, found in means.items():
        floored.append(tariff.billed_kw(found))
        averaged = floored[-tariff.months_averaged :]
        billed_kw = sum(averaged) / len(averaged)
        bills.append(
            WindowBill(
                start=window,
                peaks_kw=tariff.highest(found),
                billed_kw=billed_kw,
                charge=tariff.charge(billed_kw),
            )
        )
    return bills


def peaks_so_far(
    tariff: CapacityTariff,
    import_kw: Powers,
    *,
    start: datetime,
    step: timedelta,
    zone: tzinfo,
    holidays: AbstractSet[date] = frozenset(),
    so_far: PeaksSoFar | None = None,
) -> PeaksSoFar:
    """Return what a series of imports in kW leaves to the time that follows it.

    ``so_far`` was measured before the series. A period that the series ends
    within is taken to be over.
    """
    known = so_far or PeaksSoFar()
    grid = TimeGrid.equal(start=start, step=step, steps=len(import_kw), zone=zone)
    periods = integration_periods(grid, tariff.integration_minutes)
    now = grid.local(grid.steps)
    window = tariff.window.start(now.date())
    weighed = [w for w in weigh(tariff, periods, holidays) if w.window == window]
    today = [w for w in weighed if w.period.day == now.date()]
    earlier = [w for w in weighed if w.period.day != now.date()]
    first = start.astimezone(zone).date()
    if tariff.window.start(first) != window:
        known = PeaksSoFar()
    if first != now.date():
        means = counted(tariff, earlier, import_kw, known).get(
            window, list(known.peaks_kw)
        )
        known = PeaksSoFar()
    else:
        means = list(known.peaks_kw)
    highest = [each.counted_kw(import_kw) for each in today]
    if known.first_day_kw is not None:
        highest.append(known.first_day_kw)
    if tariff.distinct_days:
        return PeaksSoFar(
            peaks_kw=tariff.highest(means),
            first_day_kw=max(highest, default=None),
        )
    return PeaksSoFar(peaks_kw=tariff.highest([*means, *highest]))


def charge_before(tariff: CapacityTariff, so_far: PeaksSoFar | None = None) -> float:
    """Return what a window costs with the peaks so far alone."""
    known = so_far or PeaksSoFar()
    peaks = list(known.peaks_kw)
    if known.first_day_kw is not None:
        peaks.append(known.first_day_kw)
    return tariff.charge(tariff.billed_kw(peaks))


def capacity_cost(
    tariff: CapacityTariff,
    weighed: Sequence[WeighedPeriod],
    import_kw: Powers,
    so_far: PeaksSoFar,
) -> float:
    """Return what a plan's imports in kW cost: the bill with less that without.

    A peak that is averaged over twelve bills counts a twelfth in each: in all
    as one that is not averaged.
    """
    cost = 0.0
    for place, means in enumerate(counted(tariff, weighed, import_kw, so_far).values()):
        known = so_far if place == 0 else PeaksSoFar()
        cost += tariff.charge(tariff.billed_kw(means)) - charge_before(tariff, known)
    return cost
