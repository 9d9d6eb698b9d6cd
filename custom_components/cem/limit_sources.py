"""Where limits come from besides the meter, the contract and the actions."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from homeassistant.core import callback

from cem_core.limits.agree import agree
from cem_core.model import LimitSource, PowerLimit
from custom_components.cem import events
from custom_components.cem.const import Kind
from custom_components.cem.control_box import ControlBox
from custom_components.cem.evcc import Evcc
from custom_components.cem.mqtt_limits import MqttLimits, async_end_all
from custom_components.cem.relays import Relays

if TYPE_CHECKING:
    from custom_components.cem.home import Home


class LimitSources:
    """The control box, relays and broker that order limits, and who is told of them."""

    def __init__(self, home: Home) -> None:
        """Take the home's subentries; start nothing yet."""
        self._home = home
        self.relays: list[Relays] = []
        self.control_box: ControlBox | None = home.links.eebus.control_box
        self.mqtt: MqttLimits | None = None
        self._evcc: Evcc | None = None
        self._told: dict[str, PowerLimit] = {}
        for subentry in home.entry.subentries.values():
            match subentry.subentry_type:
                case Kind.RELAY:
                    self.relays.append(Relays(home.hass, subentry, home.cycle))
                case Kind.MQTT_LIMITS:
                    self.mqtt = MqttLimits(home, subentry)
                case Kind.EVCC:
                    self._evcc = Evcc(home, subentry)

    @callback
    def start(self) -> None:
        """Listen to them."""
        for relays in self.relays:
            relays.start()
        if self.mqtt is not None:
            self.mqtt.start()
        elif any(
            limit.source is LimitSource.MQTT for limit in self._home.store.orders.limits
        ):
            self._home.entry.async_create_task(
                self._home.hass, async_end_all(self._home), "cem limits by mqtt"
            )

    async def async_stop(self) -> None:
        """Listen no longer."""
        for relays in self.relays:
            relays.stop()
        if self.mqtt is not None:
            self.mqtt.stop()

    @callback
    def limits(self) -> Sequence[PowerLimit]:
        """Return what they order now."""
        box = self.control_box
        return (
            *(box.limits() if box is not None else ()),
            *(limit for relays in self.relays for limit in relays.limits()),
            *(self.mqtt.limits() if self.mqtt is not None else ()),
        )

    @callback
    def tell(self, limits: Sequence[PowerLimit]) -> None:
        """Tell of those in ``limits``, all that hold, that are new, and of ends."""
        told, self._told = self._told, {limit.limit_id: limit for limit in limits}
        for limit_id, limit in self._told.items():
            before = told.pop(limit_id, None)
            if before is not None and _same(before, limit):
                self._told[limit_id] = before
            else:
                self._home.fire(events.limit_ordered(limit))
        for ended in told.values():
            self._home.limit_ended(ended)

    @callback
    def pass_on(self) -> None:
        """Tell who else has to keep what is in force now."""
        if self._evcc is not None:
            self._evcc.pass_on()


def _same(one: PowerLimit, other: PowerLimit) -> bool:
    """Tell whether nothing changed that anybody has to be told."""
    by = (one.issuer, one.priority, one.reason)
    return by == (other.issuer, other.priority, other.reason) and agree([one], [other])
