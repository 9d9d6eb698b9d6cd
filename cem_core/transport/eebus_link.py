"""One WebSocket and the `Peer` behind it: messages in, actions out, in order.

A peer that sends faster than it is read is slowed down by TCP; one that does not read
is closed. Whether what was sent has reached the other side is known from the answer
to a ping: until then nothing is sent that can wait.
"""

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
import socket
from typing import Final

import aiohttp
from aiohttp import web

from cem_core.eebus.clock import Clock
from cem_core.eebus.json_form import LARGEST_BYTES
from cem_core.eebus.peer import Peer
from cem_core.eebus.ship import Action, Close, Data, Ready, Send, Undecided
from cem_core.transport.quiet import quiet_for_s

PROTOCOL: Final = "ship"
# The first costs a slow line 40 bytes a message less; the second is who has to be spoken.
CIPHERS: Final = "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES128-SHA256"
LARGEST_MESSAGE: Final = LARGEST_BYTES + 1
PING_S: Final = 50.0  # SHIP 4.2
PONG_S: Final = 60.0
DOUBLE_CODE: Final = 1000
_TICK_S: Final = 0.25
_PIECES_S: Final = 1.0  # at most so much between two pieces of a message
_WAITING: Final = 256
_RATE: Final = 50.0  # messages a second that are read for long
_BURST: Final = 200.0
_SPARE_SHARE: Final = 10.0  # of its time a line is left to what cannot wait


type WebSocket = aiohttp.ClientWebSocketResponse | web.WebSocketResponse


@dataclass(frozen=True, slots=True)
class _Ping:
    """Ask the other side whether everything before has come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkEvents:
    """Who wants to know what happens on a link."""

    ready: Callable[[str], None]
    undecided: Callable[[], None]
    changed: Callable[[], None]


class Link:
    """Runs one connection until it ends; `why` then says why."""

    def __init__(self, peer: Peer, clock: Clock, events: LinkEvents) -> None:
        """Carry what ``peer`` says."""
        self.peer = peer
        self.why = "closed"
        self._clock = clock
        self._events = events
        self._outgoing: asyncio.Queue[Send | Close | _Ping] = asyncio.Queue(_WAITING)
        self._pinged_s: float | None = None
        self._spare_s = 0.0  # until then nothing is sent that can wait
        self._heard_s = clock.monotonic_s()
        self._socket: socket.socket | None = None
        self._budget, self._counted_s = _BURST, clock.monotonic_s()

    async def run(self, ws: WebSocket) -> None:
        """Speak until either side ends it."""
        now_s = self._clock.monotonic_s()
        self.do(self.peer.start(now_s))
        tasks = [
            asyncio.create_task(each)
            for each in (self._read(ws), self._write(ws), self._tick())
        ]
        self._socket = ws.get_extra_info("socket")
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in tasks:
                if task.done() and (error := task.exception()) is not None:
                    raise error
        except (aiohttp.ClientError, OSError) as error:
            self.why = str(error) or type(error).__name__
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            with suppress(aiohttp.ClientError, OSError):
                await ws.close()

    def do(self, actions: Iterable[Action]) -> None:
        """Do what the peer's logic says."""
        for action in actions:
            match action:
                case Send() | Close():
                    self._put(action)
                case Ready():
                    self._events.ready(action.ship_id)
                case Undecided():
                    self._events.undecided()
                case Data():
                    pass  # the peer's own

    def end(self, code: int, why: str) -> None:
        """End the connection from outside."""
        with suppress(asyncio.QueueFull):
            self._outgoing.put_nowait(Close(code, why))

    def _put(self, action: Send | Close | _Ping) -> None:
        try:
            self._outgoing.put_nowait(action)
        except asyncio.QueueFull:
            raise ConnectionError("the peer does not read") from None

    async def _read(self, ws: WebSocket) -> None:
        while True:
            message = await ws.receive()
            self._heard_s = self._clock.monotonic_s()
            match message.type:
                case aiohttp.WSMsgType.BINARY:
                    await self._within_rate()
                    now_s = self._clock.monotonic_s()
                    self.do(self.peer.receive(message.data, now_s))
                    self._events.changed()
                case aiohttp.WSMsgType.PING:
                    await ws.pong(message.data)
                case aiohttp.WSMsgType.PONG:
                    self._arrived()
                case aiohttp.WSMsgType.TEXT:
                    self.end(1003, "SHIP messages are binary")
                case _:
                    self.why = f"closed by the peer ({message.data or message.type})"
                    return

    async def _write(self, ws: WebSocket) -> None:
        while True:
            action = await self._outgoing.get()
            match action:
                case Send():
                    await ws.send_bytes(action.message)
                case _Ping():
                    await ws.ping()
                case Close():
                    self.why = action.reason
                    reason = action.reason.encode()[:120]
                    await ws.close(code=action.code, message=reason)
                    return

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(_TICK_S)
            now_s = self._clock.monotonic_s()
            before = self._outgoing.qsize()
            idle = before == 0 and self._pinged_s is None and not self._hears(now_s)
            keeps_up = idle and now_s >= self._spare_s
            self.do(self.peer.tick(now_s, keeps_up=keeps_up, idle=idle))
            sent = self._outgoing.qsize() > before
            if self._pinged_s is None and (sent or now_s - self._heard_s >= PING_S):
                self._pinged_s = now_s
                self._put(_Ping())
            elif self._pinged_s is not None and now_s - self._pinged_s > PONG_S:
                raise ConnectionError("the peer answers no ping")

    def _hears(self, now_s: float) -> bool:
        """Tell whether a message is just coming in, piece by piece."""
        quiet_s = None if self._socket is None else quiet_for_s(self._socket)
        if quiet_s is None or quiet_s > _PIECES_S:
            return False
        return now_s - self._heard_s > quiet_s + _TICK_S

    def _arrived(self) -> None:
        """Note that what was sent has arrived, and how slow the line is."""
        if self._pinged_s is not None:
            now_s = self._clock.monotonic_s()
            self._spare_s = now_s + _SPARE_SHARE * (now_s - self._pinged_s)
            self._pinged_s = None

    async def _within_rate(self) -> None:
        """Read no faster than the rate: what comes faster waits in the socket."""
        now_s = self._clock.monotonic_s()
        gained = (now_s - self._counted_s) * _RATE
        self._budget, self._counted_s = min(self._budget + gained, _BURST), now_s
        self._budget -= 1
        if self._budget < 0:
            await asyncio.sleep(-self._budget / _RATE)
