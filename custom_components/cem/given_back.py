"""What a car gave since its state of charge last changed.

Some cars, or their clouds, say the same for hours. What was given meanwhile is taken
off, so that a silent car is never emptied below what it keeps.
"""

from datetime import datetime, timedelta
from typing import Final

_LONGEST_GAP: Final = timedelta(minutes=1)


class GivenBack:
    """Integrates what is given, anew from each change of what the car says."""

    def __init__(self) -> None:
        """Start with nothing given."""
        self.energy_wh = 0.0
        self._at: datetime | None = None
        self._said_at: datetime | None = None

    def count(self, now: datetime, *, said_at: datetime | None, power_w: int) -> None:
        """Take the power at ``now``, positive what it draws."""
        last, self._at = self._at, now
        if said_at != self._said_at:
            self._said_at, self.energy_wh = said_at, 0.0
        elif last is not None:
            hours = min(now - last, _LONGEST_GAP) / timedelta(hours=1)
            self.energy_wh += max(0, -power_w) * hours
