"""What something else than the plan in force would cost."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from homeassistant.util import dt as dt_util

from cem_core.model.what_if import What
from custom_components.cem.home import Home
from custom_components.cem.planning.document import Request, request
from custom_components.cem.planning.foresight import SERVES, Foresight
from custom_components.cem.planning.made import Made
from custom_components.cem.planning.show import show_alternative
from custom_components.cem.planning.turns import Turns
from custom_components.cem.worker_client import WorkerClient


class Alternatives:
    """Asks the worker; ``made`` tells the plan in force, None where none is solved."""

    def __init__(
        self,
        home: Home,
        worker: WorkerClient,
        *,
        foresight: Foresight,
        turns: Turns[Made],
        made: Callable[[], Made | None],
    ) -> None:
        """Ask nothing yet."""
        self._home = home
        self._worker = worker
        self._foresight = foresight
        self._turns = turns
        self._made = made

    async def async_ask(
        self, wish: Mapping[str, Any], *, time_limit_s: float
    ) -> dict[str, Any]:
        """Return what ``wish`` would cost. Raises `SeriesError` or `WorkerError`.

        Who asks waits: nothing else does but for a plan for a limit, and for the first
        one, which is what the wish is compared with.
        """
        if self._made() is None:
            return await self._asked(wish, time_limit_s)
        async with self._turns.question():
            return await self._asked(wish, time_limit_s)

    async def _asked(
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
        made = self._made()
        if made is None or made.shown is not self._home.plan_document:
            return None
        known = {device["id"] for device in made.asked.home["devices"]}
        fresh = now - made.plan.created_at < SERVES
        due = wish["what"] == What.DEPART  # steps end where a car leaves
        return made.asked if fresh and wish["device"] in known and not due else None

    async def _asked_now(self, wish: Mapping[str, Any]) -> Request:
        now = dt_util.utcnow()
        # Who asks waits: what was foretold for the plan in force serves.
        outlook = self._foresight.last(now) or await self._foresight.async_outlook(now)
        departs = wish["what"] == What.DEPART and "start" in wish
        due = [datetime.fromisoformat(wish["start"])] if departs else []
        return request(self._home, outlook, due)
