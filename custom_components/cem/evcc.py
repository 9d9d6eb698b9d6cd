"""Pass our limits on to evcc, where evcc commands devices of the home.

evcc has no call that sets a limit while it runs (release 0.313, 2026-08): it reads one
itself, every 10 s, from what its `hems: type: custom` names. That is MQTT here, two
retained topics: `TOPIC/max_consumption_power` in W, 0 for none, and
`TOPIC/feed_in_percent` of the installed power, 100 for none.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import callback

from cem_core.model import Direction, PowerLimit, Scope
from custom_components.cem.broker import async_publish, has_broker

if TYPE_CHECKING:
    from custom_components.cem.home import Home

_REPEATED_S: Final = 60.0
_ALL_OF_IT: Final = 100
# 0 W is "no limit" to evcc, so the least that it can be told is 1 W.
_NO_LIMIT_W: Final = 0
_LEAST_W: Final = 1


class Evcc:
    """What one evcc is told."""

    def __init__(self, home: Home, subentry: ConfigSubentry) -> None:
        """Tell nothing yet."""
        self._home = home
        self._topic: str = subentry.data["topic"]
        self._scope = Scope(subentry.data["limit_scope"])
        self._peak_w = subentry.data.get("feed_in_peak", 0) * 1000
        self._told: Mapping[str, int] = {}
        self._told_s = -_REPEATED_S

    @callback
    def pass_on(self) -> None:
        """Publish what holds, when it changed and once a minute."""
        hass, now_s = self._home.hass, self._home.hass.loop.time()
        wanted = self._wanted()
        due = wanted != self._told or now_s - self._told_s >= _REPEATED_S
        if not due or not has_broker(hass):
            return
        self._told, self._told_s = wanted, now_s
        for name, value in wanted.items():
            self._home.entry.async_create_task(
                hass,
                async_publish(hass, f"{self._topic}/{name}", str(value), retain=True),
                "cem evcc",
            )

    def _wanted(self) -> Mapping[str, int]:
        in_force = self._home.snapshot.in_force
        wanted = {
            "max_consumption_power": consumption_w(
                in_force.get(Direction.IMPORT, self._scope)
            )
        }
        if self._peak_w:
            export = in_force.get(Direction.EXPORT, Scope.CONNECTION)
            wanted["feed_in_percent"] = feed_in_percent(export, self._peak_w)
        return wanted


def consumption_w(limit: PowerLimit | None) -> int:
    """Return a limit in evcc's terms."""
    return _NO_LIMIT_W if limit is None else max(_LEAST_W, limit.limit_w)


def feed_in_percent(limit: PowerLimit | None, peak_w: float) -> int:
    """Return how much of ``peak_w`` may be fed in, rounded down."""
    if limit is None:
        return _ALL_OF_IT
    return min(_ALL_OF_IT, int(limit.limit_w * 100 // peak_w))
