"""The home's charger as a charging station: it calls the central system, and stays.

Without a connection it keeps to the profiles that it was given; a car that comes then
waits. A new connection is tried every few seconds of simulated time.
"""

import asyncio
import base64
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Final, Protocol

import aiohttp
from ocpp.exceptions import OCPPError

from cem_core.simulation.charger import Charger
from cem_core.simulation.config_networks import OcppSetup
from cem_core.simulation.home import Home
from cem_core.simulation.ocpp_16 import Wire16
from cem_core.simulation.ocpp_201 import Wire201
from cem_core.simulation.ocpp_session import ChargePoint, Status
from cem_core.simulation.ocpp_socket import ClosedError, Socket

_AGAIN_S: Final = 5.0
_PING_S: Final = 20.0


class Wire(Protocol):
    """One version of OCPP; each call waits for the answer of the central system."""

    wants: list[str]
    """Whom it was told to start a session for; empty again when begun."""
    ends: bool
    """Whether it was told to end the session."""
    asked: bool
    """Whether it was asked to tell its status again."""

    async def start(self) -> None:
        """Read until the connection ends."""

    async def boot(self) -> None:
        """Say who it is."""

    async def tell(self, status: Status) -> None:
        """Say what the connector is in."""

    async def begin(self, id_tag: str) -> None:
        """Begin a session."""

    async def finish(self) -> None:
        """End it."""

    async def measure(self) -> None:
        """Say what is measured."""


type NewWire = Callable[[str, Socket, ChargePoint], Wire]

_VERSIONS: Final[Mapping[str, tuple[str, NewWire]]] = {
    "1.6": ("ocpp1.6", Wire16),
    "2.0.1": ("ocpp2.0.1", Wire201),
}


class OcppStation:
    """The charging station of ``home``."""

    def __init__(self, home: Home, charger: Charger, setup: OcppSetup) -> None:
        """Prepare to call."""
        self.point = ChargePoint(home, charger)
        self._setup = setup
        self._ticked = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._socket: aiohttp.ClientWebSocketResponse | None = None

    @property
    def connected(self) -> bool:
        """Whether the central system hears it."""
        return self._socket is not None

    async def start(self) -> None:
        """Call from now on."""
        self._task = asyncio.create_task(self._stay(), name="ocpp station")

    def tick(self) -> None:
        """Let a simulated second pass."""
        self.point.tick()
        self._ticked.set()

    async def stop(self) -> None:
        """Leave."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
            self._task = None

    async def _stay(self) -> None:
        while True:
            if not self.point.absent:
                with suppress(aiohttp.ClientError, OSError, ClosedError):
                    await self._call()
            for _ in range(int(_AGAIN_S)):
                await self._second()

    async def _second(self) -> None:
        self._ticked.clear()
        await self._ticked.wait()

    async def _call(self) -> None:
        setup = self._setup
        known = base64.b64encode(f"{setup.station}:{setup.password}".encode()).decode()
        protocol, make = _VERSIONS[setup.version]
        async with (
            aiohttp.ClientSession(
                headers={"Authorization": f"Basic {known}"}
            ) as session,
            session.ws_connect(
                f"{setup.url}/{setup.station}", protocols=[protocol], heartbeat=_PING_S
            ) as socket,
        ):
            self._socket = socket
            wire = make(setup.station, Socket(socket, self.point), self.point)
            reading = asyncio.create_task(wire.start())
            talking = asyncio.create_task(self._talk(wire))
            try:
                await asyncio.wait(
                    (reading, talking), return_when=asyncio.FIRST_COMPLETED
                )
            finally:
                self._socket = None
                reading.cancel()
                talking.cancel()
                await asyncio.gather(reading, talking, return_exceptions=True)

    async def _talk(self, wire: Wire) -> None:
        """Say what is new, as long as the station can be reached."""
        point, told = self.point, None
        await wire.boot()
        while not point.absent:
            if wire.wants and point.plugged and point.session is None:
                await wire.begin(wire.wants[-1])
                wire.wants.clear()
            gone = point.session is not None and not point.plugged
            if gone or (wire.ends and point.session is not None):
                await wire.finish()
            wire.ends = False
            status = point.status
            if status is not told or wire.asked:
                wire.asked = False
                await wire.tell(status)
                told = status
            if point.sample_is_due():
                with suppress(OCPPError):
                    await wire.measure()
            await self._second()
