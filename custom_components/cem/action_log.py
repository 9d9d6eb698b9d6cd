"""The last actions and events of a home, each with its sentence; kept in memory.

For the person who asks what happened. What has to be proven is in the evidence.
"""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from homeassistant.core import callback
from homeassistant.util import dt as dt_util

from cem_core.limits.notice import NoticeCause
from cem_core.model import Action, Message
from cem_core.model.message_json import message_from_json
from custom_components.cem.const import (
    EVENT_LIMIT_ENDED,
    EVENT_LIMIT_ORDERED,
    EVENT_NEAR_LIMIT,
    EVENT_NEAR_LIMIT_CLEARED,
    EVENT_NOT_OBEYING,
    EVENT_PLAN_CHANGED,
    EVENT_POWER_RETURNED,
    Kind,
)
from custom_components.cem.sentences import reason_for
from custom_components.cem.view import action_of, limited_by

if TYPE_CHECKING:
    from custom_components.cem.events import HomeEvent
    from custom_components.cem.home import Home

_MOST: Final = 200
_MOVES: Final = 2
_PRODUCES: Final = "produce"  # what the sun does where a device runs
# A device that changes again within the first is noted once the change has lasted
# the second: a power that wavers about a limit is one thing, not a hundred.
_CALM: Final = timedelta(seconds=60)
_LASTING: Final = timedelta(seconds=20)

type Told = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What happened; ``action`` is what a device was told to do, or advised."""

    time: datetime
    about: str  # limit, plan or device
    message: Message
    device_id: str | None = None
    name: str | None = None
    action: str | None = None


@dataclass(frozen=True, slots=True)
class _Seen:
    state: tuple[Any, ...]
    since: datetime


class ActionLog:
    """Notes what devices begin to do, and what happens to limits and the plan."""

    def __init__(self, home: Home) -> None:
        """Note nothing before `start`."""
        self._home = home
        self._entries = deque[Entry](maxlen=_MOST)
        self._known: dict[str, _Seen] = {}
        self._wavering: dict[str, _Seen] = {}
        self.since = dt_util.utcnow()

    @property
    def entries(self) -> Sequence[Entry]:
        """What was noted, the oldest first."""
        return tuple(self._entries)

    def start(self) -> Callable[[], None]:
        """Listen until what is returned is called."""
        stops = (
            self._home.listen_events(self._happened),
            self._home.listen(self._decided),
        )

        def stop() -> None:
            for each in stops:
                each()

        return stop

    @callback
    def _happened(self, event: HomeEvent) -> None:
        if (found := _ABOUT.get(event.event_type)) is None:
            return
        about, say = found
        if (message := say(event.attributes)) is not None:
            self._note(about, message, device_id=event.attributes.get("device"))

    @callback
    def _decided(self) -> None:
        """Note what a device begins to do."""
        home = self._home
        for device_id, device in home.devices.items():
            action = action_of(home, device)
            seen = (
                action,
                device.owner,
                limited_by(home, device),
                device.available,
                home.power_cuts.holds(device_id),
            )
            first = device_id not in self._known
            if not self._begins(device_id, seen) or (first and action is None):
                continue
            runs = action == Action.RUN
            self._note(
                "device",
                reason_for(home, device),
                device_id=device_id,
                name=device.model.name,
                action=_PRODUCES if device.kind is Kind.SOLAR and runs else action,
            )

    def _begins(self, device_id: str, state: tuple[Any, ...]) -> bool:
        """Tell whether the device is in another state, not just for a moment."""
        now, known = dt_util.utcnow(), self._known.get(device_id)
        if known is not None and known.state == state:
            if self._wavering.pop(device_id, None) is not None:
                self._known[device_id] = _Seen(state, now)
            return False
        if known is not None and now - known.since < _CALM:
            other = self._wavering.get(device_id)
            if other is None or other.state != state:
                self._wavering[device_id] = other = _Seen(state, now)
            if now - other.since < _LASTING:
                return False
        self._wavering.pop(device_id, None)
        self._known[device_id] = _Seen(state, now)
        return True

    def _note(self, about: str, message: Message, **more: str | None) -> None:
        self._entries.append(
            Entry(time=dt_util.utcnow(), about=about, message=message, **more)
        )


def _limit_ordered(told: Told) -> Message:
    return Message.of(
        "log_limit_ordered", issuer=told["issuer"], limit_w=told["limit_w"]
    )


def _limit_ended(told: Told) -> Message:
    return Message.of("log_limit_ended", issuer=told["issuer"], limit_w=told["limit_w"])


def _near(told: Told) -> Message:
    power_w, limit_w = told["power_w"], told["limit_w"]
    if power_w > limit_w:
        return Message.of("log_above_limit", power_w=power_w, limit_w=limit_w)
    if told["cause"] == NoticeCause.TRIP:
        return Message.of("log_may_be_cut", power_w=power_w, limit_w=limit_w)
    return Message.of("log_near_limit", power_w=power_w, limit_w=limit_w)


def _cleared(told: Told) -> Message:
    return Message.of("log_near_limit_cleared", limit_w=told["limit_w"])


def _not_obeying(told: Told) -> Message:
    return Message.of("log_not_obeying", device=told["name"])


def _power_returned(told: Told) -> Message:
    until = datetime.fromisoformat(told["until"])
    return Message.of("log_power_returned", end_time=until)


def _plan_changed(told: Told) -> Message | None:
    if not told["moved"]:
        return None
    first, *others = map(message_from_json, told["moved"][:_MOVES])
    return Message.of("log_plan_changed", what=first.then(*others))


_ABOUT: Final[Mapping[str, tuple[str, Callable[[Told], Message | None]]]] = {
    EVENT_LIMIT_ORDERED: ("limit", _limit_ordered),
    EVENT_LIMIT_ENDED: ("limit", _limit_ended),
    EVENT_NEAR_LIMIT: ("limit", _near),
    EVENT_NEAR_LIMIT_CLEARED: ("limit", _cleared),
    EVENT_NOT_OBEYING: ("limit", _not_obeying),
    EVENT_PLAN_CHANGED: ("plan", _plan_changed),
    EVENT_POWER_RETURNED: ("limit", _power_returned),
}
