"""A control box or a wallbox that speaks EEBUS, as a process of its own.

It is told what to do by lines on standard input and says what happens by lines of
JSON on standard output:

    limit import 7560      order a limit (control box)
    limit import off       end it
    quiet on               send no heartbeat from now on
    power 7000             what the wallbox wants to draw, in W
    plug on                a car comes; off: it leaves
    refuse on              the wallbox takes no limit from now on
    rubbish on             it measures what is no number

The wallbox draws what it wants, and no more than it was ordered.
"""

import argparse
import asyncio
from collections.abc import AsyncGenerator
from datetime import UTC, datetime
import json
from pathlib import Path
import sys
import time
from typing import Final, override

from cem_core.eebus.clock import Clock
from cem_core.eebus.controllable import ControllableSystem
from cem_core.eebus.datagram import Datagram
from cem_core.eebus.home import Naming, our_home
from cem_core.eebus.json_form import Tree
from cem_core.eebus.peer import PeerRole
from cem_core.limits.limitation import LimitationSettings
from cem_core.model import Direction
from cem_core.simulation.eebus_consumer import CHARGING_STATION, Consumer
from cem_core.transport.eebus_identity import Identity, normal_ski
from cem_core.transport.eebus_node import EebusNode, NodeEvents, Pairing

_CLOCK: Final = Clock(monotonic_s=time.monotonic, utc=lambda: datetime.now(UTC))
_DELAYS_S: Final = ((0.0, 0.2), (0.5, 1.0))


class _System(ControllableSystem):
    """Takes limits, unless it is told to refuse them."""

    refuses = False

    @override
    def _write_limits(self, datagram: Datagram) -> str | None:
        if self.refuses:
            return "locked by its owner"
        return super()._write_limits(datagram)


class Wallbox(Consumer):
    """A charge point of 11 kW that obeys."""

    def __init__(self) -> None:
        """Start without a car."""
        self.wanted_w = 0.0
        self.rubbish = False
        self.limits_taken = 0
        limit = LimitationSettings(nominal_max_w=11000, failsafe_limit_w=4200)
        self.system = _System(_CLOCK, {Direction.IMPORT: limit})
        super().__init__(
            system=self.system,
            clock=_CLOCK,
            types=CHARGING_STATION,
            power_w=lambda: self.power_w,
        )

    @property
    def power_w(self) -> float:
        """What it draws."""
        applied_w = self.system.machines()[Direction.IMPORT].applied_w
        return self.wanted_w if applied_w is None else min(self.wanted_w, applied_w)

    @override
    def _value(self) -> Tree:
        return {"number": "much"} if self.rubbish else super()._value()


def _say(**event: object) -> None:
    sys.stdout.write(json.dumps(event) + "\n")
    sys.stdout.flush()


async def run(args: argparse.Namespace) -> None:
    """Stand on the network until standard input ends."""
    naming = Naming(brand="Demo", model=args.kind.title(), serial="1")
    identity = Identity.read(args.state, naming.ship_id)
    wallbox = Wallbox()
    if args.kind == "wallbox":
        home, role = wallbox.home(naming), PeerRole.CONTROL_BOX
    else:
        idle = ControllableSystem(_CLOCK, {})
        home = our_home(naming, _CLOCK, idle, None, {Direction.IMPORT: 4200.0})
        role = PeerRole.DEVICE
    shown: dict[str, object] = {}

    def changed() -> None:
        peers = node.peers()
        now: dict[str, object] = {"event": "state", "ready": any(peers.values())}
        wallbox.limits_taken += len(wallbox.system.take_written())
        now["limits_taken"] = wallbox.limits_taken
        for direction, machine in wallbox.system.machines().items():
            now["state"] = machine.state.value
            now[f"{direction.value}_limit_w"] = machine.applied_w
        for peer in filter(None, peers.values()):
            now["measured_w"] = peer.guard.measured.power_w
            now["waiting"] = peer.guard.waiting
            now["refused"] = {d.value: why for d, why in peer.guard.refused.items()}
        if now != shown:
            shown.clear()
            shown.update(now)
            _say(**now)

    events = NodeEvents(
        changed=changed,
        paired=lambda pairing: _say(event="paired", ship_id=pairing.ship_id),
        asked=lambda ski: _say(event="asked", ski=ski),
    )
    node = EebusNode(identity, home, _CLOCK, events, delays_s=_DELAYS_S)
    port = await node.listen("127.0.0.1", args.port)
    _say(event="listening", port=port, ski=identity.ski)
    if args.peer:
        pairing = Pairing(
            ski=normal_ski(args.peer), role=role, host=args.host, port=args.dial
        )
        node.pair(pairing)
    try:
        async for words in _lines():
            _obey(words, node, wallbox)
            changed()
    finally:
        await node.close()


async def _lines() -> AsyncGenerator[list[str]]:
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    while line := await reader.readline():
        yield line.decode().split()


def _obey(words: list[str], node: EebusNode, wallbox: Wallbox) -> None:
    match words:
        case ["limit", direction, limit_w]:
            wished_w = None if limit_w == "off" else float(limit_w)
            for ski in node.peers():
                node.limit(ski, Direction(direction), wished_w)
        case ["quiet", how]:
            node.quiet(silent=how == "on")
        case ["plug", how]:
            wallbox.show_car(there=how == "on")
        case ["refuse", how]:
            wallbox.system.refuses = how == "on"
        case ["rubbish", how]:
            wallbox.rubbish = how == "on"
        case ["power", power_w]:
            wallbox.wanted_w = float(power_w)
        case ["pair", ski, *address]:
            host, port = (address[0], int(address[1])) if address else (None, None)
            role = PeerRole.DEVICE
            node.pair(Pairing(ski=normal_ski(ski), role=role, host=host, port=port))
        case _:
            _say(event="unknown", words=words)


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kind", choices=("box", "wallbox"))
    parser.add_argument("--state", type=Path, required=True, help="folder of the key")
    parser.add_argument("--port", type=int, default=0, help="to listen at; 0: any")
    parser.add_argument("--peer", help="the SKI of the CEM")
    parser.add_argument("--host", help="where the CEM is, to dial it")
    parser.add_argument("--dial", type=int, help="its port")
    asyncio.run(run(parser.parse_args()))


if __name__ == "__main__":
    main()
