"""What somebody wants to use or spend at most in a day or a month."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from homeassistant.config_entries import ConfigSubentry

from cem_core.insight.budget import Progress

WARN_PERCENT: Final = 80
_LONGEST_MONTH: Final = timedelta(days=31)


class Medium(StrEnum):
    """What is used; the words are those of the home's energy counters."""

    ELECTRICITY = "electricity"
    GAS = "gas"
    WATER = "water"
    HEAT = "heat"

    @property
    def counted_as(self) -> str:
        """The kind of counter that counts it."""
        return "import" if self is Medium.ELECTRICITY else self.value

    @property
    def unit(self) -> str:
        """What its counters count in."""
        return "m³" if self in {Medium.GAS, Medium.WATER} else "kWh"


class Measure(StrEnum):
    """What the amount is."""

    QUANTITY = "quantity"
    COST = "cost"


class Period(StrEnum):
    """How long it has to last."""

    DAY = "day"
    MONTH = "month"

    def around(self, local: datetime) -> tuple[datetime, datetime]:
        """Return start and end of the period of ``local``, in its zone."""
        start = local.replace(hour=0, minute=0, second=0, microsecond=0)
        if self is Period.DAY:
            return start, start + timedelta(days=1)
        first = start.replace(day=1)
        return first, (first + _LONGEST_MONTH + timedelta(days=1)).replace(day=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """One subentry of kind `budget`.

    ``price``: currency a unit of the medium; None: the tariff's, for electricity.
    """

    budget_id: str
    name: str
    medium: Medium
    measure: Measure
    period: Period
    amount: float
    nearly: float
    price: float | None

    @classmethod
    def of(cls, subentry: ConfigSubentry) -> Budget:
        """Return the budget that a subentry describes."""
        data: Mapping[str, Any] = subentry.data
        return cls(
            budget_id=subentry.subentry_id,
            name=subentry.title,
            medium=Medium(data["medium"]),
            measure=Measure(data["measure"]),
            period=Period(data["period"]),
            amount=data["amount"],
            nearly=data.get("warn_percent", WARN_PERCENT) / 100,
            price=data.get("unit_price"),
        )

    def unit(self, currency: str) -> str:
        """Return the unit of its amount."""
        return currency if self.measure is Measure.COST else self.medium.unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a budget stands; ``progress`` None: nothing counts it, or no price is known."""

    budget: Budget
    progress: Progress | None = None
