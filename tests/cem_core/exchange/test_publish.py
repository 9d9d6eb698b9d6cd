from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
import json
from typing import Any

from hypothesis import given, strategies as st
import pytest

from cem_core.exchange import CurveError
from cem_core.exchange.consent import Consent, ConsentState, What
from cem_core.exchange.message import JSON_SCHEMA
from cem_core.exchange.publish import Publisher
from cem_core.model import PhaseReading, Reading
from tests.cem_core.exchange.made import METER, curve

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
EVERYTHING = tuple(What)


def consent(*what: What, **changes: Any) -> Consent:
    given_ = Consent(
        recipient="Grid Ltd",
        endpoint="mqtts://example.org/nrtd",
        what=what or EVERYTHING,
        start=NOW - HOUR,
        end=NOW + 3 * HOUR,
    )
    return replace(given_, **changes)


def publisher(agreed: Consent | None = None, **changes: Any) -> Publisher:
    fields: dict[str, Any] = {"per_minute": 6, "key": b"k" * 32, "run": "r1"} | changes
    return Publisher(consent=agreed or consent(), **fields)


def reading(at: datetime = NOW, **changes: Any) -> Reading:
    said = Reading(
        format="dsmr",
        timestamp=at,
        meter_id=METER,
        import_power_w=1200,
        export_power_w=0,
        import_energy_wh={"1": 100, "2": 50},
        export_energy_wh={"total": 7},
        phases=(PhaseReading(phase=1, voltage_v=231.0, current_a=5.2),),
    )
    return replace(said, **changes)


def drained(source: Publisher, now: datetime) -> Iterator[Mapping[str, Any]]:
    while (message := source.next(now)) is not None:
        yield message
        source.sent(message)


@pytest.mark.parametrize("per_minute", [1, 2, 4, 6])
def test_a_minute_has_as_many_messages_as_were_asked_for(per_minute: int) -> None:
    source = publisher(per_minute=per_minute)
    for second in range(600):
        at = NOW + timedelta(seconds=second)
        source.take(reading(at), at)
    assert abs(source.waiting - 10 * per_minute) <= 1
    for wrong in (0, 7):
        with pytest.raises(ValueError, match="1 to 6"):
            publisher(per_minute=wrong)


def test_a_message_says_what_its_schema_says() -> None:
    source = publisher()
    source.take(reading(), NOW)
    source.take_curve(curve([1, None]), NOW)
    for message in drained(source, NOW):
        json.dumps(message)
        assert set(JSON_SCHEMA["required"]) <= set(message)
        assert set(message) <= set(JSON_SCHEMA["properties"])
        assert message["schema"] == JSON_SCHEMA["properties"]["schema"]["const"]


def test_registers_are_passed_on_as_the_meter_shows_them() -> None:
    source = publisher()
    source.take(reading(), NOW)
    message = source.next(NOW)
    assert message is not None
    assert message["import_energy_wh"] == {"1": 100, "2": 50}
    assert message["export_energy_wh"] == {"total": 7}
    assert message["export_power_w"] == 0
    assert (message["status"], message["billing"]) == ("metered", "not for billing")


@pytest.mark.parametrize(
    ("what", "said"),
    [
        (What.POWER, {"import_power_w", "export_power_w"}),
        (What.REGISTERS, {"import_energy_wh", "export_energy_wh"}),
        (What.PHASES, {"phases"}),
    ],
)
def test_only_what_was_agreed_to_is_said(what: What, said: set[str]) -> None:
    source = publisher(consent(what))
    source.take(reading(), NOW)
    message = source.next(NOW)
    assert message is not None
    parts = {"import_power_w", "export_power_w", "import_energy_wh", "phases"}
    assert parts & set(message) == parts & said
    assert not source.take_curve(curve([1]), NOW)


def test_a_curve_only_consent_says_nothing_of_telegrams() -> None:
    source = publisher(consent(What.LOAD_CURVE))
    assert not source.take(reading(), NOW)
    assert source.take_curve(curve([1]), NOW)


def test_the_meter_has_a_pseudonym_that_is_another_for_each_consent() -> None:
    names: list[str] = []
    for agreed in (consent(), consent(recipient="Other Ltd")):
        for key in (b"a" * 32, b"b" * 32):
            source = publisher(agreed, key=key)
            source.take(reading(), NOW)
            source.take_curve(curve([1]), NOW)
            texts = [json.dumps(message) for message in drained(source, NOW)]
            assert all(METER not in text for text in texts)
            names += {json.loads(text)["meter"] for text in texts}
    assert len(set(names)) == len(names) == 4
    source = publisher(consent(pseudonymous=False))
    source.take(reading(), NOW)
    assert (source.next(NOW) or {})["meter"] == METER


@pytest.mark.parametrize(
    ("agreed", "state"),
    [
        (consent(start=NOW + HOUR), ConsentState.NOT_YET),
        (consent(end=NOW), ConsentState.EXPIRED),
        (consent(revoked=NOW), ConsentState.REVOKED),
    ],
)
def test_nothing_leaves_without_a_consent(agreed: Consent, state: ConsentState) -> None:
    source = publisher(agreed)
    assert agreed.state(NOW) is state
    assert not source.take(reading(), NOW)
    assert not source.take_curve(curve([1]), NOW)
    assert source.next(NOW) is None


def test_what_waits_is_forgotten_when_the_consent_ends() -> None:
    source = publisher()
    source.take(reading(), NOW)
    source.revoke(NOW + timedelta(seconds=1))
    assert (source.waiting, source.next(NOW + HOUR)) == (0, None)
    source = publisher()
    source.take(reading(), NOW)
    assert source.next(NOW + 3 * HOUR) is None
    assert source.waiting == 0


def test_an_hour_of_outage_is_filled_in_order_and_once() -> None:
    source = publisher()
    for second in range(0, 3600, 10):
        at = NOW + timedelta(seconds=second)
        source.take(reading(at), at)
    messages = list(drained(source, NOW + HOUR))
    assert len(messages) == 360
    assert [m["sequence"] for m in messages] == list(range(1, 361))
    assert [m["time"] for m in messages] == sorted(m["time"] for m in messages)
    assert len({m["id"] for m in messages}) == 360
    assert (source.delivered, source.dropped) == (360, 0)


@given(st.lists(st.sampled_from(["take", "fail", "send"]), max_size=60))
def test_the_buffer_is_bounded_drops_the_oldest_and_keeps_the_order(
    steps: list[str],
) -> None:
    source = publisher(most_waiting=5)
    at, got, taken = NOW, [], 0
    for step in steps:
        at += timedelta(seconds=10)
        if step == "take":
            taken += source.take(reading(at), at)
        message = source.next(at)
        if step == "send" and message is not None:
            source.sent(message)
            got.append(message["sequence"])
        assert source.waiting <= 5
    assert got == sorted(set(got))
    assert len(got) + source.waiting + source.dropped == taken


def test_what_waited_before_a_restart_goes_first_with_its_own_id() -> None:
    before, after = publisher(), publisher(run="r2")
    before.take(reading(), NOW)
    after.take(reading(NOW + HOUR), NOW + HOUR)
    after.restore(json.loads(json.dumps(before.kept())))
    messages = list(drained(after, NOW + HOUR))
    assert [message["id"] for message in messages] == ["r1-1", "r2-1"]
    small = publisher(most_waiting=2)
    small.restore([{"id": str(n)} for n in range(5)])
    assert [message["id"] for message in small.kept()] == ["3", "4"]
    assert small.dropped == 3


def test_clocks_apart_are_said() -> None:
    for seconds, skew in ((5, False), (6, True), (-6, True)):
        source = publisher()
        source.take(reading(NOW + timedelta(seconds=seconds)), NOW)
        assert (source.next(NOW) or {})["clock_skew"] is skew


def test_a_record_of_a_consent_is_read_back() -> None:
    for agreed in (consent(), consent(revoked=NOW, pseudonymous=False)):
        back = Consent.from_json(json.loads(json.dumps(agreed.to_json())))
        assert back.to_json() == agreed.to_json()
        assert back.consent_id == agreed.consent_id
    assert consent().consent_id == consent(revoked=NOW).consent_id
    assert consent().consent_id != consent(end=NOW + HOUR).consent_id


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"what": "power"}, "what: expected a list"),
        ({"what": ["all"]}, "what: 'all' is none of"),
        ({"what": []}, "names who gets what"),
        ({"recipient": ""}, "names who gets what"),
        ({"start": "2026-03-01"}, "start: .*offset"),
        ({"end": "2020-03-01T00:00:00Z"}, "ends after it begins"),
        ({"pseudonymous": "yes"}, "pseudonymous: expected true or false"),
    ],
)
def test_a_bad_record_is_refused(changed: dict[str, object], said: str) -> None:
    with pytest.raises(CurveError, match=said):
        Consent.from_json(consent().to_json() | changed)
