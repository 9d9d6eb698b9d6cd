"""The slow loop: when to plan, with what, and what to do without a solver."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
import logging
from typing import Any, Final

from homeassistant.core import CALLBACK_TYPE, callback
from homeassistant.helpers.debounce import Debouncer
from homeassistant.helpers.event import (
    async_call_later,
    async_track_state_change_event,
    async_track_time_interval,
)
from homeassistant.util import dt as dt_util
from homeassistant.util.hass_dict import HassKey

from cem_core.dispatch import rule_plan
from cem_core.model import DeviceKind, Message, Plan, PlanStatus, Series, SeriesError
from cem_core.model.plan_json import PlanError, plan_from_json
from cem_core.model.render import Renderer
from cem_core.model.what_if import What
from custom_components.cem.const import DOMAIN
from custom_components.cem.home import Home
from custom_components.cem.learning.learner import Learner
from custom_components.cem.offered_run import with_offered_runs
from custom_components.cem.planning import sessions
from custom_components.cem.planning.capacity import async_peaks
from custom_components.cem.planning.car_calendar import async_ask_calendar
from custom_components.cem.planning.document import (
    Outlook,
    Request,
    departures,
    request,
)
from custom_components.cem.planning.forecast_rows import EntityAwayError
from custom_components.cem.planning.forecasts import Forecasts
from custom_components.cem.planning.hot_day import look_ahead
from custom_components.cem.planning.house_load import HouseLoad
from custom_components.cem.planning.played_home import played_home
from custom_components.cem.planning.prices import PRICE_FIELDS, Prices, async_prices
from custom_components.cem.planning.replay import Solved
from custom_components.cem.planning.show import (
    as_wished,
    show_alternative,
    show_limit_cost,
    show_moves,
    show_plan,
    show_wishes,
    with_names,
)
from custom_components.cem.planning.steps import Steps
from custom_components.cem.planning.turns import Turns
from custom_components.cem.planning.weather import async_outdoor, async_solar
from custom_components.cem.requirements import WorkerPackages
from custom_components.cem.saving.keeper import SavingsKeeper
from custom_components.cem.worker_client import WorkerClient, WorkerError

_LOGGER = logging.getLogger(__name__)

EVERY: Final = timedelta(minutes=5)
_DEBOUNCE_S: Final = 1.0
_AT_ONCE: Final = ("limit", "wish")  # somebody waits for the plan
_OUTLOOK_SERVES: Final = EVERY + timedelta(minutes=1)
_FIRST_TIME_LIMIT_S: Final = 4.0
_TIME_LIMIT_S: Final = 20.0
_RETRY_AFTER_S: Final = 5.0
_FRESH: Final = timedelta(minutes=30)


# A reload takes the running worker over: starting one takes seconds.
WORKERS: Final = HassKey[dict[str, WorkerClient]](f"{DOMAIN}_workers")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Made:
    """A solved plan, as it is shown, and what was asked and answered."""

    plan: Plan
    shown: dict[str, Any]
    asked: Request
    document: dict[str, Any]


def _wished(asked: Request) -> dict[str, Any]:
    """Return what `WorkerClient.optimize` takes of wishes: nothing without any."""
    return (
        {"wishes": [wish.for_plan() for wish in asked.wishes]} if asked.wishes else {}
    )


class Planner:
    """Keeps the home's plan fresh."""

    def __init__(self, home: Home, worker: WorkerClient | None = None) -> None:
        """Plan for ``home``; nothing happens before `start`."""
        self._home = home
        self._hass = home.hass
        workers = self._hass.data.setdefault(WORKERS, {})
        self._worker = worker or workers.setdefault(
            home.entry.entry_id, WorkerClient(clock=home.hass.loop.time)
        )
        self._stopped = False
        self._retry: CALLBACK_TYPE | None = None
        self._packages = WorkerPackages(home.hass, home.entry.entry_id)
        self._stops: list[CALLBACK_TYPE] = []
        self._forecasts = Forecasts(home, self._worker)
        self._learner = Learner(home, self._worker)
        self._savings = SavingsKeeper(home, self._worker)
        self._lock = asyncio.Lock()
        self._outlook_seen: Outlook | None = None
        self._turns = Turns[_Made](
            home.hass,
            begin=self._begin,
            give_up=self._worker.abandon,
            later=lambda: self._wanted("again"),
        )
        self._last_problem: str | None = None
        self._made: _Made | None = None  # the plan in force, None: by rules
        self._debouncer = Debouncer(
            home.hass,
            _LOGGER,
            cooldown=_DEBOUNCE_S,
            immediate=False,
            function=self.async_replan,
            background=True,
        )

    @property
    def worker(self) -> WorkerClient:
        """The worker, for tests and diagnostics."""
        return self._worker

    def start(self) -> None:
        """Plan soon, then every few minutes and when something changes."""
        home = self._home
        self._restore()
        home.replan_wanted = self._wanted
        home.replan_now = self.async_plan_afresh
        home.what_if = self.async_what_if
        self._stops.append(async_track_time_interval(self._hass, self._interval, EVERY))
        tariff = home.tariff or {}
        prices = [tariff[field] for field in PRICE_FIELDS if field in tariff]
        self._stops.append(
            async_track_state_change_event(self._hass, prices, self._price_changed)
        )
        home.entry.async_create_background_task(
            self._hass, self._first(), "cem first plan"
        )

    async def async_stop(self) -> None:
        """Plan no more; end the worker."""
        self._home.replan_wanted = lambda _: None
        for stop in self._stops:
            stop()
        self._stops.clear()
        self._debouncer.async_shutdown()
        self._stopped = True
        self._turns.stop()
        if self._retry is not None:
            self._retry()
            self._retry = None
        if not self._home.reloading:
            self._hass.data[WORKERS].pop(self._home.entry.entry_id, None)
            await self._worker.close()

    def _restore(self) -> None:
        """Go on with the plan from before a restart while it is fresh."""
        document = self._home.store.plan
        if document is None or document["names"].keys() != self._home.devices.keys():
            return
        created_at = datetime.fromisoformat(document["created_at"])
        if dt_util.utcnow() - created_at > _FRESH:
            return
        try:
            self._home.plan = plan_from_json(document, created_at=created_at)
        except PlanError as error:
            _LOGGER.debug("The stored plan is not used: %s", error)
            return
        self._home.plan_document = document

    async def _first(self) -> None:
        """Get what the worker needs; set-up never waits for it, nor fails."""
        await self._packages.async_ensure()
        await self.async_replan()

    @callback
    def _wanted(self, why: str) -> None:
        _LOGGER.debug("Planning anew: %s", why)
        if why in _AT_ONCE:
            self._turns.want()
        else:
            self._debouncer.async_schedule_call()

    def _begin(self) -> None:
        """Plan for a limit."""
        self._home.entry.async_create_background_task(
            self._hass, self.async_plan_afresh(), "cem plan for a limit"
        )

    @callback
    def _interval(self, now: datetime) -> None:
        self._home.notice_away(now)
        self._wanted("interval")

    @callback
    def _learn_if_due(self, now: datetime) -> None:
        """Learn in the background once there is a plan: nobody waits for it."""
        if not self._stopped and self._learner.due(now):
            self._home.entry.async_create_background_task(
                self._hass,
                self._learner.async_learn(now, self._forecasts.async_errors),
                "cem learning",
            )

    @callback
    def _look_back_if_due(self, now: datetime) -> None:
        """Live the day again that is over, in the background."""
        if not self._stopped and self._savings.due(now):
            self._home.entry.async_create_background_task(
                self._hass, self._savings.async_look(now), "cem savings"
            )

    @callback
    def _price_changed(self, event: Any) -> None:  # noqa: ANN401 - not looked at
        del event
        self._wanted("price")

    async def async_replan(self) -> None:
        """Make a plan, soon again if one is being made that may not know all."""
        if self._lock.locked():
            self._wanted("again")
            return
        await self.async_plan_afresh()

    async def async_plan_afresh(self) -> None:
        """Make a plan of what holds now: the solver's, else one by rules.

        One that is being made began with what held before: wait for it first.
        """
        async with self._lock:
            now = dt_util.utcnow()
            made: _Made | None = None
            try:
                made = await self._turns.make(self._solved)
                plan, document = made.plan, made.shown
            except (SeriesError, WorkerError, PlanError) as error:
                if self._stopped:
                    return
                await self._explain(error)
                if self._is_fresh(now):
                    self._try_again_soon()
                    return
                plan, document = self._by_rules(now)
            else:
                self._well_again()
            if not self._stopped:
                if made is not None:
                    self._savings.note(made.asked, now)
                moves = show_moves(self._home, self._home.plan_document, document)
                self._made = made
                self._home.take_plan(plan, document, moves)
                if made is not None:
                    self._home.solved = Solved(made.asked, made.document)
                    self._count_cost(made)
                if plan.status is not PlanStatus.RULE:
                    self._learn_if_due(now)
                    self._look_back_if_due(now)

    def _count_cost(self, made: _Made) -> None:
        """Let the worker say what limits cost once their plan is followed."""
        if made.asked.limits:
            self._home.entry.async_create_background_task(
                self._hass, self._async_count_cost(made), "cem cost of limits"
            )

    async def _async_count_cost(self, made: _Made) -> None:
        home, asked = self._home, made.asked
        try:
            said = await self._worker.limit_cost(
                asked.home,
                asked.series,
                made.document,
                time_limit_s=_FIRST_TIME_LIMIT_S,
            )
        except WorkerError as error:
            _LOGGER.debug("What limits cost is not known: %s", error)
            return
        shown = show_limit_cost(home, said, asked.limit_names)
        plan = made.plan
        home.limit_costs.take(
            shown, asked.limits, at=plan.created_at, plan_end=plan.end
        )
        if home.plan_document is made.shown:
            home.plan_document = made.shown | {"limit_cost": shown}
            self._made = replace(made, shown=home.plan_document)
            home.store.plan = home.plan_document
        home.notify()

    def _time_limit_s(self, *, at_once: bool) -> float:
        """Return how long the solver may take: some plans are wanted soon."""
        plan = self._home.plan
        first = plan is None or plan.status is PlanStatus.RULE
        return _FIRST_TIME_LIMIT_S if first or at_once else _TIME_LIMIT_S

    def _is_fresh(self, now: datetime) -> bool:
        """Whether the plan from before a failure is still worth following."""
        plan = self._home.plan
        if plan is None or plan.status is PlanStatus.RULE:
            return False
        return now - plan.created_at < _FRESH

    def _try_again_soon(self) -> None:
        if not self._stopped and self._retry is None:
            self._retry = async_call_later(self._hass, _RETRY_AFTER_S, self._retry_now)

    @callback
    def _retry_now(self, now: datetime) -> None:
        del now
        self._retry = None
        self._wanted("retry")

    async def _solved(self) -> _Made:
        now, at_once = dt_util.utcnow(), self._turns.take_at_once()
        outlook = self._last_outlook(now) if at_once else None
        if outlook is None:
            outlook = self._outlook_seen = await self._outlook(now)
        look_ahead(self._home, outlook)
        asked = request(self._home, outlook)
        document = await self._worker.optimize(
            asked.home,
            asked.series,
            time_limit_s=self._time_limit_s(at_once=at_once),
            **_wished(asked),
        )
        created_at = dt_util.utcnow()
        plan = plan_from_json(document, created_at=created_at)
        plan = as_wished(plan, document, asked.wishes)
        plan = with_names(self._home, plan, asked.limit_names)
        plan = with_offered_runs(plan, self._home.devices.values())
        until = asked.prices_known_until
        shown = show_plan(self._home, plan, document, until) | {
            "wishes": show_wishes(self._home, document, asked.wishes),
            "departures": departures(asked),
        }
        return _Made(plan=plan, shown=shown, asked=asked, document=document)

    async def async_what_if(
        self, wish: Mapping[str, Any], *, time_limit_s: float = _FIRST_TIME_LIMIT_S
    ) -> dict[str, Any]:
        """Return what ``wish`` would cost. Raises `SeriesError` or `WorkerError`.

        Who asks waits: nothing else does but for a plan for a limit, and for the first
        one, which is what the wish is compared with.
        """
        if self._made is None:
            return await self._what_if(wish, time_limit_s)
        async with self._turns.question():
            return await self._what_if(wish, time_limit_s)

    async def _what_if(
        self, wish: Mapping[str, Any], time_limit_s: float
    ) -> dict[str, Any]:
        asked = self._asked_last(dt_util.utcnow(), wish)
        if asked is None:
            asked = await self._asked_now(wish)
        document = await self._worker.what_if(
            asked.home, asked.series, wish, time_limit_s=time_limit_s
        )
        return show_alternative(self._home, document, asked.limit_names)

    def _asked_last(self, now: datetime, wish: Mapping[str, Any]) -> Request | None:
        """Return what the plan in force was made of, None if it no longer serves.

        The worker still knows that plan: only the wish is left to solve.
        """
        made = self._made
        if made is None or made.shown is not self._home.plan_document:
            return None
        known = {device["id"] for device in made.asked.home["devices"]}
        fresh = now - made.plan.created_at < _OUTLOOK_SERVES
        due = wish["what"] == What.DEPART  # steps end where a car leaves
        return made.asked if fresh and wish["device"] in known and not due else None

    async def _asked_now(self, wish: Mapping[str, Any]) -> Request:
        now = dt_util.utcnow()
        # Who asks waits: what was foretold for the plan in force serves.
        outlook = self._last_outlook(now) or await self._outlook(now)
        departs = wish["what"] == What.DEPART and "start" in wish
        due = [datetime.fromisoformat(wish["start"])] if departs else []
        return request(self._home, outlook, due)

    async def async_first_day(self, hours: int) -> dict[str, Any]:
        """Return how the next ``hours`` would go with and without a plan.

        As they are foretold now. Raises `SeriesError` or `WorkerError`.
        """
        await self._packages.async_ensure()
        asked = request(self._home, await self._outlook(dt_util.utcnow()))
        home = played_home(asked.home, asked.series["time"][0])
        wish = {"hours": hours, "foreseen": True}
        return await self._worker.replay(home, asked.series, wish)

    def _last_outlook(self, now: datetime) -> Outlook | None:
        """Return what was foretold for the last plan, None if that is long ago.

        To ask for prices, weather and loads takes longer than a limit can wait.
        """
        seen = self._outlook_seen
        if seen is None or now - seen.steps.now > _OUTLOOK_SERVES:
            return None
        return replace(
            seen,
            steps=Steps.from_now(now, seen.steps.known_until),
            load=seen.load.seen_at(now),
            present_load_w=self._home.snapshot.load_w,
        )

    async def _outlook(self, now: datetime) -> Outlook:
        home, hass = self._home, self._hass
        home.prices_refused = True
        prices = await self._prices()
        home.take_prices(prices)
        await self._learner.async_start_values()
        solar, outdoor = {}, {}
        for device in home.by_kind(DeviceKind.SOLAR):
            solar[device.device_id] = await async_solar(hass, device.data)
        for device in home.by_kind(DeviceKind.HEAT_PUMP):
            forecast = device.data.get("outdoor_forecast")
            outdoor[device.device_id] = await async_outdoor(hass, forecast)
        for device in home.by_kind(DeviceKind.EV_CHARGER):
            await async_ask_calendar(hass, device, now)
        home.foretold_until = {
            home.devices[device_id].model.name: series.end
            for device_id, series in (solar | outdoor).items()
            if series.end is not None
        }
        foretold = await self._forecasts.async_foretold(now, solar, outdoor)
        return Outlook(
            steps=Steps.from_now(now, prices.imported.end),
            prices=prices,
            load=HouseLoad(foretold.load, now=now),
            present_load_w=home.snapshot.load_w,
            solar=foretold.solar,
            outdoor=outdoor,
            heating=foretold.heating,
            walls_apart_k=foretold.walls_apart_k,
            peaks=await async_peaks(home, now),
        )

    async def _prices(self) -> Prices:
        tariff = self._home.tariff
        if tariff is None:
            # Without prices every kWh is worth the same: use what is one's own.
            none = Series(())
            return Prices(
                imported=none, exported=none, fixed_import=0.25, fixed_export=0.05
            )
        return await async_prices(self._hass, tariff)

    def _by_rules(self, now: datetime) -> tuple[Plan, dict[str, Any]]:
        home = self._home
        steps = Steps.from_now(now, None)
        starts, lengths = {}, {}
        for device in home.by_kind(DeviceKind.APPLIANCE):
            window = sessions.run_window(device, steps)
            if window is not None:
                starts[device.device_id] = window[0]
                lengths[device.device_id] = device.run_length
        plan = rule_plan(
            now=now,
            devices=[device.model for device in home.devices.values()],
            states=home.snapshot.states,
            earliest_starts=starts,
            run_times=lengths,
            currency=self._hass.config.currency,
        )
        return plan, show_plan(home, plan)

    async def _explain(self, error: Exception) -> None:
        """Say once why there is only a plan by rules."""
        if self._stopped:
            return
        kind = getattr(error, "kind", "input")
        cause = error.message if isinstance(error, EntityAwayError) else str(error)
        message = Message.of("no_new_plan", cause=cause)
        if kind == "missing":
            await self._packages.async_report_missing(str(error))
            message = Message.of("package_missing", package=str(error))
        if kind != "backing_off":
            self._home.plan_problems = {f"plan_{kind}": message}
            text = Renderer().text(message)  # the log is in English
            if text != self._last_problem:
                _LOGGER.warning("%s: %s", self._home.entry.title, text)
            self._last_problem = text

    def _well_again(self) -> None:
        self._packages.well()
        self._home.plan_problems = {}
        if self._last_problem is not None:
            _LOGGER.info("%s: plans are solved again", self._home.entry.title)
            self._last_problem = None
