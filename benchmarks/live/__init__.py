"""What only a real Home Assistant shows: latency, stalls and memory.

The newest Home Assistant with the release in it, a simulated home, a broker.
"""

import asyncio
from pathlib import Path
import sys
from tempfile import TemporaryDirectory

from benchmarks.figures import Figure
from benchmarks.live import memory, order, stall
from benchmarks.live.probed import place_probe
from script.rig.flows import bodies, entities_in, entities_present
from script.rig.waiting import until
from tests.e2e.live_home import LiveHome, running_home


def figures(*, above_ms: float | None = None) -> list[Figure]:
    """Return all rows; ``above_ms``: say where longer stalls come from."""
    with TemporaryDirectory(prefix="cem-bench-") as folder:
        return asyncio.run(_measure(Path(folder), above_ms))


async def _measure(folder: Path, above_ms: float | None) -> list[Figure]:
    async with running_home(folder, before_start=place_probe) as live:
        wanted = entities_in(bodies(live.home.placeholders))
        await entities_present(live.api, wanted)
        _say("memory without the CEM")
        memory_without = await memory.settled(live)
        await entities_present(live.api, wanted)
        _say("the loop without the CEM")
        loop_without = await stall.without_cem(live)
        _say("a user's orders")
        user = await order.by_a_user(live)
        await live.set_up()
        await _planned(live)
        _say("the loop while plans are solved")
        async with stall.dashboard(live):
            solves, took_s = await stall.solving(live, above_ms)
            rest = await stall.at_rest(live, took_s)
            starts = await stall.starting_workers(live, above_ms)
        _say("orders of limits")
        limit = await order.by_a_limit(live)
        worker_mb = await memory.worker_peak_mb(live)
        _say("memory with the CEM")
        memory_with = await memory.settled(live)
        await _planned(live)
        worker_mb = max(worker_mb, await memory.worker_peak_mb(live))
    return [
        *order.figures(user, limit),
        *stall.figures(loop_without, rest, solves, starts),
        *memory.figures(memory_without, memory_with, worker_mb),
    ]


async def _planned(live: LiveHome) -> None:
    """Wait for a plan of the solver's."""

    async def solved() -> bool:
        return await live.value("sensor", "plan_status") in stall.SOLVED

    await until("a solved plan", solved, within_s=60)


def _say(text: str) -> None:
    print(f"bench: {text}", file=sys.stderr, flush=True)
