"""A real home with the loop probe in it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
import shutil
import time
from typing import Final

from benchmarks.figures import Samples
from script.rig.api import Api
from script.rig.home import Home, running

PROBE: Final = Path(__file__).parent / "loop_probe"


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
