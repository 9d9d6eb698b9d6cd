"""One connection to one peer, from SHIP's first byte to the use cases. Pure.

A control box is the only peer that may write our limits; a device is limited and
read by us. What changes on our side is told to whoever subscribed to it, measurements
at most once a second and only while the link keeps up.
"""

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from cem_core.eebus import heartbeat
from cem_core.eebus.compressor import Compressor, Wish
from cem_core.eebus.controllable import ControllableSystem
from cem_core.eebus.datagram import Address
from cem_core.eebus.device import Device
from cem_core.eebus.error import EebusError
from cem_core.eebus.guard import Failsafe, Guard
from cem_core.eebus.hot_water import HotWater
from cem_core.eebus.layout import HEARTBEAT, PEER_HEARTBEAT
from cem_core.eebus.session import (
    Answered,
    Discovered,
    Heard,
    Out,
    Session,
    Tell,
    UseCasesKnown,
)
from cem_core.eebus.ship import Action, Close, Data, Ready, Send, Ship, Undecided
from cem_core.model import Direction

TOLD_S: Final = 1.0  # between two notifications of one function
_HEARTBEATS: Final = heartbeat.FUNCTION


class PeerRole(StrEnum):
    """What a peer was paired as."""

    CONTROL_BOX = "control_box"
    DEVICE = "device"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A function whose changes are notified; ``stamp`` changes when it does."""

    address: Address
    function: str
    stamp: Callable[[], Hashable]
    spare: bool = False  # waits while the link is slow


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """What all connections share."""

    device: Device
    ship_id: str
    system: ControllableSystem
    told: tuple[Told, ...]
    failsafe: Failsafe  # of devices that lose us and were given none of their own


class Peer:
    """The connection. Its methods return what the edge has to do, in order."""

    def __init__(
        self,
        home: Home,
        *,
        role: PeerRole,
        client: bool,
        trusted: bool,
        peer_ship_id: str | None,
        failsafe: Failsafe | None = None,
        keeps_limit: bool = False,
    ) -> None:
        """Speak with a peer of ``role``; ``client``: we opened the socket.

        ``failsafe`` is what a device is to keep to without us; None: as the home says.
        ``keeps_limit``: what limits a device stays so until it is ordered otherwise.
        """
        self._home = home
        self._role = role
        self._ship = Ship(
            client=client,
            ship_id=home.ship_id,
            trusted=trusted,
            peer_ship_id=peer_ship_id,
        )
        self._session = Session(home.device, may_write=role is PeerRole.CONTROL_BOX)
        self._stamps: dict[Told, tuple[float, Hashable]] = {}
        self._next_heartbeat_s = float("inf")
        self.guard = Guard(
            self._session, failsafe or home.failsafe, keeps_limit=keeps_limit
        )
        self.compressor = Compressor(self._session)
        self.hot_water = HotWater(self._session)
        self.ready = False
        self.quiet = False  # whether no heartbeat is sent
        self.complaints = 0

    def start(self, now_s: float) -> list[Action]:
        """Begin."""
        return self._act(self._ship.start(now_s), now_s)

    def receive(self, message: bytes, now_s: float) -> list[Action]:
        """Take one binary message."""
        return self._act(self._ship.receive(message, now_s), now_s)

    def trust(self, now_s: float) -> list[Action]:
        """A person has paired the peer."""
        return self._act(self._ship.trust(now_s), now_s)

    def reject(self) -> list[Action]:
        """Turn the peer away."""
        return self._ship.reject()

    def close(self, now_s: float) -> list[Action]:
        """End in order."""
        return self._act(self._ship.close(now_s), now_s)

    def limit(
        self, direction: Direction, limit_w: float | None, now_s: float
    ) -> list[Action]:
        """Order the device ``limit_w``; None: no limit."""
        return self._tell(self.guard.limit(direction, limit_w, now_s), now_s)

    def give(self, wish: Wish, now_s: float) -> list[Action]:
        """Let the device's compressor run as far as ``wish`` goes."""
        return self._tell(self.compressor.give(wish, now_s), now_s)

    def warm(
        self, wished_c: float | None, now_s: float, *, once: bool = False
    ) -> list[Action]:
        """Have the device's hot water this hot; None: as it is set."""
        return self._tell(self.hot_water.warm(wished_c, now_s, once=once), now_s)

    def tick(
        self, now_s: float, *, keeps_up: bool = True, idle: bool = True
    ) -> list[Action]:
        """Do what is due.

        ``idle``: what was sent before has arrived, and nothing is coming in.
        ``keeps_up``: it also has time to spare.
        """
        actions = self._act(self._ship.tick(now_s), now_s)
        if not self.ready:
            return actions
        out = self._session.tick(now_s) + self.guard.tick(now_s)
        out += self.compressor.tick(now_s)
        out += self.hot_water.tick(now_s)
        if self._heartbeat_is_due(now_s, idle=idle):
            self._next_heartbeat_s = now_s + heartbeat.EVERY_S
            out += self._session.notify(HEARTBEAT, _HEARTBEATS)
        return actions + self._tell(out, now_s) + self.publish(now_s, keeps_up=keeps_up)

    def _heartbeat_is_due(self, now_s: float, *, idle: bool) -> bool:
        """Tell whether to send one: on a slow line it leaves way to limits.

        One that is under way would hold up the answer to a limit by seconds.
        """
        late_s = now_s - self._next_heartbeat_s
        if self.quiet or late_s < 0:
            return False
        return (idle and not self.guard.waiting) or late_s >= heartbeat.SLACK_S

    def publish(self, now_s: float, *, keeps_up: bool = True) -> list[Action]:
        """Notify what has changed since it was last told."""
        out: list[Out] = []
        for told in self._home.told:
            told_s, before = self._stamps.get(told, (-float("inf"), None))
            waits = told.spare and (not keeps_up or now_s - told_s < TOLD_S)
            if waits or not self._session.subscribed(told.address):
                continue
            stamp = told.stamp()
            if stamp != before:
                self._stamps[told] = now_s, stamp
                out += self._session.notify(told.address, told.function)
        return self._tell(out, now_s)

    def _act(self, actions: Iterable[Action], now_s: float) -> list[Action]:
        """Return ``actions``, data replaced by what follows from it."""
        found: list[Action] = []
        for action in actions:
            match action:
                case Data():
                    found += self._received(action, now_s)
                case Ready():
                    self.ready = True
                    self._next_heartbeat_s = now_s + heartbeat.EVERY_S
                    found.append(action)
                    found += self._tell(self._session.open(now_s), now_s)
                case Close():
                    self.ready = False
                    found.append(action)
                case Send() | Undecided():
                    found.append(action)
        return found

    def _received(self, data: Data, now_s: float) -> list[Action]:
        try:
            out = self._session.receive(data.datagram, now_s)
            return self._tell(out, now_s) + self.publish(now_s, keeps_up=False)
        except EebusError:
            # One message that cannot be read is left; the next may be right.
            self.complaints += 1
            return []

    def _tell(self, out: Iterable[Out], now_s: float) -> list[Action]:
        found: list[Action] = []
        for each in out:
            match each:
                case Tell():
                    found += self._ship.send(each.tree)
                case Discovered():
                    found += self._tell(self._discovered(each, now_s), now_s)
                case Heard():
                    found += self._tell(self._heard(each, now_s), now_s)
                case Answered():
                    self.guard.answered(each, now_s)
                    self.compressor.answered(each, now_s)
                    self.hot_water.answered(each, now_s)
                case UseCasesKnown():
                    pass
        return found

    def _discovered(self, found: Discovered, now_s: float) -> list[Out]:
        out: list[Out] = []
        for feature in found.remote.servers("DeviceDiagnosis"):
            # A peer that does not announce its heartbeat sends one all the same.
            address, kind = feature.address, feature.type
            out += self._session.subscribe(now_s, PEER_HEARTBEAT, address, kind)
            out += self._session.read(now_s, PEER_HEARTBEAT, address, _HEARTBEATS)
        if self._role is PeerRole.DEVICE:
            out += self.guard.discovered(found.remote, now_s)
            out += self.compressor.discovered(found.remote, now_s)
            out += self.hot_water.discovered(found.remote, now_s)
        return out

    def _heard(self, heard: Heard, now_s: float) -> list[Out]:
        if heard.function == _HEARTBEATS:
            if self._role is PeerRole.CONTROL_BOX:
                self._home.system.heartbeat()
            return []
        out = self.guard.heard(heard, now_s) + self.compressor.heard(heard, now_s)
        return out + self.hot_water.heard(heard, now_s)
