"""A resource manager: one device of the home that calls the CEM over S2, and stays.

Without a connection, and when it is handed back, the device does what it does by
itself. A new connection is tried every few seconds of simulated time.
"""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
import json
import logging
from typing import Any, Final

import aiohttp

from cem_core.simulation.faults import LATE, Fault
from cem_core.simulation.home import Home
from cem_core.simulation.s2_resource import (
    QUANTITY,
    VERSION,
    Message,
    Resource,
    identifier,
    message,
)

_LOGGER = logging.getLogger(__name__)

_AGAIN_S: Final = 5
_PING_S: Final = 10.0
_STATES_EVERY_S: Final = 10
_LEAST_CHANGE_W: Final = 1.0
_NONE: Final = "NO_SELECTION"


class S2Manager:
    """The resource manager of ``resource``."""

    def __init__(self, home: Home, resource: Resource, url: str, token: str) -> None:
        """Prepare to call ``url``."""
        self.resource = resource
        self._home = home
        self._url = url
        self._token = token
        self._selected = False
        self._told_w: float | None = None
        self._seconds = 0
        self._ticked = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.connected = False

    async def start(self) -> None:
        """Call from now on."""
        self._task = asyncio.create_task(self._stay(), name="s2 resource manager")

    def tick(self) -> None:
        """Let a simulated second pass."""
        self._seconds += 1
        self._ticked.set()

    async def stop(self) -> None:
        """Leave."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
            self._task = None

    def _fault(self, fault: Fault) -> bool:
        return self._home.faults.active(fault, self.resource.device, self._home.now)

    @property
    def _absent(self) -> bool:
        return self._home.faults.absent(self.resource.device, self._home.now)

    async def _stay(self) -> None:
        while True:
            if not self._absent:
                with suppress(aiohttp.ClientError, OSError):
                    await self._call()
            for _ in range(_AGAIN_S):
                await self._second()

    async def _second(self) -> None:
        self._ticked.clear()
        await self._ticked.wait()

    async def _call(self) -> None:
        headers = {"Authorization": f"Bearer {self._token}"}
        async with (
            aiohttp.ClientSession(headers=headers) as session,
            session.ws_connect(self._url, heartbeat=_PING_S) as socket,
        ):
            self.connected = True
            reading = asyncio.create_task(self._read(socket))
            talking = asyncio.create_task(self._talk(socket))
            try:
                await asyncio.wait(
                    (reading, talking), return_when=asyncio.FIRST_COMPLETED
                )
            finally:
                self.connected = False
                reading.cancel()
                talking.cancel()
                await asyncio.gather(reading, talking, return_exceptions=True)
                self._hand_back()

    def _hand_back(self) -> None:
        if self._selected:
            self._selected = False
            self.resource.release(self._home)

    async def _send(
        self, socket: aiohttp.ClientWebSocketResponse, *messages: Message
    ) -> None:
        for each in messages:
            if not self._fault(Fault.SILENCE):
                await socket.send_str(json.dumps(each))

    async def _talk(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        """Say what is measured, as long as the device can be reached."""
        await self._send(
            socket,
            message("Handshake", role="RM", supported_protocol_versions=[VERSION]),
        )
        while not self._absent:
            await self._second()
            if self._selected:
                await self._report(socket)

    async def _report(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        home, power_w = self._home, self.resource.power_w(self._home)
        told_w = self._told_w
        if told_w is None or abs(power_w - told_w) >= _LEAST_CHANGE_W:
            self._told_w = power_w
            value = {"commodity_quantity": QUANTITY, "value": power_w}
            measured = message(
                "PowerMeasurement",
                measurement_timestamp=home.now.isoformat(),
                values=[value],
            )
            await self._send(socket, measured)
        if self._seconds % _STATES_EVERY_S == 0:
            await self._send(socket, *self.resource.states(home))

    async def _read(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        takers: Mapping[str, Callable[[Message], list[Message]]] = {
            "HandshakeResponse": self._detail,
            "SelectControlType": self._select,
            "FRBC.Instruction": self._instructed,
            "OMBC.Instruction": self._instructed,
        }
        async for received in socket:
            said: dict[str, Any] = json.loads(received.data)
            if said["message_type"] == "ReceptionStatus":
                if said["status"] != "OK":
                    _LOGGER.warning("The CEM refuses what it was told: %s", said)
                continue
            if self._fault(Fault.SILENCE):
                continue
            taker = takers.get(said["message_type"], _heard)
            answers = taker(said)
            confirmed = {
                "message_type": "ReceptionStatus",
                "subject_message_id": said["message_id"],
                "status": "OK",
            }
            await self._send(socket, confirmed, *answers)

    def _detail(self, _: Message) -> list[Message]:
        resource = self.resource
        details = message(
            "ResourceManagerDetails",
            resource_id=identifier(resource.device),
            name=resource.device,
            roles=[{"role": resource.role, "commodity": "ELECTRICITY"}],
            instruction_processing_delay=100,
            available_control_types=[resource.control_type],
            provides_forecast=False,
            provides_power_measurement_types=[QUANTITY],
        )
        return [details]

    def _select(self, said: Message) -> list[Message]:
        if said["control_type"] == _NONE:
            self._hand_back()
            return []
        self._selected, self._told_w = True, None
        home = self._home
        return [self.resource.describe(home), *self.resource.states(home)]

    def _instructed(self, said: Message) -> list[Message]:
        home = self._home
        if self._fault(Fault.REFUSE):
            return [self._judged(said, "REJECTED")]
        obey = partial(self._obey, said)
        if self._fault(Fault.LATE):
            home.late.append((home.now + LATE, obey))
        else:
            obey()
        return [self._judged(said, "SUCCEEDED")]

    def _obey(self, said: Message) -> None:
        if self._selected:
            self.resource.instruct(self._home, said)

    def _judged(self, said: Message, status: str) -> Message:
        return message(
            "InstructionStatusUpdate",
            instruction_id=said["id"],
            status_type=status,
            timestamp=self._home.now.isoformat(),
        )


def _heard(_: Message) -> list[Message]:
    """Answer nothing but that it arrived."""
    return []
