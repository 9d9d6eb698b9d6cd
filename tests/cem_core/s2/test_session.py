"""The CEM's side of an S2 session."""

from datetime import timedelta
import json
from typing import Any, Final

from hypothesis import given, strategies as st
import pytest

from cem_core.s2.control import Order
from cem_core.s2.messages import S2Error
from cem_core.s2.session import Session, SessionState
from tests.cem_core.s2.messages import (
    NOW,
    at,
    battery,
    details,
    handshake,
    level,
    message,
    name,
    status,
)

_FRBC: Final = "FILL_RATE_BASED_CONTROL"


def kinds(texts: list[str]) -> list[str]:
    """Return what kinds of messages were sent."""
    return [json.loads(text)["message_type"] for text in texts]


def confirm(session: Session, texts: list[str], status: str = "OK") -> list[str]:
    """Answer each message as its receiver would."""
    again: list[str] = []
    for text in texts:
        found = json.loads(text)
        if "message_id" in found:
            answer = {
                "message_type": "ReceptionStatus",
                "subject_message_id": found["message_id"],
                "status": status,
            }
            again += session.feed(json.dumps(answer), NOW)
    return again


def ready(*offered: str) -> Session:
    """Return a session in which the device has said who it is."""
    session = Session()
    confirm(session, session.feed(handshake(), NOW))
    confirm(session, session.feed(details(*(offered or (_FRBC,))), NOW))
    return session


def described() -> Session:
    """Return a session with a battery at half that discharges nothing."""
    session = ready()
    for text in (battery(), level(50), status("discharge", 1.0)):
        confirm(session, session.feed(text, NOW))
    return session


def said(texts: list[str]) -> dict[str, Any]:
    """Return the only message that is no reception status."""
    (found,) = (text for text in texts if "ReceptionStatus" not in text)
    answer: dict[str, Any] = json.loads(found)
    return answer


def test_handshake_in_the_order_of_recorded_sessions() -> None:
    session = Session()
    first = session.feed(handshake(), NOW)
    assert kinds(first) == ["ReceptionStatus", "Handshake", "HandshakeResponse"]
    assert json.loads(first[2])["selected_protocol_version"] == "0.0.2-beta"
    second = session.feed(details(_FRBC), NOW)
    assert kinds(second) == ["ReceptionStatus", "SelectControlType"]
    assert json.loads(second[1])["control_type"] == _FRBC
    assert session.state is SessionState.READY


def test_the_control_type_that_lets_most_be_chosen() -> None:
    session = ready("NOT_CONTROLABLE", "POWER_ENVELOPE_BASED_CONTROL", _FRBC)
    assert session.selected.value == _FRBC


def test_a_device_that_cannot_be_controlled_is_measured_only() -> None:
    session = ready("NOT_CONTROLABLE")
    values = [
        {"commodity_quantity": "ELECTRIC.POWER.L1", "value": 400.0},
        {"commodity_quantity": "ELECTRIC.POWER.L2", "value": -150.0},
        {"commodity_quantity": "HEAT.TEMPERATURE", "value": 55.0},
    ]
    text = message(
        "PowerMeasurement", measurement_timestamp=NOW.isoformat(), values=values
    )
    assert kinds(session.feed(text, NOW)) == ["ReceptionStatus"]
    assert session.measured_w == 250.0
    with pytest.raises(S2Error, match="cannot be controlled"):
        session.instruct(Order(power_w=0.0), NOW)


def test_another_version_ends_the_session() -> None:
    session = Session()
    (answer,) = session.feed(handshake("9.9"), NOW)
    assert json.loads(answer)["status"] == "INVALID_CONTENT"
    assert session.state is SessionState.ENDED
    assert session.ended_because == "it speaks 9.9, not 0.0.2-beta"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(level(50), "INVALID_CONTENT", id="before the details"),
        pytest.param(details(_FRBC), "INVALID_CONTENT", id="before the handshake"),
        pytest.param(message("Nothing.Known"), "INVALID_MESSAGE", id="unknown"),
        pytest.param(message("Handshake", role="??"), "INVALID_MESSAGE", id="no role"),
    ],
)
def test_what_is_out_of_place_is_refused_with_a_status(
    text: str, expected: str
) -> None:
    (answer,) = Session().feed(text, NOW)
    found = json.loads(answer)
    assert found["status"] == expected
    assert found["subject_message_id"] == json.loads(text)["message_id"]
    assert found["diagnostic_label"]


@given(st.text() | st.binary().map(lambda data: data.decode("latin-1")))
def test_rubbish_is_never_taken_and_never_raises(text: str) -> None:
    session = ready()
    before = session.state
    for answer in session.feed(text, NOW):
        assert json.loads(answer)["status"] != "OK"
    assert session.state is before


def test_an_order_becomes_an_instruction() -> None:
    session = described()
    texts = session.instruct(Order(power_w=2500.0), NOW)
    instruction = said(texts)
    assert instruction["message_type"] == "FRBC.Instruction"
    assert instruction["operation_mode"] == name("charge")
    assert instruction["operation_mode_factor"] == pytest.approx(0.5)
    assert instruction["abnormal_condition"] is False
    assert session.waits()
    confirm(session, texts)
    assert not session.waits()


def test_an_order_is_not_repeated() -> None:
    session = described()
    confirm(session, session.instruct(Order(power_w=2500.0), NOW))
    assert session.instruct(Order(power_w=2501.0), NOW) == []


def test_a_message_without_confirmation_is_told_once_again_and_then_ends_it() -> None:
    session = described()
    (told,) = session.instruct(Order(power_w=-1000.0), NOW)
    assert session.tick(NOW + timedelta(seconds=4)) == []
    assert session.tick(NOW + timedelta(seconds=5)) == [told]
    assert session.tick(NOW + timedelta(seconds=11)) == []
    assert session.state is SessionState.ENDED
    assert "FRBC.Instruction was not confirmed" in session.ended_because


def test_a_temporary_error_is_tried_once_more() -> None:
    session = described()
    texts = session.instruct(Order(power_w=-1000.0), NOW)
    assert confirm(session, texts, "TEMPORARY_ERROR") == texts
    assert confirm(session, texts, "TEMPORARY_ERROR") == []
    assert "TEMPORARY_ERROR" in session.refused


def test_a_refused_instruction_is_told() -> None:
    session = described()
    instruction = said(session.instruct(Order(power_w=-1000.0), NOW))
    update = message(
        "InstructionStatusUpdate",
        instruction_id=instruction["id"],
        status_type="REJECTED",
        timestamp=NOW.isoformat(),
    )
    session.feed(update, NOW)
    assert session.refused == "the device says rejected"
    session.instruct(Order(power_w=0.0), NOW)
    assert session.refused == ""


def test_a_revoked_description_is_forgotten() -> None:
    session = ready()
    text = battery()
    for each in (text, level(50)):
        confirm(session, session.feed(each, NOW))
    revoke = message(
        "RevokeObject",
        object_type="FRBC.SystemDescription",
        object_id=json.loads(text)["message_id"],
    )
    assert json.loads(session.feed(revoke, NOW)[0])["status"] == "OK"
    assert session.power_w(NOW) is None
    assert json.loads(session.feed(revoke, NOW)[0])["status"] == "INVALID_CONTENT"
    with pytest.raises(S2Error, match="not described"):
        session.instruct(Order(power_w=0.0), NOW)


def test_handing_back_selects_nothing_and_taking_over_selects_again() -> None:
    session = described()
    (back,) = session.select(session.selected.NO_SELECTION, NOW)
    assert json.loads(back)["control_type"] == "NO_SELECTION"
    assert session.power_w(NOW) is None
    (again,) = session.take_over(NOW)
    assert json.loads(again)["control_type"] == _FRBC


def test_a_device_that_leaves_says_why() -> None:
    session = ready()
    session.feed(
        message("SessionRequest", request="TERMINATE", diagnostic_label="update"), NOW
    )
    assert session.ended_because == "it leaves: update"


def rejected(session: Session, texts: list[str]) -> None:
    """Have the device refuse the one instruction of ``texts``."""
    confirm(session, texts)
    session.feed(
        message(
            "InstructionStatusUpdate",
            instruction_id=said(texts)["id"],
            status_type="REJECTED",
            timestamp=NOW.isoformat(),
        ),
        NOW,
    )


def test_what_was_refused_is_told_again() -> None:
    session = described()
    order = Order(power_w=2500.0)
    rejected(session, session.instruct(order, NOW))
    again = session.instruct(order, NOW)
    assert said(again)["operation_mode"] == name("charge")
    confirm(session, again)
    assert session.instruct(order, NOW) == []


@pytest.mark.parametrize(
    "status", ["INVALID_DATA", "INVALID_CONTENT", "PERMANENT_ERROR"]
)
def test_what_was_not_understood_is_refused_and_told_again(status: str) -> None:
    session = described()
    order = Order(power_w=2500.0)
    texts = session.instruct(order, NOW)
    assert confirm(session, texts, status) == []
    assert session.refused == f"FRBC.Instruction: {status}"
    assert session.state is SessionState.READY
    assert len(session.instruct(order, NOW)) == 1


def test_an_instruction_that_the_device_revokes_is_refused() -> None:
    session = described()
    texts = session.instruct(Order(power_w=2500.0), NOW)
    confirm(session, texts)
    session.feed(
        message(
            "InstructionStatusUpdate",
            instruction_id=said(texts)["id"],
            status_type="REVOKED",
            timestamp=NOW.isoformat(),
        ),
        NOW,
    )
    assert session.refused == "the device says revoked"


def test_a_lost_session_has_nothing_to_instruct() -> None:
    session = described()
    session.lost("closed by the other side")
    assert session.state is SessionState.ENDED
    assert not session.controllable
    with pytest.raises(S2Error, match="cannot be controlled"):
        session.instruct(Order(power_w=0.0), NOW)


def _later(text: str, **later: float) -> str:
    return json.dumps(json.loads(text) | {"valid_from": at(**later)})


def test_a_description_that_holds_later_waits_until_then() -> None:
    session = described()
    count = session.descriptions
    smaller = _later(battery(power_w=1000), minutes=30)
    assert json.loads(session.feed(smaller, NOW)[0])["status"] == "OK"
    session.instruct(Order(power_w=3000.0), NOW)
    assert session.control is not None
    assert session.control.expects_w() == pytest.approx(3000)
    assert session.descriptions == count
    then = NOW + timedelta(minutes=30)
    session.instruct(Order(power_w=3000.0), then)
    assert session.control.expects_w() == pytest.approx(1000)
    assert session.descriptions == count + 1


def test_a_description_that_is_revoked_before_it_holds_is_never_taken() -> None:
    session = described()
    text = _later(battery(power_w=1000), minutes=30)
    session.feed(text, NOW)
    revoke = message(
        "RevokeObject",
        object_type="FRBC.SystemDescription",
        object_id=json.loads(text)["message_id"],
    )
    assert json.loads(session.feed(revoke, NOW)[0])["status"] == "OK"
    session.instruct(Order(power_w=3000.0), NOW + timedelta(hours=1))
    assert session.control is not None
    assert session.control.expects_w() == pytest.approx(3000)


def test_clocks_may_differ_by_less_than_a_minute() -> None:
    session = described()
    session.feed(_later(battery(power_w=1000), seconds=40), NOW)
    session.instruct(Order(power_w=3000.0), NOW)
    assert session.control is not None
    assert session.control.expects_w() == pytest.approx(1000)


def test_a_new_session_knows_nothing_of_the_one_before() -> None:
    old = described()
    old.instruct(Order(power_w=3000.0), NOW)
    old.lost("closed by the other side")
    new = ready()
    assert new.power_w(NOW) is None
    for each in (battery(power_w=1000), level(50)):
        confirm(new, new.feed(each, NOW))
    told = new.instruct(Order(power_w=3000.0), NOW)
    assert said(told)["operation_mode_factor"] == 1


def test_what_was_under_way_when_it_was_handed_back_is_no_mistake() -> None:
    session = described()
    confirm(session, list(session.select(session.selected.NO_SELECTION, NOW)))
    for text, status_of_it in (
        (level(40), "OK"),
        (battery(), "OK"),
        (message("OMBC.Status", **_RUNS), "INVALID_CONTENT"),
    ):
        assert json.loads(session.feed(text, NOW)[0])["status"] == status_of_it
    assert session.control is None
    assert session.power_w(NOW) is None


_RUNS: Final = {"active_operation_mode_id": name("on"), "operation_mode_factor": 0.0}
