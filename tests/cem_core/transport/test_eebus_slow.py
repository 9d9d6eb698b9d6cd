"""A control box at the end of a very slow line (ESMIG, chapter 5: 1 kbit/s)."""

import asyncio
from functools import partial
import time

from cem_core.eebus.peer import PeerRole
from cem_core.limits.limitation import LimitationState
from cem_core.model import Direction
from cem_core.transport.eebus_node import Pairing
from tests.cem_core.transport.test_eebus_node import Standing, standing, until
from tests.throttle import throttled

IMPORT = Direction.IMPORT


async def test_a_limit_is_acted_on_and_acknowledged_in_10_s_at_1_kbit_a_second() -> (
    None
):
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
        peer = box.node.peers()[cem.identity.ski]
        assert peer is not None
        await asyncio.sleep(3)
        line.bits_per_s = 1000
        await asyncio.sleep(12)
        before_s = time.monotonic()
        box.node.limit(cem.identity.ski, IMPORT, 7560.0)
        await until(lambda: cem.state() is LimitationState.LIMITED, 30.0)
        acted_s = time.monotonic() - before_s
        await until(lambda: not peer.guard.waiting, 30.0)
        acknowledged_s = time.monotonic() - before_s
        assert acted_s < 10
        assert acknowledged_s < 10
        assert IMPORT not in peer.guard.refused


async def test_heartbeats_and_measurements_never_starve_a_limit() -> None:
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
        await until(lambda: cem.state() is LimitationState.CONTROLLED, 60.0)
        await asyncio.sleep(3)
        line.bits_per_s = 4000
        for limit_w in (5000.0, 6000.0, 7000.0):
            # Meanwhile the meter's values change with every telegram.
            cem.changing = True
            await asyncio.sleep(4)
            box.node.limit(cem.identity.ski, IMPORT, limit_w)
            await until(partial(_applies, cem, limit_w), 10.0)


def _applies(cem: Standing, limit_w: float) -> bool:
    return cem.system.machines()[IMPORT].applied_w == limit_w
