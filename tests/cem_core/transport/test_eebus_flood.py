"""Floods and monstrous messages from a paired and an unpaired peer, over real TLS.

What is flooded is a wallbox in a process of its own, so that its memory can be read.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
import re
import time

import aiohttp
import pytest

from cem_core.eebus.json_form import LARGEST_BYTES
from cem_core.eebus.peer import PeerRole
from cem_core.eebus.ship import Ready, Send, Ship
from cem_core.transport.eebus_identity import Identity, create
from cem_core.transport.eebus_node import PATH, _client_context
from script.rig.eebus_peer import EebusPeer, eebus_peer
from tests.cem_core.transport.test_eebus_node import until
from tests.cem_core.transport.test_eebus_processes import IMPORT, Cem

RATE = 1000
FOR_S = 5.0
GROWS_AT_MOST_KB = 16 * 1024
HELLO = b'\1{"connectionHello":[{"phase":"pending"},{"waiting":60000}]}'
EMPTY = b'\2{"data":[{"header":[{"protocolId":"ee1.0"}]},{"payload":{"datagram":[]}}]}'
DEEP = b"\2" + b"[" * 60_000
LARGE = b"\2" + b'"' + b"x" * LARGEST_BYTES + b'"'


def memory_kb(running: EebusPeer) -> int:
    status = Path(f"/proc/{running.process.pid}/status").read_text(encoding="ascii")
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    assert found is not None
    return int(found[1])


@dataclass
class Wire:
    """A WebSocket to the wallbox that says whatever it likes."""

    ws: aiohttp.ClientWebSocketResponse

    async def shake_hands(self) -> None:
        """Get to data, as a peer that is trusted does."""
        ship = Ship(client=True, ship_id="Demo-CEM-1", trusted=True)
        actions = ship.start(time.monotonic())
        while not any(isinstance(action, Ready) for action in actions):
            for action in actions:
                assert isinstance(action, Send)
                await self.ws.send_bytes(action.message)
            heard = await self.ws.receive(timeout=10)
            actions = ship.receive(heard.data, time.monotonic())

    async def flood(self, message: bytes) -> int:
        """Send 1,000 messages a second; return how many were sent before the end."""
        sent, began_s = 0, time.monotonic()
        while (passed_s := time.monotonic() - began_s) < FOR_S:
            try:
                async with asyncio.timeout(FOR_S):
                    while sent < passed_s * RATE:
                        await self.ws.send_bytes(message)
                        sent += 1
            except aiohttp.ClientError, OSError, TimeoutError:
                break
            await asyncio.sleep(0.01)
        return sent

    async def closed(self) -> int | None:
        """Read until the other side closes; return its code."""
        async with asyncio.timeout(20):
            while (await self.ws.receive()).type in {
                aiohttp.WSMsgType.BINARY,
                aiohttp.WSMsgType.PING,
            }:
                pass
        return self.ws.close_code


@asynccontextmanager
async def wire(identity: Identity, port: int) -> AsyncIterator[Wire]:
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(
            f"https://127.0.0.1:{port}{PATH}",
            ssl=_client_context(identity),
            protocols=("ship",),
            autoping=False,
        ) as ws,
    ):
        yield Wire(ws)


@asynccontextmanager
async def limited_wallbox(folder: Path) -> AsyncIterator[tuple[Cem, EebusPeer]]:
    """Yield a wallbox that a CEM has limited to 5 kW."""
    cem = Cem()
    async with eebus_peer("wallbox", folder, "--peer", cem.identity.ski) as wallbox:
        cem.pair(wallbox, PeerRole.DEVICE)
        await until(lambda: wallbox.said.get("state") == "unlimited_controlled", 30.0)
        cem.node.limit(wallbox.ski, IMPORT, 5000.0)
        await until(lambda: wallbox.said.get("import_limit_w") == 5000, 10.0)
        try:
            yield cem, wallbox
        finally:
            await cem.node.close()


async def obeys(cem: Cem, wallbox: EebusPeer, limit_w: float) -> bool:
    cem.node.limit(wallbox.ski, IMPORT, limit_w)
    await until(lambda: wallbox.said.get("import_limit_w") == limit_w, 10.0)
    return True


@pytest.mark.parametrize("message", [HELLO, EMPTY], ids=["hello", "data"])
async def test_a_flood_of_a_stranger_is_turned_away_and_limits_hold(
    tmp_path: Path, message: bytes
) -> None:
    stranger = create("Stranger", datetime.now(UTC))
    async with limited_wallbox(tmp_path) as (cem, wallbox):
        before_kb = memory_kb(wallbox)
        async with wire(stranger, wallbox.port) as flooder:
            await flooder.ws.send_bytes(b"\0\0")
            flooding = asyncio.create_task(flooder.flood(message))
            assert await obeys(cem, wallbox, 6000.0)
            # Its own unread flood may keep it from reading why.
            assert await flooder.closed() in {4001, 1006}
            await flooding
        assert memory_kb(wallbox) - before_kb < GROWS_AT_MOST_KB


async def test_a_flood_of_a_paired_peer_leaves_its_limit_and_memory_alone(
    tmp_path: Path,
) -> None:
    async with limited_wallbox(tmp_path) as (cem, wallbox):
        await cem.node.close()  # one connection to a peer: the flooder's
        await until(lambda: wallbox.said["ready"] is False, 10.0)
        before_kb = memory_kb(wallbox)
        async with wire(cem.identity, wallbox.port) as flooder:
            await flooder.shake_hands()
            sent = await flooder.flood(EMPTY)
            grown_kb = memory_kb(wallbox) - before_kb
        print(f"{sent} messages, {grown_kb} kB more")  # noqa: T201  shown with -s
        assert sent > RATE
        assert grown_kb < GROWS_AT_MOST_KB
        assert wallbox.said["import_limit_w"] == 5000


@pytest.mark.parametrize("monster", [DEEP, LARGE], ids=["deep", "large"])
@pytest.mark.parametrize("paired", [True, False], ids=["paired", "stranger"])
async def test_monstrous_messages_end_their_connection_only(
    tmp_path: Path, monster: bytes, *, paired: bool
) -> None:
    async with limited_wallbox(tmp_path) as (cem, wallbox):
        before_kb = memory_kb(wallbox)
        identity = cem.identity if paired else create("Stranger", datetime.now(UTC))
        if paired:
            await cem.node.close()
            await until(lambda: wallbox.said["ready"] is False, 10.0)
        async with wire(identity, wallbox.port) as sender:
            if paired:
                await sender.shake_hands()
            else:
                await sender.ws.send_bytes(b"\0\0")
            await sender.ws.send_bytes(monster)
            assert await sender.closed() in {1009, 4001}
        assert wallbox.said["import_limit_w"] == 5000
        assert memory_kb(wallbox) - before_kb < GROWS_AT_MOST_KB
        if not paired:
            assert await obeys(cem, wallbox, 6000.0)
