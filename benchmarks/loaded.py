"""A loaded house: 60 devices, 400 entities and a year of hourly statistics.

A real Home Assistant in this process, of the environment that runs the benchmark, with
the components that the integration asks for. The meter sends a telegram each second,
each device's power changes every ten. First all of that goes on without the CEM, which
is the baseline; then one home is set up, controls, and plans in its worker as always.
"""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
import gc
from multiprocessing import get_context
from pathlib import Path
import sys
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import Any, Final

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant

from benchmarks.figures import Aim, Figure, Samples
from benchmarks.live.loop_probe import Probe
from benchmarks.loaded_house import (
    ENTITIES,
    House,
    entry_of,
    home_assistant,
    meter,
    seed,
)
from custom_components.cem import wishes
from custom_components.cem.const import DOMAIN, Mode

WATCHED_S: Final = 60.0
_SETTLED_S: Final = 30.0  # learning, the first plan


def figures(*, above_ms: float | None = None) -> list[Figure]:
    """Return the rows; ``above_ms``: say where longer stalls come from."""
    # Home Assistant watches for blocking calls in the whole process: in one of its own.
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as other:
        return other.submit(_measured, above_ms).result()


def _measured(above_ms: float | None) -> list[Figure]:
    return asyncio.run(_measure(above_ms))


async def _measure(above_ms: float | None) -> list[Figure]:
    with TemporaryDirectory(prefix="cem-bench-") as folder:
        async with home_assistant(Path(folder)) as hass, meter() as port:
            house = House(hass)
            await hass.async_add_executor_job(
                seed, Path(folder) / "home-assistant_v2.db", house.powers
            )
            without = await _watch(house, above_ms)
            setting_up = await _set_up(hass, port, above_ms)
            house.obey()
            (entry,) = hass.config_entries.async_entries(DOMAIN)
            await wishes.async_set_mode(entry.runtime_data, Mode.CONTROL)
            settling = await _watch(house, above_ms, _SETTLED_S)
            controlling = await _watch(house, above_ms)
            told = len(entry.runtime_data.snapshot.setpoints)
            states = len(hass.states.async_entity_ids()) - ENTITIES
    print(
        f"bench: {states} entities of the CEM's own, setpoints for {told} devices",
        file=sys.stderr,
    )
    return _rows(without, setting_up, settling, controlling)


class Watched:
    """What the loop, the processor and the memory did in a span of time."""

    def __init__(self, hass: HomeAssistant, above_ms: float | None) -> None:
        """Begin."""
        self._probe = Probe(hass.loop)
        self._probe.begin(above_ms)
        self._began = perf_counter(), process_time()
        self._before_mb = _rss_mb()

    def end(self) -> Watched:
        """Stop."""
        found = self._probe.end()
        self.seconds = perf_counter() - self._began[0]
        self.cpu_s = process_time() - self._began[1]
        self.late = Samples(wall=found["late_ms"], cpu=found["cpu_ms"])
        self.held = Samples(
            wall=[
                max(0.0, late_ms - no_core_ms)
                for late_ms, no_core_ms in zip(
                    found["late_ms"], found["no_core_ms"], strict=True
                )
            ],
            cpu=found["cpu_ms"],
        )
        self.collected_ms: list[float] = found["collected_ms"]
        self.seen: list[str] = found["seen"]
        gc.collect()
        self.added_mb = _rss_mb() - self._before_mb
        return self

    @property
    def cpu_percent(self) -> float:
        """Processor time of the process, in % of a core."""
        return 100 * self.cpu_s / self.seconds


async def _watch(
    house: House, above_ms: float | None, seconds: float = WATCHED_S
) -> Watched:
    watched = Watched(house.hass, above_ms)
    end = perf_counter() + seconds
    while perf_counter() < end:
        house.tick()
        await asyncio.sleep(1)
    return watched.end()


async def _set_up(hass: HomeAssistant, port: int, above_ms: float | None) -> Watched:
    """Set the home up, as at Home Assistant's start."""
    watched = Watched(hass, above_ms)
    await hass.config_entries.async_add(entry_of(port))
    watched.end()
    (entry,) = hass.config_entries.async_entries(DOMAIN)
    assert entry.state is ConfigEntryState.LOADED
    return watched


def _rss_mb() -> float:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("/proc/self/status says no VmRSS")


def _rows(
    without: Watched, setting_up: Watched, settling: Watched, controlling: Watched
) -> list[Figure]:
    for name, watched in (
        ("setting up", setting_up),
        ("settling", settling),
        ("controlling", controlling),
    ):
        for where in watched.seen:
            print(f"bench: {name}: stall at {where}", file=sys.stderr)

    def row(case: str, unit: str, value: float, **more: Any) -> Figure:  # noqa: ANN401
        return Figure(
            benchmark="loaded",
            case=case,
            unit=unit,
            samples=Samples(wall=[value]),
            **more,
        )

    def stalls(case: str, watched: Watched) -> Iterator[Figure]:
        for name, samples, base in (
            (f"stalls, {case}", watched.late, without.late),
            (f"stalls, {case}, with a core free", watched.held, without.held),
        ):
            yield Figure(
                benchmark="loaded",
                case=name,
                unit="ms",
                samples=samples,
                baseline="without the CEM",
                base=base,
                aim=Aim(statistic="max", below=50),
            )

    aim = Aim(statistic="max", below=5)
    return [
        row("set-up", "s", setting_up.seconds, aim=aim),
        row("set-up, processor", "s", setting_up.cpu_s),
        row("memory added by set-up", "MB", setting_up.added_mb),
        row("memory added by settling", "MB", settling.added_mb),
        row(
            "processor at 1 Hz",
            "% of a core",
            controlling.cpu_percent,
            baseline="without the CEM",
            base=Samples(wall=[without.cpu_percent]),
        ),
        *stalls("set-up", setting_up),
        *stalls("learning and first plan", settling),
        *stalls("controlling", controlling),
    ]
