"""S2 over WebSocket: the CEM listens, each device's resource manager connects.

s2-ws-json defines the messages and no access: here a resource manager has a bearer
token of its own, compared in constant time; without one nothing is told and nothing is
read. What a connection may send is bounded in size and in rate.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
import hmac
import logging
import ssl
from typing import Final

from aiohttp import WSMsgType, web
from s2python.common import ControlType

from cem_core.s2.control import Order
from cem_core.s2.messages import LONGEST, S2Error
from cem_core.s2.session import Session, SessionState

_LOGGER = logging.getLogger(__name__)

PATH: Final = "/s2"
_HEARTBEAT_S: Final = 20.0  # a ping; without an answer in half of it the link is dead
_READY_WITHIN_S: Final = 15.0
_DESCRIBED_WITHIN_S: Final = 3.0  # an order is given up after 5 s: say why before
_JUDGED_WITHIN_S: Final = 0.5
_TICK_S: Final = 1.0
_BURST: Final = 200  # messages at once
_RATE: Final = 50.0  # messages a second after that
_SHORTEST_TOKEN: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Who may connect as a device."""

    device: str
    token: str

    def __post_init__(self) -> None:
        """Refuse a token that can be guessed."""
        if len(self.token) < _SHORTEST_TOKEN:
            raise ValueError(f"a token needs {_SHORTEST_TOKEN} characters at least")


@dataclass(slots=True)
class _Link:
    session: Session
    socket: web.WebSocketResponse
    budget: float = _BURST
    counted_at: float = 0.0
    heard: asyncio.Event = field(default_factory=asyncio.Event)

    def may_receive(self, at: float) -> bool:
        """Count a message and tell whether it is within the rate."""
        if self.counted_at:
            gained = (at - self.counted_at) * _RATE
            self.budget = min(_BURST, self.budget + gained)
        self.counted_at = at
        self.budget -= 1
        return self.budget >= 0


def _now() -> datetime:
    return datetime.now(UTC)


def _ignore(_: str) -> None:
    """Tell nobody."""


@dataclass(slots=True, kw_only=True)
class S2Server:
    """Listens at one address; ``port`` 0 takes a free one.

    ``on_change`` hears the device's name after each message and each end.
    """

    address: str
    port: int
    access: Iterable[Access]
    tls: ssl.SSLContext | None = None
    on_change: Callable[[str], None] = _ignore
    clock: Callable[[], datetime] = _now
    refused: int = field(default=0, init=False)
    """Connections that were turned away for want of a token."""
    _links: dict[str, _Link] = field(default_factory=dict, init=False)
    _ended: dict[str, str] = field(default_factory=dict, init=False)
    _runner: web.AppRunner | None = field(default=None, init=False)

    async def start(self) -> None:
        """Listen. Raises OSError where the address or the port cannot be had."""
        app = web.Application(client_max_size=1024)
        app.router.add_get(PATH, self._connected)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self.address, self.port, ssl_context=self.tls)
        try:
            await site.start()
        except OSError:
            await self.stop()
            raise
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Hand every device back, close the connections, and listen no more."""
        for device, link in list(self._links.items()):
            with suppress(S2Error):
                await self._hand_back(link)
            await self._close(device, link, "the CEM stopped")
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def sessions(self) -> Mapping[str, Session]:
        """Return the sessions that are up, by device."""
        return {device: link.session for device, link in self._links.items()}

    def why(self, device: str) -> str:
        """Return why a device is not there; empty while it is, or never was."""
        return "" if device in self._links else self._ended.get(device, "")

    async def order(self, device: str, order: Order) -> None:
        """Have ``device`` do ``order``.

        Returns when it has confirmed it, and said whether it takes it where it does.
        Raises S2Error where it is not connected, cannot be instructed or leaves.
        """
        link = self._link(device)
        session = link.session
        if session.selected is ControlType.NO_SELECTION and session.details is not None:
            for text in session.take_over(self.clock()):
                await self._send(link, text)
        with suppress(TimeoutError):
            async with asyncio.timeout(_DESCRIBED_WITHIN_S):
                await self._described(link)
        for text in session.instruct(order, self.clock()):
            await self._send(link, text)
        while session.waits():
            await self._heard(link)
        # Not every device says what becomes of an instruction that arrived.
        with suppress(TimeoutError):
            async with asyncio.timeout(_JUDGED_WITHIN_S):
                while not session.judged():
                    await self._heard(link)

    async def _heard(self, link: _Link) -> None:
        """Wait for the next message. Raises S2Error where there is none any more."""
        link.heard.clear()
        if link.session.state is not SessionState.ENDED:
            await link.heard.wait()
        if link.session.state is SessionState.ENDED:
            raise S2Error(f"the connection was lost: {link.session.ended_because}")

    async def _described(self, link: _Link) -> None:
        """Wait until the device that was just taken over says what it can do."""
        session = link.session
        while session.control is not None and session.power_w(self.clock()) is None:
            link.heard.clear()
            await link.heard.wait()

    async def hand_back(self, device: str) -> None:
        """Let ``device`` do again what it does by itself. Raises S2Error if away."""
        await self._hand_back(self._link(device))

    async def _hand_back(self, link: _Link) -> None:
        session = link.session
        if session.state is SessionState.READY and session.control is not None:
            for text in session.select(ControlType.NO_SELECTION, self.clock()):
                await self._send(link, text)

    def _link(self, device: str) -> _Link:
        link = self._links.get(device)
        if link is None:
            why = self._ended.get(device, "it has not connected yet")
            raise S2Error(f"it is not connected over S2: {why}")
        return link

    async def _send(self, link: _Link, text: str) -> None:
        try:
            await link.socket.send_str(text)
        except ConnectionError as error:
            raise S2Error("the connection was lost") from error

    def _device_of(self, request: web.Request) -> str | None:
        kind, _, token = request.headers.get("Authorization", "").partition(" ")
        found = None
        for access in self.access:
            # All are compared, so that the time tells nothing.
            if hmac.compare_digest(access.token.encode(), token.encode()):
                found = access.device
        return found if kind.lower() == "bearer" else None

    async def _connected(self, request: web.Request) -> web.StreamResponse:
        device = self._device_of(request)
        if device is None:
            self.refused += 1
            raise web.HTTPUnauthorized(headers={"WWW-Authenticate": "Bearer"})
        socket = web.WebSocketResponse(heartbeat=_HEARTBEAT_S, max_msg_size=LONGEST)
        await socket.prepare(request)
        before = self._links.get(device)
        if before is not None:
            await self._close(device, before, "it connected anew")
        link = _Link(Session(), socket)
        self._links[device] = link
        self._ended.pop(device, None)
        cause = "closed by the other side"
        try:
            cause = await self._converse(device, link) or cause
        finally:
            await self._close(device, link, cause)
        return socket

    async def _converse(self, device: str, link: _Link) -> str:
        """Speak until the connection ends; return why, empty: the other side left."""
        loop = asyncio.get_running_loop()
        ready_until = loop.time() + _READY_WITHIN_S
        ticker = asyncio.create_task(self._tick(device, link))
        try:
            while True:
                ready = link.session.state is SessionState.READY
                left = None if ready else max(0.0, ready_until - loop.time())
                try:
                    message = await link.socket.receive(timeout=left)
                except TimeoutError:
                    return f"it said not who it is within {_READY_WITHIN_S:g} s"
                if message.type is not WSMsgType.TEXT:
                    return _why_ended(message.type)
                if not link.may_receive(loop.time()):
                    return f"it sent more than {_RATE:g} messages a second"
                for text in link.session.feed(message.data, self.clock()):
                    await self._send(link, text)
                link.heard.set()
                self.on_change(device)
                if link.session.state is SessionState.ENDED:
                    return link.session.ended_because
        except S2Error as error:
            return error.cause
        finally:
            ticker.cancel()

    async def _tick(self, device: str, link: _Link) -> None:
        while link.session.state is not SessionState.ENDED:
            await asyncio.sleep(_TICK_S)
            with suppress(S2Error):
                for text in link.session.tick(self.clock()):
                    await self._send(link, text)
        self.on_change(device)
        await link.socket.close()

    async def _close(self, device: str, link: _Link, cause: str) -> None:
        if self._links.get(device) is link:
            del self._links[device]
            self._ended[device] = link.session.ended_because or cause
            _LOGGER.info("S2 device %s left: %s", device, self._ended[device])
        link.session.lost(cause)
        link.heard.set()
        with suppress(ConnectionError):
            await link.socket.close()
        self.on_change(device)


def _why_ended(kind: WSMsgType) -> str:
    if kind is WSMsgType.BINARY:
        return "it sent bytes, S2 is text"
    if kind is WSMsgType.ERROR:
        return "the connection broke, or a message was too long"
    return ""
