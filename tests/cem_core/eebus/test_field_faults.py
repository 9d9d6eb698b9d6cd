"""Faults that products in the field had, each by its number, and not ours.

The list is of ten; the fourth, two connections, needs sockets and is in
`tests/cem_core/transport/test_eebus_processes.py`.
"""

import pytest

from cem_core.eebus import heartbeat, home
from cem_core.eebus.device import UseCase
from cem_core.eebus.layout import CEM, HEARTBEAT
from cem_core.eebus.peer import PeerRole
from cem_core.limits.limitation import LimitationState as State
from cem_core.model import Direction
from tests.cem_core.eebus.ends import End
from tests.cem_core.eebus.test_peer import Linked

IMPORT = Direction.IMPORT


@pytest.fixture
def linked() -> Linked:
    """Return a control box and a CEM that have found each other."""
    linked = Linked()
    linked.wait(6)
    return linked


def applied_w(linked: Linked) -> float | None:
    return linked.cem.system.machines()[IMPORT].applied_w


def beat(linked: Linked) -> None:
    """Let the box send one heartbeat."""
    box = linked.ends["box"]
    said = box._session.notify(HEARTBEAT, heartbeat.FUNCTION)
    linked.carry("box", box._tell(said, linked.time.now_s))


def in_failsafe(linked: Linked) -> None:
    linked.cut = True
    linked.wait(121)
    linked.ends["box"].quiet = True
    linked.cut = False
    assert linked.state() is State.FAILSAFE


def test_1_a_negative_limit_is_refused_and_changes_nothing(linked: Linked) -> None:
    linked.limit(IMPORT, 7000.0)
    linked.limit(IMPORT, -1000.0)
    assert linked.ends["box"].guard.refused[IMPORT]
    assert applied_w(linked) == 7000


def test_1_failsafe_is_left(linked: Linked) -> None:
    in_failsafe(linked)
    beat(linked)
    linked.limit(IMPORT, None)
    assert linked.state() is State.CONTROLLED


def test_2_failsafe_ends_with_heartbeat_and_limit_not_after_two_hours(
    linked: Linked,
) -> None:
    in_failsafe(linked)
    linked.time.now_s += 60.0
    beat(linked)
    linked.limit(IMPORT, 9000.0)
    assert (linked.state(), applied_w(linked)) == (State.LIMITED, 9000)


def test_2_after_two_hours_without_a_box_nothing_is_silently_unlimited(
    linked: Linked,
) -> None:
    in_failsafe(linked)
    linked.time.now_s += 3 * 3600.0
    assert (linked.state(), applied_w(linked)) == (State.FAILSAFE, 4200)


def test_3_a_heartbeat_that_never_came_is_not_one_that_was_lost() -> None:
    end = End()
    for now_s in (0.0, 10.0, 60.0, 119.0):
        end.time.now_s = now_s
        assert end.system.machines()[IMPORT].state is State.INIT


def test_5_a_limit_of_0_w_is_a_limit_and_no_limit_is_none(linked: Linked) -> None:
    linked.limit(IMPORT, 0.0)
    assert (linked.state(), applied_w(linked)) == (State.LIMITED, 0)
    linked.limit(IMPORT, None)
    assert (linked.state(), applied_w(linked)) == (State.CONTROLLED, None)


def test_7_a_box_that_does_not_announce_heartbeats_is_heard_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    name = "limitationOfPowerConsumption"
    case = UseCase(entity=CEM, actor="EnergyGuard", name=name, scenarios=(1, 2, 4))
    monkeypatch.setattr(home, "_as_guard", lambda: [case])
    linked = Linked()
    linked.wait(6)
    linked.limit(IMPORT, 5000.0)
    linked.wait(300)
    assert linked.state() is State.LIMITED


def test_8_our_own_heartbeat_is_not_the_boxs(linked: Linked) -> None:
    linked.ends["box"].quiet = True
    linked.wait(181)  # ours goes on
    assert linked.state() is State.FAILSAFE


def test_9_one_heartbeat_does_not_open_the_gate_for_ever(linked: Linked) -> None:
    in_failsafe(linked)
    beat(linked)
    linked.time.now_s += 61.0
    linked.limit(IMPORT, 9000.0)
    assert linked.ends["box"].guard.refused[IMPORT]
    assert (linked.state(), applied_w(linked)) == (State.FAILSAFE, 4200)


@pytest.mark.parametrize("role", PeerRole)
def test_10_time_passes_without_anybody_calling(role: PeerRole) -> None:
    linked = Linked(role=role)
    linked.wait(6)
    began = linked.state()
    linked.time.now_s += 121.0  # no tick, no message
    expected = State.FAILSAFE if began is State.CONTROLLED else State.INIT
    assert linked.state() is expected
    assert applied_w(linked) == 4200
