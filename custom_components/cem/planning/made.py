"""One plan that is solved: asked of the worker, read, and shown."""

import asyncio
from dataclasses import dataclass
from typing import Any

from homeassistant.util import dt as dt_util

from cem_core.model import Plan
from cem_core.model.plan_json import plan_from_json
from custom_components.cem.home import Home
from custom_components.cem.offered_run import with_offered_runs
from custom_components.cem.planning.document import Request, departures, request
from custom_components.cem.planning.hot_day import look_ahead
from custom_components.cem.planning.outlook import Outlook
from custom_components.cem.planning.show import (
    as_wished,
    show_plan,
    show_wishes,
    with_names,
)
from custom_components.cem.worker_client import WorkerClient


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A solved plan, as it is shown, and what was asked and answered."""

    plan: Plan
    shown: dict[str, Any]
    asked: Request
    document: dict[str, Any]


async def async_made(
    home: Home, worker: WorkerClient, outlook: Outlook, *, time_limit_s: float
) -> Made:
    """Let ``worker`` plan for ``outlook``. Raises `WorkerError` or `PlanError`."""
    look_ahead(home, outlook)
    asked = request(home, outlook)
    document = await worker.optimize(
        asked.home, asked.series, time_limit_s=time_limit_s, **_wished(asked)
    )
    created_at = dt_util.utcnow()
    # Each takes milliseconds for a large home: what else is due has a turn in between.
    plan = plan_from_json(document, created_at=created_at)
    await asyncio.sleep(0)
    plan = as_wished(plan, document, asked.wishes)
    plan = with_names(home, plan, asked.limit_names)
    plan = with_offered_runs(plan, home.devices.values())
    await asyncio.sleep(0)
    until = asked.prices_known_until
    shown = show_plan(home, plan, document, until) | {
        "wishes": show_wishes(home, document, asked.wishes),
        "departures": departures(asked),
    }
    return Made(plan=plan, shown=shown, asked=asked, document=document)


def _wished(asked: Request) -> dict[str, Any]:
    """Return what `WorkerClient.optimize` takes of wishes: nothing without any."""
    return (
        {"wishes": [wish.for_plan() for wish in asked.wishes]} if asked.wishes else {}
    )
