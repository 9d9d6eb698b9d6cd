"""What a car has drawn since it was plugged in."""

from datetime import datetime, timedelta
from typing import Final

_LONGEST_GAP: Final = timedelta(minutes=1)


class ChargingSession:
    """Integrates, for cars that do not say what they hold."""

    def __init__(self) -> None:
        """Start with nothing drawn."""
        self.energy_wh = 0.0
        self._at: datetime | None = None

    def count(
        self, now: datetime, *, power_w: int | None, connected: bool | None
    ) -> None:
        """Take the power at ``now``; a car that left ends the session."""
        last, self._at = self._at, now
        if connected is False:
            self.energy_wh = 0.0
        elif last is not None and power_w is not None:
            hours = min(now - last, _LONGEST_GAP) / timedelta(hours=1)
            self.energy_wh += max(0, power_w) * hours
