"""A loaded house: 60 devices, 400 entities and a year of hourly statistics.

A real Home Assistant in this process, of the environment that runs the benchmark, with
the components that the integration asks for. The meter sends a telegram each second,
each device's power changes every ten. First all of that goes on without the CEM, which
is the baseline; then one home is set up, controls, and plans in its worker as always.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import asynccontextmanager, closing
from datetime import datetime, timedelta
import gc
import logging
import math
from multiprocessing import get_context
from pathlib import Path
import sqlite3
import sys
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from types import MappingProxyType
from typing import Any, Final

from homeassistant import bootstrap
from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.runner import RuntimeConfig
from homeassistant.util import dt as dt_util

from benchmarks.figures import Aim, Figure, Samples
from benchmarks.live.loop_probe import Probe
from benchmarks.telegrams import telegram
from custom_components.cem import wishes
from custom_components.cem.const import DOMAIN, Kind, Mode
from script.rig.processes import free_port
from tests.custom_components.house import DATA, STATES, W

DEVICES: Final = 60
ENTITIES: Final = 400
WATCHED_S: Final = 60.0
_SETTLED_S: Final = 30.0  # learning, the first plan
_KINDS: Final = (
    Kind.SOLAR,
    Kind.BATTERY,
    Kind.EV_CHARGER,
    Kind.HEAT_PUMP,
    Kind.APPLIANCE,
)
_HOURS: Final = 365 * 24
_COMPONENTS: Final = ("energy", "frontend", "http", "recorder", "websocket_api")
_FOLLOWS_EVERY: Final = 10  # a device's power changes so seldom, in telegrams


def figures(*, above_ms: float | None = None) -> list[Figure]:
    """Return the rows; ``above_ms``: say where longer stalls come from."""
    # Home Assistant watches for blocking calls in the whole process: in one of its own.
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as other:
        return other.submit(_measured, above_ms).result()


def _measured(above_ms: float | None) -> list[Figure]:
    return asyncio.run(_measure(above_ms))


async def _measure(above_ms: float | None) -> list[Figure]:
    with TemporaryDirectory(prefix="cem-bench-") as folder:
        async with _home_assistant(Path(folder)) as hass, _meter() as port:
            house = House(hass)
            await hass.async_add_executor_job(
                _seed, Path(folder) / "home-assistant_v2.db", house.powers
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
        self.collected_ms: list[float] = found["collected_ms"]
        self.seen: list[str] = found["seen"]
        gc.collect()
        self.added_mb = _rss_mb() - self._before_mb
        return self

    @property
    def cpu_percent(self) -> float:
        """Processor time of the process, in % of a core."""
        return 100 * self.cpu_s / self.seconds


class House:
    """What Home Assistant holds before there is a CEM: devices' entities and others."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Give every entity a first state."""
        self.hass = hass
        self._second = 0
        self.powers = ["sensor.grid", "sensor.home_house_load"]
        for number, kind in _devices():
            for key, (state, attributes) in STATES.items():
                if key in DATA[kind].values():
                    hass.states.async_set(f"{key}_{number}", state, attributes)
            self.powers.append(f"{DATA[kind]['power']}_{number}")
        for key in ("sensor.indoor", "sensor.outdoor"):
            hass.states.async_set(key, *STATES[key])
        for number in range(ENTITIES - len(hass.states.async_entity_ids())):
            hass.states.async_set(f"sensor.room_{number}", "20.5", {})
        assert len(hass.states.async_entity_ids()) == ENTITIES

    def obey(self) -> None:
        """Let commands change what the devices say."""

        async def command(call: ServiceCall) -> None:
            value = {
                "set_value": call.data.get("value"),
                "select_option": call.data.get("option"),
                "turn_on": "on",
                "turn_off": "off",
            }.get(call.service)
            ids = call.data.get("entity_id", ())
            for entity_id in [ids] if isinstance(ids, str) else ids:
                state = self.hass.states.get(entity_id)
                if state is not None and value is not None:
                    self.hass.states.async_set(entity_id, str(value), state.attributes)

        for domain, name in (
            ("number", "set_value"),
            ("select", "select_option"),
            ("switch", "turn_on"),
            ("switch", "turn_off"),
            ("button", "press"),
        ):
            self.hass.services.async_register(domain, name, command)

    def tick(self) -> None:
        """Let a tenth of the devices draw another power."""
        self._second += 1
        for number, power in enumerate(self.powers[2:]):
            if number % _FOLLOWS_EVERY == self._second % _FOLLOWS_EVERY:
                watts = 500 + 400 * math.sin(self._second / 60 + number)
                self.hass.states.async_set(power, f"{watts:.0f}", W)


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
    await hass.config_entries.async_add(_entry(port))
    watched.end()
    (entry,) = hass.config_entries.async_entries(DOMAIN)
    assert entry.state is ConfigEntryState.LOADED
    return watched


def _devices() -> Iterator[tuple[int, Kind]]:
    for number in range(DEVICES):
        yield number, _KINDS[number % len(_KINDS)]


def _entry(port: int) -> ConfigEntry:
    meter = {"method": "tcp", "host": "127.0.0.1", "port": port}
    given = [(Kind.METER, meter), (Kind.TARIFF, DATA[Kind.TARIFF])]
    for number, kind in _devices():
        own = {
            key: f"{value}_{number}" if _is_own(value) else value
            for key, value in DATA[kind].items()
        }
        given.append((kind, own | {"name": f"{own['name']} {number}"}))
    return ConfigEntry(
        data={"import_limit": 100, "export_limit": 100, "phases": "3"},
        discovery_keys=MappingProxyType({}),
        domain=DOMAIN,
        minor_version=2,
        options={},
        source="user",
        subentries_data=[
            {
                "data": data,
                "subentry_type": str(kind),
                "title": data.get("name", str(kind)),
                "unique_id": None,
            }
            for kind, data in given
        ],
        title="Home",
        unique_id="home",
        version=1,
    )


def _is_own(value: object) -> bool:
    """Tell whether each device has an entity of its own of that name."""
    return value in STATES and value not in {"sensor.indoor", "sensor.outdoor"}


@asynccontextmanager
async def _home_assistant(config: Path) -> AsyncIterator[HomeAssistant]:
    (config / "configuration.yaml").write_text(
        "homeassistant: {time_zone: Europe/Brussels, currency: EUR}\n"
        f"http: {{server_host: 127.0.0.1, server_port: {free_port()}}}\n"
        + "".join(f"{name}:\n" for name in _COMPONENTS if name != "http")
    )
    # What it has set up by itself, and lacks packages for here, is none of our matter.
    logging.getLogger("homeassistant.setup").setLevel(logging.CRITICAL)
    hass = await bootstrap.async_setup_hass(
        RuntimeConfig(config_dir=str(config), skip_pip=True)
    )
    assert hass is not None
    assert set(_COMPONENTS) <= hass.config.components
    await hass.async_start()
    await hass.async_block_till_done()
    try:
        yield hass
    finally:
        await hass.async_stop()


@asynccontextmanager
async def _meter() -> AsyncIterator[int]:
    """Serve a telegram a second; yield the port."""

    async def speak(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        watts = 1000
        while not writer.is_closing():
            watts = 1000 + (watts + 37) % 9000
            writer.write(telegram(watts))
            await writer.drain()
            await asyncio.sleep(1)

    server = await asyncio.start_server(speak, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]
        server.close_clients()


def _seed(database: Path, powers: list[str]) -> None:
    """Write a year of hourly means of each power."""
    now = dt_util.utcnow().replace(minute=0, second=0, microsecond=0)
    first = now - timedelta(hours=_HOURS)
    with closing(sqlite3.connect(database, timeout=60)) as connection:
        for power in powers:
            cursor = connection.execute(
                "INSERT INTO statistics_meta (statistic_id, source, mean_type,"
                " unit_of_measurement, unit_class, has_mean, has_sum)"
                " VALUES (?, 'recorder', 1, 'W', 'power', 1, 0)",
                (power,),
            )
            connection.executemany(
                "INSERT INTO statistics (created_ts, metadata_id, start_ts, mean,"
                " min, max) VALUES (?, ?, ?, ?, ?, ?)",
                _means(cursor.lastrowid, first),
            )
            connection.commit()  # the recorder waits for its turn only so long


def _means(metadata_id: int | None, first: datetime) -> Iterator[tuple[Any, ...]]:
    start = first.timestamp()
    for hour in range(_HOURS):
        mean = 600 + 500 * math.sin(hour / 24 * 2 * math.pi)
        at = start + 3600 * hour
        yield at, metadata_id, at, mean, mean - 50, mean + 50


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

    def stalls(case: str, watched: Watched) -> Figure:
        return Figure(
            benchmark="loaded",
            case=f"stalls, {case}",
            unit="ms",
            samples=watched.late,
            baseline="without the CEM",
            base=without.late,
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
        stalls("set-up", setting_up),
        stalls("learning and first plan", settling),
        stalls("controlling", controlling),
    ]
