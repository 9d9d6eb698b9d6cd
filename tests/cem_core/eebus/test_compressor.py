"""An offered run of a heat pump, from its announcement to its end, both ends in memory."""

from itertools import pairwise
from typing import Any

from hypothesis import given, strategies as st
import pytest

from cem_core.eebus.compressor import (
    RETRY_S,
    Compressor,
    Step,
    Wish,
    next_step,
    written,
)
from cem_core.eebus.device import Device
from cem_core.eebus.error import EebusError
from cem_core.eebus.home import Naming
from cem_core.eebus.json_form import decode, encode_data
from cem_core.eebus.offer import Offer, Phase, offer
from cem_core.eebus.peer import Peer, PeerRole
from cem_core.eebus.session import Heard, Session
from cem_core.eebus.ship import Action, Send
from cem_core.simulation.eebus_compressor import SHOWN_S, OfferedRun, RunSettings
from cem_core.simulation.eebus_consumer import HEAT_PUMP, Consumer
from tests.cem_core.eebus.ends import End, Turned

FULL, HALF, LITTLE = Wish(2000.0), Wish(1200.0), Wish(300.0)
LIMITED = Wish(300.0, limited=True)
MINUTE_S = 60.0


class Linked:
    """The CEM and a heat pump, and a clock that is turned."""

    def __init__(self, **settings: Any) -> None:
        self.time = Turned()
        self.run = OfferedRun(RunSettings(power_w=2000.0, **settings))
        self.room = True
        cem = End(time=self.time)
        consumer = Consumer(
            system=End(time=self.time).system,
            clock=self.time.clock,
            types=HEAT_PUMP,
            power_w=lambda: 0.0,
            run=self.run,
        )
        home = consumer.home(Naming(brand="Demo", model="Pump", serial="1"))
        self.ends = {
            "cem": cem.peer(PeerRole.DEVICE),
            "pump": Peer(
                home,
                role=PeerRole.CONTROL_BOX,
                client=False,
                trusted=True,
                peer_ship_id=None,
            ),
        }
        for name in ("pump", "cem"):
            self.carry(name, self.ends[name].start(0.0))
        self.wait(5)

    @property
    def compressor(self) -> Compressor:
        return self.ends["cem"].compressor

    @property
    def phases(self) -> tuple[Phase | None, Phase | None]:
        """How far it is, as the CEM sees it and as it is."""
        seen = self.compressor.offer
        return None if seen is None else seen.phase, self.run.phase

    def carry(self, name: str, actions: list[Action]) -> None:
        other = "pump" if name == "cem" else "cem"
        for action in actions:
            if isinstance(action, Send):
                now_s = self.time.now_s
                self.carry(other, self.ends[other].receive(action.message, now_s))

    def give(self, wish: Wish) -> None:
        self.carry("cem", self.ends["cem"].give(wish, self.time.now_s))

    def wait(self, length_s: float) -> None:
        for _ in range(round(length_s)):
            self.time.now_s += 1
            self.run.step(1.0, room=self.room)
            for name, peer in self.ends.items():
                self.carry(name, peer.tick(self.time.now_s))


def is_now(linked: Linked, phase: Phase | None) -> bool:
    return linked.phases == (phase, phase)


def test_what_is_offered_is_seen_and_nothing_begins_by_itself() -> None:
    linked = Linked()
    assert linked.compressor.offer == Offer(
        sequence=1,
        phase=Phase.AVAILABLE,
        power_w=2000.0,
        commanded=True,
        pausable=True,
        stoppable=True,
        run_min_s=600.0,
        pause_min_s=300.0,
    )
    linked.wait(MINUTE_S)
    assert is_now(linked, Phase.AVAILABLE)
    linked.give(HALF)
    linked.wait(MINUTE_S)
    assert is_now(linked, Phase.AVAILABLE)
    assert bindings(linked) == 0  # another energy manager may need it


def bindings(linked: Linked) -> int:
    links = linked.ends["pump"]._session._bindings
    return sum(link.server.entity == (1, 1) for link in links)


def test_a_run_begins_pauses_resumes_and_completes_with_the_plan() -> None:
    linked = Linked()
    linked.give(FULL)
    linked.wait(3)
    assert is_now(linked, Phase.RUNNING)
    linked.give(HALF)  # not clearly less
    linked.wait(600)
    assert is_now(linked, Phase.RUNNING)
    linked.give(LITTLE)
    linked.wait(3)
    assert is_now(linked, Phase.PAUSED)
    linked.give(FULL)
    linked.wait(200)
    assert is_now(linked, Phase.PAUSED)  # it has to pause for five minutes
    linked.wait(120)
    assert is_now(linked, Phase.RUNNING)
    linked.wait(3600)
    assert linked.compressor.refused is None
    assert linked.run.phase is not Phase.PAUSED


def test_a_run_that_has_just_begun_runs_its_minimum() -> None:
    linked = Linked()
    linked.give(FULL)
    linked.wait(3)
    linked.give(LITTLE)
    linked.wait(590)
    assert is_now(linked, Phase.RUNNING)
    linked.wait(15)
    assert is_now(linked, Phase.PAUSED)
    assert linked.compressor.refused is None


def test_a_plan_that_changes_to_and_fro_does_not_have_it_start_and_stop() -> None:
    linked = Linked(run_min_s=0.0, pause_min_s=0.0)
    phases = []
    for cloud in range(40):
        linked.give(LITTLE if cloud % 2 else FULL)
        linked.wait(30)
        phases.append(linked.run.phase)
    changes = sum(one is not other for one, other in pairwise(phases))
    assert changes <= 40 * 30 / 300


def test_a_limit_ends_a_run_that_cannot_be_paused_and_the_plan_does_not() -> None:
    linked = Linked(pausable=False, run_min_s=0.0)
    linked.give(FULL)
    linked.wait(3)
    linked.give(LITTLE)
    linked.wait(MINUTE_S)
    assert is_now(linked, Phase.RUNNING)
    linked.give(LIMITED)
    linked.wait(2)
    assert is_now(linked, Phase.STOPPED)
    linked.room = False
    linked.wait(SHOWN_S)
    assert is_now(linked, None)


def test_handed_back_the_run_that_we_paused_goes_on() -> None:
    linked = Linked(run_min_s=0.0)
    linked.give(FULL)
    linked.wait(3)
    linked.give(LIMITED)
    linked.wait(3)
    assert is_now(linked, Phase.PAUSED)
    linked.give(Wish())
    linked.wait(310)
    assert is_now(linked, Phase.RUNNING)


def test_an_offer_that_is_withdrawn_is_gone() -> None:
    linked = Linked()
    linked.room = False
    linked.wait(3)
    assert is_now(linked, None)


def test_what_is_refused_is_said_and_tried_again_a_minute_later() -> None:
    linked = Linked()
    linked.run.refuses = True
    linked.give(FULL)
    linked.wait(3)
    assert is_now(linked, Phase.AVAILABLE)
    assert linked.compressor.refused == "locked by its owner"
    linked.run.refuses = False
    linked.wait(RETRY_S / 2)
    assert is_now(linked, Phase.AVAILABLE)
    linked.wait(RETRY_S / 2)
    assert is_now(linked, Phase.RUNNING)
    assert bindings(linked) == 1
    assert linked.compressor.refused is None


def tree(**changes: Any) -> dict[str, Any]:
    """Return an offer with the elements that devices in the field send."""
    sequence = {
        "description": {"sequenceId": 0, "powerUnit": "W"},
        "state": {"state": "inactive", "sequenceRemoteControllable": True},
        "scheduleConstraints": {"earliestStartTime": "PT0S", "latestEndTime": "P1D"},
        "operatingConstraintsInterrupt": {"isPausable": False, "isStoppable": True},
        "operatingConstraintsDuration": {"activeDurationMin": "PT3M"},
        "powerTimeSlot": [
            {
                "schedule": {"slotNumber": 0},
                "valueList": {
                    "value": [
                        {
                            "valueType": "powerMax",
                            "value": {"number": 2000, "scale": 0},
                        }
                    ]
                },
            }
        ],
    }
    return {
        "alternatives": [
            {"relation": {"alternativesId": 0}, "powerSequence": [sequence | changes]}
        ]
    }


def test_an_offer_with_only_a_maximum_is_read_as_it_comes_over_ship() -> None:
    message = encode_data({"smartEnergyManagementPsData": tree()})
    came = decode(message)["data"]["payload"]["datagram"]
    found = offer(came["smartEnergyManagementPsData"])
    assert found is not None
    assert (found.power_w, found.run_min_s, found.pausable) == (2000.0, 180.0, False)


@pytest.mark.parametrize("data", [{}, {"nodeScheduleInformation": {}}])
def test_without_alternatives_nothing_is_offered(data: dict[str, Any]) -> None:
    assert offer(data) is None


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (tree(state={"state": "asleep"}), "cannot be 'asleep'"),
        (tree(description={}), "no number of a run"),
        (tree(powerTimeSlot=[]), "without its power"),
        (tree(state=3), "state is not an object"),
        ({"alternatives": 2 * tree()["alternatives"]}, "2 runs"),
        (
            tree(operatingConstraintsDuration={"activeDurationMin": "soon"}),
            "no duration",
        ),
    ],
)
def test_an_offer_that_cannot_be_read_is_refused(
    data: dict[str, Any], why: str
) -> None:
    with pytest.raises(EebusError, match=why):
        offer(data)


def test_a_run_that_nobody_may_command_is_left() -> None:
    found = offer(
        tree(state={"state": "inactive", "sequenceRemoteControllable": False})
    )
    assert found is not None
    assert next_step(found, FULL, 0.0, ours=False) is None


@given(
    run=st.builds(
        Offer,
        sequence=st.just(7),
        phase=st.sampled_from(Phase),
        power_w=st.just(2000.0),
        commanded=st.booleans(),
        pausable=st.booleans(),
        stoppable=st.booleans(),
        run_min_s=st.just(600.0),
        pause_min_s=st.just(300.0),
    ),
    wish=st.builds(Wish, st.none() | st.floats(0, 5000), st.booleans()),
    in_phase_s=st.floats(0, 5000),
    ours=st.booleans(),
)
def test_no_step_is_written_that_the_offer_does_not_allow(
    run: Offer, wish: Wish, in_phase_s: float, *, ours: bool
) -> None:
    step = next_step(run, wish, in_phase_s, ours=ours)
    match step:
        case Step.BEGIN:
            assert run.phase is Phase.AVAILABLE
        case Step.PAUSE:
            assert run.pausable
            assert run.phase is Phase.RUNNING
            assert in_phase_s >= run.run_min_s
        case Step.ABORT:
            assert run.stoppable
            assert wish.limited
            assert run.phase is Phase.SCHEDULED or in_phase_s >= run.run_min_s
        case Step.RESUME:
            assert run.phase is Phase.PAUSED
            assert in_phase_s >= run.pause_min_s
        case None:
            return
    assert run.commanded
    [alternative] = written(run, step)["alternatives"]
    [sequence] = alternative["powerSequence"]
    assert sequence["description"] == {"sequenceId": 7}
    assert ("schedule" in sequence) is (step is Step.BEGIN)


def test_what_is_notified_in_part_is_read_as_a_whole() -> None:
    linked = Linked()
    compressor = linked.compressor
    [server] = [
        f.address
        for f in _device(linked).features
        if f.type == "SmartEnergyManagementPs"
    ]
    heard = Heard(
        source=server,
        function="smartEnergyManagementPsData",
        data={"alternatives": [{"powerSequence": [{"state": {"state": "running"}}]}]},
        partial=True,
    )
    before = compressor.offer
    [asked] = compressor.heard(heard, 1.0)
    assert "read" in str(asked)
    assert compressor.offer == before


def _device(linked: Linked) -> Device:
    session: Session = linked.ends["pump"]._session
    return session._device
