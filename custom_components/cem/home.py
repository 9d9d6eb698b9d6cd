"""One home at run time: readings and changes in, orders and events out.

Everything here runs in the event loop and never waits: decisions are pure
calls, and what takes time (a device, the worker, the disk) has a task.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
import logging
from types import MappingProxyType
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.event import (
    async_track_state_change_event,
    async_track_time_interval,
)
from homeassistant.util import dt as dt_util

from cem_core.insight.season import Season, SeasonWatch
from cem_core.limits import PEAK_ISSUER, Relief
from cem_core.limits.agree import agree
from cem_core.model import (
    DeviceKind,
    Direction,
    Message,
    Plan,
    PowerLimit,
    Priority,
    Reading,
)
from cem_core.model.profile import Profile
from custom_components.cem import boost, device_wishes, events, home_profile, para14a
from custom_components.cem.action_log import ActionLog
from custom_components.cem.backup_heaters import BackupHeaters
from custom_components.cem.broker_echo import BrokerEcho
from custom_components.cem.carrying_out import CarryingOut
from custom_components.cem.changes import Changes
from custom_components.cem.charging_site import ReadyTimes
from custom_components.cem.const import DOMAIN, Mode
from custom_components.cem.control_box import ControlBox
from custom_components.cem.controlled import ControlledDevice
from custom_components.cem.cycle_pace import CyclePace
from custom_components.cem.describe import known
from custom_components.cem.device_links import DeviceLinks
from custom_components.cem.drivers import S2Driver
from custom_components.cem.evidence import Evidence
from custom_components.cem.exchange import Exchange
from custom_components.cem.fast_loop import FastLoop, Snapshot
from custom_components.cem.learning.cars import follow_cars
from custom_components.cem.learning.presence import is_away
from custom_components.cem.learning.store import LearningStore
from custom_components.cem.limit_costs import LimitCosts
from custom_components.cem.limit_sources import LimitSources
from custom_components.cem.messages import Messages
from custom_components.cem.meter_guard import MeterGuard
from custom_components.cem.meters import MeterListener
from custom_components.cem.month_peak import MonthPeak
from custom_components.cem.notices import Notices
from custom_components.cem.obedience import Obedience, cut_before
from custom_components.cem.other_controllers import OtherControllers
from custom_components.cem.peak_ahead import peak_ahead
from custom_components.cem.peak_guard import peak_guard
from custom_components.cem.planned_home import PlannedHome
from custom_components.cem.power_cuts import PowerCuts
from custom_components.cem.saving.store import SavingsStore
from custom_components.cem.settings import HomeSettings
from custom_components.cem.store import HomeStore
from custom_components.cem.subentries import budgets_of, devices_of, meter_of, tariff_of
from custom_components.cem.submeters import Submeters

_LOGGER = logging.getLogger(__name__)

# Without telegrams the loop still turns: limits end, hand-offs end, the
# meter's silence is noticed.
_TICK: Final = timedelta(seconds=2)
_TICK_AFTER_S: Final = 1.5


class Home(PlannedHome):
    """The runtime data of a config entry."""

    meter_connected = False
    reloading = False
    _warned_silent = False
    unusual: Mapping[str, Message] = MappingProxyType({})  # of the last days

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        store: HomeStore,
        learned: LearningStore,
    ) -> None:
        """Build the home from its entry and subentries; start nothing yet."""
        super().__init__(hass, entry)
        self.store = store
        self.learned = learned
        self.settings = HomeSettings.of(entry)
        self._pace = CyclePace(hass.loop, self.cycle)
        self.meter = meter_of(hass, entry)
        self.submeters = Submeters(hass, entry)
        self.budgets = budgets_of(entry)
        self.devices = devices_of(hass, entry, store, changed=self._pace.soon)
        self.changes = Changes(self, soon=self._pace.soon)
        follow_cars(self.devices.values(), learned)
        self.profile = Profile.HOME
        self.weather = SeasonWatch()
        self.minimum_w = para14a.mark(self.devices.values(), hass.config.country)
        self.models_changed()
        self.messages = Messages(self)
        self.notices = Notices(self)
        self._loop = FastLoop(
            self.settings.contract,
            self.settings.dispatch(self.meter.silent_after_s if self.meter else 60.0),
            near=self.notices.settings.near,
            trip=self.notices.settings.trip_watch(),
            insisted=cut_before(self.devices, store.cut),
            peak_guard=peak_guard(self.tariff),
        )
        self.power_cuts = PowerCuts(self, self._loop)
        self._peak = MonthPeak(store)
        self.evidence = Evidence(hass, entry.entry_id, entry.title)
        self.links = DeviceLinks(self)
        self._carrying_out = CarryingOut(self)
        self.sources = LimitSources(self)
        self.exchange = Exchange(self)
        self.echo = BrokerEcho(hass, entry.entry_id, self.devices.values)
        self.obedience = Obedience(self)
        self.backup_heaters = BackupHeaters(self)
        self.others = OtherControllers(self)
        self.ready_times = ReadyTimes()
        self.savings = SavingsStore(hass, entry.entry_id)
        self.savings_waiting: Message | None = None  # why the last day is not told
        self.saved_day: dict[str, Any] | None = None  # as it was asked and answered
        self.limit_costs = LimitCosts(store, self.evidence, hass.config.currency)
        self.snapshot = Snapshot(time=dt_util.utcnow())
        self.meter_guard = MeterGuard(
            entry.title,
            self.meter.source if self.meter else None,
            self.settings.contract,
        )
        self.meter_problem: str | Message | None = None
        self.action_log = ActionLog(self)
        self._stops: list[Callable[[], None]] = []
        home_profile.follow(self, dt_util.utcnow())
        self._limits_known: Sequence[PowerLimit] = ()

    @property
    def tariff(self) -> Mapping[str, Any] | None:
        """What the user said about prices."""
        return tariff_of(self.entry)

    @property
    def load_statistic_id(self) -> str | None:
        """The house load's own sensor, under which its history is kept."""
        return er.async_get(self.hass).async_get_entity_id(
            Platform.SENSOR, DOMAIN, f"{self.entry.entry_id}_house_load"
        )

    @property
    def month_peak_w(self) -> int | None:
        """The highest quarter hour of this month, as it will be billed."""
        return self._peak.power_w(dt_util.now())

    @property
    def season(self) -> Season:
        """What somebody says, else what the weather of the last days says."""
        return self.store.season or self.weather.season

    def season_of(self, device: ControlledDevice) -> Season:
        """What rooms need: one that cools does so on a hot day of any season too.

        What somebody says of the season counts more.
        """
        if self.store.season is None and device.device_id in self.weather.hot_ahead:
            return Season.COOLING
        return self.season

    @property
    def mode(self) -> Mode:
        """What the CEM may do."""
        return self.store.mode

    @property
    def control_box(self) -> ControlBox | None:
        """The grid operator's control box, if one is paired."""
        return self.sources.control_box

    @property
    def operator_limit(self) -> PowerLimit | None:
        """A limit that an operator ordered and that is in force now."""
        for limit in self.snapshot.limits:
            if limit.is_order and limit.priority is Priority.OBLIGATION:
                return limit
        return None

    def start(self) -> None:
        """Listen to the meter and to every entity that matters."""
        watched = {e for device in self.devices.values() for e in device.watched}
        self._stops += [
            async_track_state_change_event(self.hass, watched, self.changes.take),
            async_track_time_interval(self.hass, self._tick, _TICK),
            self.action_log.start(),
            self.power_cuts.start(),
            self.echo.start(),
        ]
        self.sources.start()
        self.exchange.start()
        self.submeters.start()
        self.cycle()
        if self.meter is not None:
            self.meter.start(
                MeterListener(reading=self.on_reading, connected=self._on_connected)
            )

    async def async_stop(self) -> None:
        """Stop listening; hand every device back unless a limit forbids it."""
        for stop in self._stops:
            stop()
        self._stops.clear()
        self._pace.stop()
        await self.sources.async_stop()
        await self.submeters.async_stop()
        if self.meter is not None:
            await self.meter.stop()
        await self.exchange.async_stop()
        if self.operator_limit is None:
            self.backup_heaters.release()
        if not self.reloading and self.operator_limit is None:
            self.obedience.release()
            await self._carrying_out.async_hand_all_back()
        for device in self.devices.values():
            await device.join()
        await self.links.async_stop()
        self.power_cuts.stop()
        await self.store.async_save()
        await self.learned.async_save()
        await self.evidence.async_stop()

    @callback
    def notice_away(self, now: datetime) -> None:
        """Remember whether anybody is at home, for what is learned."""
        entity_id = self.settings.away
        state = known(self.hass.states.get(entity_id)) if entity_id else None
        if state is not None or entity_id is None or self.profile.nobody_home:
            said = state is not None and is_away(state)
            self.learned.count_away(
                dt_util.as_local(now).date(), away=said or self.profile.nobody_home
            )

    @callback
    def on_reading(self, reading: Reading) -> None:
        """Take a telegram."""
        believed = self.meter_guard.believed(reading, self.hass.loop.time())
        if believed is None:
            return
        if self._warned_silent:
            _LOGGER.info("The meter of %s reports again", self.entry.title)
            self._warned_silent = False
        self.cycle(believed)
        self.exchange.take(believed)

    @callback
    def _on_connected(self, connected: bool, cause: str | Message) -> None:
        self.meter_connected = connected
        self.meter_problem = None if connected else cause
        self.notify()

    @callback
    def models_changed(self) -> None:
        """Take anew what dispatch has to know of the devices."""
        self._models = tuple(device.model for device in self.devices.values())

    @callback
    def _tick(self, now: datetime) -> None:
        home_profile.follow(self, now)
        boost.end_those_over(self, now)
        self.others.look()
        last = self.snapshot.reading_s
        if last is None or self.hass.loop.time() - last > _TICK_AFTER_S:
            self.cycle()

    @callback
    def cycle(self, reading: Reading | None = None) -> None:
        """Decide anew, with a telegram or because something else changed."""
        self._pace.begun()
        now = dt_util.utcnow()
        self.store.follow_clock(
            now, self.hass.loop.time(), reading.timestamp if reading else None
        )
        self.power_cuts.take(reading)
        ended = self.store.orders.expire(now)
        may_command = self.mode is Mode.CONTROL
        once = device_wishes.asked_once(self, now)
        states = {
            device_id: device.state(
                now, may_command=may_command, asked_w=once.get(device_id)
            )
            for device_id, device in self.devices.items()
        }
        controlled = para14a.by_grid_draw(
            self.sources.limits(), self.hass.config.country
        )
        self.snapshot, notices = self._loop.run(
            reading,
            now=now,
            monotonic_s=self.hass.loop.time(),
            orders=self.store.orders,
            plan=self.plan,
            devices=self._models,
            states=states,
            peaks=self._peak.so_far(dt_util.as_local(now)) if may_command else None,
            controlled=controlled,
            shed=self.notices.shed,
        )
        self._peak.update(self.snapshot.reading, self.snapshot.quarter)
        self.evidence.observe(self.snapshot, self.minimum_w)
        for order in self.snapshot.setpoints.values():
            self._carrying_out.carry_out(self.devices[order.device_id], order)
        self.obedience.observe(self.snapshot)
        self.backup_heaters.observe(self.snapshot)
        self.notices.take(notices)
        self._notice_silence()
        self.notify()
        # What happened is told when the entities show it: conditions look at them.
        for limit in ended:
            self.limit_ended(limit)
        self.sources.tell(controlled)
        self._notice_limits()
        self.sources.pass_on()

    def _notice_silence(self) -> None:
        if self.snapshot.meter_silent and self.snapshot.reading is not None:
            if not self._warned_silent:
                _LOGGER.warning("The meter of %s is silent", self.entry.title)
            self._warned_silent = True

    def _notice_limits(self) -> None:
        """Plan anew when a limit came or went by itself (time, meter)."""
        # Those are others with each telegram.
        limits = [
            limit
            for limit in self.snapshot.limits
            if limit.issuer != PEAK_ISSUER and limit.phase is None
        ]
        if not agree(limits, self._limits_known):
            self._limits_known = limits
            self.limit_costs.settle((*limits, *self.store.orders.limits))
            self.replan_wanted("limit")

    def limit_ended(
        self, limit: PowerLimit, cost: Mapping[str, Any] | None = None
    ) -> None:
        """Tell that a limit ended, and what it cost, and plan without it."""
        self.store.save_later()
        if cost is None:
            cost = self.limit_costs.of_ended(limit.limit_id)
        self.fire(events.limit_ended(limit, cost))
        self.limit_costs.settle((*self.snapshot.limits, *self.store.orders.limits))
        self.notify()
        self.replan_wanted("limit")

    def take_plan(
        self,
        plan: Plan,
        document: dict[str, Any],
        moves: Sequence[Mapping[str, Any]] = (),
    ) -> None:
        """Follow a new plan, of which ``moves`` are new, from the next decision on."""
        self.plan, self.plan_document = plan, document
        for device_id, planned in plan.devices.items():
            device = self.devices.get(device_id)
            if device is not None and isinstance(device.driver, S2Driver):
                device.driver.planned(planned.sections)
        self.peak_ahead = peak_ahead(document, self.month_peak_w)
        self.store.plan = document
        self.store.save_later()
        self.fire(events.plan_changed(plan, moves))
        self.cycle()

    def relief(self, direction: Direction) -> tuple[Relief, ...]:
        """Return what could be turned down now, first what is missed least."""
        return self._loop.relief(direction, self.snapshot.states)

    def by_kind(self, kind: DeviceKind) -> tuple[ControlledDevice, ...]:
        """Return the devices of one kind."""
        return tuple(d for d in self.devices.values() if d.model.kind is kind)
