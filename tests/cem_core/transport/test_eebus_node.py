"""Two EEBUS nodes over real TLS and WebSockets."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
import ssl
import time

import aiohttp
import pytest

from cem_core.eebus.clock import Clock
from cem_core.eebus.controllable import ControllableSystem
from cem_core.eebus.grid_point import GridPoint, GridValues
from cem_core.eebus.home import Naming, our_home
from cem_core.eebus.peer import PeerRole
from cem_core.eebus.ship import Send
from cem_core.limits.limitation import LimitationSettings, LimitationState
from cem_core.model import Direction
from cem_core.transport.eebus_identity import Identity, create
from cem_core.transport.eebus_node import EebusNode, NodeEvents, Pairing

NOW = datetime(2026, 11, 26, tzinfo=UTC)
CLOCK = Clock(monotonic_s=time.monotonic, utc=lambda: datetime.now(UTC))


@dataclass
class Standing:
    """A node and what it was told."""

    identity: Identity
    system: ControllableSystem
    node: EebusNode = field(init=False)
    port: int = 0
    changing: bool = False  # whether the meter says something new each time
    asked: list[str] = field(default_factory=list)
    paired: list[Pairing] = field(default_factory=list)

    def values(self) -> GridValues:
        power_w = time.monotonic() if self.changing else 1234.0
        return GridValues(time=NOW, power_w=power_w)

    def state(self) -> LimitationState:
        return self.system.machines()[Direction.IMPORT].state


@asynccontextmanager
async def standing(model: str) -> AsyncIterator[Standing]:
    settings = LimitationSettings(nominal_max_w=30000, failsafe_limit_w=4200)
    system = ControllableSystem(CLOCK, {Direction.IMPORT: settings})
    found = Standing(create(model, NOW), system)
    naming = Naming(brand="Demo", model=model, serial="1")
    grid = GridPoint(found.values)
    home = our_home(naming, CLOCK, system, grid, {Direction.IMPORT: 4200.0})
    events = NodeEvents(
        changed=lambda: None, paired=found.paired.append, asked=found.asked.append
    )
    found.node = EebusNode(
        found.identity, home, CLOCK, events, delays_s=((0.0, 0.1), (0.2, 0.4))
    )
    found.port = await found.node.listen("127.0.0.1", 0)
    try:
        yield found
    finally:
        await found.node.close()


async def until(true: Callable[[], bool], within_s: float = 10.0) -> None:
    async with asyncio.timeout(within_s):
        while not true():  # noqa: ASYNC110 - any condition, of two nodes
            await asyncio.sleep(0.02)


@asynccontextmanager
async def connected() -> AsyncIterator[tuple[Standing, Standing]]:
    """Yield a CEM that dials a control box, and the box."""
    async with standing("HEMS") as cem, standing("Box") as box:
        box.node.pair(Pairing(ski=cem.identity.ski, role=PeerRole.DEVICE))
        cem.node.pair(
            Pairing(
                ski=box.identity.ski,
                role=PeerRole.CONTROL_BOX,
                host="127.0.0.1",
                port=box.port,
            )
        )
        await until(lambda: cem.state() is LimitationState.CONTROLLED, 20.0)
        yield cem, box


async def test_a_control_box_limits_a_cem() -> None:
    async with connected() as (cem, box):
        before = time.monotonic()
        box.node.limit(cem.identity.ski, Direction.IMPORT, 7560.0)
        await until(lambda: cem.state() is LimitationState.LIMITED)
        assert time.monotonic() - before < 10
        assert cem.paired[0].ship_id == "Demo-Box-1"
        peer = box.node.peers()[cem.identity.ski]
        assert peer is not None
        await until(lambda: peer.guard.measured.power_w == 1234.0)


async def test_what_answers_with_another_certificate_is_not_spoken_to() -> None:
    async with standing("HEMS") as cem, standing("Box") as box:
        other = create("Other", NOW).ski
        cem.node.pair(
            Pairing(
                ski=other, role=PeerRole.CONTROL_BOX, host="127.0.0.1", port=box.port
            )
        )
        await until(lambda: "another device" in cem.node.why(other))
        assert box.asked == []
        assert cem.state() is LimitationState.INIT


async def test_a_stranger_waits_is_shown_and_gets_no_further() -> None:
    async with standing("HEMS") as cem, standing("Box") as box:
        box.node.pair(
            Pairing(
                ski=cem.identity.ski,
                role=PeerRole.DEVICE,
                host="127.0.0.1",
                port=cem.port,
            )
        )
        await until(lambda: cem.asked == [box.identity.ski])
        assert cem.node.peers() == {}
        assert cem.state() is LimitationState.INIT
        cem.node.pair(Pairing(ski=box.identity.ski, role=PeerRole.CONTROL_BOX))
        await until(lambda: cem.state() is LimitationState.CONTROLLED, 30.0)


async def test_a_stranger_that_is_rejected_is_told() -> None:
    async with standing("HEMS") as cem, standing("Box") as box:
        box.node.pair(
            Pairing(
                ski=cem.identity.ski,
                role=PeerRole.DEVICE,
                host="127.0.0.1",
                port=cem.port,
            )
        )
        await until(lambda: bool(cem.asked))
        cem.node.reject(box.identity.ski)
        await until(lambda: "trust" in box.node.why(cem.identity.ski))


async def test_an_unpaired_box_is_heard_no_longer() -> None:
    async with connected() as (cem, box):
        await cem.node.unpair(box.identity.ski)
        await until(lambda: not any(box.node.peers().values()))
        assert cem.node.peers() == {}


async def test_of_two_connections_one_stays() -> None:
    async with connected() as (cem, box):
        box.node.located(cem.identity.ski, "127.0.0.1", cem.port)
        for _ in range(3):
            # Both dial, as two nodes do that find each other at the same time.
            known = box.node._known[cem.identity.ski]
            dialling = asyncio.create_task(box.node._connect(known))
            await asyncio.wait([dialling], timeout=1.0)
        await until(lambda: all(cem.node.peers().values()))
        await until(lambda: all(box.node.peers().values()))
        box.node.limit(cem.identity.ski, Direction.IMPORT, 5000.0)
        await until(lambda: cem.state() is LimitationState.LIMITED, 15.0)


@pytest.mark.parametrize(
    "rubbish", [b"", b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01" * 99]
)
async def test_rubbish_on_the_port_is_closed(rubbish: bytes) -> None:
    async with standing("HEMS") as cem:
        reader, writer = await asyncio.open_connection("127.0.0.1", cem.port)
        writer.write(rubbish)
        if not rubbish:
            writer.write_eof()
        assert len(await asyncio.wait_for(reader.read(), 15)) < 100
        writer.close()


async def test_who_shows_no_certificate_is_not_let_in() -> None:
    async with standing("HEMS") as cem:
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        with pytest.raises((aiohttp.ClientError, OSError)):
            async with (
                aiohttp.ClientSession() as session,
                session.ws_connect(
                    f"https://127.0.0.1:{cem.port}/ship/",
                    ssl=context,
                    protocols=("ship",),
                ) as ws,
            ):
                await ws.receive(timeout=5)


async def test_a_flood_of_a_paired_peer_leaves_limits_alone() -> None:
    async with connected() as (cem, box):
        link = box.node._known[cem.identity.ski].open
        assert link is not None
        message = b'\2{"data":[{"payload":{"datagram":[]}}]}'
        for _ in range(250):
            link.link.do([Send(message)])
        await asyncio.sleep(1.0)
        box.node.limit(cem.identity.ski, Direction.IMPORT, 5000.0)
        await until(lambda: cem.state() is LimitationState.LIMITED, 10.0)
        peer = cem.node.peers()[box.identity.ski]
        assert peer is not None
        assert peer.complaints == 250
