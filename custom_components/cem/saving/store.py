"""What of the savings survives a restart: days that are over, and prices until then."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers.storage import Store

from cem_core.insight.savings import SavedDay
from custom_components.cem.const import DOMAIN

_VERSION: Final = 1
_MOST_DAYS: Final = 400
_PRICES_FOR: Final = timedelta(days=3)
_DELAY_S: Final = 300
_MOST_STARTS: Final = 14

type Price = tuple[float, float]


class SavingsStore:
    """The days of one home, oldest first, and the prices of the quarter hours since."""

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        """Store under the entry's id; nothing is read before `async_load`."""
        self._store: Store[dict[str, Any]] = Store(
            hass, _VERSION, f"{DOMAIN}.{entry_id}.savings", atomic_writes=True
        )
        self.days: list[SavedDay] = []
        self.prices: dict[datetime, Price] = {}
        self.controlled: set[datetime] = set()  # hours in which the CEM commanded
        self.own_rule = True  # batteries balance by themselves
        # Habits of devices while nothing was controlled, by subentry: a heat pump's
        # temperatures by local hour, an appliance's starts in minutes from the day's.
        self.temperatures: dict[str, Sequence[float | None]] = {}
        self.starts: dict[str, list[int]] = {}
        self.tried: datetime | None = None  # the end of the day that was last looked at

    async def async_load(self) -> None:
        """Read what was stored."""
        data = await self._store.async_load()
        if data is None:
            return
        self.days = [SavedDay.from_json(day) for day in data["days"]]
        self.prices = {
            datetime.fromisoformat(time): (imported, exported)
            for time, imported, exported in data["prices"]
        }
        self.controlled = set(map(datetime.fromisoformat, data["controlled"]))
        self.own_rule = data["own_rule"]
        self.temperatures = data.get("temperatures", {})
        self.starts = data.get("starts", {})
        tried = data["tried"]
        self.tried = None if tried is None else datetime.fromisoformat(tried)

    def note_prices(self, prices: Iterable[tuple[datetime, Price]]) -> None:
        """Keep what quarter hours cost, as it is known when they come."""
        self.prices.update(prices)
        self._save_later()

    def note_start(self, subentry_id: str, minute: int) -> None:
        """Keep when an appliance was started by hand."""
        kept = self.starts.setdefault(subentry_id, [])
        kept.append(minute)
        del kept[:-_MOST_STARTS]

    def keep_only(self, subentries: set[str]) -> None:
        """Forget the habits of devices that are gone."""
        for habits in (self.temperatures, self.starts):
            for gone in habits.keys() - subentries:
                del habits[gone]

    def add(self, day: SavedDay) -> None:
        """Keep a day that is over."""
        self.days = [*self.days, day][-_MOST_DAYS:]

    def looked_at(self, end: datetime) -> None:
        """Go on to the next day, and forget what led to this one."""
        self.tried = end
        since = end - _PRICES_FOR
        self.prices = {t: p for t, p in self.prices.items() if t >= since}
        self.controlled = {hour for hour in self.controlled if hour >= since}
        self._save_later()

    async def async_save(self) -> None:
        """Write now."""
        await self._store.async_save(self.as_json())

    async def async_remove(self) -> None:
        """Forget the home."""
        await self._store.async_remove()

    def _save_later(self) -> None:
        self._store.async_delay_save(self.as_json, _DELAY_S)

    def as_json(self) -> dict[str, Any]:
        """Return all that is stored."""
        return {
            "days": [day.to_json() for day in self.days],
            "prices": [[t.isoformat(), *p] for t, p in sorted(self.prices.items())],
            "controlled": sorted(hour.isoformat() for hour in self.controlled),
            "own_rule": self.own_rule,
            "temperatures": self.temperatures,
            "starts": self.starts,
            "tried": None if self.tried is None else self.tried.isoformat(),
        }
