"""One device of the home: what it reports, who commands it, what it is told."""

from collections import ChainMap
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant, State
from homeassistant.util import dt as dt_util

from cem_core.devices import Capability, CommandQueue, Promise, Reaction
from cem_core.model import (
    Action,
    Cause,
    Device,
    DeviceState,
    Message,
    Owner,
    Protection,
    Setpoint,
)
from cem_core.model.comfort_week import ComfortWeek
from cem_core.ocpp.admission import Card
from custom_components.cem import car_needs
from custom_components.cem.car_phases import CarPhases
from custom_components.cem.car_wish import CarWish
from custom_components.cem.ceiling import Ceiling
from custom_components.cem.charger_phases import phase_choice
from custom_components.cem.charging_session import ChargingSession, Stay, count_stay
from custom_components.cem.const import Charging, Kind
from custom_components.cem.describe import (
    describe,
    known,
    number_of,
    phases_in_use,
    power_of,
    temperature_of,
)
from custom_components.cem.drivers import Contactor, EvccDriver, S2Driver, connect
from custom_components.cem.given_back import GivenBack
from custom_components.cem.heat_protection import HEATING_KINDS, HeatProtection
from custom_components.cem.learning.models import Habits
from custom_components.cem.named_states import named
from custom_components.cem.numbers import finite
from custom_components.cem.profile import PROFILE_STEP, profile_kw
from custom_components.cem.temperatures import CURRENT, in_celsius

# What a device echoes within this time of an order is the order's doing.
_SETTLES_WITHIN: Final = timedelta(seconds=15)
# A reported power beyond this multiple of the rated one is nonsense.
_BELIEVABLE: Final = 2.0
_ALWAYS_BELIEVED_W: Final = 500
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
# A device that took its hand-back and says something else all this time has made
# its own choice.
_HANDED_BACK_AFTER: Final = timedelta(minutes=1)
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
        self.form: Mapping[str, Any] = subentry.data
        self.instead: dict[str, Any] = {}  # of what the form says, for a while
        self.comfort_week: ComfortWeek | None = None  # of a heat pump's rooms
        self.data: Mapping[str, Any] = ChainMap(self.instead, dict(subentry.data))
        self.model: Device = describe(
            hass, self.kind, self.data, device_id=device_id, name=subentry.title
        )
        self.driver = connect(hass, self.kind, self.data, device_id)
        self.queue = CommandQueue(
            self.driver, clock=hass.loop.time, failed=self._command_failed
        )
        contactor = self.data.get("contactor")
        self.contactor = Contactor(hass, contactor, device_id) if contactor else None
        backup = self.data.get("backup_heater")
        self.backup = Contactor(hass, backup, device_id) if backup else None
        self.protection = (
            HeatProtection(self.kind, self.data) if self.kind in HEATING_KINDS else None
        )
        self.phases = CarPhases(int(self.data.get("phases", 1)))
        self.choice = phase_choice(self.data)
        self.test_w: int | None = None
        self.ordered_w: int | None = None  # the latest order, None: left alone
        self._measures = "power" in self.data
        self._reaction = Reaction()
        self.promise = Promise()  # what the plan may count on
        self._hass = hass
        self._changed = changed
        self.control = True  # the user's switch
        self.owner = Owner.PLAN
        self.person_until: datetime | None = None
        self.charging = Charging.PLAN
        self.problem: str | Message | None = None
        self.setpoint: Setpoint | None = None
        self.ceiling = Ceiling(self.driver)
        self.session = ChargingSession()
        self.given = GivenBack()
        self.wish: CarWish | None = None
        self.wish_over: Callable[[], None] = lambda: None
        self.leaves_at: datetime | None = None  # as its calendar says
        self.guest = False  # the car is not the one that the form tells of
        self.card: Card | None = None  # that started the session, where one did
        self.stayed: Callable[[Stay], None] = lambda _: None
        self.habits: Callable[[], Habits | None] = lambda: None
        self.started_at: datetime | None = None  # the appliance's last run
        self.away_since: datetime | None = None  # since when it does not answer
        self._ordered_at: datetime | None = None
        self._took_back_at: datetime | None = None

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
    def watched(self) -> tuple[str, ...]:
        """The entities whose changes matter."""
        reported = tuple(self.data[key] for key in _REPORTED if key in self.data)
        switches = [s.entity_id for s in (self.contactor, self.backup) if s is not None]
        return (*reported, *self.driver.entities, *switches)

    def _state(self, key: str) -> State | None:
        entity_id = self.data.get(key)
        return self._hass.states.get(entity_id) if entity_id else None

    def state(self, now: datetime, *, may_command: bool) -> DeviceState:
        """Return what is known of the device now."""
        self._hand_off_ends(now)
        self.away_since = None if self.available else self.away_since or now
        self._measures |= self.driver.measured_w() is not None
        if self.kind is Kind.EV_CHARGER:
            count_stay(self, now, held_w=self._setpoint_w)
            self._count_given(now)
        return DeviceState(
            device_id=self.device_id,
            time=now,
            available=self.available and self.problem is None,
            enabled=may_command and self.control and self.controllable,
            owner=self.owner,
            power_w=self.power_w,
            setpoint_w=self._setpoint_w,
            state_of_charge=self.state_of_charge,
            connected=self.connected,
            indoor_temperature_c=temperature_of(self._state("indoor_temperature")),
            cut=self.contactor is not None and self.contactor.is_open,
            test_w=self.test_w,
            phases_in_use=self.phases_said,
            need=car_needs.need(self, now) if self._has_car else None,
            protection=self._protection(now),
        )

    def _protection(self, now: datetime) -> Protection | None:
        if self.protection is None:
            return None
        return self.protection.look(
            now,
            room_c=temperature_of(self._state("indoor_temperature")),
            outdoor_c=self.outdoor_c,
            water_c=self.water_c,
        )

    @property
    def _setpoint_w(self) -> int | None:
        """What it was told last; after a restart, what its entities still hold."""
        if self.queue.sent is None or self.owner is Owner.PERSON:
            return self.driver.held_w()
        return self.queue.sent.power_w

    @property
    def available(self) -> bool:
        """Whether everything it is commanded by answers."""
        return self.driver.available

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

    def _count_given(self, now: datetime) -> None:
        if not self.model.rated_discharge_w:
            return
        state, power_w = self._state("car_state_of_charge"), self.power_w
        if power_w is None:
            power_w = self._setpoint_w or 0
        said_at = None if state is None else state.last_changed
        self.given.count(now, said_at=said_at, power_w=power_w)

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
    def reaction(self) -> Reaction:
        """How long it takes to follow, as far as that was seen."""
        return self._reaction

    @reaction.setter
    def reaction(self, reaction: Reaction) -> None:
        self._reaction = reaction
        self.model = replace(
            self.model,
            reaction_s=reaction.seconds,
            ramp_w_per_s=reaction.ramp_w_per_s,
        )

    @property
    def dispatched_most_w(self) -> int:
        """What dispatch would let it draw: less for one that is too slow."""
        model = self.model
        if model.standing_limit_w is None or not model.slow or model.has_contactor:
            return model.rated_power_w
        most_w = min(model.rated_power_w, model.standing_limit_w)
        return max(model.min_power_w, most_w, 1)

    async def join(self) -> None:
        """Wait until nothing is left to order."""
        await self.queue.join()
        for switch in (self.contactor, self.backup):
            if switch is not None:
                await switch.queue.join()

    def insist(self) -> None:
        """Send the next order whatever the device's entities say."""
        self.driver.insist()
        self.queue.forget()

    def order(self, setpoint: Setpoint) -> None:
        """Bring ``setpoint`` to the device, without waiting."""
        if not self.controllable or self._runs_already(setpoint):
            return
        sent = self.queue.sent
        if sent is None or (sent.power_w, sent.use) != (setpoint.power_w, setpoint.use):
            self._ordered_at = dt_util.utcnow()
        self.ordered_w = setpoint.power_w
        self.queue.put(setpoint)

    def hand_back(self) -> bool:
        """Give the device its own normal mode; tell whether it has it.

        To be called until it has: a device may be away, or an order be lost.
        """
        self.ordered_w = None
        sent, now = self.queue.sent, dt_util.utcnow()
        if sent is not None and sent.power_w is None and not self.queue.busy:
            since = self._took_back_at = self._took_back_at or now
            if self.driver.is_as(sent) or now - since > _HANDED_BACK_AFTER:
                self._took_back_at = None
                return True
        self.queue.put(
            Setpoint(
                device_id=self.device_id,
                action=Action.HOLD,
                power_w=None,
                cause=Cause.HANDED_BACK,
            )
        )
        return False

    def _runs_already(self, setpoint: Setpoint) -> bool:
        """Whether this run was started: an appliance is started once.

        Over S2 it says itself what it has begun.
        """
        if self.kind is not Kind.APPLIANCE or setpoint.action is not Action.RUN:
            return False
        if isinstance(self.driver, S2Driver):
            return False
        if self.running or self.connected is False:
            return True
        now = dt_util.utcnow()
        if self.started_at is not None and now - self.started_at < self.run_length:
            return True
        self.started_at = now
        return False

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

    def said(self, key: str) -> str | None:
        """Return what the entity of a field says, None: nothing, or there is none."""
        state = known(self._state(key))
        return None if state is None else state.state

    @property
    def outdoor_c(self) -> float | None:
        """The outdoor temperature at the heat pump."""
        return temperature_of(self._state("outdoor_temperature"))

    @property
    def water_c(self) -> float | None:
        """The temperature of the water that it heats, as a sensor or it itself says."""
        if "water_temperature" in self.data:
            return temperature_of(self._state("water_temperature"))
        tank = self._state("water_heater") or self._state("tank_setpoint")
        said = in_celsius(self._hass, known(tank))
        return None if said is None else finite(said.attributes.get(CURRENT))

    @property
    def energy_wanted_kwh(self) -> float:
        """What the car still has to get, as it says, or as one takes it to."""
        return car_needs.energy_wanted_kwh(self)

    @property
    def _has_car(self) -> bool:
        return self.kind is Kind.EV_CHARGER and self.connected is True

    def has_changed(self, entity_id: str, old: State | None, new: State | None) -> bool:
        """Tell whether a car came or went, or an appliance got ready."""
        telling = (self.data.get("plugged"), self.data.get("ready"))
        if entity_id not in telling or new is None:
            return False
        return old is None or old.state != new.state

    def notice_return(self, old: State | None, new: State | None) -> None:
        """Order anew, without delay, what comes back: it may have forgotten all."""
        back = known(old) is None and known(new) is not None
        if back and new is not None and new.entity_id in self.driver.entities:
            self.queue.forget()

    def _command_failed(self, problem: str | Message | None) -> None:
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
        self.ordered_w = None  # it need not obey what was ordered before

    def resume(self) -> None:
        """Take the device back."""
        self.owner = Owner.PLAN
        self.person_until = None
        self.ceiling.forget()
        self.queue.forget()

    def _hand_off_ends(self, now: datetime) -> None:
        if self.person_until is not None and now >= self.person_until:
            self.resume()
