"""What was learned of a home and what it is learned from, over restarts.

Home Assistant's statistics hold the series. Here stands what they do not have:
sessions of cars, days away, what forecasts said beforehand. All of it is bounded.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers.storage import Store

from custom_components.cem.const import DOMAIN

type Json = dict[str, Any]

_VERSION: Final = 1
_DELAY_S: Final = 3600  # a hundred kilobytes: an SD card should not get them often
_MOST_SESSIONS: Final = 600  # of a car: a year and a half of days
_MOST_AWAY: Final = 400
_ISSUED_FOR: Final = timedelta(days=90)
_SAID_BEFORE: Final = timedelta(hours=6)
_AWAY_SHARE: Final = 0.5


class LearningStore:
    """The learned state of one home."""

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        """Store under the entry's id; nothing is read before `async_load`."""
        self._store: Store[Json] = Store(
            hass, _VERSION, f"{DOMAIN}.{entry_id}.learned", atomic_writes=True
        )
        self.parts: dict[str, Json] = {}  # by subentry: stated, models, when
        self.since: dict[str, str] = {}  # by subentry: what is older is forgotten
        self.errors: Json = {}  # of forecasts: load, solar by subentry
        self.looked_at: str | None = None  # when it was learned last
        self.sessions: dict[str, list[Json]] = {}  # by subentry, oldest first
        self.open_sessions: Callable[[], dict[str, Json]] = dict
        self.opened: dict[str, Json] = {}  # that were under way at the last save
        self.away: list[str] = []  # local dates
        self.issued: dict[str, dict[str, float]] = {}  # by subentry: W by hour
        self._saves = False
        self._day: str | None = None
        self._away_counts = [0, 0]

    async def async_load(self) -> None:
        """Read what was stored."""
        data = await self._store.async_load()
        if data is None:
            return
        self.parts = data["parts"]
        self.since = data["since"]
        self.errors = data["errors"]
        self.looked_at = data["looked_at"]
        self.sessions = data["sessions"]
        self.opened = data["open_sessions"]
        self.away = data["away"]
        self.issued = data["issued"]

    async def async_save(self) -> None:
        """Write now."""
        await self._store.async_save(self.as_json())

    def save_later(self) -> None:
        """Write within an hour, or when Home Assistant stops."""
        if not self._saves:  # asked again, a delayed save would be put off again
            self._saves = True
            self._store.async_delay_save(self.as_json, _DELAY_S)

    async def async_remove(self) -> None:
        """Forget all of it."""
        await self._store.async_remove()

    def as_json(self) -> Json:
        """Return all that is stored."""
        self._saves = False
        return {
            "parts": self.parts,
            "since": self.since,
            "errors": self.errors,
            "looked_at": self.looked_at,
            "sessions": self.sessions,
            "open_sessions": self.open_sessions(),
            "away": self.away,
            "issued": self.issued,
        }

    def keep_only(self, subentries: set[str]) -> None:
        """Forget devices that are gone."""
        for table in (self.parts, self.since, self.sessions, self.issued, self.opened):
            for gone in table.keys() - subentries:
                del table[gone]

    def add_session(self, subentry_id: str, session: Json) -> None:
        """Keep a car's stay."""
        kept = self.sessions.setdefault(subentry_id, [])
        kept.append(session)
        del kept[:-_MOST_SESSIONS]
        self.save_later()

    def forget(self, subentry_id: str, now: datetime) -> None:
        """Learn a device anew, from what comes after ``now``."""
        self.parts.pop(subentry_id, None)
        self.sessions.pop(subentry_id, None)
        self.issued.pop(subentry_id, None)
        self.since[subentry_id] = now.isoformat()
        self.looked_at = None
        self.save_later()

    def began(self, subentry_id: str) -> datetime:
        """Return from when on a device is to be learned."""
        since = self.since.get(subentry_id)
        return (
            datetime.fromisoformat(since) if since else datetime.min.replace(tzinfo=UTC)
        )

    def count_away(self, today: date, *, away: bool) -> None:
        """Notice whether anybody is at home; to be called every few minutes."""
        day = today.isoformat()
        if day != self._day:
            gone, counted = self._away_counts
            if self._day is not None and counted and gone / counted > _AWAY_SHARE:
                self.away = [*self.away, self._day][-_MOST_AWAY:]
            self._day, self._away_counts = day, [0, 0]
        self._away_counts[0] += away
        self._away_counts[1] += 1

    def keep_issued(
        self, subentry_id: str, said_w: Mapping[datetime, float], now: datetime
    ) -> None:
        """Keep what a forecast says: for each hour the last of six hours before.

        An hour that was not spoken of so early keeps what was said first.
        """
        kept = self.issued.setdefault(subentry_id, {})
        for hour, power_w in said_w.items():
            key = hour.isoformat()
            if hour > now and (hour - now >= _SAID_BEFORE or key not in kept):
                kept[key] = round(power_w)
        oldest = (now - _ISSUED_FOR).isoformat()
        for key in [key for key in kept if key < oldest]:
            del kept[key]
        self.save_later()
