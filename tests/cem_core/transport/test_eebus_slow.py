"""A control box at the end of a very slow line (ESMIG, chapter 5: 1 kbit/s)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
import time

import pytest

from cem_core.eebus.heartbeat import EVERY_S
from cem_core.eebus.peer import Peer, PeerRole
from cem_core.limits.limitation import LimitationState
from cem_core.model import Direction
from cem_core.transport.eebus_node import Pairing
from tests.cem_core.transport.test_eebus_node import Standing, standing, until
from tests.throttle import Throttle, throttled

IMPORT = Direction.IMPORT


@asynccontextmanager
async def slow() -> AsyncIterator[tuple[Standing, Standing, Throttle]]:
    """Yield a CEM and the control box that it dials, set up at 20 kbit/s."""
    async with (
        standing("HEMS") as cem,
        standing("Box") as box,
        throttled("127.0.0.1", box.port, 20_000) as line,
    ):
        box.node.pair(Pairing(ski=cem.identity.ski, role=PeerRole.DEVICE))
        pairing = Pairing(
            ski=box.identity.ski,
            role=PeerRole.CONTROL_BOX,
            host="127.0.0.1",
            port=line.port,
        )
        cem.node.pair(pairing)
        # The connection is set up at 20 kbit/s: 45 kB of certificates and discovery.
        await until(lambda: cem.state() is LimitationState.CONTROLLED, 60.0)
        await asyncio.sleep(3)
        yield cem, box, line


def peer_of(one: Standing, other: Standing) -> Peer:
    peer = one.node.peers()[other.identity.ski]
    assert peer is not None
    return peer


async def order(cem: Standing, box: Standing, limit_w: float) -> tuple[float, float]:
    """Order a limit; return after how many s it was acted on and acknowledged.

    The CEM's own heartbeat gets due while the limit is coming in.
    """
    before_s = time.monotonic()
    peer_of(cem, box)._next_heartbeat_s = before_s + 1.0
    box.node.limit(cem.identity.ski, IMPORT, limit_w)
    await until(partial(_applies, cem, limit_w), 30.0)
    acted_s = time.monotonic() - before_s
    guard = peer_of(box, cem).guard
    await until(lambda: not guard.waiting, 30.0)
    assert IMPORT not in guard.refused
    return acted_s, time.monotonic() - before_s


async def test_a_limit_is_acted_on_and_acknowledged_in_10_s_at_1_kbit_a_second() -> (
    None
):
    async with slow() as (cem, box, line):
        line.bits_per_s = 1000
        await asyncio.sleep(12)
        before_s = time.monotonic()
        acted_s, acknowledged_s = await order(cem, box, 7560.0)
        assert acted_s < 10
        assert acknowledged_s < 10
        # The heartbeat comes all the same, in time.
        await until(lambda: peer_of(cem, box)._next_heartbeat_s > before_s + EVERY_S)


@pytest.mark.soak
@pytest.mark.timeout(1200)
async def test_twenty_limits_at_1_kbit_a_second() -> None:
    """Both send heartbeats; the box orders whenever its own is not under way."""
    took: list[tuple[float, float]] = []
    async with slow() as (cem, box, line):
        line.bits_per_s = 1000
        for turn in range(20):
            await asyncio.sleep(14 + turn % 7)
            # What it has begun to send itself nobody can overtake.
            heartbeat_s = peer_of(box, cem)._next_heartbeat_s - EVERY_S
            await asyncio.sleep(max(0.0, heartbeat_s + 5 - time.monotonic()))
            took.append(await order(cem, box, 5000.0 + turn))
            print(f"acted on after {took[-1][0]:.1f} s, acknowledged {took[-1][1]:.1f}")  # noqa: T201  figures for whoever runs it
    assert max(acknowledged_s for _, acknowledged_s in took) < 10


@pytest.mark.soak
async def test_heartbeats_and_measurements_never_starve_a_limit() -> None:
    async with slow() as (cem, box, line):
        line.bits_per_s = 4000
        for limit_w in (5000.0, 6000.0, 7000.0):
            # Meanwhile the meter's values change with every telegram.
            cem.changing = True
            await asyncio.sleep(4)
            box.node.limit(cem.identity.ski, IMPORT, limit_w)
            await until(partial(_applies, cem, limit_w), 10.0)


def _applies(cem: Standing, limit_w: float) -> bool:
    return cem.system.machines()[IMPORT].applied_w == limit_w
