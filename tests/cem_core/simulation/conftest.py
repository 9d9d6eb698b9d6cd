"""The demo home, and a broker of our own."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
import shutil
import socket
import subprocess
import time
from typing import Any, Final

import pytest
import pytest_socket
from ruamel.yaml import YAML

from cem_core.simulation.build import build_home
from cem_core.simulation.config import MqttSetup, SimulationSetup, read_setup
from cem_core.simulation.day_series import DaySeries, read_day_series
from cem_core.simulation.home import Home
from script.rig.processes import free_port

DEMO: Final = Path(__file__).parents[3] / "examples" / "demo"
NOON: Final = datetime(2026, 11, 25, 11, 0, tzinfo=UTC)  # a Wednesday

type NewHome = Callable[..., Home]


def demo_document() -> dict[str, Any]:
    document = YAML(typ="safe").load((DEMO / "home.yaml").read_text("utf-8"))
    assert isinstance(document, dict)
    return document


@pytest.fixture
def setup() -> SimulationSetup:
    return read_setup(demo_document())


@pytest.fixture(scope="session")
def series() -> DaySeries:
    zone = read_setup(demo_document()).time_zone
    return read_day_series(DEMO / "series.csv", zone)


@pytest.fixture
def new_home(setup: SimulationSetup, series: DaySeries) -> NewHome:
    def build(start: datetime = NOON, mqtt: MqttSetup | None = None) -> Home:
        ported = replace(setup, mqtt=mqtt, p1=replace(setup.p1, port=0))
        return build_home(ported, series, start)

    return build


@pytest.fixture
def home(new_home: NewHome) -> Home:
    return new_home()


@pytest.fixture
def loopback() -> Iterator[None]:
    """Let a test open connections, to this machine alone."""
    pytest_socket.enable_socket()
    pytest_socket.socket_allow_hosts(["127.0.0.1"])
    yield
    pytest_socket.disable_socket(allow_unix_socket=True)


@pytest.fixture(scope="session")
def mosquitto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Start a broker on a free port; Debian's own on 1883 is left alone."""
    program = shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin:/usr/bin")
    if program is None:
        pytest.fail("mosquitto is missing: script/packages mosquitto")
    pytest_socket.enable_socket()
    port = free_port()
    folder = tmp_path_factory.mktemp("mosquitto")
    settings = folder / "mosquitto.conf"
    settings.write_text(
        f"listener {port} 127.0.0.1\nallow_anonymous true\npersistence false\n"
    )
    with (folder / "log").open("wb") as log:
        broker = subprocess.Popen([program, "-c", settings], stdout=log, stderr=log)
        try:
            _wait_for(port)
            yield port
        finally:
            broker.terminate()
            broker.wait(10)


@pytest.fixture
def broker(loopback: None, mosquitto: int) -> MqttSetup:
    return MqttSetup(
        host="127.0.0.1",
        port=mosquitto,
        prefix="cem_test",
        discovery_prefix="homeassistant",
        username=None,
        password=None,
    )


def _wait_for(port: int) -> None:
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    pytest.fail(f"mosquitto does not listen on {port}")
