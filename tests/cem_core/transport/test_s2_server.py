"""The S2 server, with the resource manager of s2-python in another process."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
import json
import sys
from typing import Any, Final

import aiohttp
import pytest

from cem_core.s2.control import Order
from cem_core.s2.messages import LONGEST, S2Error
from cem_core.s2.session import SessionState
from cem_core.transport.s2_server import PATH, Access, S2Server
from tests.cem_core.s2.messages import handshake, name

_TOKEN: Final = "a-token-of-the-battery"
_HOST: Final = "127.0.0.1"


@pytest.fixture(autouse=True)
def expected_lingering_timers() -> bool:
    """Let aiohttp end its heartbeat by itself: it is due once more after a close."""
    return True


@asynccontextmanager
async def serving(**settings: Any) -> AsyncGenerator[S2Server]:
    """Run a server to which one battery may connect."""
    access = [Access(device="battery", token=_TOKEN)]
    server = S2Server(address=_HOST, port=0, access=access, **settings)
    await server.start()
    try:
        yield server
    finally:
        await server.stop()


class Peer:
    """A resource manager in its own process."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        """Read what it prints."""
        self._process = process

    async def hears(self, event: str) -> dict[str, Any]:
        """Return the next line about ``event``."""
        output = self._process.stdout
        async with asyncio.timeout(20):
            while output is not None and (line := await output.readline()):
                said: dict[str, Any] = json.loads(line)
                if said["event"] == event:
                    return said
        raise AssertionError(f"it ended without {event}")

    def kill(self) -> None:
        """End it as a power cut does."""
        self._process.kill()


@asynccontextmanager
async def peer(server: S2Server, token: str = _TOKEN) -> AsyncGenerator[Peer]:
    """Run a resource manager that connects to ``server``."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.cem_core.s2.resource_manager"),
        *(f"http://{_HOST}:{server.port}{PATH}", token),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        yield Peer(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def until(holds: Any) -> None:
    """Wait until ``holds`` does."""
    async with asyncio.timeout(20):
        while not holds():  # noqa: ASYNC110 - any condition
            await asyncio.sleep(0.01)


async def test_orders_reach_the_device_and_stopping_hands_it_back() -> None:
    async with serving() as server, peer(server) as manager:
        await until(lambda: "battery" in server.sessions())
        await manager.hears("activated")
        await server.order("battery", Order(power_w=-2500.0))
        told = await manager.hears("instruction")
        assert told["operation_mode"] == name("discharge")
        assert told["operation_mode_factor"] == pytest.approx(0.5)
        await server.hand_back("battery")
        await manager.hears("deactivated")
        await server.order("battery", Order(power_w=5000.0, limited=True))
        told = await manager.hears("instruction")
        assert told["operation_mode"] == name("charge")
        assert told["abnormal_condition"] is True
        await server.stop()
        await manager.hears("deactivated")


async def test_a_device_that_dies_is_away_and_may_come_back() -> None:
    async with serving() as server:
        async with peer(server) as manager:
            await manager.hears("activated")
            manager.kill()
            await until(lambda: "battery" not in server.sessions())
        assert server.why("battery")
        with pytest.raises(S2Error, match="is not connected over S2"):
            await server.order("battery", Order(power_w=0.0))
        async with peer(server) as manager:
            await manager.hears("activated")
            await server.order("battery", Order(power_w=1000.0))
            assert await manager.hears("instruction")


async def test_a_second_connection_takes_the_place_of_the_first() -> None:
    async with serving() as server, peer(server) as first:
        await first.hears("activated")
        async with peer(server) as second:
            await second.hears("activated")
            await first.hears("ended")
            await server.order("battery", Order(power_w=1000.0))
            assert await second.hears("instruction")


@asynccontextmanager
async def raw(
    server: S2Server, **headers: str
) -> AsyncGenerator[aiohttp.ClientWebSocketResponse]:
    """Connect without any knowledge of S2."""
    headers = headers or {"Authorization": f"Bearer {_TOKEN}"}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.ws_connect(f"http://{_HOST}:{server.port}{PATH}") as socket,
    ):
        yield socket


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Nothing": "at all"},
        {"Authorization": "Bearer wrong-wrong-wrong-wrong"},
        {"Authorization": f"Basic {_TOKEN}"},
    ],
)
async def test_nobody_connects_without_the_token(headers: dict[str, str]) -> None:
    async with serving() as server:
        with pytest.raises(aiohttp.WSServerHandshakeError, match="401"):
            async with raw(server, **headers):
                pass
        assert server.refused == 1
        assert not server.sessions()


def test_a_token_that_can_be_guessed_is_refused() -> None:
    with pytest.raises(ValueError, match="16 characters"):
        Access(device="battery", token="battery")


async def test_a_flood_ends_the_connection() -> None:
    async with serving() as server, raw(server) as socket:
        for _ in range(300):
            await socket.send_str("rubbish")
        async with asyncio.timeout(10):
            while not socket.closed:
                await socket.receive()
        assert "messages a second" in server.why("battery")


async def test_a_message_that_is_too_long_ends_the_connection() -> None:
    async with serving() as server, raw(server) as socket:
        await socket.send_str("x" * (LONGEST + 1))
        await until(lambda: server.why("battery"))
        assert "too long" in server.why("battery")


async def test_bytes_end_the_connection() -> None:
    async with serving() as server, raw(server) as socket:
        await socket.send_bytes(b"\x00")
        await until(lambda: server.why("battery"))
        assert server.why("battery") == "it sent bytes, S2 is text"


async def test_who_says_not_who_it_is_has_to_go(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("cem_core.transport.s2_server._READY_WITHIN_S", 0.2)
    async with serving() as server, raw(server) as socket:
        await socket.send_str(handshake())
        await until(lambda: server.why("battery"))
        assert "said not who it is" in server.why("battery")


async def test_an_answer_that_never_comes_ends_the_session(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("cem_core.transport.s2_server._TICK_S", 0.05)
    monkeypatch.setattr("cem_core.s2.outbox._ANSWER_WITHIN", timedelta(seconds=0.1))
    async with serving() as server, raw(server) as socket:
        await socket.send_str(handshake())
        await until(lambda: server.why("battery"))
        assert "Handshake was not confirmed" in server.why("battery")


async def test_the_port_that_is_taken_is_said() -> None:
    async with serving() as server:
        other = S2Server(address=_HOST, port=server.port, access=[])
        with pytest.raises(OSError, match="address already in use"):
            await other.start()


async def test_what_changes_is_told() -> None:
    heard: list[str] = []
    async with serving(on_change=heard.append) as server, peer(server) as manager:
        await manager.hears("activated")
        await until(lambda: server.sessions()["battery"].state is SessionState.READY)
    assert set(heard) == {"battery"}
