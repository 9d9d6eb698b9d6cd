"""How many bytes a meter that speaks each second has the recorder write.

Simulated time, the real recorder, a database file. Statistics and purging come on top;
they do not depend on how often is recorded.
"""

from collections.abc import Iterator
from contextlib import closing
import logging
from pathlib import Path
from random import Random
import sqlite3
import time
from typing import Any, Final
from unittest.mock import patch

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components import recorder
from homeassistant.core import HomeAssistant
import pytest

from cem_core.model import PhaseReading, Reading, Submeter, SubmeterKind
from custom_components.cem.entity import Recorded
from custom_components.cem.home import Home
from tests.custom_components.test_meter_sensors import home

SECONDS: Final = 1200
PER_DAY: Final = 86_400 / SECONDS / 1_000_000  # MB a day for each byte
MOST_GROWN: Final = 20.0
MOST_WRITTEN: Final = 600.0
RECORDED: Final = Recorded.due

__all__ = ["home"]  # the fixture


@pytest.fixture
def recorder_config() -> dict[str, int]:
    """Commit as seldom as Home Assistant does, not after each state."""
    return {"commit_interval": 5}


@pytest.fixture
def recorder_db_url(tmp_path: Path) -> str:
    """Write to a file."""
    return f"sqlite:///{tmp_path / 'home.db'}"


async def grow(
    hass: HomeAssistant, home: Home, clock: FrozenDateTimeFactory, database: Path
) -> tuple[float, float]:
    """Let the meter speak; return growth and bytes written, in MB a day."""
    keeper = recorder.get_instance(hass)
    size = written = 0
    for second, reading in enumerate(readings(SECONDS + 60)):
        if second == 60:  # every entity is there by now
            size, written = bytes_held(database), bytes_written()
        home.on_reading(reading)
        await hass.async_block_till_done()
        while keeper.backlog:
            time.sleep(0.0002)  # noqa: ASYNC251 - it works in real time
        clock.tick(1)
    await keeper.async_block_till_done()
    grown = bytes_held(database) - size
    return grown * PER_DAY, (bytes_written() - written) * PER_DAY


def readings(count: int) -> Iterator[Reading]:
    """Yield telegrams of a home in which something is always going on."""
    chance = Random(1)  # noqa: S311 - the same home each time
    energy_wh, power_w = 1_000_000.0, 800.0
    for second in range(count):
        power_w = max(0.0, power_w + chance.gauss(0, 15))
        if not second % 300:
            power_w = chance.uniform(200, 4000)  # something is switched
        energy_wh += power_w / 3600
        phases = tuple(
            PhaseReading(
                phase=phase,
                voltage_v=round(230 + chance.gauss(0, 0.5), 1),
                current_a=float(round(power_w / 690)),
                import_power_w=max(0, round(power_w / 3 + chance.gauss(0, 5))),
                export_power_w=0,
            )
            for phase in (1, 2, 3)
        )
        yield Reading(
            format="dsmr",
            version="50",
            meter_id="4530303531393837",
            import_power_w=round(power_w),
            export_power_w=0,
            import_energy_wh={"1": int(energy_wh), "2": 2_000_000},
            export_energy_wh={"1": 0, "2": 0},
            tariff=1,
            phases=phases,
            submeters=(
                Submeter(
                    channel=1,
                    kind=SubmeterKind.GAS,
                    value=2105 + second // 300 / 100,
                    unit="m3",
                ),
            ),
        )


def bytes_held(database: Path) -> int:
    """Return how large the database is, with what is still in its journal."""
    with closing(sqlite3.connect(database)) as connection:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        (page,) = connection.execute("PRAGMA page_size").fetchone()
    return int(pages * page)


def bytes_written() -> int:
    """Return how many bytes this process has written so far."""
    said = Path("/proc/self/io").read_text(encoding="ascii")
    return int(dict(line.split(": ") for line in said.splitlines())["wchar"])


@pytest.mark.soak
@pytest.mark.parametrize("due", [RECORDED, lambda *_: True], ids=["ours", "all"])
async def test_a_day_of_a_meter_in_the_database(
    hass: HomeAssistant,
    home: Home,
    freezer: FrozenDateTimeFactory,
    tmp_path: Path,
    due: Any,
) -> None:
    logging.disable()  # it would be counted
    try:
        with patch.object(Recorded, "due", due):
            grown, written = await grow(hass, home, freezer, tmp_path / "home.db")
    finally:
        logging.disable(logging.NOTSET)
    said = f"grows by {grown:.1f} MB a day, {written:.1f} MB a day are written"
    print(said)  # noqa: T201 - what was measured, with -s
    if due is RECORDED:
        assert grown < MOST_GROWN
        assert written < MOST_WRITTEN
    else:  # the baseline: every telegram
        assert grown > MOST_GROWN
