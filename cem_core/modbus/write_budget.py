"""How often a day a register is written that the device stores for good.

Such memory wears out (go-e names 100,000 writes), so what is not a matter of safety has
a budget. A limit always passes, and is counted.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Self

A_DAY = 50
"""Writes of one register a day, unless set otherwise: 100,000 last five years."""


class BudgetError(Exception):
    """No more writes today; the register keeps what it has."""


@dataclass(slots=True)
class WriteBudget:
    """Counts writes by register and UTC day.

    A clock that is set back does not give a day twice.
    """

    a_day: int = A_DAY
    day: date = date.min
    written: dict[str, int] = field(default_factory=dict)

    def take(self, register: str, at: datetime, *, safety: bool) -> None:
        """Count one write; raises BudgetError when it must not be made."""
        self._begin(at)
        count = self.written.get(register, 0)
        if count >= self.a_day and not safety:
            raise BudgetError(
                f"{register} was written {count} times today, of {self.a_day} "
                "that its memory should bear; only limits are written until tomorrow"
            )
        self.written[register] = count + 1

    def left(self, register: str, at: datetime) -> int:
        """Return how many writes are left today."""
        self._begin(at)
        return max(0, self.a_day - self.written.get(register, 0))

    def _begin(self, at: datetime) -> None:
        today = at.date()
        if today > self.day:
            self.day, self.written = today, {}

    def as_data(self) -> dict[str, Any]:
        """Return what must survive a restart, as plain data."""
        return {"day": self.day.isoformat(), "written": dict(self.written)}

    @classmethod
    def from_data(cls, data: Mapping[str, Any], *, a_day: int = A_DAY) -> Self:
        """Return the budget as `as_data` gave it; raises KeyError or ValueError."""
        written = {str(name): int(count) for name, count in data["written"].items()}
        return cls(a_day, date.fromisoformat(data["day"]), written)
