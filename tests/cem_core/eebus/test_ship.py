"""The SHIP handshake between two of ours, and against what goes wrong."""

from collections import deque
from collections.abc import Callable

from hypothesis import given, strategies as st
import pytest

from cem_core.eebus.json_form import encode
from cem_core.eebus.ship import (
    CLOSED_CODE,
    REJECTED_CODE,
    WRONG_ID_CODE,
    Action,
    Close,
    Data,
    Phase,
    Ready,
    Send,
    Ship,
    Undecided,
)


class Pair:
    """Two ends and the messages under way between them."""

    def __init__(self, client: Ship, server: Ship) -> None:
        self.ends = {"client": client, "server": server}
        self.wires: dict[str, deque[bytes]] = {"client": deque(), "server": deque()}
        self.seen: dict[str, list[Action]] = {"client": [], "server": []}
        self.now_s = 0.0

    def do(self, end: str, actions: list[Action]) -> None:
        other = "server" if end == "client" else "client"
        for action in actions:
            if isinstance(action, Send):
                self.wires[other].append(action.message)
            else:
                self.seen[end].append(action)

    def run(self, choose: Callable[[list[str]], str] = lambda ends: ends[0]) -> None:
        while waiting := [end for end, wire in self.wires.items() if wire]:
            end = choose(waiting)
            message = self.wires[end].popleft()
            self.do(end, self.ends[end].receive(message, self.now_s))

    def start(self) -> None:
        for end, ship in self.ends.items():
            self.do(end, ship.start(self.now_s))

    def tick(self, now_s: float) -> None:
        """Let time pass until ``now_s``, doing what is due on the way."""
        while (due_s := min(ship.due_s for ship in self.ends.values())) <= now_s:
            self.now_s = max(self.now_s, due_s)
            for end, ship in self.ends.items():
                if ship.due_s <= self.now_s:
                    self.do(end, ship.tick(self.now_s))
            self.run()
        self.now_s = now_s

    def phases(self) -> set[Phase]:
        return {ship.phase for ship in self.ends.values()}


def _pair(*, client_trusts: bool = True, server_trusts: bool = True) -> Pair:
    client = Ship(client=True, ship_id="CEM-1", trusted=client_trusts)
    server = Ship(client=False, ship_id="Box-1", trusted=server_trusts)
    return Pair(client, server)


@given(st.data())
def test_two_ends_that_trust_each_other_get_to_data_in_any_order(
    data: st.DataObject,
) -> None:
    pair = _pair()
    pair.start()
    pair.run(lambda ends: data.draw(st.sampled_from(ends)))
    assert pair.phases() == {Phase.DATA}
    assert pair.seen["client"] == [Ready("Box-1")]
    assert pair.seen["server"] == [Ready("CEM-1")]


def test_data_is_carried() -> None:
    pair = _pair()
    pair.start()
    pair.run()
    datagram = {"header": {"msgCounter": 1}, "payload": {"cmd": [{"f": {}}]}}
    pair.do("client", pair.ends["client"].send(datagram))
    pair.run()
    assert pair.seen["server"][-1] == Data(datagram)


@pytest.mark.parametrize("late", ["client", "server"])
@pytest.mark.parametrize("after_s", [5.0, 45.0, 200.0])
def test_a_person_may_take_minutes_to_trust(late: str, after_s: float) -> None:
    pair = _pair(client_trusts=late != "client", server_trusts=late != "server")
    pair.start()
    pair.run()
    assert pair.seen[late] == [Undecided()]
    pair.tick(after_s)
    assert pair.phases() == {Phase.HELLO}
    pair.do(late, pair.ends[late].trust(pair.now_s))
    pair.run()
    assert pair.phases() == {Phase.DATA}


def test_both_may_be_undecided() -> None:
    pair = _pair(client_trusts=False, server_trusts=False)
    pair.start()
    pair.run()
    pair.tick(100.0)
    for end in ("client", "server"):
        pair.do(end, pair.ends[end].trust(pair.now_s))
        pair.run()
    assert pair.phases() == {Phase.DATA}


def test_who_is_not_trusted_in_time_is_turned_away() -> None:
    pair = _pair(server_trusts=False)
    pair.start()
    pair.run()
    pair.tick(400.0)
    assert pair.phases() == {Phase.CLOSED}
    for end in ("client", "server"):
        closed = pair.seen[end][-1]
        assert isinstance(closed, Close)
        assert closed.code == REJECTED_CODE


def test_who_is_rejected_is_told() -> None:
    pair = _pair(server_trusts=False)
    pair.start()
    pair.run()
    pair.do("server", pair.ends["server"].reject())
    pair.run()
    assert pair.seen["client"] == [Close(REJECTED_CODE, "the peer does not trust us")]


def test_the_ship_id_has_to_be_the_one_that_was_paired() -> None:
    pair = _pair()
    pair.ends["client"] = Ship(
        client=True, ship_id="CEM-1", trusted=True, peer_ship_id="Box-2"
    )
    pair.start()
    pair.run()
    closed = pair.seen["client"][-1]
    assert isinstance(closed, Close)
    assert closed.code == WRONG_ID_CODE


def test_an_orderly_end_is_confirmed() -> None:
    pair = _pair()
    pair.start()
    pair.run()
    pair.do("client", pair.ends["client"].close(pair.now_s))
    pair.run()
    assert pair.phases() == {Phase.CLOSED}


def test_an_end_that_is_not_confirmed_ends_too() -> None:
    pair = _pair()
    pair.start()
    pair.run()
    client = pair.ends["client"]
    client.close(10.0)
    assert client.tick(10.5) == [Close(CLOSED_CODE, "no answer in time (data)")]


@pytest.mark.parametrize("quiet", ["client", "server"])
def test_who_says_nothing_is_left(quiet: str) -> None:
    ship = _pair().ends["server" if quiet == "client" else "client"]
    ship.start(0.0)
    assert ship.due_s == 10.0
    assert isinstance(ship.tick(10.0)[-1], Close)
    assert ship.phase is Phase.CLOSED


def _until(phase: Phase) -> Ship:
    """Return a server whose client has brought it to ``phase``."""
    pair = _pair()
    pair.start()
    while pair.ends["server"].phase is not phase:
        end = "server" if pair.wires["server"] else "client"
        pair.do(end, pair.ends[end].receive(pair.wires[end].popleft(), 0.0))
    return pair.ends["server"]


@pytest.mark.parametrize("phase", [p for p in Phase if p is not Phase.CLOSED])
@pytest.mark.parametrize(
    "rubbish",
    [
        b"",
        b"\1",
        b"\x09{}",
        b"\1{",
        b"\2{}",
        b'\2{"data":7}',
        b"\1" + b"[" * 9000,
        b'\1{"connectionHello":7}',
        b'\1{"connectionPinState":[{"pinState":"required"}]}',
        b'\1{"messageProtocolHandshake":[{"handshakeType":"select"},{"version":7}]}',
        b'\1{"accessMethods":[]}',
    ],
)
def test_rubbish_closes_or_is_left_alone(phase: Phase, rubbish: bytes) -> None:
    ship = _until(phase)
    actions = ship.receive(rubbish, 0.0)
    assert ship.phase is Phase.CLOSED or ship.phase is phase
    if ship.phase is Phase.CLOSED:
        assert isinstance(actions[-1], Close)
        assert actions[-1].reason


def test_a_flood_before_the_handshake_ends_is_bounded() -> None:
    ship = _until(Phase.HELLO)
    message = b"\1" + encode({"accessMethods": {"id": "x"}})
    for _ in range(1000):
        ship.receive(message, 0.0)
    assert ship.phase is Phase.CLOSED


def test_no_data_is_taken_from_who_is_not_trusted() -> None:
    ship = Ship(client=False, ship_id="CEM-1", trusted=False)
    ship.start(0.0)
    ship.receive(b"\0\0", 0.0)
    actions = ship.receive(b'\2{"data":[{"payload":{"datagram":[]}}]}', 0.0)
    assert ship.phase is Phase.CLOSED
    assert not any(isinstance(action, Data) for action in actions)


@given(st.lists(st.binary(max_size=80), max_size=6))
def test_any_bytes_are_survived(messages: list[bytes]) -> None:
    ship = _until(Phase.PROTOCOL)
    for message in messages:
        ship.receive(message, 0.0)
