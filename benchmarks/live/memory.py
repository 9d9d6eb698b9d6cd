"""What the CEM adds to Home Assistant's memory, and what its worker takes.

Home Assistant is started twice with the same configuration, without the CEM
and with it, and read at the same age. RSS counts every page that is mapped;
PSS shares those out that others map as well, so it falls when a worker starts.
"""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.figures import Aim, Figure, Samples
from benchmarks.live.probed import (
    devices_present,
    planned,
    probed_home,
    restart,
    until_up_for,
)
from script.rig.waiting import until
from tests.e2e.live_home import LiveHome

AIM: Final = Aim(statistic="median", below=40)
SETTLED_AFTER_S: Final = 90.0
READINGS: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """Readings of one process, in MB."""

    rss: list[float]
    pss: list[float]


async def settled(live: LiveHome) -> Memory:
    """Start Home Assistant anew and read its memory once it is at rest."""
    await restart(live.home, live.api)
    await until_up_for(live.home, SETTLED_AFTER_S)
    rss, pss = [], []
    for _ in range(READINGS):
        rollup = _fields(live.home.home_assistant.child.pid, "smaps_rollup")
        rss.append(rollup["Rss"])
        pss.append(rollup["Pss"])
        await asyncio.sleep(1)
    return Memory(rss=rss, pss=pss)


async def worker_peak_mb(live: LiveHome) -> float:
    """Return the most that the worker ever held."""
    (pid,) = await until("the worker", live.workers, within_s=60)
    return _fields(pid, "status")["VmHWM"]


def figures() -> list[Figure]:
    """Return the rows."""
    return asyncio.run(_measure())


async def _measure() -> list[Figure]:
    async with probed_home() as live:
        without = await settled(live)
        await devices_present(live)
        await live.set_up()
        await planned(live)
        worker_mb = await worker_peak_mb(live)
        including = await settled(live)
        await planned(live)
        worker_mb = max(worker_mb, await worker_peak_mb(live))
    return _rows(without, including, worker_mb)


def _rows(without: Memory, including: Memory, worker_mb: float) -> list[Figure]:

    def row(kind: str, before: list[float], after: list[float]) -> Figure:
        base = Samples(wall=before)
        level = base.take("median")
        return Figure(
            benchmark="memory",
            case=f"added to Home Assistant, {kind}",
            unit="MB",
            samples=Samples(wall=[value - level for value in after]),
            baseline="Home Assistant without",
            base=base,
            aim=AIM,
        )

    return [
        row("RSS", without.rss, including.rss),
        row("PSS", without.pss, including.pss),
        Figure(
            benchmark="memory",
            case="largest RSS of the worker",
            unit="MB",
            samples=Samples(wall=[worker_mb]),
            baseline="Home Assistant without",
            base=Samples(wall=without.rss),
        ),
    ]


def _fields(pid: int, name: str) -> dict[str, float]:
    """Return the sizes in a file of /proc, in MB."""
    found = {}
    for line in Path(f"/proc/{pid}/{name}").read_text().splitlines():
        label, _, rest = line.partition(":")
        value, _, unit = rest.strip().partition(" ")
        if unit == "kB":
            found[label] = int(value) / 1024
    return found
