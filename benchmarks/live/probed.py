"""A real home with the loop probe in it, before the CEM is set up."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
import shutil
from tempfile import TemporaryDirectory
import time
from typing import Final

from benchmarks.figures import Samples
from script.rig.api import Api
from script.rig.flows import bodies, entities_in, entities_present
from script.rig.home import Home, running
from script.rig.waiting import until
from tests.e2e.live_home import LiveHome, running_home

PROBE: Final = Path(__file__).parent / "loop_probe"
SOLVED: Final = frozenset({"optimal", "feasible", "relaxed"})


@dataclass(slots=True)
class Window:
    """What the probe saw while something was done."""

    late_ms: list[float] = field(default_factory=list)
    cpu_ms: list[float] = field(default_factory=list)
    collected_ms: list[float] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)

    @property
    def samples(self) -> Samples:
        """How late the ticks were, and the loop's own processor time."""
        return Samples(wall=self.late_ms, cpu=self.cpu_ms)


@asynccontextmanager
async def probed_home() -> AsyncIterator[LiveHome]:
    """Run a home that has its devices and the release, and no CEM set up yet."""
    with TemporaryDirectory(prefix="cem-bench-") as folder:
        async with running_home(Path(folder), before_start=place_probe) as live:
            await devices_present(live)
            yield live


async def devices_present(live: LiveHome) -> None:
    """Wait until all that the CEM will be told of is there."""
    wanted = entities_in(bodies(live.home.placeholders))
    await entities_present(live.api, wanted)


async def planned(live: LiveHome) -> None:
    """Wait for a plan of the solver's."""

    async def solved() -> bool:
        return await live.value("sensor", "plan_status") in SOLVED

    await until("a solved plan", solved, within_s=60)


def place_probe(home: Home) -> None:
    """Put the probe beside the CEM and have it set up at start."""
    config = home.home_assistant.config
    shutil.copytree(
        PROBE,
        config / "custom_components" / PROBE.name,
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    home.home_assistant.prepare()
    with (config / "configuration.yaml").open("a") as configuration:
        configuration.write(f"{PROBE.name}:\n")


@asynccontextmanager
async def watched(
    api: Api, into: Window, above_ms: float | None = None
) -> AsyncIterator[None]:
    """Add to ``into`` what the loop does meanwhile."""
    asked = {} if above_ms is None else {"above_ms": above_ms}
    await api.call("loop_probe.begin", **asked)
    yield
    found = await api.act("loop_probe.end")
    into.late_ms += found["late_ms"]
    into.cpu_ms += found["cpu_ms"]
    into.collected_ms += found["collected_ms"]
    into.seen += found["seen"]


async def restart(home: Home, api: Api) -> None:
    """Start Home Assistant anew, in order."""
    await home.home_assistant.stop()
    await home.home_assistant.start(home.environment)
    await home.home_assistant.serving()
    await running(home, api)


async def until_up_for(home: Home, seconds: float) -> None:
    """Wait until Home Assistant's process is so old."""
    up_s = time.monotonic() - home.home_assistant.started_at
    await asyncio.sleep(max(0.0, seconds - up_s))
