"""`cem probe` as an installer meets it."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
import json
import logging
import socket
import subprocess
import sys
import threading
from typing import Any, Final

import pytest

from cem_core.modbus import Table, load
from optimizer.cli import main
from tests.cem_core.modbus.served import Words, device, serving, words_of

_HOST: Final = "127.0.0.1"
_SDM: Final = load("eastron_sdm120")


@pytest.fixture(autouse=True)
def quiet(socket_enabled: None) -> Iterator[None]:
    """Let these tests open sockets, and keep what servers log away from stderr."""
    logging.disable(logging.INFO)
    yield
    logging.disable(logging.NOTSET)


def cem(capfd: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Run `cem probe` in a thread of its own, as its loop is its own."""
    status: list[int] = []

    def run() -> None:
        try:
            status.append(main(["probe", *arguments]))
        except SystemExit as ended:  # argparse: wrong usage
            status.append(int(ended.code or 0))

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(60)
    out, err = capfd.readouterr()
    return status[0], out, err


@contextmanager
def served(words: Words) -> Iterator[str]:
    """Serve a Modbus device in a thread of its own; yields its address."""
    ready, done = threading.Event(), threading.Event()
    found: list[int] = []

    async def serve() -> None:
        async with serving(device(words, all_else=None)) as port:
            found.append(port)
            ready.set()
            await asyncio.to_thread(done.wait)

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    ready.wait(20)
    try:
        yield f"{_HOST}:{found[0]}"
    finally:
        done.set()
        thread.join(20)


def test_the_values_of_a_register_map(capfd: pytest.CaptureFixture[str]) -> None:
    name = next(iter(_SDM.registers))
    words = words_of(_SDM, dict.fromkeys(_SDM.registers, Fraction(230)))
    with served(words) as address:
        status, out, err = cem(capfd, "modbus", address, "--map", _SDM.id, "--json")
    assert (status, err) == (0, "")
    said = json.loads(out)
    assert said["title"] == _SDM.title
    assert said["values"][name]["value"] == pytest.approx(230)


def test_registers_as_they_are_and_those_that_are_refused(
    capfd: pytest.CaptureFixture[str],
) -> None:
    words: Words = {(Table.HOLDING, 10): 7, (Table.HOLDING, 11): 65_535}
    with served(words) as address:
        status, out, err = cem(capfd, "modbus", address, "--dump", "holding:9-11")
    assert (status, err) == (0, "")
    assert out.splitlines() == [
        "    9  refused",
        "   10      7  0x0007",
        "   11  65535  0xFFFF",
    ]


def test_the_models_of_a_sunspec_device(capfd: pytest.CaptureFixture[str]) -> None:
    maker = "Maker".ljust(32, "\0").encode()
    texts = [int.from_bytes(maker[at : at + 2]) for at in range(0, 32, 2)]
    chain = [0x5375, 0x6E53, 1, 66, *texts, *([0] * 50), 9999, 2, 1, 2, 0xFFFF, 0]
    words = {(Table.HOLDING, 40_000 + at): word for at, word in enumerate(chain)}
    with served(words) as address:
        status, out, err = cem(capfd, "modbus", address)
    assert (status, err) == (0, "")
    lines = out.splitlines()
    assert lines[0] == "model 1 at 40002, 66 registers"
    assert any(line.split() == ["Mn", "Maker"] for line in lines)
    assert lines[-1] == "model 9999 at 40070, 2 registers, which is not known here"


def test_no_sunspec_says_what_to_try(capfd: pytest.CaptureFixture[str]) -> None:
    with served({(Table.HOLDING, 10): 7}) as address:
        status, out, err = cem(capfd, "modbus", address)
    assert (status, out) == (1, "")
    assert "no SunSpec device" in err
    assert "--dump" in err


def test_nobody_there_is_one_line(capfd: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as unused:
        unused.bind((_HOST, 0))
        address = f"{_HOST}:{unused.getsockname()[1]}"
    status, out, err = cem(capfd, "modbus", address)
    assert (status, out) == (1, "")
    assert err.splitlines() == [f"cem probe: no connection to {address}"]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("modbus",), "needs a HOST"),
        (("modbus", "127.0.0.1:x"), "a port of 0 to 65535"),
        (("modbus", "127.0.0.1:70000"), "a port of 0 to 65535"),
        (("modbus", "x", "--map", "nothing"), "--map list names them"),
        (("ocpp", "--station", "a", "--password", "short"), "8 characters"),
        (("s2", "--token", "short"), "16 characters"),
    ],
)
def test_wrong_usage_is_said(
    capfd: pytest.CaptureFixture[str], arguments: tuple[str, ...], expected: str
) -> None:
    status, out, err = cem(capfd, *arguments)
    assert (status, out) == (2, "")
    assert expected in err


def test_the_maps_are_listed(capfd: pytest.CaptureFixture[str]) -> None:
    status, out, _ = cem(capfd, "modbus", "--map", "list")
    assert status == 0
    assert _SDM.title in out


def _free_port() -> int:
    with socket.socket() as unused:
        unused.bind((_HOST, 0))
        port: int = unused.getsockname()[1]
        return port


def _peer(module: str, *arguments: str) -> subprocess.Popen[bytes]:
    """Start a peer that waits until the port is open."""
    waits = (
        "import runpy, socket, sys, time\n"
        "sys.argv = sys.argv[1:]\n"
        "port = int(sys.argv[1].split(':')[2].split('/')[0])\n"
        "for _ in range(200):\n"
        "    try:\n"
        "        socket.create_connection(('127.0.0.1', port)).close(); break\n"
        "    except OSError:\n"
        "        time.sleep(0.05)\n"
        "runpy.run_module(sys.argv[0], run_name='__main__', alter_sys=True)\n"
    )
    return subprocess.Popen(
        [sys.executable, "-c", waits, module, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def test_a_charging_station_that_connects_is_shown(
    capfd: pytest.CaptureFixture[str],
) -> None:
    port, module = _free_port(), "tests.cem_core.ocpp.charging_station"
    password = "a-long-password"
    arguments = ("--station", "wall", "--password", password, "--for", "30")
    with _peer(module, f"http://{_HOST}:{port}", "wall", password, "ocpp1.6") as peer:
        status, out, err = cem(capfd, "ocpp", "--listen", f"{_HOST}:{port}", *arguments)
        peer.kill()
    assert (status, err) == (0, "")
    said: dict[str, Any] = json.loads(out)
    assert (said["maker"], said["version"]) == ("Maker", "ocpp1.6")
    assert said["connectors"]["1"]["state"] == "available"


def test_a_resource_manager_that_connects_is_shown(
    capfd: pytest.CaptureFixture[str],
) -> None:
    port, module = _free_port(), "tests.cem_core.s2.resource_manager"
    token = "a-token-of-the-battery"
    arguments = ("--token", token, "--for", "30", "--json")
    with _peer(module, f"http://{_HOST}:{port}/s2", token) as peer:
        status, out, err = cem(capfd, "s2", "--listen", f"{_HOST}:{port}", *arguments)
        peer.kill()
    assert (status, err) == (0, "")
    said: dict[str, Any] = json.loads(out)
    assert said["device"]["kind"] == "battery"
    assert said["selected"] == "FILL_RATE_BASED_CONTROL"


def test_nobody_that_connects_is_one_line(capfd: pytest.CaptureFixture[str]) -> None:
    listen = f"{_HOST}:{_free_port()}"
    token = ("--token", "a-token-of-the-battery", "--for", "0.2")
    status, out, err = cem(capfd, "s2", "--listen", listen, *token)
    assert (status, out) == (1, "")
    assert err.splitlines() == ["cem probe: nobody connected within 0.2 s"]


def test_a_port_that_is_taken_is_one_line(capfd: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind((_HOST, 0))
        taken.listen()
        listen = f"{_HOST}:{taken.getsockname()[1]}"
        token = ("--token", "a-token-of-the-battery", "--for", "0.2")
        status, out, err = cem(capfd, "s2", "--listen", listen, *token)
    assert (status, out) == (1, "")
    assert "cannot listen at" in err
