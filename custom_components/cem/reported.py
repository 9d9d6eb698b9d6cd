"""One device of the home: what its form, its entities and its driver say of it."""

from collections import ChainMap
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant, State
from homeassistant.util import dt as dt_util

from cem_core.devices import Capability
from cem_core.model import Device
from custom_components.cem import car_needs
from custom_components.cem.const import Kind
from custom_components.cem.describe import (
    describe,
    known,
    number_of,
    phases_in_use,
    power_of,
    temperature_of,
)
from custom_components.cem.drivers import EvccDriver, connect
from custom_components.cem.given_back import GivenBack
from custom_components.cem.named_states import named
from custom_components.cem.numbers import finite
from custom_components.cem.profile import PROFILE_STEP, profile_kw
from custom_components.cem.temperatures import CURRENT, in_celsius

_REPORTED: Final = (
    "power",
    "state_of_charge",
    "plugged",
    "car_state_of_charge",
    "indoor_temperature",
    "water_temperature",
    "ready",
    "phases_in_use",
)
# A reported power beyond this multiple of the rated one is nonsense.
_BELIEVABLE: Final = 2.0
_ALWAYS_BELIEVED_W: Final = 500
_STALE_CAR_AFTER: Final = timedelta(hours=12)


class ReportedDevice:
    """A device subentry, as it is described and as it is now."""

    def __init__(
        self, hass: HomeAssistant, subentry: ConfigSubentry, device_id: str
    ) -> None:
        """Describe the device and connect its driver."""
        self.subentry_id = subentry.subentry_id
        self.kind = Kind(subentry.subentry_type)
        self.form: Mapping[str, Any] = subentry.data
        self.instead: dict[str, Any] = {}  # of what the form says, for a while
        self.data: Mapping[str, Any] = ChainMap(self.instead, dict(subentry.data))
        self.model: Device = describe(
            hass, self.kind, self.data, device_id=device_id, name=subentry.title
        )
        self.driver = connect(hass, self.kind, self.data, device_id)
        self.given = GivenBack()
        self.guest = False  # the car is not the one that the form tells of
        self._measures = "power" in self.data
        self._hass = hass

    @property
    def device_id(self) -> str:
        """The name in plans and setpoints."""
        return self.model.device_id

    @property
    def controllable(self) -> bool:
        """Whether there is anything to command it by."""
        return self.driver.controllable

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What it can be ordered and what it says, as it is connected now."""
        found = set(self.driver.capabilities)
        if self.power_w is not None:
            found.add(Capability.MEASURE_POWER)
        if self.state_of_charge is not None:
            found.add(Capability.STATE_OF_CHARGE)
        return frozenset(found)

    @property
    def reporting(self) -> tuple[str, ...]:
        """The entities that tell of it."""
        return tuple(self.data[key] for key in _REPORTED if key in self.data)

    @property
    def available(self) -> bool:
        """Whether everything it is commanded by answers."""
        return self.driver.available

    def said(self, key: str) -> str | None:
        """Return what the entity of a field says, None: nothing, or there is none."""
        state = known(self._state(key))
        return None if state is None else state.state

    @property
    def power_w(self) -> int | None:
        """What it consumes (solar: produces), None if unknown or nonsense."""
        power_w = self._entity_power_w
        if power_w is None:
            power_w = self.driver.measured_w()
        if power_w is None:
            return None
        if self.kind is Kind.SOLAR:
            power_w = max(0, power_w)  # an inverter's own draw at night
        most_w = max(self.model.rated_power_w, self.model.rated_discharge_w)
        if abs(power_w) > max(_BELIEVABLE * most_w, _ALWAYS_BELIEVED_W):
            return None
        return power_w

    @property
    def _entity_power_w(self) -> int | None:
        power_w = power_of(self._state("power"))
        if power_w is None:
            return None
        if self.data.get("power_sign") == "discharge_positive":
            power_w = -power_w
        return -power_w if self.data.get("production_negative") else power_w

    @property
    def shown_w(self) -> int | None:
        """What tells that an order arrived: its power, else what it says it holds.

        What was ever measured counts from then on, also while the device says nothing:
        an order that stands in its place would pass for obedience.
        """
        return self.power_w if self._measures else self.driver.held_w()

    @property
    def measures(self) -> bool:
        """Whether it has a meter of its own, be it silent now."""
        return self._measures

    @property
    def state_of_charge(self) -> float | None:
        """State of charge from 0 to 1; a car's only while it is fresh."""
        key = "state_of_charge"
        if self.kind is Kind.EV_CHARGER:
            if self.guest:
                return self.driver.state_of_charge
            key = "car_state_of_charge"
            state = self._state(key)
            if state and dt_util.utcnow() - state.last_reported > _STALE_CAR_AFTER:
                return None
        if key not in self.data:
            return self.driver.state_of_charge
        percent = number_of(self._state(key))
        if percent is None or not 0 <= percent <= 100:  # noqa: PLR2004
            return None
        charge = percent / 100
        if self.given.energy_wh:
            taken_wh = self.given.energy_wh / (self.data["car_capacity"] * 1000)
            charge = max(0.0, charge - taken_wh / car_needs.give_efficiency(self))
        return charge

    @property
    def car_unknown(self) -> bool:
        """Whether a car is there whose state of charge should be known but is not."""
        expected = "car_state_of_charge" in self.data and not self.guest
        return expected and self.connected is True and self.state_of_charge is None

    @property
    def connected(self) -> bool | None:
        """Whether the car is plugged in, or the appliance filled and ready."""
        if self.kind is Kind.EV_CHARGER:
            if "plugged" not in self.data:
                return self.driver.plugged
            state = known(self._state("plugged"))
            if state is None:
                return None
            names = named(self.data.get("plugged_states", ""))
            return state.state in (names if state.domain == "sensor" else ("on",))
        if self.kind is Kind.APPLIANCE and "ready" in self.data:
            state = known(self._state("ready"))
            wanted = ("on", self.data.get("ready_state", "ready"))
            return None if state is None else state.state in wanted
        return None

    @property
    def phases_said(self) -> int | None:
        """On how many phases the charger itself says that it charges."""
        if "phases_in_use" not in self.data and isinstance(self.driver, EvccDriver):
            return self.driver.phases_active
        return phases_in_use(self._state("phases_in_use"))

    @property
    def room_c(self) -> float | None:
        """The temperature of its rooms."""
        return temperature_of(self._state("indoor_temperature"))

    @property
    def outdoor_c(self) -> float | None:
        """The outdoor temperature at the heat pump."""
        return temperature_of(self._state("outdoor_temperature"))

    @property
    def water_c(self) -> float | None:
        """The temperature of the water that it heats, as a sensor or it itself says."""
        if "water_temperature" in self.data:
            return temperature_of(self._state("water_temperature"))
        if self.data.get("own_tank"):
            return self.driver.water_c
        tank = self._state("water_heater") or self._state("tank_setpoint")
        said = in_celsius(self._hass, known(tank))
        return None if said is None else finite(said.attributes.get(CURRENT))

    @property
    def running(self) -> bool:
        """Whether the appliance draws power, beyond its standby."""
        power_w = self.power_w
        return power_w is not None and power_w > self.data.get("running_above", 10)

    @property
    def run_length(self) -> timedelta:
        """How long one run of the appliance takes."""
        return len(profile_kw(self.data["profile"])) * PROFILE_STEP

    @property
    def profile_kw(self) -> tuple[float, ...]:
        """The power of one run of the appliance, in kW a quarter of an hour."""
        return profile_kw(self.data["profile"])

    def _state(self, key: str) -> State | None:
        entity_id = self.data.get(key)
        return self._hass.states.get(entity_id) if entity_id else None

    def has_changed(self, entity_id: str, old: State | None, new: State | None) -> bool:
        """Tell whether a car came or went, or an appliance got ready."""
        telling = (self.data.get("plugged"), self.data.get("ready"))
        if entity_id not in telling or new is None:
            return False
        return old is None or old.state != new.state
