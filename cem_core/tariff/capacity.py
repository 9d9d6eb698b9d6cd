"""A capacity tariff: which means count, and what their peak costs.

Every tariff that is known (see `capacity_presets`) is one set of these fields.
The tariffs are in currency per kW, and so powers are in kW here.
"""

from collections.abc import Iterable, Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from cem_core.tariff.calendar import When

ON_A_LEVEL_KW: Final = 1e-6


class BillingWindow(StrEnum):
    """The span that a peak is looked for in."""

    MONTH = "month"
    YEAR = "year"

    def start(self, day: date) -> date:
        """Return the first day of the window that ``day`` is in."""
        return day.replace(day=1, month=day.month if self is BillingWindow.MONTH else 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class PeakLevel:
    """A fixed sum a window for peaks up to a power, that power included."""

    up_to_kw: float
    price: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PeakMask:
    """How much a mean counts in a part of the year; 0 not at all."""

    when: When = field(default_factory=When)
    weight: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CapacityTariff:
    """One way to bill peaks.

    A mean over an integration period counts with the weight of the first mask
    that holds at its start, with 0 where none does, with 1 where there are no
    masks. The peak of a window is the mean of the ``top`` highest (of each day
    only its highest with ``distinct_days``; of those there are when fewer), at
    least ``floor_kw``. Either ``price_per_kw`` or ``levels`` prices it; the
    levels rise in power and do not fall in price.

    With ``months_averaged`` a bill is on the mean of so many windows' peaks.
    """

    integration_minutes: int = 15
    top: int = 1
    distinct_days: bool = False
    window: BillingWindow = BillingWindow.MONTH
    price_per_kw: float = 0.0
    levels: tuple[PeakLevel, ...] = ()
    floor_kw: float = 0.0
    months_averaged: int = 1
    masks: tuple[PeakMask, ...] = ()

    def weight(
        self, local: datetime, holidays: AbstractSet[date] = frozenset()
    ) -> float:
        """Return what a mean that begins at ``local`` counts for."""
        if not self.masks:
            return 1.0
        return next(
            (mask.weight for mask in self.masks if mask.when.holds(local, holidays)),
            0.0,
        )

    def highest(self, means_kw: Iterable[float]) -> tuple[float, ...]:
        """Return those of ``means_kw`` that make the peak, highest first."""
        return tuple(sorted(means_kw, reverse=True)[: self.top])

    def billed_kw(self, means_kw: Iterable[float]) -> float:
        """Return the peak that ``means_kw`` make, the floor counted."""
        highest = self.highest(means_kw)
        peak_kw = sum(highest) / len(highest) if highest else 0.0
        return max(peak_kw, self.floor_kw)

    def charge(self, billed_kw: float) -> float:
        """Return what a peak of ``billed_kw`` costs a window."""
        if not self.levels:
            return self.price_per_kw * billed_kw
        return next(
            (
                level.price
                for level in self.levels
                if billed_kw <= level.up_to_kw + ON_A_LEVEL_KW
            ),
            self.levels[-1].price,
        )
