"""What the conformance test asks of a device, whatever protocol it speaks."""

import asyncio
import json
import signal
import sys
from typing import Any, Final, Protocol

from custom_components.cem.const import Kind
from custom_components.cem.home import Home
from script.rig.processes import free_port
from tests.custom_components.house import DATA

HOST: Final = "127.0.0.1"
PHASES_W: Final = 690.0  # 1 A on three phases
CHARGER_W: Final = (11_040, 7000, 4200, 0)
_ENTITIES: Final = (
    *("switch", "throttle", "power", "plugged", "setpoint", "mode"),
    *("power_limit", "start", "ready", "ready_state"),
)


def without_entities(kind: Kind, **changes: Any) -> dict[str, Any]:
    """Return a device that no entity commands."""
    return {k: v for k, v in DATA[kind].items() if k not in _ENTITIES} | changes


class Peer(Protocol):
    """A device at the other end of a driver."""

    @property
    def kind(self) -> Kind:
        """What kind of device it is."""

    @property
    def powers_w(self) -> tuple[int, ...]:
        """Its range from the most on; left to itself it may be as at the first."""

    @property
    def step_w(self) -> float:
        """What it rounds to."""

    @property
    def orders(self) -> int:
        """How often it was told something."""

    @property
    def cannot(self) -> frozenset[str]:
        """The cases that its protocol has no words for."""

    @property
    def told_w(self) -> float | None:
        """The power that it was told and took last, in W; None: left to itself."""

    async def prepare(self) -> dict[str, Any]:
        """Return how the device is filled in."""

    async def come(self, home: Home | None = None) -> None:
        """Be there, at first or again; it has forgotten what it was told."""

    async def leave(self) -> None:
        """Be gone without a word."""

    async def stall(self, *, on: bool) -> None:
        """Answer nothing, or go on."""

    async def refuse(self, *, on: bool) -> None:
        """Refuse what is ordered, or take it."""

    async def measure(self, power_w: int) -> None:
        """Say what is drawn."""

    async def rubbish(self) -> None:
        """Say what has no meaning."""

    async def meddle(self) -> None:
        """Let somebody else order it."""

    async def close(self) -> None:
        """End for good."""


class Process:
    """What devices in a process of their own have in common: its lines."""

    module: str
    cannot: frozenset[str] = frozenset()
    orders = 0

    def __init__(self) -> None:
        """Start nothing yet."""
        self._process: asyncio.subprocess.Process | None = None
        self._reading: asyncio.Task[None] | None = None
        self._port = free_port(HOST)

    def arguments(self) -> tuple[str, ...]:
        """Return what the process is given."""
        raise NotImplementedError

    def forget(self) -> None:
        """Be as it is when it is switched on."""
        raise NotImplementedError

    def heard(self, said: dict[str, Any]) -> None:
        """Take one thing that it says."""
        raise NotImplementedError

    async def come(self, home: Home | None = None) -> None:
        """Start the process."""
        del home
        self.forget()
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", self.module, *self.arguments()),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        self._reading = asyncio.create_task(self._read(self._process))

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        async for line in process.stdout:
            self.heard(json.loads(line))

    async def does(self, line: str) -> None:
        """Have it do something."""
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n".encode())
        await self._process.stdin.drain()

    async def leave(self) -> None:
        """Kill the process."""
        if self._process is not None and self._reading is not None:
            if self._process.returncode is None:
                self._process.kill()
            await self._process.wait()
            await self._reading
        self._process = None

    async def stall(self, *, on: bool) -> None:
        """Stop the process where it is."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP if on else signal.SIGCONT)

    async def measure(self, power_w: int) -> None:
        """Say what is drawn."""
        await self.does(f"measure {power_w}")

    async def meddle(self) -> None:
        """Let somebody else order it: not where that `cannot` be seen."""
        raise NotImplementedError

    async def close(self) -> None:
        """End for good."""
        await self.leave()
