"""A control box and a CEM of ours, connected in memory, with a clock that is turned."""

from dataclasses import replace

import pytest

from cem_core.eebus.datagram import Address, Classifier, ErrorNumber
from cem_core.eebus.guard import RETRY_S
from cem_core.eebus.home import Naming
from cem_core.eebus.peer import Peer, PeerRole
from cem_core.eebus.remote import Remote
from cem_core.eebus.ship import Action, Send
from cem_core.limits.limitation import LimitationState as State
from cem_core.model import Direction
from tests.cem_core.eebus.ends import End, Turned
from tests.cem_core.eebus.replay import datagrams

IMPORT, EXPORT = Direction.IMPORT, Direction.EXPORT


class Linked:
    """Two ends of one connection."""

    def __init__(self, *, role: PeerRole = PeerRole.CONTROL_BOX) -> None:
        self.time = Turned()
        self.cem = End(time=self.time)
        naming = Naming(brand="Demo", model="Steuerbox", serial="1")
        self.box = End(time=self.time, naming=naming)
        self.ends: dict[str, Peer] = {
            "cem": self.cem.peer(role, client=True),
            "box": self.box.peer(PeerRole.DEVICE, client=False),
        }
        self.cut = False
        self.said: list[tuple[str, Action]] = []
        for name in ("box", "cem"):
            self.carry(name, self.ends[name].start(0.0))

    def carry(self, name: str, actions: list[Action]) -> None:
        """Carry what ``name`` does to the other, and what follows."""
        other = "box" if name == "cem" else "cem"
        for action in actions:
            self.said.append((name, action))
            reached = other in self.ends and not self.cut
            if isinstance(action, Send) and reached:
                now_s = self.time.now_s
                self.carry(other, self.ends[other].receive(action.message, now_s))

    def limit(self, direction: Direction, limit_w: float | None) -> None:
        now_s = self.time.now_s
        self.carry("box", self.ends["box"].limit(direction, limit_w, now_s))

    def wait(self, length_s: float) -> None:
        """Let time pass, second by second."""
        for _ in range(round(length_s)):
            self.time.now_s += 1
            for name, peer in self.ends.items():
                self.carry(name, peer.tick(self.time.now_s))

    def state(self, direction: Direction = IMPORT) -> State:
        return self.cem.system.machines()[direction].state


@pytest.fixture
def linked() -> Linked:
    """Return a control box and a CEM that have found each other."""
    linked = Linked()
    linked.wait(6)
    return linked


def test_a_box_that_connects_brings_the_cem_out_of_init(linked: Linked) -> None:
    assert linked.ends["box"].ready
    assert linked.state() is State.CONTROLLED
    assert linked.state(EXPORT) is State.CONTROLLED
    assert linked.ends["box"].guard.directions == {IMPORT, EXPORT}


def test_a_limit_is_applied_and_told_back(linked: Linked) -> None:
    linked.limit(IMPORT, 4200.0)
    assert linked.cem.system.machines()[IMPORT].applied_w == 4200
    ordered = linked.ends["box"].guard.ordered[IMPORT]
    assert (ordered.active, ordered.value_w) == (True, 4200)
    linked.limit(EXPORT, 0.0)
    assert linked.cem.system.machines()[EXPORT].applied_w == 0
    linked.limit(IMPORT, None)
    assert linked.state() is State.CONTROLLED


def test_heartbeats_keep_the_connection_in_control(linked: Linked) -> None:
    linked.limit(IMPORT, 4200.0)
    linked.wait(1000)
    assert linked.state() is State.LIMITED


def test_a_cut_cable_leads_to_failsafe_in_120_s_and_back(linked: Linked) -> None:
    linked.limit(IMPORT, 9000.0)
    linked.cut = True
    linked.wait(121)
    assert linked.state() is State.FAILSAFE
    assert linked.cem.system.machines()[IMPORT].applied_w == 4200
    linked.cut = False
    linked.wait(60)
    assert linked.state() is State.FAILSAFE  # a heartbeat alone is not enough
    linked.limit(IMPORT, 9000.0)
    assert linked.state() is State.LIMITED


def test_our_own_heartbeat_does_not_count(linked: Linked) -> None:
    # Field fault 8: "heartbeat ok" computed from what was sent.
    box = linked.ends.pop("box")  # silent, while the CEM goes on
    linked.wait(121)
    assert box.ready
    assert linked.state() is State.FAILSAFE


def test_failsafe_values_are_written_when_the_box_connects(linked: Linked) -> None:
    kept = linked.cem.system.kept()
    assert kept[IMPORT].limit_w == 4200
    assert kept[IMPORT].duration_s == 7200


def test_a_peer_that_was_paired_as_a_device_cannot_limit_the_home() -> None:
    linked = Linked(role=PeerRole.DEVICE)
    linked.limit(IMPORT, 0.0)
    assert linked.state() is State.INIT
    refused = linked.ends["box"].guard.refused
    assert refused[IMPORT] == "binding necessary"
    linked.wait(1000)
    assert linked.state() is State.INIT  # nor does its heartbeat count


def test_measurements_are_told_once_a_second_and_wait_for_a_slow_link(
    linked: Linked,
) -> None:
    box, cem = linked.ends["box"], linked.ends["cem"]
    for now_s, keeps_up, told in (
        (20.0, True, 1),
        (20.5, True, 0),
        (22.0, False, 0),
        (22.1, True, 1),
        (25.0, True, 0),
    ):
        if now_s < 25:
            linked.cem.values = replace(linked.cem.values, power_w=now_s)
        linked.time.now_s = now_s
        said = cem.tick(now_s, keeps_up=keeps_up)
        notified = [d for d in datagrams(said) if d.function == "measurementListData"]
        assert len(notified) == told
        assert all(d.classifier is Classifier.NOTIFY for d in notified)
        linked.carry("cem", said)
    assert box.guard.measured.power_w == 22.1


def test_rubbish_in_a_datagram_is_counted_and_left(linked: Linked) -> None:
    cem = linked.ends["cem"]
    message = b'\2{"data":[{"payload":{"datagram":[{"header":[]}]}}]}'
    assert cem.receive(message, 1.0) == []
    assert cem.complaints == 1
    linked.limit(IMPORT, 4200.0)
    assert linked.state() is State.LIMITED


def test_an_unknown_function_is_refused_by_its_number(linked: Linked) -> None:
    box = linked.ends["box"]
    session = box.guard._session
    _, asked = session.write(0.0, Address((1,), 6), Address((1,), 2), "rubbish", {})
    linked.carry("box", box._tell(asked, 0.0))
    said = [
        d
        for name, action in linked.said
        if name == "cem"
        for d in datagrams([action])
        if d.classifier is Classifier.RESULT and d.data["errorNumber"]
    ]
    assert said[-1].data["errorNumber"] == ErrorNumber.NOT_SUPPORTED


def heartbeats(said: list[Action]) -> int:
    return sum(d.function == "deviceDiagnosisHeartbeatData" for d in datagrams(said))


def test_a_heartbeat_leaves_way_to_what_is_under_way_but_not_for_long(
    linked: Linked,
) -> None:
    cem = linked.ends["cem"]
    due_s = cem._next_heartbeat_s
    assert heartbeats(cem.tick(due_s - 1)) == 0
    assert heartbeats(cem.tick(due_s + 1, idle=False)) == 0
    assert heartbeats(cem.tick(due_s + 7.9, idle=False)) == 0
    assert heartbeats(cem.tick(due_s + 8.0, idle=False)) == 1


def test_no_heartbeat_is_sent_while_a_limit_is_not_acknowledged(
    linked: Linked,
) -> None:
    box = linked.ends["box"]
    linked.cut = True
    linked.limit(IMPORT, 5000.0)
    assert box.guard.waiting
    box._next_heartbeat_s = linked.time.now_s - 1
    assert heartbeats(box.tick(linked.time.now_s)) == 0
    assert heartbeats(box.tick(linked.time.now_s + 7.0)) == 1


def test_failsafe_values_that_are_refused_are_written_again() -> None:
    linked = Linked()
    guard = linked.ends["box"].guard
    before = guard.failsafe_refused
    assert before == "a heartbeat and a limit have to come first"
    linked.wait(RETRY_S + 1)
    after = linked.ends["box"].guard.failsafe_refused
    assert after is None
    assert linked.cem.system.kept()[IMPORT].limit_w == 4200


@pytest.mark.parametrize(("keeps_limit", "limit_w"), [(True, 5000), (False, None)])
def test_on_connecting_a_device_is_told_of_no_limit_unless_it_holds_ours(
    *, keeps_limit: bool, limit_w: float | None
) -> None:
    linked = Linked()
    linked.wait(6)
    linked.limit(IMPORT, 5000.0)
    # The box comes back as one that remembers nothing.
    home = linked.box.peer(PeerRole.DEVICE)._home
    linked.ends = {
        "cem": linked.cem.peer(PeerRole.CONTROL_BOX, client=True),
        "box": Peer(
            home,
            role=PeerRole.DEVICE,
            client=False,
            trusted=True,
            peer_ship_id=None,
            keeps_limit=keeps_limit,
        ),
    }
    for name in ("box", "cem"):
        linked.carry(name, linked.ends[name].start(linked.time.now_s))
    linked.wait(6)
    assert linked.ends["box"].guard.ordered[IMPORT].active is keeps_limit
    assert linked.cem.system.machines()[IMPORT].applied_w == limit_w
    linked.limit(IMPORT, 6000.0)
    assert linked.cem.system.machines()[IMPORT].applied_w == 6000


def test_a_wallbox_shows_its_car_as_a_part_of_itself() -> None:
    linked = Linked()
    guard = linked.ends["cem"].guard
    plugged = [guard.plugged]
    with_car = Remote(device=None, type="", entities={(1, 1): "EV"}, features=())
    guard.discovered(with_car, 0.0)
    plugged.append(guard.plugged)
    guard.discovered(replace(with_car, entities={}), 1.0)
    plugged.append(guard.plugged)
    assert plugged == [None, True, False]
