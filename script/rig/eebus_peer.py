"""A simulated control box or wallbox: an EEBUS peer in a process of its own."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
import json
from pathlib import Path
import sys
from typing import Any

from script.rig.waiting import RigError, until


@dataclass
class EebusPeer:
    """A peer that runs, and what it said last; ``heard`` is called with each thing."""

    process: asyncio.subprocess.Process
    said: dict[str, Any] = field(default_factory=dict)
    port: int = 0
    ski: str = ""
    heard: Callable[[], None] = lambda: None

    def tell(self, line: str) -> None:
        """Tell it what to do."""
        if self.process.stdin is None:
            raise RigError("the peer has no standard input")
        self.process.stdin.write(f"{line}\n".encode())

    @property
    def ready(self) -> bool:
        """Whether it has a connection on which limits can be written."""
        return bool(self.said.get("ready"))

    async def listen(self) -> None:
        """Keep what it says until it ends."""
        if self.process.stdout is None:
            raise RigError("the peer has no standard output")
        async for line in self.process.stdout:
            event = json.loads(line)
            self.said.update(event)
            if event["event"] == "listening":
                self.port, self.ski = event["port"], event["ski"]
            self.heard()


@asynccontextmanager
async def eebus_peer(
    kind: str, state: Path, *arguments: str
) -> AsyncIterator[EebusPeer]:
    """Run a ``box`` or a ``wallbox`` until the block ends."""
    process = await asyncio.create_subprocess_exec(
        *("setpriv", "--pdeathsig", "KILL", "--", sys.executable),
        *("-m", "cem_core.simulation.eebus", kind, "--state", str(state), *arguments),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    peer = EebusPeer(process)
    listening = asyncio.create_task(peer.listen())
    try:
        await until("the peer to listen", lambda: peer.port > 0, within_s=30)
        yield peer
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        await listening
