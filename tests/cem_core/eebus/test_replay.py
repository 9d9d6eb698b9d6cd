"""Traces of two other stacks: their messages, byte for byte, to one end of ours."""

from cem_core.eebus.datagram import Classifier
from cem_core.eebus.guard import Measured, Ordered
from cem_core.eebus.json_form import decode, encode, encode_data
from cem_core.eebus.peer import Peer, PeerRole
from cem_core.limits.limitation import LimitationState
from cem_core.model import Direction
from tests.cem_core.eebus.ends import End
from tests.cem_core.eebus.replay import Line, datagram, datagrams, recorded


def _play(
    end: End, peer: Peer, lines: list[Line], *, sent: bool
) -> dict[int, tuple[int, str]]:
    """Play the peer's lines; return how each of its requests was answered."""
    answers = {}
    start_s = lines[0].at_s
    peer.start(0.0)
    for line in lines:
        if line.sent is not sent:
            continue
        end.time.now_s = line.at_s - start_s
        for said in datagrams(peer.receive(line.message, end.time.now_s)):
            if said.classifier is Classifier.RESULT and said.reference is not None:
                request = datagram(line.message)
                written = request is not None and request.classifier == "write"
                function = request.function if request and written else ""
                answers[said.reference] = said.data["errorNumber"], function
    return answers


def test_a_control_box_is_answered_as_the_recorded_cem_answered_it() -> None:
    lines = list(recorded("control_box"))
    end = End()
    peer = end.peer(PeerRole.CONTROL_BOX, client=lines[0].sent)
    answers = _play(end, peer, lines, sent=False)
    recorded_answers = {
        said.reference: said.data["errorNumber"]
        for line in lines
        if line.sent
        and (said := datagram(line.message)) is not None
        and said.classifier is Classifier.RESULT
    }
    assert peer.ready
    assert peer.complaints == 0
    writes = {
        counter: number for counter, (number, function) in answers.items() if function
    }
    # On, off, a negative limit, production on and off, failsafe values. The recorded
    # CEM took a negative failsafe production limit (47), which has to be positive.
    assert writes == {38: 0, 39: 0, 41: 7, 42: 0, 43: 0, 44: 0, 45: 0, 47: 7}
    assert {**writes, 47: 0}.items() <= recorded_answers.items()
    machines = end.system.machines()
    assert machines[Direction.IMPORT].state is LimitationState.CONTROLLED
    assert machines[Direction.IMPORT].failsafe_limit_w == 3700


def test_a_wallbox_is_read_and_told_that_there_is_no_limit() -> None:
    lines = list(recorded("wallbox"))
    end = End()
    peer = end.peer(PeerRole.DEVICE, client=not lines[0].sent)
    _play(end, peer, lines, sent=True)
    assert peer.ready
    assert peer.complaints == 0
    assert peer.guard.measured == Measured(
        power_w=7000.0,
        phase_power_w=(1200.0, 1300.0, 1020.5),
        current_a=(5.2, 5.6, 4.4),
        voltage_v=(231.2, 230.4, 229.9),
        consumed_wh=7654321.0,
        frequency_hz=50.01,
    )
    assert peer.guard.directions == {Direction.IMPORT}
    assert peer.guard.ordered == {
        Direction.IMPORT: Ordered(active=False, value_w=4200.0)
    }


def test_every_recorded_message_is_written_as_it_was_read() -> None:
    for name in ("control_box", "wallbox"):
        for line in recorded(name):
            if line.message == b"\0\0":
                continue
            tree = decode(line.message[1:])
            if line.message[0] == 2:
                written = encode_data(tree["data"]["payload"]["datagram"])
            else:
                written = encode(tree)
            assert written == line.message[1:]


def test_every_recorded_datagram_is_parsed_without_loss() -> None:
    for name in ("control_box", "wallbox"):
        for line in recorded(name):
            said = datagram(line.message)
            if said is not None:
                tree = decode(line.message[1:])["data"]["payload"]["datagram"]
                assert said.tree() == tree
