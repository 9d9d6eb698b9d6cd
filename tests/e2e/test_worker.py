"""The worker dies: limits hold, and the plan comes back."""

import asyncio
import os
import signal
import time

import pytest

from script.rig.waiting import until
from tests.e2e.live_home import LiveHome

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.log_may_say(r"\[custom_components\.cem.*(worker|plan)"),
]

LIMIT_W = 4200
STORM = 200 if os.environ.get("CEM_SOAK") else 2


async def _plan_since(live: LiveHome, moment: str) -> bool:
    plan = await live.plan()
    return plan is not None and plan["created_at"] > moment


async def _solving_worker(live: LiveHome) -> int:
    """Have the worker work, and return its process id."""
    replanning = asyncio.create_task(live.api.act("cem.replan"))
    replanning.add_done_callback(lambda task: task.exception())
    found = await until("a worker process", live.workers, within_s=20, every_s=0.01)
    return found[0]


async def test_limits_hold_while_the_worker_is_killed_and_the_plan_returns(
    live: LiveHome,
) -> None:
    await live.car_charges_at_11_kw()
    await live.order_limit(LIMIT_W)
    await live.within(LIMIT_W, seconds=10)
    watching = asyncio.create_task(live.stays_within(LIMIT_W, seconds=20))
    for _ in range(STORM):
        os.kill(await _solving_worker(live), signal.SIGKILL)
        await asyncio.sleep(1)
    plan = await live.plan()
    before = "" if plan is None else plan["created_at"]

    await live.api.act("cem.replan")
    await until(
        "a new plan", lambda: _plan_since(live, before), within_s=40, every_s=0.5
    )
    await watching


async def test_the_worker_ends_with_home_assistants_loop_untouched(
    live: LiveHome,
) -> None:
    """While the worker solves, telegrams go on to be handled each second."""
    began = time.monotonic()
    await live.api.act("cem.replan")
    shown = await live.live()
    assert shown["meter"]["age_s"] <= 2
    assert len(live.telegrams.since(began - 1)) >= 1
