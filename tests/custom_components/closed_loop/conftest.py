"""A home that is played, for each test of the folder."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import datetime
import logging
from pathlib import Path

from homeassistant.core import HomeAssistant
import pytest

from cem_core.transport.eebus_identity import Identity
from custom_components.cem.const import Kind
from tests.custom_components.closed_loop.played import Played, played
from tests.custom_components.conftest import SetUp
from tests.use_cases.closed_loop import SUNNY_NOON

type Play = Callable[..., AbstractAsyncContextManager[Played]]


@pytest.fixture(autouse=True)
def expected_lingering_timers() -> bool:
    """Let aiohttp end its heartbeat by itself: it is due once more after a close."""
    return True


@pytest.fixture(autouse=True)
def quiet() -> None:
    """Log no message of the wire: there are some thousands."""
    for name in ("aiohttp.access", "ocpp", "pymodbus", "homeassistant", "cem_core"):
        logging.getLogger(name).setLevel(logging.WARNING)


@pytest.fixture
def play(
    hass: HomeAssistant,
    set_up: SetUp,
    identity: Identity,
    tmp_path: Path,
    socket_enabled: None,
) -> Play:
    """Return what plays the demo's home with devices that speak what is said."""

    def start(
        speaks: dict[Kind, str], at: datetime = SUNNY_NOON, meter: str = "belgium"
    ) -> AbstractAsyncContextManager[Played]:
        return played(
            hass,
            set_up,
            start=at,
            identity=identity,
            state=tmp_path,
            speaks=speaks,
            meter=meter,
        )

    return start
