"""A wallbox that speaks EEBUS and that the home dials."""

from contextlib import AsyncExitStack
from pathlib import Path
import signal
from typing import Any

from cem_core.transport.eebus_identity import Identity
from custom_components.cem.const import Kind
from custom_components.cem.home import Home
from script.rig.eebus_peer import EebusPeer, eebus_peer
from tests.custom_components.conformance.peer import CHARGER_W, HOST, without_entities


class Eebus:
    """A wallbox that the home dials."""

    kind = Kind.EV_CHARGER
    powers_w: tuple[int, ...] = CHARGER_W
    step_w = 1.0
    cannot: frozenset[str] = frozenset({"what_another_orders_is_noticed"})

    def __init__(self, identity: Identity, folder: Path) -> None:
        """Trust the home of ``identity``."""
        self._arguments = ("--peer", identity.ski)
        self._folder = folder
        self._open = AsyncExitStack()
        self._peer: EebusPeer | None = None
        self._port = 0

    @property
    def _wallbox(self) -> EebusPeer:
        assert self._peer is not None
        return self._peer

    @property
    def told_w(self) -> float | None:
        """The limit that it applies."""
        said = self._wallbox.said
        limit_w: float = said.get("import_limit_w", 0.0)
        return limit_w if said.get("state") == "limited" else None

    @property
    def orders(self) -> int:
        """How often it was written to."""
        taken: int = self._wallbox.said.get("limits_taken", 0)
        return taken

    async def prepare(self) -> dict[str, Any]:
        """Start it, as its SKI is made then."""
        await self.come()
        self._port = self._wallbox.port
        return without_entities(
            self.kind, ski=self._wallbox.ski, host=HOST, port=self._wallbox.port
        )

    async def come(self, home: Home | None = None) -> None:
        """Start the process where it was."""
        if home is not None and self._peer is not None:
            return  # it is there since it was filled in
        port = ("--port", str(self._port)) if self._port else ()
        self._peer = await self._open.enter_async_context(
            eebus_peer("wallbox", self._folder, *self._arguments, *port)
        )
        self._peer.tell("plug on")

    async def leave(self) -> None:
        """Kill the process."""
        await self._open.aclose()

    async def stall(self, *, on: bool) -> None:
        """Stop the process where it is."""
        self._wallbox.process.send_signal(signal.SIGSTOP if on else signal.SIGCONT)

    async def refuse(self, *, on: bool) -> None:
        """Answer limits with an error."""
        self._wallbox.tell(f"refuse {'on' if on else 'off'}")

    async def measure(self, power_w: int) -> None:
        """Draw."""
        self._wallbox.tell("rubbish off")
        self._wallbox.tell(f"power {power_w}")

    async def meddle(self) -> None:
        """Let somebody else order it: a device is bound to one at a time."""
        raise NotImplementedError

    async def rubbish(self) -> None:
        """Measure what is no number."""
        self._wallbox.tell("rubbish on")

    async def close(self) -> None:
        """End for good."""
        await self._open.aclose()
