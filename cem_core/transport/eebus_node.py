"""Our place on the EEBUS network: listens, dials, and knows who is paired.

Nobody is heard who is not paired: a peer that a person has not confirmed is kept
waiting in the handshake, a few at a time. Of two connections to one peer the one that
was opened by the node with the higher SKI stays, and of two opened by the same node
the newer one. Source: SHIP 1.0.1, 12.2.2 and 12.3.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
import random
import ssl
import tempfile
from typing import Final

import aiohttp
from aiohttp import web

from cem_core.eebus.clock import Clock
from cem_core.eebus.compressor import Wish
from cem_core.eebus.error import EebusError
from cem_core.eebus.guard import Failsafe
from cem_core.eebus.peer import Home, Peer, PeerRole
from cem_core.eebus.ship import REJECTED_CODE
from cem_core.model import Direction
from cem_core.transport.eebus_identity import Identity, ski_of
from cem_core.transport.eebus_link import (
    CIPHERS,
    DOUBLE_CODE,
    LARGEST_MESSAGE,
    PROTOCOL,
    Link,
    LinkEvents,
    WebSocket,
)
from cem_core.transport.tls_server import TlsServerProtocol, server_context

PATH: Final = "/ship/"
# SHIP 12.2: later and later, and never two nodes at the same time.
DELAYS_S: Final = ((0.0, 3.0), (3.0, 10.0), (10.0, 20.0))
_MOST_UNDECIDED: Final = 4
_MOST_CONNECTIONS: Final = 32
_CONNECT_S: Final = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairing:
    """A peer that a person has confirmed; where it is, if it has to be dialled."""

    ski: str
    role: PeerRole
    ship_id: str | None = None
    host: str | None = None
    port: int | None = None
    failsafe: Failsafe | None = None  # what a device keeps to without us
    keeps_limit: bool = False  # a device's, on connecting, until it is ordered one


def _nothing(*_: str) -> None:
    """Let nobody know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeEvents:
    """Who wants to know: all are called in the event loop and must not block."""

    changed: Callable[[], None]  # something was heard
    paired: Callable[[Pairing], None]  # its SHIP id became known
    asked: Callable[[str], None]  # a peer of this SKI wants to be paired
    # Where the peer of the first SKI was, one of the second answers.
    replaced: Callable[[str, str], None] = _nothing


@dataclass(slots=True)
class _Open:
    link: Link
    initiator: str  # the SKI of who opened it
    task: asyncio.Task[None] | None


@dataclass(slots=True)
class _Known:
    pairing: Pairing
    dialling: asyncio.Task[None] | None = None
    open: _Open | None = None
    why: str = "not connected yet"
    limits_w: dict[Direction, float | None] = field(default_factory=dict)
    wish: Wish = field(default_factory=Wish)
    water_c: float | None = None


class EebusNode:
    """All connections of this home."""

    def __init__(
        self,
        identity: Identity,
        home: Home,
        clock: Clock,
        events: NodeEvents,
        *,
        delays_s: Sequence[tuple[float, float]] = DELAYS_S,
    ) -> None:
        """Speak as ``identity`` for ``home``."""
        self._delays_s = delays_s
        self._identity = identity
        self._home = home
        self._clock = clock
        self._events = events
        self._known: dict[str, _Known] = {}
        self._undecided: dict[str, _Open] = {}
        self._server: asyncio.Server | None = None
        self._web = web.Server(self._serve)
        self._connections = 0
        self._client_context: ssl.SSLContext | None = None

    async def listen(self, host: str, port: int) -> int:
        """Take connections at an address of ours; return the port."""
        context = server_context(
            self._identity.key_pem, self._identity.certificate_pem, CIPHERS
        )
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: TlsServerProtocol(context, self._web()), host, port
        )
        found: int = self._server.sockets[0].getsockname()[1]
        return found

    def pair(self, pairing: Pairing) -> None:
        """Trust a peer from now on, and dial it where its address is known."""
        known = self._known.setdefault(pairing.ski, _Known(pairing))
        known.pairing = pairing
        waiting = self._undecided.pop(pairing.ski, None)
        if waiting is not None:
            # The role was not known when it came: it comes again.
            waiting.link.end(REJECTED_CODE, "paired: please connect again")
        if pairing.host is not None and known.dialling is None:
            known.dialling = asyncio.create_task(self._dial(known))

    def located(self, ski: str, host: str, port: int) -> None:
        """Note where a peer was found on the network."""
        known = self._known.get(ski)
        if known is not None and (known.pairing.host, known.pairing.port) != (
            host,
            port,
        ):
            self.pair(replace(known.pairing, host=host, port=port))

    async def unpair(self, ski: str) -> None:
        """Trust a peer no longer."""
        known = self._known.pop(ski, None)
        if known is not None:
            await self._leave(known)

    def reject(self, ski: str) -> None:
        """Turn away a peer that waits to be paired."""
        waiting = self._undecided.pop(ski, None)
        if waiting is not None:
            waiting.link.do(waiting.link.peer.reject())

    def limit(self, ski: str, direction: Direction, limit_w: float | None) -> None:
        """Order a device ``limit_w``, also when it comes back later."""
        known = self._known[ski]
        known.limits_w[direction] = limit_w
        if known.open is not None:
            self._order(known.open.link, known.limits_w)

    def give(self, ski: str, wish: Wish) -> None:
        """Let a heat pump's compressor run so far, also when it comes back later."""
        known = self._known[ski]
        known.wish = wish
        if known.open is not None:
            self._give(known.open.link, wish)

    def warm(self, ski: str, wished_c: float | None, *, once: bool = False) -> None:
        """Have a heat pump's water this hot, also when it comes back later.

        ``once``: it is set and then left to whoever sets it.
        """
        known = self._known[ski]
        known.water_c = None if once else wished_c
        if known.open is not None:
            self._warm(known.open.link, wished_c, once=once)

    def quiet(self, *, silent: bool) -> None:
        """Send no heartbeat on the connections that stand, as a fault would."""
        for peer in filter(None, self.peers().values()):
            peer.quiet = silent

    def peers(self) -> Mapping[str, Peer | None]:
        """Return the peers by SKI, None where there is no connection."""
        return {
            ski: known.open.link.peer
            if known.open is not None and known.open.link.peer.ready
            else None
            for ski, known in self._known.items()
        }

    def why(self, ski: str) -> str:
        """Return why a peer is not connected."""
        return self._known[ski].why

    async def close(self) -> None:
        """End everything in order."""
        if self._server is not None:
            self._server.close()
        for known in list(self._known.values()):
            await self._leave(known)
        await self._web.shutdown(1.0)

    async def _leave(self, known: _Known) -> None:
        if known.dialling is not None:
            known.dialling.cancel()
            with suppress(asyncio.CancelledError):
                await known.dialling
            known.dialling = None
        if known.open is not None:
            link = known.open.link
            link.do(link.peer.close(self._clock.monotonic_s()))

    async def _dial(self, known: _Known) -> None:
        """Keep a connection to a peer whose address is known."""
        attempt = 0
        while True:
            low_s, high_s = self._delays_s[min(attempt, len(self._delays_s) - 1)]
            await asyncio.sleep(random.uniform(low_s, high_s))  # noqa: S311 - no secret
            attempt += 1
            if known.open is not None:
                attempt = 0
                continue
            try:
                await self._connect(known)
                attempt = 0
            except (aiohttp.ClientError, OSError, EebusError) as error:
                known.why = str(error) or type(error).__name__

    async def _connect(self, known: _Known) -> None:
        pairing = known.pairing
        url = f"https://{pairing.host}:{pairing.port}{PATH}"
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT_S)
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.ws_connect(
                url,
                ssl=await self._context(),
                protocols=(PROTOCOL,),
                autoping=False,
                max_msg_size=LARGEST_MESSAGE,
            ) as ws,
        ):
            tls = ws.get_extra_info("ssl_object")
            der = None if tls is None else tls.getpeercert(binary_form=True)
            ski = ski_of(der or b"")
            if ski != pairing.ski:
                self._events.replaced(pairing.ski, ski)
                raise EebusError(f"another device answers there: its SKI is {ski}")
            if ws.protocol != PROTOCOL:
                raise EebusError("what answers there does not speak SHIP")
            await self._run(ws, ski, client=True)

    async def _context(self) -> ssl.SSLContext:
        if self._client_context is None:
            self._client_context = await asyncio.to_thread(
                _client_context, self._identity
            )
        return self._client_context

    async def _serve(self, request: web.BaseRequest) -> web.StreamResponse:
        transport = request.transport
        der = (
            None if transport is None else transport.get_extra_info("peer_certificate")
        )
        try:
            ski = ski_of(der or b"")
        except EebusError as error:
            raise web.HTTPForbidden(text=str(error)) from error
        crowded = self._connections >= _MOST_CONNECTIONS
        stranger = ski not in self._known
        if crowded or (stranger and len(self._undecided) >= _MOST_UNDECIDED):
            raise web.HTTPServiceUnavailable(text="too many connections")
        ws = web.WebSocketResponse(
            protocols=(PROTOCOL,), autoping=False, max_msg_size=LARGEST_MESSAGE
        )
        await ws.prepare(request)
        if ws.ws_protocol != PROTOCOL:
            await ws.close(code=1002, message=b"the sub-protocol is ship")
            return ws
        self._connections += 1
        try:
            await self._run(ws, ski, client=False)
        finally:
            self._connections -= 1
        return ws

    async def _run(self, ws: WebSocket, ski: str, *, client: bool) -> None:
        """Run a connection that was opened by us (``client``) or by the peer."""
        known = self._known.get(ski)
        peer = Peer(
            self._home,
            # Who is not paired yet gets no further than the handshake.
            role=PeerRole.DEVICE if known is None else known.pairing.role,
            client=client,
            trusted=known is not None,
            peer_ship_id=None if known is None else known.pairing.ship_id,
            failsafe=None if known is None else known.pairing.failsafe,
            keeps_limit=known is not None and known.pairing.keeps_limit,
        )
        events = LinkEvents(
            ready=lambda ship_id: self._ready(ski, ship_id),
            undecided=lambda: self._events.asked(ski),
            changed=self._events.changed,
        )
        link = Link(peer, self._clock, events)
        initiator = self._identity.ski if client else ski
        opened = _Open(link, initiator, asyncio.current_task())
        if known is None:
            self._undecided[ski] = opened
            try:
                await link.run(ws)
            finally:
                if self._undecided.get(ski) is opened:
                    del self._undecided[ski]
            return
        if not self._prevails(known, opened):
            await ws.close(code=DOUBLE_CODE, message=b"double connection")
            return
        known.open = opened
        try:
            await link.run(ws)
        finally:
            if known.open is opened:
                known.open, known.why = None, link.why
                self._events.changed()

    def _prevails(self, known: _Known, new: _Open) -> bool:
        """Decide between an open connection and a new one, and end the loser."""
        old = known.open
        if old is None:
            return True
        if old.initiator != new.initiator and old.initiator > new.initiator:
            return False
        old.link.end(DOUBLE_CODE, "double connection")
        return True

    def _ready(self, ski: str, ship_id: str) -> None:
        known = self._known.get(ski)
        if known is None or known.open is None:
            return
        known.why = ""
        if known.pairing.ship_id is None:
            known.pairing = replace(known.pairing, ship_id=ship_id)
            self._events.paired(known.pairing)
        self._order(known.open.link, known.limits_w)
        self._give(known.open.link, known.wish)
        self._warm(known.open.link, known.water_c)
        self._events.changed()

    def _order(self, link: Link, limits_w: Mapping[Direction, float | None]) -> None:
        now_s = self._clock.monotonic_s()
        for direction, limit_w in limits_w.items():
            link.do(link.peer.limit(direction, limit_w, now_s))

    def _give(self, link: Link, wish: Wish) -> None:
        link.do(link.peer.give(wish, self._clock.monotonic_s()))

    def _warm(self, link: Link, wished_c: float | None, *, once: bool = False) -> None:
        now_s = self._clock.monotonic_s()
        link.do(link.peer.warm(wished_c, now_s, once=once))


def _client_context(identity: Identity) -> ssl.SSLContext:
    """Return a context that shows our certificate and takes any: the SKI decides."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(CIPHERS)
    with tempfile.TemporaryDirectory() as folder:  # the module reads files only
        both = Path(folder) / "both.pem"
        both.touch(mode=0o600)
        both.write_bytes(identity.key_pem + identity.certificate_pem)
        context.load_cert_chain(both)
    return context
