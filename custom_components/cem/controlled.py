"""One device of the home: what it reports, who commands it, what it is told."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from cem_core.devices import CommandQueue
from cem_core.model import Device, DeviceState, Owner, Setpoint
from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant, State
from homeassistant.util import dt as dt_util

from custom_components.cem.const import Charging, Kind
from custom_components.cem.describe import (
    describe,
    known,
    number_of,
    power_of,
    temperature_of,
)
from custom_components.cem.drivers import TRANSLATIONS, EntityDriver

# What a device echoes within this time of an order is the order's doing.
_SETTLES_WITHIN: Final = timedelta(seconds=15)
# A reported power beyond this multiple of the rated one is nonsense.
_BELIEVABLE: Final = 2.0
_ALWAYS_BELIEVED_W: Final = 500
_STALE_CAR_AFTER: Final = timedelta(hours=12)


class ControlledDevice:
    """A device subentry at run time."""

    def __init__(
        self,
        hass: HomeAssistant,
        subentry: ConfigSubentry,
        device_id: str,
        *,
        changed: Callable[[], None],
    ) -> None:
        """Describe the device and connect its driver; ``changed`` hears of it."""
        self.subentry_id = subentry.subentry_id
        self.kind = Kind(subentry.subentry_type)
        self.data: Mapping[str, Any] = subentry.data
        self.model: Device = describe(
            hass, self.kind, self.data, device_id=device_id, name=subentry.title
        )
        self.driver = EntityDriver(hass, TRANSLATIONS[self.kind](self.data))
        self.queue = CommandQueue(
            self.driver, clock=hass.loop.time, failed=self._command_failed
        )
        self._hass = hass
        self._changed = changed
        self.control = True  # the user's switch
        self.owner = Owner.PLAN
        self.person_until: datetime | None = None
        self.charging = Charging.PLAN
        self.problem: str | None = None
        self.setpoint: Setpoint | None = None
        self._ordered_at: datetime | None = None

    @property
    def device_id(self) -> str:
        """The name in plans and setpoints."""
        return self.model.device_id

    @property
    def controllable(self) -> bool:
        """Whether the user gave any entity to command it by."""
        return bool(self.driver.entities)

    @property
    def watched(self) -> tuple[str, ...]:
        """The entities whose changes matter."""
        keys = ("power", "state_of_charge", "plugged", "car_state_of_charge")
        keys += ("indoor_temperature", "ready")
        reported = tuple(self.data[key] for key in keys if key in self.data)
        return reported + self.driver.entities

    def _state(self, key: str) -> State | None:
        entity_id = self.data.get(key)
        return self._hass.states.get(entity_id) if entity_id else None

    def state(self, now: datetime, *, may_command: bool) -> DeviceState:
        """Return what is known of the device now."""
        self._hand_off_ends(now)
        return DeviceState(
            device_id=self.device_id,
            time=now,
            available=self.available and self.problem is None,
            enabled=may_command and self.control and self.controllable,
            owner=self.owner,
            power_w=self.power_w,
            setpoint_w=self.queue.sent.power_w if self.queue.sent else None,
            state_of_charge=self.state_of_charge,
            connected=self.connected,
            indoor_temperature_c=temperature_of(self._state("indoor_temperature")),
        )

    @property
    def available(self) -> bool:
        """Whether everything it is commanded by answers."""
        return all(
            known(self._hass.states.get(entity_id)) is not None
            or entity_id.startswith(("button.", "input_button."))
            for entity_id in self.driver.entities
        )

    @property
    def power_w(self) -> int | None:
        """What it consumes (solar: produces), None if unknown or nonsense."""
        power_w = power_of(self._state("power"))
        if power_w is None:
            return None
        if self.data.get("power_sign") == "discharge_positive":
            power_w = -power_w
        if self.data.get("production_negative"):
            power_w = -power_w
        if self.kind is Kind.SOLAR:
            power_w = max(0, power_w)  # an inverter's own draw at night
        most_w = max(self.model.rated_power_w, self.model.rated_discharge_w)
        if abs(power_w) > max(_BELIEVABLE * most_w, _ALWAYS_BELIEVED_W):
            return None
        return power_w

    @property
    def state_of_charge(self) -> float | None:
        """State of charge from 0 to 1; a car's only while it is fresh."""
        key = "state_of_charge"
        if self.kind is Kind.EV_CHARGER:
            key = "car_state_of_charge"
            state = self._state(key)
            if state and dt_util.utcnow() - state.last_reported > _STALE_CAR_AFTER:
                return None
        percent = number_of(self._state(key))
        if percent is None or not 0 <= percent <= 100:  # noqa: PLR2004
            return None
        return percent / 100

    @property
    def connected(self) -> bool | None:
        """Whether the car is plugged in, or the appliance filled and ready."""
        if self.kind is Kind.EV_CHARGER:
            state = known(self._state("plugged"))
            return None if state is None else state.state == "on"
        if self.kind is Kind.APPLIANCE and "ready" in self.data:
            state = known(self._state("ready"))
            wanted = ("on", self.data.get("ready_state", "ready"))
            return None if state is None else state.state in wanted
        return None

    def order(self, setpoint: Setpoint) -> None:
        """Bring ``setpoint`` to the device, without waiting."""
        if not self.controllable:
            return
        if self.queue.sent is None or self.queue.sent.power_w != setpoint.power_w:
            self._ordered_at = dt_util.utcnow()
        self.queue.put(setpoint)

    def _command_failed(self, problem: str | None) -> None:
        if problem != self.problem:
            self.problem = problem
            self._changed()

    def is_taken_over(self, old: State | None, new: State | None) -> bool:
        """Tell whether somebody else changed an entity that we command."""
        if known(old) is None or known(new) is None or old is None or new is None:
            return False  # it came or went, nobody turned it
        if new.entity_id not in self.driver.entities or old.state == new.state:
            return False
        if self.queue.sent is None or self.queue.sent.power_w is None:
            return False  # it is handed back: let anybody turn it
        if self.driver.is_ours(new):
            return False
        if new.context.user_id is not None or new.context.parent_id is not None:
            return True
        settled = self._ordered_at is None or (
            dt_util.utcnow() - self._ordered_at > _SETTLES_WITHIN
        )
        return settled and not self.queue.busy

    def hand_off(self, until: datetime) -> None:
        """Leave the device to the person who took it, until then."""
        self.owner = Owner.PERSON
        self.person_until = until

    def resume(self) -> None:
        """Take the device back."""
        self.owner = Owner.PLAN
        self.person_until = None
        self.queue.forget()

    def _hand_off_ends(self, now: datetime) -> None:
        if self.person_until is not None and now >= self.person_until:
            self.resume()
