"""Tell how long Home Assistant's event loop was held up.

A component of the benchmarks' own, placed beside the CEM. While it is on, a
callback is due every 5 ms. How late it comes is a stall of the loop; how much
processor time the loop's thread used since the last one tells a stall of the
loop's own making from one of a busy machine. What is neither that nor time in which
the thread was ready and no core was free for it (Linux, /proc/thread-self/schedstat)
it spent waiting for Python's lock, which another thread held.
"""

import asyncio
from dataclasses import dataclass, field
import gc
import os
import sys
import threading
from time import perf_counter, sleep, thread_time
import traceback
from typing import Any, Final

from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
)
from homeassistant.helpers.typing import ConfigType

DOMAIN: Final = "loop_probe"
EVERY_S: Final = 0.005
_FRAMES: Final = 12


@dataclass(slots=True)
class Watch:
    """Looks, from a thread, at what holds the loop up longer than ``above_s``."""

    above_s: float
    due: float = 0.0
    seen: list[str] = field(default_factory=list)
    on: bool = True

    def run(self, loop_thread: int) -> None:
        """Look until switched off, once for each stall."""
        looked_for = 0.0
        while self.on:
            sleep(EVERY_S)
            due = self.due
            if perf_counter() - due > self.above_s and due != looked_for:
                looked_for = due
                frame = sys._current_frames().get(loop_thread)  # noqa: SLF001
                found = traceback.extract_stack(frame)[-_FRAMES:]
                self.seen.append(
                    " < ".join(
                        f"{at.filename.rpartition('/')[2]}:{at.lineno} {at.name}"
                        for at in reversed(found)
                    )
                )


class Probe:
    """The ticks since `begin`."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Stay off until `begin`."""
        self._loop = loop
        self._handle: asyncio.TimerHandle | None = None
        self._due = 0.0
        self._cpu_s = 0.0
        self._waited_ms = 0.0
        self._schedstat: int | None = None
        self._late_ms: list[float] = []
        self._cpu_ms: list[float] = []
        self._no_core_ms: list[float] = []
        self._collected_ms: list[float] = []
        self._collects_since = 0.0
        self._watch: Watch | None = None

    def begin(self, above_ms: float | None) -> None:
        """Start afresh; with ``above_ms`` say where longer stalls come from."""
        self.end()
        self._late_ms, self._cpu_ms, self._no_core_ms = [], [], []
        self._collected_ms = []
        gc.callbacks.append(self._collects)
        self._cpu_s = thread_time()
        self._schedstat = os.open("/proc/thread-self/schedstat", os.O_RDONLY)
        self._waited_ms = self._waits()
        if above_ms is not None:
            self._watch = Watch(above_ms / 1000, perf_counter() + EVERY_S)
            threading.Thread(
                target=self._watch.run, args=(threading.get_ident(),), daemon=True
            ).start()
        self._next()

    def end(self) -> dict[str, Any]:
        """Stop; return what was seen, in ms for each tick."""
        seen: list[str] = []
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None
            gc.callbacks.remove(self._collects)
        if self._schedstat is not None:
            os.close(self._schedstat)
            self._schedstat = None
        if self._watch is not None:
            self._watch.on = False
            seen, self._watch = self._watch.seen, None
        return {
            "late_ms": self._late_ms,
            "cpu_ms": self._cpu_ms,
            "no_core_ms": self._no_core_ms,
            "collected_ms": self._collected_ms,
            "seen": seen,
        }

    def _next(self) -> None:
        self._due = perf_counter() + EVERY_S
        if self._watch is not None:
            self._watch.due = self._due
        self._handle = self._loop.call_later(EVERY_S, self._tick)

    def _tick(self) -> None:
        late_s = perf_counter() - self._due
        cpu_s = thread_time()
        self._late_ms.append(round(max(0.0, late_s) * 1000, 3))
        self._cpu_ms.append(round((cpu_s - self._cpu_s) * 1000, 3))
        self._cpu_s = cpu_s
        waited_ms = self._waits()
        self._no_core_ms.append(round(waited_ms - self._waited_ms, 3))
        self._waited_ms = waited_ms
        self._next()

    def _waits(self) -> float:
        """Return how long the thread was ready to run so far and had no core, in ms."""
        assert self._schedstat is not None
        return int(os.pread(self._schedstat, 99, 0).split()[1]) / 1e6

    def _collects(self, phase: str, info: dict[str, int]) -> None:
        """Note how long a garbage collection of all generations takes."""
        if info["generation"] < 2:
            return
        if phase == "start":
            self._collects_since = perf_counter()
        else:
            self._collected_ms.append((perf_counter() - self._collects_since) * 1000)


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Offer two actions."""
    del config
    probe = Probe(hass.loop)

    async def begin(call: ServiceCall) -> None:
        probe.begin(call.data.get("above_ms"))

    async def end(call: ServiceCall) -> ServiceResponse:
        del call
        return probe.end()

    hass.services.async_register(DOMAIN, "begin", begin)
    hass.services.async_register(
        DOMAIN, "end", end, supports_response=SupportsResponse.ONLY
    )
    return True
