"""One device of the home at run time: who commands it, and what it is told."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant, State
from homeassistant.util import dt as dt_util

from cem_core.devices import CommandQueue, Promise, Reaction
from cem_core.model import (
    Action,
    Cause,
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
from custom_components.cem.describe import known
from custom_components.cem.drivers import Contactor, S2Driver
from custom_components.cem.heat_protection import HEATING_KINDS, HeatProtection
from custom_components.cem.learning.models import Habits
from custom_components.cem.reported import ReportedDevice

# What a device echoes within this time of an order is the order's doing.
_SETTLES_WITHIN: Final = timedelta(seconds=15)
# A device that took its hand-back and says something else all this time has made
# its own choice.
_HANDED_BACK_AFTER: Final = timedelta(minutes=1)


class ControlledDevice(ReportedDevice):
    """A device that is commanded: by the plan, by a person or under a limit."""

    def __init__(
        self,
        hass: HomeAssistant,
        subentry: ConfigSubentry,
        device_id: str,
        *,
        changed: Callable[[], None],
    ) -> None:
        """Describe the device and connect its driver; ``changed`` hears of it."""
        super().__init__(hass, subentry, device_id)
        self.comfort_week: ComfortWeek | None = None  # of a heat pump's rooms
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
        self._reaction = Reaction()
        self.promise = Promise()  # what the plan may count on
        self._changed = changed
        self.control = True  # the user's switch
        self.owner = Owner.PLAN
        self.person_until: datetime | None = None
        self.charging = Charging.PLAN
        self.problem: str | Message | None = None
        self.setpoint: Setpoint | None = None
        self.ceiling = Ceiling(self.driver)
        self.session = ChargingSession()
        self.wish: CarWish | None = None
        self.wish_over: Callable[[], None] = lambda: None
        self.leaves_at: datetime | None = None  # as its calendar says
        self.card: Card | None = None  # that started the session, where one did
        self.stayed: Callable[[Stay], None] = lambda _: None
        self.habits: Callable[[], Habits | None] = lambda: None
        self.started_at: datetime | None = None  # the appliance's last run
        self.away_since: datetime | None = None  # since when it does not answer
        self._ordered_at: datetime | None = None
        self._took_back_at: datetime | None = None

    @property
    def watched(self) -> tuple[str, ...]:
        """The entities whose changes matter."""
        switches = [s.entity_id for s in (self.contactor, self.backup) if s is not None]
        return (*self.reporting, *self.driver.entities, *switches)

    def state(
        self, now: datetime, *, may_command: bool, asked_w: int | None = None
    ) -> DeviceState:
        """Return what is known of the device now.

        ``asked_w`` is what somebody has it do once, although it is not under control.
        """
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
            enabled=self.controllable
            and (asked_w is not None or (may_command and self.control)),
            owner=self.owner,
            power_w=self.power_w,
            setpoint_w=self._setpoint_w,
            state_of_charge=self.state_of_charge,
            connected=self.connected,
            indoor_temperature_c=self.room_c,
            cut=self.contactor is not None and self.contactor.is_open,
            test_w=self.test_w,
            asked_w=asked_w,
            phases_in_use=self.phases_said,
            need=car_needs.need(self, now) if self._has_car else None,
            protection=self._protection(now),
        )

    def _protection(self, now: datetime) -> Protection | None:
        if self.protection is None:
            return None
        return self.protection.look(
            now,
            room_c=self.room_c,
            outdoor_c=self.outdoor_c,
            water_c=self.water_c,
        )

    @property
    def _setpoint_w(self) -> int | None:
        """What it was told last; after a restart, what its entities still hold."""
        if self.queue.sent is None or self.owner is Owner.PERSON:
            return self.driver.held_w()
        return self.queue.sent.power_w

    def _count_given(self, now: datetime) -> None:
        if not self.model.rated_discharge_w:
            return
        state, power_w = self._state("car_state_of_charge"), self.power_w
        if power_w is None:
            power_w = self._setpoint_w or 0
        said_at = None if state is None else state.last_changed
        self.given.count(now, said_at=said_at, power_w=power_w)

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
    def energy_wanted_kwh(self) -> float:
        """What the car still has to get, as it says, or as one takes it to."""
        return car_needs.energy_wanted_kwh(self)

    @property
    def _has_car(self) -> bool:
        return self.kind is Kind.EV_CHARGER and self.connected is True

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
