"""`cem mbus`: meters on a simulated bus, found and read."""

import asyncio
from collections.abc import Iterator
import json
import threading
from typing import Final

import pytest

from cem_core.transport.mbus_master import Timing
from optimizer.cli import main
from tests.cem_core.transport.mbus_bus import Bus, Slave

HOST: Final = "127.0.0.1"
WATER: Final = Slave(
    1, bytes.fromhex("78563412 2423 01 07"), (bytes.fromhex("0c1327048502"),)
)
HEAT: Final = Slave(
    2, bytes.fromhex("79563452 2d2c 05 04"), (bytes.fromhex("0c0627048502"),)
)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for a simulated meter no longer than one needs, at few addresses."""
    monkeypatch.setattr("cem_core.meter.mbus_link.MOST_PRIMARY", 9)
    timing = Timing(acknowledge_s=0.05, answer_s=0.3, gap_s=0.05)
    monkeypatch.setattr("optimizer.cli.ask_mbus.Timing", lambda: timing)


@pytest.fixture
def gateway(socket_enabled: None) -> Iterator[str]:
    """Let two meters answer behind a gateway, in a loop of their own."""
    loop = asyncio.new_event_loop()
    bus = Bus([WATER, HEAT])

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await bus.talk(reader, writer)
        writer.close()
        await writer.wait_closed()

    server = loop.run_until_complete(asyncio.start_server(talk, HOST, 0))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    yield f"{HOST}:{server.sockets[0].getsockname()[1]}"

    async def close() -> None:
        server.close()
        server.close_clients()
        await server.wait_closed()

    asyncio.run_coroutine_threadsafe(close(), loop).result()
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


def out(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_meters_are_found_by_number(
    gateway: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["mbus", "find", gateway]) == 0
    assert out(capsys) == [
        {"address": "12345678", "manufacturer": "HYD", "version": 1, "medium": 7},
        {"address": "52345679", "manufacturer": "KAM", "version": 5, "medium": 4},
    ]


def test_meters_are_found_by_primary_address(
    gateway: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["mbus", "find", gateway, "--primary"]) == 0
    assert out(capsys) == [{"address": 1}, {"address": 2}]


def test_meters_are_read(gateway: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["mbus", "read", gateway, "1", "52345679"]) == 0
    water, heat = out(capsys)
    assert water == {
        "address": "1",
        "kind": "water",
        "meter_id": "12345678",
        "manufacturer": "HYD",
        "values": {"volume": 2850.427},
        "status": [],
        "raw": {"volume": {"value": 2850.427, "unit": "m3"}},
    }
    assert heat["values"] == {"energy": 2_850_427_000.0}


def test_one_that_is_not_there_is_told(
    gateway: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["mbus", "read", gateway, "12345670"]) == 1
    said = capsys.readouterr()
    assert (said.out, said.err) == (
        "",
        "12345670FFFFFFFF: no meter with this number answers\n",
    )


@pytest.mark.parametrize("action", [["find"], ["find", "--primary"], ["read"]])
def test_a_gateway_that_is_not_there_is_told(
    action: list[str],
    socket_enabled: None,
    unused_tcp_port: int,
    capsys: pytest.CaptureFixture[str],
) -> None:
    meters = ["1"] if action == ["read"] else []
    assert main(["mbus", *action, f"{HOST}:{unused_tcp_port}", *meters]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert len(said.err.splitlines()) == 1
    if action != ["read"]:  # which names the meter
        assert said.err.startswith(f"cem mbus: {HOST}:{unused_tcp_port}: ")


@pytest.mark.parametrize("address", ["gateway", "gateway:0", "a b:1", "gateway:70000"])
def test_what_is_no_address_is_told(
    address: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["mbus", "find", address]) == 2
    assert "is no address: expected host:port or /dev/" in capsys.readouterr().err


@pytest.mark.parametrize("wrong", [["251"], ["1", "--key", "12"], []])
def test_wrong_usage(wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["mbus", "read", "h:1", *wrong])
    assert ended.value.code == 2
    assert capsys.readouterr().out == ""
