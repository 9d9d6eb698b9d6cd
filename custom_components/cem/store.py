"""What of a home must survive a restart, or a kill.

Limits, the mode and who has been commanded are written at once: a kill a
moment later must lose nothing. All of it is small and changes rarely.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers.storage import Store

from cem_core.insight.season import Season
from cem_core.limits import HostClock, LimitError, Moment, OrderBook
from cem_core.limits.cost import CostLedger
from cem_core.model.profile import ProfileChoice
from cem_core.model.wish import Wish
from custom_components.cem.const import DOMAIN, Charging, Mode

type Kept = Mapping[str, Mapping[str, float | None]]

_VERSION: Final = 1
_PLAN_DELAY_S: Final = 30
# What a limit without a meter's clock lasts too long after a kill is at most this
# and the delay, beside the time that the machine was down.
_MOMENT_EVERY_S: Final = 60


class HomeStore:
    """The stored state of one home."""

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        """Store under the entry's id; nothing is read before `async_load`."""
        self._store: Store[dict[str, Any]] = Store(
            hass, _VERSION, f"{DOMAIN}.{entry_id}", atomic_writes=True
        )
        self.orders = OrderBook()
        self.clock = HostClock(None)
        self._moment_s = 0.0
        self.mode = Mode.OBSERVE
        self.uncontrolled: set[str] = set()  # subentries with their switch off
        self.commanded: set[str] = set()  # subentries that hold an order of ours
        self.charging: dict[str, Charging] = {}
        self.car_wishes: dict[str, Any] = {}  # by subentry, see `CarWish`
        self.failsafe: Kept = {}  # what the control box wrote, by direction
        self.paired: dict[str, str] = {}  # the role of who is paired, by SKI
        self.reactions: dict[str, Any] = {}  # by subentry, see `Reaction`
        self.cut: set[str] = set()  # subentries whose contactor we opened
        self.hot_cycles: dict[str, Any] = {}  # by subentry, see `HotCycleLog`
        self.backup_off: set[str] = set()  # subentries whose backup heater we hold off
        self.writes: dict[str, Any] = {}  # by subentry, see `WriteBudget`
        self.month_peak: dict[str, Any] | None = None
        self.plan: dict[str, Any] | None = None
        self.limit_cost: CostLedger | None = None
        self.wishes: list[Wish] = []
        self.advice_done: dict[str, str] = {}  # the local day, by advice
        self.profile = ProfileChoice()
        self.season: Season | None = None  # None: by the weather
        self.boosts: dict[str, datetime] = {}  # ends of cars', by subentry
        self.messages: dict[str, Any] | None = None  # see `Post`
        self.stopped = True  # cleanly: a run that is under way is not
        self.boot: str | None = None  # the machine's own run, then
        self.failures: dict[str, Any] | None = None  # the meter's, see `Failures`
        self.power_back: dict[str, Any] | None = None  # when, and what told it
        self.unreadable: str | None = None

    async def async_load(self) -> None:
        """Read what was stored; what cannot be read is reported, not guessed."""
        data = await self._store.async_load()
        if data is None:
            return
        try:
            self.orders = OrderBook.from_json(data["orders"])
        except LimitError as error:
            self.unreadable = str(error)
        self.clock = HostClock(_moment(data.get("moment")))
        self.mode = Mode(data["mode"])
        self.uncontrolled = set(data["uncontrolled"])
        self.commanded = set(data["commanded"])
        self.charging = {k: Charging(v) for k, v in data["charging"].items()}
        self.car_wishes = data.get("car_wishes", {})
        self.failsafe = data.get("failsafe", {})  # younger than the store's version
        self.paired = data.get("paired", {})
        self.reactions = data.get("reactions", {})
        self.cut = set(data.get("cut", ()))
        self.hot_cycles = data.get("hot_cycles", {})
        self.backup_off = set(data.get("backup_off", ()))
        self.writes = data.get("writes", {})
        self.month_peak = data["month_peak"]
        self.plan = data["plan"]
        if (cost := data.get("limit_cost")) is not None:  # younger, too
            self.limit_cost = CostLedger.from_json(cost)
        self.wishes = [Wish.from_json(wish) for wish in data.get("wishes", ())]
        self.advice_done = data.get("advice_done", {})
        self.messages = data.get("messages")
        self.stopped = data.get("stopped", True)
        self.boot = data.get("boot")
        self.failures = data.get("failures")
        self.power_back = data.get("power_back")
        if (season := data.get("season")) is not None:
            self.season = Season(season)
        self.boosts = {
            key: datetime.fromisoformat(end)
            for key, end in data.get("boosts", {}).items()
        }
        if (profile := data.get("profile")) is not None:
            self.profile = ProfileChoice.from_json(profile)

    def follow_clock(
        self, now: datetime, monotonic_s: float, meter: datetime | None
    ) -> None:
        """Keep what ordered limits have left to run, whatever the host's clock does."""
        shift = self.clock.update(now, monotonic_s, meter)
        if shift:
            self.orders.shift(shift)
        ends = any(limit.end is not None for limit in self.orders.limits)
        if shift or (ends and monotonic_s - self._moment_s >= _MOMENT_EVERY_S):
            self._moment_s = monotonic_s
            self.save_later()

    async def async_save(self) -> None:
        """Write now."""
        await self._store.async_save(self.as_json())

    def save_later(self) -> None:
        """Write soon: for what may be lost, as a plan or a peak."""
        self._store.async_delay_save(self.as_json, _PLAN_DELAY_S)

    async def async_remove(self) -> None:
        """Forget the home."""
        await self._store.async_remove()

    def as_json(self) -> dict[str, Any]:
        """Return all that is stored."""
        return {
            "orders": self.orders.to_json(),
            "moment": _stored(self.clock.moment()),
            "mode": self.mode,
            "uncontrolled": sorted(self.uncontrolled),
            "commanded": sorted(self.commanded),
            "charging": dict(self.charging),
            "car_wishes": dict(self.car_wishes),
            "failsafe": {key: dict(value) for key, value in self.failsafe.items()},
            "paired": dict(self.paired),
            "reactions": self.reactions,
            "cut": sorted(self.cut),
            "hot_cycles": dict(self.hot_cycles),
            "backup_off": sorted(self.backup_off),
            "writes": dict(self.writes),
            "month_peak": self.month_peak,
            "plan": self.plan,
            "limit_cost": None
            if self.limit_cost is None
            else self.limit_cost.to_json(),
            "wishes": [wish.to_json() for wish in self.wishes],
            "advice_done": dict(self.advice_done),
            "profile": self.profile.to_json(),
            "messages": self.messages,
            "stopped": self.stopped,
            "boot": self.boot,
            "failures": self.failures,
            "power_back": self.power_back,
            "season": self.season,
            "boosts": {key: end.isoformat() for key, end in self.boosts.items()},
        }


def _moment(stored: Mapping[str, str | None] | None) -> Moment | None:
    if stored is None or stored["host"] is None:
        return None
    meter = stored["meter"]
    return Moment(
        host=datetime.fromisoformat(stored["host"]),
        meter=None if meter is None else datetime.fromisoformat(meter),
    )


def _stored(moment: Moment | None) -> dict[str, str | None] | None:
    if moment is None:
        return None
    meter = None if moment.meter is None else moment.meter.isoformat()
    return {"host": moment.host.isoformat(), "meter": meter}
