"""What the benchmark of a loaded house sets up: Home Assistant, entities, a past."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from datetime import datetime, timedelta
import logging
import math
from pathlib import Path
import re
import sqlite3
from types import MappingProxyType
from typing import Any, Final

from homeassistant import bootstrap
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.runner import RuntimeConfig
from homeassistant.util import dt as dt_util

from benchmarks.telegrams import telegram
from cem_core.meter.crc16 import crc16
from custom_components.cem.const import DOMAIN, Kind
from script.rig.processes import free_port
from tests.custom_components.house import DATA, STATES, W

DEVICES: Final = 60
ENTITIES: Final = 400
_KINDS: Final = (
    Kind.SOLAR,
    Kind.BATTERY,
    Kind.EV_CHARGER,
    Kind.HEAT_PUMP,
    Kind.APPLIANCE,
)
_HOURS: Final = 365 * 24
_COMPONENTS: Final = ("energy", "frontend", "http", "recorder", "websocket_api")
_TIME: Final = re.compile(rb"0-0:1\.0\.0\(\d{12}[SW]\)")
_FOLLOWS_EVERY: Final = 10  # a device's power changes so seldom, in telegrams


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


def _devices() -> Iterator[tuple[int, Kind]]:
    for number in range(DEVICES):
        yield number, _KINDS[number % len(_KINDS)]


def entry_of(port: int) -> ConfigEntry:
    """Return the home whose meter speaks at ``port``, and all its devices."""
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
async def home_assistant(config: Path) -> AsyncIterator[HomeAssistant]:
    """Run Home Assistant with what the integration asks for, in this process."""
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
async def meter() -> AsyncIterator[int]:
    """Serve a telegram a second; yield the port."""

    async def speak(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        watts = 1000
        while not writer.is_closing():
            watts = 1000 + (watts + 37) % 9000
            writer.write(_now(telegram(watts)))
            await writer.drain()
            await asyncio.sleep(1)

    server = await asyncio.start_server(speak, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]
        server.close_clients()


def _now(data: bytes) -> bytes:
    """Return a telegram with the time of now: one of another time is not believed."""
    now = dt_util.now()
    said = f"0-0:1.0.0({now:%y%m%d%H%M%S}{'S' if now.dst() else 'W'})".encode()
    body = _TIME.sub(said, data[: data.rindex(b"!") + 1])
    return body + f"{crc16(body):04X}\r\n".encode()


def seed(database: Path, powers: list[str]) -> None:
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
