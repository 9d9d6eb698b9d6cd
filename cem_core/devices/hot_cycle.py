"""Heat against legionella: when a tank was last hot for long enough, and when it is due.

DVGW W 551 (2004), 5 asks for 60 °C; a tank that is kept cooler is heated through
now and then. Seen from the water's temperature alone, so that a device's own
programme counts as well as a cycle of ours.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Self


@dataclass(frozen=True, slots=True, kw_only=True)
class HotCycle:
    """How hot, for how long, and how often."""

    temperature_c: float
    every: timedelta
    hold: timedelta = timedelta(minutes=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class HotCycleLog:
    """What was seen of a tank: ``done_at`` is the end of the last cycle.

    Before one was seen it is when the tank began to be looked at. ``hot_since``:
    None while the water is not hot. ``begun``: the next one is due, and stays so
    until it is done.
    """

    done_at: datetime
    hot_since: datetime | None = None
    begun: bool = False

    def seen(
        self, cycle: HotCycle, water_c: float | None, now: datetime, takes: timedelta
    ) -> Self:
        """Return the log after a look at the water; None: nobody can tell.

        ``takes``: how long it takes to heat it through. So long before its time is
        over a cycle begins.
        """
        since, done_at = self.hot_since, self.done_at
        if water_c is None or water_c < cycle.temperature_c:
            since = None
        else:
            since = now if since is None else since
            if now >= since + cycle.hold > done_at:
                done_at = since + cycle.hold
        done = done_at > self.done_at
        begun = not done and (self.begun or now >= self.by(cycle) - takes)
        if (since, done_at, begun) == (self.hot_since, self.done_at, self.begun):
            return self
        return replace(self, hot_since=since, done_at=done_at, begun=begun)

    def by(self, cycle: HotCycle) -> datetime:
        """Return by when the next cycle is to be over."""
        return self.done_at + cycle.every

    def is_due(self, cycle: HotCycle, now: datetime) -> bool:
        """Tell whether a cycle is due, or running, whoever began it."""
        running = self.hot_since is not None and now < self.hot_since + cycle.hold
        return running or self.begun

    def to_json(self) -> dict[str, Any]:
        """Return it as it is stored; that the water is hot is seen again."""
        return {"done_at": self.done_at.isoformat()}

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        """Return what `to_json` made."""
        return cls(done_at=datetime.fromisoformat(document["done_at"]))
