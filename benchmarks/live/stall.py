"""How long Home Assistant's event loop is held up while a plan is made.

Each solve is asked for by `cem.replan`, with a dashboard open. Beside it stand
the same home without a solve, Home Assistant before the CEM was set up, and a
plan for which the worker has to be started first.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
import os
import signal
import sys
import time
from typing import Final

from benchmarks.figures import Aim, Figure
from benchmarks.live.probed import SOLVED, Window, planned, probed_home, watched
from script.rig.waiting import until
from script.rig.websocket import connect
from tests.e2e.live_home import LiveHome

AIM: Final = Aim(statistic="max", below=50)
SOLVES: Final = 10
AFTER_S: Final = 2.0  # what follows a plan: it is shown, stored and obeyed
WORKER_STARTS: Final = 3
WATCHED_S: Final = 40.0


@asynccontextmanager
async def dashboard(live: LiveHome) -> AsyncIterator[None]:
    """Keep a dashboard open."""
    async with connect(live.api) as socket:
        for kind in ("cem/subscribe_live", "cem/subscribe_plan"):
            await socket.subscribe(kind, entry_id=live.entry_id)
        yield


async def without_cem(live: LiveHome) -> Window:
    """Watch Home Assistant before the CEM is set up."""
    window = Window()
    async with watched(live.api, window):
        await asyncio.sleep(WATCHED_S)
    return window


async def at_rest(live: LiveHome, seconds: float) -> Window:
    """Watch the CEM control while nobody plans."""
    while True:
        window = Window()
        before = await _plan_made(live)
        async with watched(live.api, window):
            await asyncio.sleep(seconds)
        if await _plan_made(live) == before:
            return window
        # A plan came between, as one does every five minutes: once more.


async def solving(live: LiveHome, above_ms: float | None) -> tuple[Window, float]:
    """Plan again and again; return what was seen and how long it took."""
    window = Window()
    began = time.monotonic()
    for _ in range(SOLVES):
        async with watched(live.api, window, above_ms):
            await _plan(live)
            await asyncio.sleep(AFTER_S)
    return window, time.monotonic() - began


async def starting_workers(live: LiveHome, above_ms: float | None) -> Window:
    """Plan without a worker, so that one is started first."""
    window = Window()
    for _ in range(WORKER_STARTS):
        for pid in live.workers():
            os.kill(pid, signal.SIGKILL)
        await until("the worker to be gone", lambda: not live.workers(), within_s=10)
        await asyncio.sleep(1)
        async with watched(live.api, window, above_ms):
            await _plan(live)
            await asyncio.sleep(AFTER_S)
    return window


def figures(*, above_ms: float | None = None) -> list[Figure]:
    """Return the rows; ``above_ms``: say where longer stalls come from."""
    return asyncio.run(_measure(above_ms))


async def _measure(above_ms: float | None) -> list[Figure]:
    async with probed_home() as live:
        without = await without_cem(live)
        await live.set_up()
        await planned(live)
        async with dashboard(live):
            solves, took_s = await solving(live, above_ms)
            rest = await at_rest(live, took_s)
            starts = await starting_workers(live, above_ms)
    return _rows(without, rest, solves, starts)


def _rows(
    without: Window, rest: Window, solves: Window, starts: Window
) -> list[Figure]:
    for where in (*solves.seen, *starts.seen):
        print(f"bench: stall at {where}", file=sys.stderr)
    for name, window in (("at rest", rest), ("solving", solves), ("starts", starts)):
        if window.collected_ms:
            longest = max(window.collected_ms)
            print(
                f"bench: {name}: garbage collected {len(window.collected_ms)} times, "
                f"at most {longest:.0f} ms",
                file=sys.stderr,
            )

    def row(case: str, window: Window, base: Window, name: str) -> Figure:
        return Figure(
            benchmark="stall",
            case=case,
            unit="ms",
            samples=window.samples,
            baseline=name,
            base=base.samples,
            aim=None if window is rest else AIM,
        )

    return [
        row("CEM at rest", rest, without, "without the CEM"),
        row(f"{SOLVES} solves", solves, rest, "CEM at rest"),
        row(f"{WORKER_STARTS} starts of the worker", starts, rest, "CEM at rest"),
    ]


async def _plan(live: LiveHome) -> None:
    answer = await live.api.act("cem.replan")
    assert answer["status"] in SOLVED, answer


async def _plan_made(live: LiveHome) -> str:
    plan = await live.api.act("cem.get_plan")
    return str(plan["created_at"])
