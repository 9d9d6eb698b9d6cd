"""The WebSocket of Home Assistant: commands, and subscriptions as queues."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
import time
from typing import Any

import aiohttp

from script.rig.api import Api, Json
from script.rig.waiting import NotInTimeError, RigError


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """An event and when it came, on this machine's monotonic clock."""

    at: float
    event: Any


@dataclass(slots=True)
class Subscription:
    """What came for one subscription: all of it, and a queue of the new."""

    what: str
    arrivals: list[Arrival] = field(default_factory=list)
    fresh: asyncio.Queue[Arrival] = field(default_factory=asyncio.Queue)

    def add(self, event: Any) -> None:
        """Note an event as of now."""
        arrival = Arrival(at=time.monotonic(), event=event)
        self.arrivals.append(arrival)
        self.fresh.put_nowait(arrival)

    async def next(self, within_s: float) -> Arrival:
        """Return the next event that has not been taken."""
        try:
            return await asyncio.wait_for(self.fresh.get(), within_s)
        except TimeoutError:
            message = f"no event of {self.what} within {within_s:g} s"
            raise NotInTimeError(message) from None


class WebSocket:
    """One connection; made by `connect`."""

    def __init__(self, connection: aiohttp.ClientWebSocketResponse) -> None:
        self._connection = connection
        self._last_id = 0
        self._answers: dict[int, asyncio.Future[Json]] = {}
        self._subscriptions: dict[int, Subscription] = {}

    async def send(self, kind: str, /, **fields: object) -> Any:
        """Send a command and return its result."""
        number, answer = self._begin()
        return await self._finish(kind, number, answer, fields)

    async def subscribe(self, kind: str, /, **fields: object) -> Subscription:
        """Send a command whose events are wanted."""
        number, answer = self._begin()
        subscription = Subscription(f"{kind} {fields}")
        self._subscriptions[number] = subscription
        await self._finish(kind, number, answer, fields)
        return subscription

    async def read(self) -> None:
        """Hand out what comes, until the connection ends."""
        async for message in self._connection:
            if message.type is not aiohttp.WSMsgType.TEXT:
                continue
            received = message.json()
            for one in received if isinstance(received, list) else [received]:
                self._take(one)
        for answer in self._answers.values():
            if not answer.done():
                answer.set_exception(RigError("the WebSocket was closed"))

    def _take(self, message: Json) -> None:
        number = message.get("id", 0)
        if message["type"] == "result":
            answer = self._answers.pop(number, None)
            if answer is not None and not answer.done():
                answer.set_result(message)
        elif message["type"] == "event" and number in self._subscriptions:
            self._subscriptions[number].add(message["event"])

    def _begin(self) -> tuple[int, asyncio.Future[Json]]:
        self._last_id += 1
        answer: asyncio.Future[Json] = asyncio.get_running_loop().create_future()
        self._answers[self._last_id] = answer
        return self._last_id, answer

    async def _finish(
        self, kind: str, number: int, answer: asyncio.Future[Json], fields: Json
    ) -> Any:
        await self._connection.send_json({"id": number, "type": kind, **fields})
        result = await asyncio.wait_for(answer, 30)
        if not result["success"]:
            message = f"{kind} {fields}: {result['error']}"
            raise RigError(message)
        return result["result"]


@asynccontextmanager
async def connect(api: Api) -> AsyncIterator[WebSocket]:
    """Open an authenticated connection that closes by itself."""
    async with api.session.ws_connect(
        f"{api.url}/api/websocket", max_msg_size=0
    ) as connection:
        await connection.receive_json()
        await connection.send_json({"type": "auth", "access_token": await api.token()})
        greeting = await connection.receive_json()
        if greeting["type"] != "auth_ok":
            message = f"the WebSocket refused: {greeting}"
            raise RigError(message)
        socket = WebSocket(connection)
        reader = asyncio.create_task(socket.read())
        try:
            yield socket
        finally:
            reader.cancel()
            with suppress(asyncio.CancelledError):
                await reader
