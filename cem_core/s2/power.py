"""Ranges of S2, which a factor from 0 to 1 goes through, as electric power in W.

Positive is power into the device, as everywhere in the CEM.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from s2python.common import (
    CommodityQuantity,
    NumberRange,
    PowerForecastValue,
    PowerRange,
    PowerValue,
)

ELECTRIC: Final = frozenset(
    (
        CommodityQuantity.ELECTRIC_POWER_L1,
        CommodityQuantity.ELECTRIC_POWER_L2,
        CommodityQuantity.ELECTRIC_POWER_L3,
        CommodityQuantity.ELECTRIC_POWER_3_PHASE_SYMMETRIC,
    )
)


@dataclass(frozen=True, slots=True)
class Span:
    """A quantity at factor 0 and at factor 1, between which it is linear."""

    start: float
    end: float

    @property
    def low(self) -> float:
        """The least of it."""
        return min(self.start, self.end)

    @property
    def high(self) -> float:
        """The most of it."""
        return max(self.start, self.end)

    def at(self, factor: float) -> float:
        """Return it at a factor."""
        return self.start + factor * (self.end - self.start)

    def factor(self, value: float) -> float:
        """Return the factor, from 0 to 1, at which it is nearest to ``value``."""
        if self.start == self.end:
            return 0.0
        return min(1.0, max(0.0, (value - self.start) / (self.end - self.start)))


NOTHING: Final = Span(0.0, 0.0)


def span(found: NumberRange) -> Span:
    """Return a range of numbers."""
    return Span(found.start_of_range, found.end_of_range)


def electric_w(ranges: Iterable[PowerRange]) -> Span:
    """Return the electric power of all phases; other commodities do not count."""
    electric = [each for each in ranges if each.commodity_quantity in ELECTRIC]
    return Span(
        sum(each.start_of_range for each in electric),
        sum(each.end_of_range for each in electric),
    )


def measured_w(values: Iterable[PowerValue]) -> float | None:
    """Return the electric power that was measured, None where none was."""
    electric = [each.value for each in values if each.commodity_quantity in ELECTRIC]
    return sum(electric) if electric else None


def expected_w(values: Iterable[PowerForecastValue]) -> float:
    """Return the electric power that is expected."""
    return sum(v.value_expected for v in values if v.commodity_quantity in ELECTRIC)
