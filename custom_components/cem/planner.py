"""The slow loop: when to plan, with what, and what to do without a solver."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
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

from cem_core.model import PlanStatus, SeriesError
from cem_core.model.plan_json import PlanError, plan_from_json
from custom_components.cem.const import DOMAIN
from custom_components.cem.home import Home
from custom_components.cem.learning.learner import Learner
from custom_components.cem.planning.alternatives import Alternatives
from custom_components.cem.planning.by_rules import plan_by_rules
from custom_components.cem.planning.document import request
from custom_components.cem.planning.forecasts import Forecasts
from custom_components.cem.planning.foresight import Foresight
from custom_components.cem.planning.made import Made, async_made
from custom_components.cem.planning.played_home import played_home
from custom_components.cem.planning.prices import PRICE_FIELDS
from custom_components.cem.planning.replay import Solved
from custom_components.cem.planning.show import show_limit_cost, show_moves
from custom_components.cem.planning.turns import Turns
from custom_components.cem.planning.unsolved import Unsolved
from custom_components.cem.requirements import WorkerPackages
from custom_components.cem.saving.keeper import SavingsKeeper
from custom_components.cem.worker_client import WorkerClient, WorkerError

_LOGGER = logging.getLogger(__name__)

EVERY: Final = timedelta(minutes=5)
_DEBOUNCE_S: Final = 1.0
_AT_ONCE: Final = ("limit", "wish")  # somebody waits for the plan
_FIRST_TIME_LIMIT_S: Final = 4.0
_TIME_LIMIT_S: Final = 20.0
_RETRY_AFTER_S: Final = 5.0
_FRESH: Final = timedelta(minutes=30)


# A reload takes the running worker over: starting one takes seconds.
WORKERS: Final = HassKey[dict[str, WorkerClient]](f"{DOMAIN}_workers")


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
        self._foresight = Foresight(home, self._forecasts, self._learner)
        self._unsolved = Unsolved(home, self._packages)
        self._turns = Turns[Made](
            home.hass,
            begin=self._begin,
            give_up=self._worker.abandon,
            later=lambda: self._wanted("again"),
        )
        self._made: Made | None = None  # the plan in force, None: by rules
        self._alternatives = Alternatives(
            home,
            self._worker,
            foresight=self._foresight,
            turns=self._turns,
            made=lambda: self._made,
        )
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
            made: Made | None = None
            try:
                made = await self._turns.make(self._solved)
                plan, document = made.plan, made.shown
            except (SeriesError, WorkerError, PlanError) as error:
                if self._stopped:
                    return
                await self._unsolved.async_explain(error)
                if self._is_fresh(now):
                    self._try_again_soon()
                    return
                plan, document = plan_by_rules(self._home, now)
            else:
                self._unsolved.well_again()
            moves = show_moves(self._home, self._home.plan_document, document)
            # That and every entity's change take a while each: not in one turn.
            await asyncio.sleep(0)
            if not self._stopped:
                if made is not None:
                    self._savings.note(made.asked, now)
                self._made = made
                self._home.take_plan(plan, document, moves)
                if made is not None:
                    self._home.solved = Solved(made.asked, made.document)
                    self._count_cost(made)
                if plan.status is not PlanStatus.RULE:
                    self._learn_if_due(now)
                    self._look_back_if_due(now)

    def _count_cost(self, made: Made) -> None:
        """Let the worker say what limits cost once their plan is followed."""
        if made.asked.limits:
            self._home.entry.async_create_background_task(
                self._hass, self._async_count_cost(made), "cem cost of limits"
            )

    async def _async_count_cost(self, made: Made) -> None:
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

    async def _solved(self) -> Made:
        now, at_once = dt_util.utcnow(), self._turns.take_at_once()
        outlook = self._foresight.last(now) if at_once else None
        if outlook is None:
            outlook = await self._foresight.async_for_plan(now)
        return await async_made(
            self._home,
            self._worker,
            outlook,
            time_limit_s=self._time_limit_s(at_once=at_once),
        )

    async def async_what_if(
        self, wish: Mapping[str, Any], *, time_limit_s: float = _FIRST_TIME_LIMIT_S
    ) -> dict[str, Any]:
        """Return what ``wish`` would cost. Raises `SeriesError` or `WorkerError`."""
        return await self._alternatives.async_ask(wish, time_limit_s=time_limit_s)

    async def async_first_day(self, hours: int) -> dict[str, Any]:
        """Return how the next ``hours`` would go with and without a plan.

        As they are foretold now. Raises `SeriesError` or `WorkerError`.
        """
        await self._packages.async_ensure()
        asked = request(
            self._home, await self._foresight.async_outlook(dt_util.utcnow())
        )
        home = played_home(asked.home, asked.series["time"][0])
        wish = {"hours": hours, "foreseen": True}
        return await self._worker.replay(home, asked.series, wish)
