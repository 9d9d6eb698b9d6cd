"""A CEM with a control box and a wallbox in processes of their own."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
import time

from cem_core.eebus.clock import Clock
from cem_core.eebus.controllable import ControllableSystem
from cem_core.eebus.home import Naming, our_home
from cem_core.eebus.peer import PeerRole
from cem_core.limits.limitation import LimitationSettings, LimitationState as State
from cem_core.model import Direction
from cem_core.transport.eebus_identity import create
from cem_core.transport.eebus_node import EebusNode, NodeEvents, Pairing
from script.rig.eebus_peer import EebusPeer, eebus_peer
from tests.cem_core.transport.test_eebus_node import until
from tests.throttle import throttled

IMPORT = Direction.IMPORT
FAST = ((0.0, 0.2), (0.2, 0.5))


@dataclass
class Cem:
    """A CEM whose clock can be put forward."""

    offset_s: float = 0.0
    system: ControllableSystem = field(init=False)
    node: EebusNode = field(init=False)
    asked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        clock = Clock(
            monotonic_s=lambda: time.monotonic() + self.offset_s,
            utc=lambda: datetime.now(UTC),
        )
        limit = LimitationSettings(nominal_max_w=30000, failsafe_limit_w=4200)
        self.system = ControllableSystem(clock, {IMPORT: limit})
        naming = Naming(brand="Demo", model="CEM", serial="1")
        self.identity = create(naming.ship_id, datetime.now(UTC))
        home = our_home(naming, clock, self.system, None, {IMPORT: 4200.0})
        events = NodeEvents(
            changed=lambda: None, paired=lambda _: None, asked=self.asked.append
        )
        self.node = EebusNode(self.identity, home, clock, events, delays_s=FAST)

    def pair(self, peer: EebusPeer, role: PeerRole) -> None:
        self.node.pair(
            Pairing(ski=peer.ski, role=role, host="127.0.0.1", port=peer.port)
        )

    def applies(self, limit_w: float) -> bool:
        return self.system.machines()[IMPORT].applied_w == limit_w

    def is_in(self, state: State) -> Callable[[], bool]:
        return lambda: self.system.machines()[IMPORT].state is state


async def test_a_control_box_and_a_wallbox_in_other_processes(tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        cem = Cem()
        stack.push_async_callback(cem.node.close)
        ski = cem.identity.ski
        box = await stack.enter_async_context(
            eebus_peer("box", tmp_path / "box", "--peer", ski)
        )
        wallbox = await stack.enter_async_context(
            eebus_peer("wallbox", tmp_path / "wallbox", "--peer", ski)
        )
        cem.pair(box, PeerRole.CONTROL_BOX)
        cem.pair(wallbox, PeerRole.DEVICE)
        await until(cem.is_in(State.CONTROLLED), 30.0)
        await until(lambda: wallbox.said.get("state") == State.CONTROLLED, 30.0)

        box.tell("limit import 7560")
        await until(cem.is_in(State.LIMITED), 10.0)
        await until(lambda: box.said.get("waiting") is False, 10.0)

        # What the CEM is ordered it passes on to the wallbox, which obeys.
        wallbox.tell("power 11000")
        cem.node.limit(wallbox.ski, IMPORT, 5000.0)
        await until(lambda: wallbox.said.get("import_limit_w") == 5000, 10.0)
        peer = cem.node.peers()[wallbox.ski]
        assert peer is not None
        await until(lambda: peer.guard.measured.power_w == 5000, 10.0)

        # The box falls silent: the failsafe limit holds.
        box.tell("quiet on")
        await asyncio.sleep(0.5)
        cem.offset_s += 121
        assert cem.is_in(State.FAILSAFE)()
        assert cem.system.machines()[IMPORT].applied_w == 4200


async def test_a_box_that_is_killed_and_returns_is_in_control_again(
    tmp_path: Path,
) -> None:
    cem = Cem()
    async with eebus_peer("box", tmp_path, "--peer", cem.identity.ski) as box:
        cem.pair(box, PeerRole.CONTROL_BOX)
        await until(cem.is_in(State.CONTROLLED), 30.0)
        port = box.port
    cem.offset_s += 121
    assert cem.is_in(State.FAILSAFE)()
    arguments = "--peer", cem.identity.ski, "--port", str(port)
    async with eebus_peer("box", tmp_path, *arguments):
        await until(cem.is_in(State.CONTROLLED), 30.0)
    await cem.node.close()


async def test_a_box_with_another_certificate_is_not_the_box(tmp_path: Path) -> None:
    cem = Cem()
    async with eebus_peer("box", tmp_path / "a", "--peer", cem.identity.ski) as box:
        cem.pair(box, PeerRole.CONTROL_BOX)
        await until(cem.is_in(State.CONTROLLED), 30.0)
        port, ski = box.port, box.ski
    arguments = "--peer", cem.identity.ski, "--port", str(port)
    async with eebus_peer("box", tmp_path / "b", *arguments) as other:
        assert other.ski != ski
        await until(lambda: "another device" in cem.node.why(ski), 30.0)
        assert cem.asked == []
        cem.offset_s += 121
        assert cem.is_in(State.FAILSAFE)()
    await cem.node.close()


async def test_a_box_that_is_not_paired_is_kept_waiting(tmp_path: Path) -> None:
    cem = Cem()
    port = await cem.node.listen("127.0.0.1", 0)
    there = ("--host", "127.0.0.1", "--dial", str(port))
    async with eebus_peer("box", tmp_path, "--peer", cem.identity.ski, *there) as box:
        await until(lambda: cem.asked == [box.ski], 30.0)
        box.tell("limit import 0")
        await asyncio.sleep(1.0)
        assert cem.is_in(State.INIT)()
        assert cem.node.peers() == {}
        assert box.said["ready"] is False
    await cem.node.close()


async def test_a_cut_cable_leads_to_failsafe_and_the_limit_comes_back(
    tmp_path: Path,
) -> None:
    cem = Cem()
    async with (
        eebus_peer("box", tmp_path, "--peer", cem.identity.ski) as box,
        throttled("127.0.0.1", box.port, 10_000_000) as line,
    ):
        there = replace(box, port=line.port)
        cem.pair(there, PeerRole.CONTROL_BOX)
        await until(cem.is_in(State.CONTROLLED), 30.0)
        box.tell("limit import 7560")
        await until(cem.is_in(State.LIMITED), 10.0)
        line.cut = True
        for _ in range(2):  # for a ping, and for its answer
            await asyncio.sleep(1.0)
            cem.offset_s += 61
        await until(lambda: not any(cem.node.peers().values()), 30.0)
        assert cem.is_in(State.FAILSAFE)()
        line.cut = False
        await until(cem.is_in(State.LIMITED), 30.0)
        assert cem.system.machines()[IMPORT].applied_w == 7560
        await cem.node.close()


async def test_two_that_dial_each_other_keep_one_connection(tmp_path: Path) -> None:
    # Field fault 4: with two connections, heartbeats went to the wrong one.
    cem = Cem()
    port = await cem.node.listen("127.0.0.1", 0)
    there = ("--host", "127.0.0.1", "--dial", str(port))
    async with eebus_peer("box", tmp_path, "--peer", cem.identity.ski, *there) as box:
        cem.pair(box, PeerRole.CONTROL_BOX)
        await until(cem.is_in(State.CONTROLLED), 30.0)
        await asyncio.sleep(3.0)  # both dial again where they lost a connection
        for limit_w in (7000, 8000, 9000):
            box.tell(f"limit import {limit_w}")
            await until(partial(cem.applies, limit_w), 10.0)
        assert cem.node._connections <= 1
        await cem.node.close()
