"""Limits as JSON messages."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
import json
from typing import Any

from hypothesis import given, strategies as st
import pytest

from cem_core.limits.limit_message import (
    Ending,
    LimitMessageError,
    Ordering,
    read_limit_message,
)
from cem_core.model import Basis, Direction, LimitSource, PowerLimit, Priority, Scope

NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)
ORDER: dict[str, Any] = {
    "id": "a",
    "issuer": "operator",
    "direction": "import",
    "scope": "controllable",
    "limit_w": 4200,
}


def read(
    document: object, *, most: Priority = Priority.OBLIGATION, retained: bool = False
) -> Ordering | Ending:
    text = document if isinstance(document, str) else json.dumps(document)
    return read_limit_message(
        text, now=NOW, source=LimitSource.MQTT, most=most, retained=retained
    )


def test_the_least_that_an_order_says() -> None:
    assert read(ORDER) == Ordering(
        PowerLimit(
            limit_id="mqtt_a",
            source=LimitSource.MQTT,
            issuer="operator",
            direction=Direction.IMPORT,
            scope=Scope.CONTROLLABLE,
            limit_w=4200,
            start=NOW,
        ),
        by_clock=False,
    )


def test_everything_that_an_order_may_say() -> None:
    found = read(
        ORDER
        | {
            "action": "order",
            "phase": 2,
            "start": "2026-01-15T14:00:00+01:00",
            "end": "2026-01-15T15:00:00Z",
            "priority": "market",
            "reason": "It is hot",
        }
    )
    assert isinstance(found, Ordering)
    limit = found.limit
    assert (limit.phase, limit.priority) == (2, Priority.MARKET)
    assert (limit.start, limit.end) == (
        NOW + timedelta(hours=1),
        NOW + timedelta(hours=3),
    )
    assert found.by_clock
    assert limit.reason is not None
    assert limit.reason.values["text"] == "It is hot"


def test_a_duration_begins_with_the_start_and_a_past_start_is_now() -> None:
    later = read(ORDER | {"start": "2026-01-15T13:00:00Z", "duration": 600})
    earlier = read(ORDER | {"start": "2026-01-15T11:00:00Z", "duration": 600})
    assert isinstance(later, Ordering)
    assert isinstance(earlier, Ordering)
    assert later.limit.end == NOW + timedelta(hours=1, minutes=10)
    assert earlier.limit.end == NOW + timedelta(minutes=10)


def test_an_order_may_leave_out_what_own_production_covers() -> None:
    found = read(ORDER | {"basis": "grid_draw"})
    assert isinstance(found, Ordering)
    assert found.limit.basis is Basis.GRID_DRAW


def test_zero_and_null_are_what_they_are() -> None:
    found = read(ORDER | {"limit_w": 0, "end": None, "phase": None})
    assert isinstance(found, Ordering)
    assert (found.limit.limit_w, found.limit.end) == (0, None)


def test_an_end_says_whose_limit_ends() -> None:
    ending = read({"action": "end", "id": "a", "issuer": "operator"})
    assert ending == Ending("mqtt_a", "operator")


REFUSED = [
    (ORDER | {"id": ""}, None, "id has to be"),
    (ORDER | {"id": "x" * 65}, None, "id has to be"),
    (ORDER | {"id": "a\n"}, None, "cannot be printed"),
    (ORDER | {"issuer": 5}, "a", "issuer has to be"),
    (ORDER | {"direction": "both"}, "a", "import or export"),
    (ORDER | {"direction": ["import"]}, "a", "import or export"),
    (ORDER | {"limit_w": True}, "a", "a number of W"),
    (ORDER | {"limit_w": 1e9}, "a", "out of range"),
    (ORDER | {"basis": "gross"}, "a", "consumption or grid_draw"),
    (ORDER | {"basis": "grid_draw", "scope": "connection"}, "a", "grid"),
    (ORDER | {"phase": 4}, "a", "phase is out of range"),
    (ORDER | {"duration": 0}, "a", "duration is out of range"),
    (ORDER | {"duration": 1e300}, "a", "duration is out of range"),
    (ORDER | {"duration": 5, "end": "2026-01-15T15:00:00Z"}, "a", "not both"),
    (ORDER | {"end": "2026-01-15T12:00:00Z"}, "a", "has passed"),
    (ORDER | {"end": "2026-01-15T15:00:00"}, "a", "no offset"),
    (ORDER | {"end": "tomorrow"}, "a", "ISO 8601"),
    (ORDER | {"end": 5}, "a", "ISO 8601"),
    (
        ORDER | {"start": "2026-01-15T16:00:00Z", "end": "2026-01-15T15:00:00Z"},
        "a",
        "ends before it starts",
    ),
    (ORDER | {"priority": "highest"}, "a", "market or contract or obligation"),
    (ORDER | {"reason": "x" * 201}, "a", "reason has to be"),
    (ORDER | {"action": "raise"}, "a", "order or end"),
    (ORDER | {"action": "end"}, "a", "an end takes no direction, limit_w, scope"),
    ('{"id": "a", "id": "b"}', None, "there twice"),
    ('{"limit_w": Infinity}', None, "Infinity is no number"),
    ("", None, "no JSON"),
    ("null", None, "JSON object"),
    ("[" * 4096, None, "no JSON"),
    ("1" * 4097, None, "more than the 4096"),
]


@pytest.mark.parametrize(
    ("document", "about", "refusal"), REFUSED, ids=range(len(REFUSED))
)
def test_what_does_not_fit_is_refused_and_why_is_said(
    document: object, about: str | None, refusal: str
) -> None:
    with pytest.raises(LimitMessageError, match=refusal) as refused:
        read(document)
    assert refused.value.about == about


def test_nobody_claims_more_than_is_allowed() -> None:
    with pytest.raises(LimitMessageError, match="as contract at most"):
        read(ORDER | {"priority": "obligation"}, most=Priority.CONTRACT)
    found = read(ORDER, most=Priority.CONTRACT)
    assert isinstance(found, Ordering)
    assert found.limit.priority is Priority.CONTRACT


def test_a_retained_order_needs_a_time_of_day() -> None:
    with pytest.raises(LimitMessageError, match="needs an end"):
        read(ORDER | {"duration": 60}, retained=True)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)


@given(
    st.dictionaries(st.sampled_from([*ORDER, "end", "start", "duration"]), JSON) | JSON
)
def test_whatever_comes_is_read_or_refused(document: object) -> None:
    with suppress(LimitMessageError):
        assert isinstance(read(document), Ordering | Ending)


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    with pytest.raises(LimitMessageError):
        read(text)
