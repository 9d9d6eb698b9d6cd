"""The central system: charging stations connect to it over WebSockets.

Security profiles of OCPP: basic authentication (1), the same over TLS (2). The path ends
with the station's identifier, which is also its user name. Source: OCPP 1.6 security
white paper edition 3, section 2; OCPP 2.0.1, A.
"""

import base64
import binascii
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
import hmac
import logging
import ssl
from typing import Final

from aiohttp import web

from cem_core.ocpp.admission import Cards
from cem_core.ocpp.error import StationGoneError
from cem_core.ocpp.profile import Allowance
from cem_core.ocpp.station import Station
from cem_core.transport.ocpp_16 import Station16
from cem_core.transport.ocpp_201 import Station201
from cem_core.transport.ocpp_link import LONGEST, StationSocket
from cem_core.transport.ocpp_station import Changed, StationLink, StationSettings

_LOGGER = logging.getLogger(__name__)

_PING_S: Final = 30.0  # a ping; without an answer in half of it the link is dead
_SPOKEN: Final[
    Mapping[
        str,
        Callable[
            [Station, StationSocket, StationSettings, Cards, Changed], StationLink
        ],
    ]
] = {"ocpp2.0.1": Station201, "ocpp1.6": Station16}
_SHORTEST_PASSWORD: Final = 8
_MALFORMED: Final = (AttributeError, KeyError, TypeError, ValueError)


@dataclass(frozen=True, slots=True, kw_only=True)
class StationAccess:
    """A station that may connect."""

    id: str
    password: str
    settings: StationSettings = field(default_factory=StationSettings)

    def __post_init__(self) -> None:
        """Refuse a password that can be guessed."""
        if len(self.password) < _SHORTEST_PASSWORD:
            shortest = _SHORTEST_PASSWORD
            raise ValueError(f"a password needs {shortest} characters at least")


def _ignore(_: str) -> None:
    """Tell nobody."""


@dataclass(slots=True, kw_only=True)
class CentralSystem:
    """Listens at one address; ``port`` 0 takes a free one.

    ``on_change`` hears a station's identifier whenever something of it is new.
    """

    address: str
    port: int
    access: Iterable[StationAccess]
    cards: Cards = field(default_factory=lambda: Cards({}))
    tls: ssl.SSLContext | None = None
    on_change: Changed = _ignore
    refused: int = field(default=0, init=False)
    """Connections that were turned away for want of a password."""
    stations: dict[str, Station] = field(default_factory=dict, init=False)
    _links: dict[str, tuple[StationLink, web.WebSocketResponse]] = field(
        default_factory=dict, init=False
    )
    _ended: dict[str, str] = field(default_factory=dict, init=False)
    _runner: web.AppRunner | None = field(default=None, init=False)

    async def start(self) -> None:
        """Listen. Raises OSError where the address or the port cannot be had."""
        app = web.Application(client_max_size=1024)
        app.router.add_get("/{path:.*}", self._connected)
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
        """Close the connections and listen no more: stations keep to their fallback."""
        for name, (_, socket) in list(self._links.items()):
            self._ended[name] = "the CEM stopped"
            with suppress(ConnectionError):
                await socket.close()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def connected(self, name: str) -> bool:
        """Tell whether a station is there."""
        return name in self._links

    def why(self, name: str) -> str:
        """Return why a station is not there; empty while it is, or never was."""
        return "" if name in self._links else self._ended.get(name, "")

    def link(self, name: str) -> StationLink:
        """Return a station that is there. Raises StationGoneError otherwise."""
        if name not in self._links:
            why = self._ended.get(name, "it has not connected yet")
            raise StationGoneError(f"it is not connected over OCPP: {why}")
        return self._links[name][0]

    async def allow(self, name: str, connector: int, allowance: Allowance) -> None:
        """Give a connector a short profile. Raises as `StationLink` does."""
        await self.link(name).allow(connector, allowance)

    def _admitted(self, request: web.Request) -> StationAccess | None:
        name = request.path.rsplit("/", 1)[-1]
        user, password = _credentials(request.headers.get("Authorization", ""))
        found = None
        for access in self.access:
            # All are compared, so that the time tells nothing.
            same = hmac.compare_digest(access.password.encode(), password.encode())
            if same and access.id == user == name:
                found = access
        return found

    async def _connected(self, request: web.Request) -> web.StreamResponse:
        access = self._admitted(request)
        if access is None:
            self.refused += 1
            raise web.HTTPUnauthorized(headers={"WWW-Authenticate": "Basic"})
        socket = web.WebSocketResponse(
            heartbeat=_PING_S, max_msg_size=LONGEST, protocols=tuple(_SPOKEN)
        )
        await socket.prepare(request)
        name, version = access.id, socket.ws_protocol
        if version is None or version not in _SPOKEN:
            spoken = " or ".join(_SPOKEN)
            self._ended[name] = f"it does not offer to speak {spoken}"
            await socket.close()
            self.on_change(name)
            return socket
        before = self._links.pop(name, None)
        if before is not None:
            with suppress(ConnectionError):
                await before[1].close()
        station = self.stations.setdefault(name, Station(name))
        station.version = version
        station.forget_powers()
        wire = StationSocket(socket)
        link = _SPOKEN[version](
            station, wire, access.settings, self.cards, self.on_change
        )
        self._links[name] = link, socket
        self.on_change(name)
        cause = "the connection ended"
        try:
            await link.serve()
        except StationGoneError as error:
            cause = str(error)
        except _MALFORMED as error:
            # The package reads what a station says without looking at it first.
            cause = f"it sent what is no OCPP: {error}"
            _LOGGER.warning("Charging station %s: %s", name, cause)
        finally:
            self._gone(name, link, cause)
            with suppress(ConnectionError):
                await socket.close()
        return socket

    def _gone(self, name: str, link: StationLink, cause: str) -> None:
        known = self._links.get(name)
        if known is not None and known[0] is link:
            del self._links[name]
            self._ended[name] = cause
        self.on_change(name)


def _credentials(header: str) -> tuple[str, str]:
    kind, _, encoded = header.partition(" ")
    if kind.lower() != "basic":
        return "", ""
    try:
        text = base64.b64decode(encoded, validate=True).decode()
    except binascii.Error, UnicodeDecodeError:
        return "", ""
    user, _, password = text.partition(":")
    return user, password
