"""Keep the peak of a capacity tariff: what the rest of the period may draw.

With L the mean that costs nothing more, T the period and E its import so far the
rest may draw ``(L * T - E) / left``. The tariff's own engine says what L is, on
the meter's clock; a user's wish and what the plan has decided to pay for raise it.
"""

from collections.abc import Set as AbstractSet
from datetime import date, datetime, timedelta, tzinfo
from math import isfinite
from typing import Final

from cem_core.limits.quarter_hour import QuarterHour, QuarterHourTracker
from cem_core.model import (
    Direction,
    LimitSource,
    Plan,
    PowerLimit,
    Priority,
    Reading,
    Scope,
)
from cem_core.model.units import w
from cem_core.tariff import CapacityTariff, PeaksSoFar, free_kw

PEAK_ISSUER: Final = "capacity_tariff"
# In the last minute a little energy divided by few seconds is any power at all:
# what held before goes on to hold.
_NOT_CHASED_S: Final = 60.0


class PeakGuard:
    """Turns the running period into a limit on import at the connection."""

    def __init__(
        self,
        tariff: CapacityTariff,
        zone: tzinfo,
        *,
        target_w: int | None = None,
        holidays: AbstractSet[date] = frozenset(),
    ) -> None:
        """Guard the peak of ``tariff``, whose hours are those of ``zone``.

        ``target_w`` is a mean that the user accepts, billed or not; a plan then
        has no say.
        """
        self._tariff = tariff
        self._zone = zone
        self._target_w = target_w
        self._holidays = holidays
        self._tracker = QuarterHourTracker(
            period=timedelta(minutes=tariff.integration_minutes), zone=zone
        )
        self._known: tuple[datetime, PeaksSoFar, datetime | None] | None = None
        self._kept_w: int | None = None
        self._limit: PowerLimit | None = None

    @property
    def limit(self) -> PowerLimit | None:
        """The limit of the last telegram; None where no peak would cost more."""
        return self._limit

    @property
    def kept_w(self) -> int | None:
        """The mean that the running period is kept to."""
        return self._kept_w

    def update(
        self, reading: Reading, now: datetime, so_far: PeaksSoFar, plan: Plan | None
    ) -> None:
        """Take a telegram; ``so_far`` are the peaks of the billing window.

        ``now`` serves only a meter that does not tell the time.
        """
        before = self._tracker.quarter
        period = self._tracker.update(reading, now)
        if period is None or period is before:
            return
        if before is None or before.start != period.start:
            self._limit = None
        self._keep(period, so_far, plan)
        if self._kept_w is None:
            self._limit = None
        elif self._limit is None or period.remaining_s >= _NOT_CHASED_S:
            self._limit = _limit(max(0, period.allowed_w(self._kept_w)))

    def _keep(self, period: QuarterHour, so_far: PeaksSoFar, plan: Plan | None) -> None:
        """Work out the mean to keep, when anything that it hangs on has changed."""
        made_at = None if plan is None else plan.created_at
        if (known := (period.start, so_far, made_at)) == self._known:
            return
        self._known = known
        local = period.start.astimezone(self._zone)
        weight = self._tariff.weight(local, self._holidays)
        free = free_kw(self._tariff, so_far, weight=weight)
        if isfinite(free):
            self._kept_w = max(w(free), self._accepted_w(period, plan))
        else:
            self._kept_w = None

    def _accepted_w(self, period: QuarterHour, plan: Plan | None) -> int:
        """Return the mean that is accepted even where it costs something."""
        if self._target_w is not None:
            return self._target_w
        if plan is None:
            return 0
        at = period.start + timedelta(seconds=period.elapsed_s)
        end = period.start + timedelta(seconds=period.period_s)
        energy_ws = period.mean_w * period.elapsed_s
        for edge, until, import_w in zip(
            plan.edges, plan.edges[1:], plan.import_w, strict=False
        ):
            lasts_s = (min(until, end) - max(edge, at)).total_seconds()
            energy_ws += import_w * max(0.0, lasts_s)
        return round(energy_ws / period.period_s)


def _limit(limit_w: int) -> PowerLimit:
    return PowerLimit(
        limit_id="capacity_peak",
        source=LimitSource.CONTRACT,
        issuer=PEAK_ISSUER,
        direction=Direction.IMPORT,
        scope=Scope.CONNECTION,
        limit_w=limit_w,
        priority=Priority.CONTRACT,
    )
