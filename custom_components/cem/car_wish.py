"""What the driver of the car that is plugged in asks for."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class CarWish:
    """By when, how much in Wh at the charger since it was plugged in, and how urgent.

    What is None was not told. A higher ``priority`` comes before other cars.
    """

    departs_at: datetime | None = None
    session_wh: float | None = None
    priority: int = 0

    def as_json(self) -> dict[str, Any]:
        """Return it for the store."""
        departs_at = self.departs_at
        return {
            "departs_at": None if departs_at is None else departs_at.isoformat(),
            "session_wh": self.session_wh,
            "priority": self.priority,
        }

    @classmethod
    def of_json(cls, document: dict[str, Any]) -> CarWish:
        """Return what `as_json` said."""
        departs_at = document["departs_at"]
        return cls(
            departs_at=None
            if departs_at is None
            else datetime.fromisoformat(departs_at),
            session_wh=document["session_wh"],
            priority=document["priority"],
        )
