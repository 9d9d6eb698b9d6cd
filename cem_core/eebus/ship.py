"""A SHIP connection: from the first byte to data, and to its end. No clock, no IO.

Bytes and times go in, what is to be done comes out. The side that opened the socket
is the client. Both sides may already speak in the next phase while we are still in
this one, so what comes early waits in a bounded inbox.

Source: SHIP 1.0.1, 13.4.3 (init) to 13.4.7 (close); timers of 13.4.4.1.3.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Any, Final

from cem_core.eebus.error import EebusError
from cem_core.eebus.json_form import Tree, decode, encode, encode_data

ANSWER_S: Final = 10.0
HELLO_S: Final = 60.0
PROLONG_S: Final = 30.0  # asked for so long before the peer gives up
UNDECIDED_S: Final = 300.0  # how long a person may take to trust a peer
REJECTED_CODE: Final = 4452
CLOSED_CODE: Final = 4001
WRONG_ID_CODE: Final = 4450
_INBOX: Final = 64
_VERSION: Final = {
    "version": {"major": 1, "minor": 0},
    "formats": {"format": ["JSON-UTF8"]},
}


class _Kind(IntEnum):
    INIT = 0
    CONTROL = 1
    DATA = 2
    END = 3


class Phase(StrEnum):
    """Where a connection stands."""

    INIT = "init"
    HELLO = "hello"
    PROTOCOL = "protocol"
    PIN = "pin"
    ACCESS = "access"
    DATA = "data"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Send:
    """Send ``message`` in one binary WebSocket message."""

    message: bytes


@dataclass(frozen=True, slots=True)
class Undecided:
    """The peer waits for a person to trust it: call `Ship.trust` or `Ship.reject`."""


@dataclass(frozen=True, slots=True)
class Ready:
    """Data may flow; ``ship_id`` is the peer's, to be kept with its SKI."""

    ship_id: str


@dataclass(frozen=True, slots=True)
class Data:
    """A SPINE datagram came."""

    datagram: Tree


@dataclass(frozen=True, slots=True)
class Close:
    """Close the WebSocket with ``code``. Nothing follows."""

    code: int
    reason: str


type Action = Send | Undecided | Ready | Data | Close


class Ship:
    """One connection. Each method returns what is to be done, in order."""

    def __init__(
        self,
        *,
        client: bool,
        ship_id: str,
        trusted: bool,
        peer_ship_id: str | None = None,
    ) -> None:
        """Speak as ``ship_id``; ``peer_ship_id`` is the peer's as it was paired."""
        self.phase = Phase.INIT
        self._client = client
        self._ship_id = ship_id
        self._trusted = trusted
        self._peer_ship_id = peer_ship_id
        self._inbox: dict[str, list[Any]] = {}
        self._early: list[Tree] = []
        self._peer_ready = False
        self._selected = False
        self._hellos = 0
        self._due_s = self._undecided_s = float("inf")
        self._prolong_s = float("inf")
        self._done: list[Action] = []

    @property
    def due_s(self) -> float:
        """When `tick` wants to be called at the latest."""
        return min(self._due_s, self._prolong_s, self._undecided_s)

    def start(self, now_s: float) -> list[Action]:
        """Begin: the client speaks first."""
        self._due_s = now_s + ANSWER_S
        if self._client:
            self._done.append(Send(bytes((_Kind.INIT, 0))))
        return self._take()

    def receive(self, message: bytes, now_s: float) -> list[Action]:
        """Read one binary WebSocket message."""
        if self.phase is Phase.CLOSED:
            return []
        try:
            self._read(message, now_s)
        except EebusError as error:
            self._close(CLOSED_CODE, str(error))
        return self._take()

    def tick(self, now_s: float) -> list[Action]:
        """Do what is due."""
        if self.phase is Phase.CLOSED:
            return []
        if now_s >= self._undecided_s:
            return self.reject("nobody trusted the peer in time")
        if now_s >= self._prolong_s:
            self._hello("pending", prolongationRequest=True)
            self._prolong_s = float("inf")
            self._due_s = now_s + HELLO_S
        elif now_s >= self._due_s:
            return self._too_late()
        return self._take()

    def trust(self, now_s: float) -> list[Action]:
        """Take the peer as trusted: a person said so."""
        if not self._trusted:
            self._trusted = True
            if self.phase is Phase.HELLO:
                self._undecided_s = self._prolong_s = float("inf")
                self._due_s = now_s + HELLO_S
                self._hello("ready", waiting=round(HELLO_S * 1000))
                self._advance(now_s)
        return self._take()

    def reject(self, why: str = "the peer is not trusted") -> list[Action]:
        """Turn the peer away."""
        if self.phase is Phase.HELLO:
            self._hello("aborted")
        self._close(REJECTED_CODE, why)
        return self._take()

    def send(self, datagram: Mapping[str, Any]) -> list[Action]:
        """Send a SPINE datagram; before data may flow nothing is sent."""
        if self.phase is not Phase.DATA:
            return []
        return [Send(bytes((_Kind.DATA,)) + encode_data(datagram))]

    def close(self, now_s: float) -> list[Action]:
        """Begin an orderly end."""
        if self.phase is not Phase.DATA:
            self._close(CLOSED_CODE, "closed")
            return self._take()
        self._say(
            {"connectionClose": {"phase": "announce", "maxTime": 500}}, kind=_Kind.END
        )
        self._due_s = now_s + 0.5
        return self._take()

    def _take(self) -> list[Action]:
        done, self._done = self._done, []
        return done

    def _say(self, tree: Tree, kind: _Kind = _Kind.CONTROL) -> None:
        self._done.append(Send(bytes((kind,)) + encode(tree)))

    def _hello(self, phase: str, **more: object) -> None:
        self._say({"connectionHello": {"phase": phase, **more}})

    def _close(self, code: int, reason: str) -> None:
        if self.phase is not Phase.CLOSED:
            self.phase = Phase.CLOSED
            self._due_s = self._prolong_s = self._undecided_s = float("inf")
            self._done.append(Close(code, reason))

    def _too_late(self) -> list[Action]:
        match self.phase:
            case Phase.HELLO:
                return self.reject("no answer to hello in time")
            case Phase.PROTOCOL:
                self._say({"messageProtocolHandshakeError": {"error": 1}})
            case _:
                pass
        self._close(CLOSED_CODE, f"no answer in time ({self.phase})")
        return self._take()

    def _read(self, message: bytes, now_s: float) -> None:
        if len(message) < 2:  # noqa: PLR2004 - SHIP 13.4.2: a type and a value
            raise EebusError("a message of less than 2 bytes")
        kind, content = message[0], message[1:]
        if self.phase is Phase.INIT:
            if kind != _Kind.INIT or content != b"\0":
                raise EebusError("the first message is not SHIP's")
            if not self._client:
                self._done.append(Send(message))
            self._greet(now_s)
            return
        if kind == _Kind.DATA:
            self._data(decode(content))
        elif kind in {_Kind.CONTROL, _Kind.END}:
            self._control(decode(content), now_s)
        else:
            raise EebusError(f"message type {kind} is unknown here")

    def _greet(self, now_s: float) -> None:
        self.phase = Phase.HELLO
        self._due_s = now_s + HELLO_S
        if self._trusted:
            self._hello("ready", waiting=round(HELLO_S * 1000))
        else:
            self._hello("pending", waiting=round(HELLO_S * 1000))
            self._prolong_s = now_s + HELLO_S - PROLONG_S
            self._undecided_s = now_s + UNDECIDED_S
            self._done.append(Undecided())

    def _data(self, tree: Tree) -> None:
        payload = tree.get("data")
        payload = payload.get("payload") if isinstance(payload, dict) else None
        datagram = payload.get("datagram") if isinstance(payload, dict) else None
        if not isinstance(datagram, dict):
            raise EebusError("data without a datagram")
        if self.phase is Phase.DATA:
            self._done.append(Data(datagram))
        elif not self._trusted or self.phase in {Phase.HELLO, Phase.PROTOCOL}:
            raise EebusError("data before the handshake")
        elif len(self._early) >= _INBOX:
            raise EebusError("too much data before the handshake ended")
        else:
            self._early.append(datagram)

    def _control(self, tree: Tree, now_s: float) -> None:
        for key, value in tree.items():
            if key == "accessMethodsRequest":
                self._say({"accessMethods": {"id": self._ship_id}})
            elif key == "connectionClose":
                self._ended(value)
                return
            elif key in _EXPECTED:
                waiting = self._inbox.setdefault(key, [])
                if len(waiting) >= _INBOX:
                    raise EebusError(f"too many {key}")
                waiting.append(value)
        self._advance(now_s)

    def _ended(self, value: Any) -> None:  # noqa: ANN401 - JSON
        if isinstance(value, dict) and value.get("phase") == "announce":
            self._say({"connectionClose": {"phase": "confirm"}}, kind=_Kind.END)
        self._close(CLOSED_CODE, "closed by the peer")

    def _advance(self, now_s: float) -> None:
        """Go on as far as what came allows."""
        steps: Mapping[Phase, tuple[str, Callable[[Tree, float], None]]] = {
            Phase.HELLO: ("connectionHello", self._heard_hello),
            Phase.PROTOCOL: ("messageProtocolHandshake", self._heard_protocol),
            Phase.PIN: ("connectionPinState", self._heard_pin),
            Phase.ACCESS: ("accessMethods", self._heard_access),
        }
        self._try_protocol(now_s)
        if self._inbox.pop("messageProtocolHandshakeError", None):
            raise EebusError("the peer does not speak our protocol")
        while self.phase in steps:
            key, heard = steps[self.phase]
            waiting = self._inbox.get(key)
            if not waiting:
                return
            value = waiting.pop(0)
            if not isinstance(value, dict):
                raise EebusError(f"{key} is not an object")
            heard(value, now_s)

    def _heard_hello(self, hello: Tree, now_s: float) -> None:
        self._hellos += 1
        if self._hellos > _INBOX:
            raise EebusError("too many hellos")
        phase = hello.get("phase")
        if phase == "aborted":
            self._close(REJECTED_CODE, "the peer does not trust us")
        elif phase == "ready":
            self._peer_ready = True
            self._heard_waiting(hello, now_s)
            self._try_protocol(now_s)
        elif phase == "pending":
            if hello.get("prolongationRequest"):
                own = "ready" if self._trusted else "pending"
                self._hello(own, waiting=round(HELLO_S * 1000))
            if self._trusted:
                self._due_s = now_s + HELLO_S
            self._heard_waiting(hello, now_s)
        else:
            raise EebusError(f"hello of phase {phase!r}")

    def _heard_waiting(self, hello: Tree, now_s: float) -> None:
        """Note when the peer gives up, so that it can be asked for more time."""
        waiting_ms = hello.get("waiting")
        if not self._trusted and isinstance(waiting_ms, int):
            waiting_s = min(max(waiting_ms / 1000, 0.0), HELLO_S)
            self._prolong_s = now_s + max(waiting_s - PROLONG_S, 1.0)
            self._due_s = now_s + HELLO_S

    def _try_protocol(self, now_s: float) -> None:
        if self.phase is Phase.HELLO and self._trusted and self._peer_ready:
            self.phase, self._due_s = Phase.PROTOCOL, now_s + ANSWER_S
            if self._client:
                self._protocol("announceMax")

    def _protocol(self, kind: str) -> None:
        self._say({"messageProtocolHandshake": {"handshakeType": kind, **_VERSION}})

    def _heard_protocol(self, said: Tree, now_s: float) -> None:
        kind = said.get("handshakeType")
        wanted = "announceMax" if not self._client and not self._selected else "select"
        if kind != wanted:
            self._say({"messageProtocolHandshakeError": {"error": 2}})
            raise EebusError(f"{kind!r} where {wanted!r} was due")
        version, formats = said.get("version"), said.get("formats")
        major = version.get("major") if isinstance(version, dict) else None
        offered = formats.get("format") if isinstance(formats, dict) else None
        if major != 1 or not isinstance(offered, list) or "JSON-UTF8" not in offered:
            self._say({"messageProtocolHandshakeError": {"error": 3}})
            raise EebusError(f"version {major!r} in {offered!r} is not spoken here")
        if self._client or not self._selected:
            self._selected = True
            self._protocol("select")
        if self._client or kind == "select":
            self.phase, self._due_s = Phase.PIN, now_s + ANSWER_S
            self._say({"connectionPinState": {"pinState": "none"}})

    def _heard_pin(self, said: Tree, now_s: float) -> None:
        if said.get("pinState") != "none":
            raise EebusError("the peer asks for a PIN, which is not supported")
        self.phase, self._due_s = Phase.ACCESS, now_s + ANSWER_S
        self._say({"accessMethodsRequest": {}})

    def _heard_access(self, said: Tree, now_s: float) -> None:
        del now_s
        ship_id = said.get("id")
        if not isinstance(ship_id, str) or not ship_id:
            raise EebusError("access methods without an id")
        if self._peer_ship_id not in {None, ship_id}:
            self._close(WRONG_ID_CODE, f"SHIP id mismatch: {ship_id}")
            return
        self.phase, self._due_s = Phase.DATA, float("inf")
        self._done.append(Ready(ship_id))
        self._done.extend(Data(datagram) for datagram in self._early)
        self._early.clear()


_EXPECTED: Final = frozenset(
    {
        "connectionHello",
        "messageProtocolHandshake",
        "messageProtocolHandshakeError",
        "connectionPinState",
        "accessMethods",
    }
)
