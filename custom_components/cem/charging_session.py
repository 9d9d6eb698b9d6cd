"""What a car has drawn since it was plugged in, and whether it is full."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from custom_components.cem.controlled import ControlledDevice

_LONGEST_GAP: Final = timedelta(minutes=1)
_STANDBY_W: Final = 100  # less is no charging
_FULL_AFTER: Final = timedelta(minutes=10)
_CHARGED_WH: Final = 200  # less is a trial, after which nothing is said to be full


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay:
    """A car's stay that is over; ``full``: it took no more of its own accord."""

    arrive: datetime
    depart: datetime
    energy_wh: float
    full: bool


class ChargingSession:
    """Integrates, for cars that do not say what they hold."""

    def __init__(self) -> None:
        """Start with nothing drawn and no car there."""
        self._at: datetime | None = None
        self._empty()

    def _empty(self) -> None:
        self.energy_wh = 0.0
        self.arrived: datetime | None = None
        self._idle_since: datetime | None = None
        self._measured = False
        self._restored = False

    def count(
        self,
        now: datetime,
        *,
        power_w: int | None,
        connected: bool | None,
        offered: bool = True,
    ) -> Stay | None:
        """Take the power at ``now``; a car that left ends the session.

        ``offered``: it may draw as much as it wants. Returns a stay that is over,
        if it was watched to its end and its power is measured.
        """
        last, self._at = self._at, now
        if connected is False:
            over = self._over(now)
            self._empty()
            return over
        if connected:
            self.arrived = self.arrived or now
            self._restored = False
        if power_w is None:
            return None
        self._measured = True
        if last is not None:
            hours = min(now - last, _LONGEST_GAP) / timedelta(hours=1)
            self.energy_wh += max(0, power_w) * hours
        takes_none = offered and power_w < _STANDBY_W
        self._idle_since = (self._idle_since or now) if takes_none else None
        return None

    def _over(self, now: datetime) -> Stay | None:
        if self.arrived is None or not self._measured or self._restored:
            return None
        idle = self._idle_since is not None and now - self._idle_since >= _FULL_AFTER
        return Stay(
            arrive=self.arrived,
            depart=now,
            energy_wh=self.energy_wh,
            full=idle and self.energy_wh >= _CHARGED_WH,
        )

    def as_json(self) -> dict[str, Any] | None:
        """Return a session under way, to go on with after a restart."""
        if self.arrived is None:
            return None
        return {
            "arrive": self.arrived.isoformat(),
            "energy_wh": round(self.energy_wh),
            "measured": self._measured,
        }

    def restore(self, document: dict[str, Any]) -> None:
        """Go on with what `as_json` said, if the car turns out to be still there."""
        self.arrived = datetime.fromisoformat(document["arrive"])
        self.energy_wh = float(document["energy_wh"])
        self._measured = document["measured"]
        self._restored = True


def count_stay(device: ControlledDevice, now: datetime, *, held_w: int | None) -> None:
    """Go on with the stay at a charger that is held at ``held_w``, None: at nothing.

    A wish ends with its car, and whoever keeps the stays hears of one that is over.
    """
    if device.connected is False and device.wish is not None:
        device.wish = None
        device.wish_over()
    stay = device.session.count(
        now,
        power_w=device.power_w,
        connected=device.connected,
        offered=held_w is None or held_w > 0,
    )
    if stay is not None:
        device.stayed(stay)
