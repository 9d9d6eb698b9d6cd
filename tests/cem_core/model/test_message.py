"""Messages are put together, rendered and written down."""

from datetime import UTC, datetime, timedelta, timezone
import json
from typing import Any

from hypothesis import given, strategies as st
import pytest

from cem_core.model import Message
from cem_core.model.english import ENGLISH
from cem_core.model.message import Value, renamed
from cem_core.model.message_json import message_from_json, message_to_json, names_in
from cem_core.model.render import Renderer

NOON = datetime(2026, 1, 15, 12, tzinfo=timezone(timedelta(hours=1)))
HOLDS = Message.of("limit_holds_until", limit="dso", limit_kw=4.2, end_time=NOON)
PEAK = Message.of(
    "peak_stays", integration_minutes=15, mean_kw=3.5, price_per_kw=4, currency="EUR"
)
DUTCH = {
    "decimal_mark": ",",
    "limit_holds_until": "Tot {end_time} houdt limiet {limit} het op {limit_kw} kW.",
    "clock_tomorrow": "morgen {clock}",
    "ordered_by": "van {issuer}",
    "amount_of_money": "{amount} {symbol}",
}


def dutch(key: str) -> str:
    return DUTCH.get(key, ENGLISH[key])


def test_a_message_becomes_a_sentence_with_its_numbers() -> None:
    assert Renderer().text(HOLDS) == "Limit dso holds it to 4.2 kW until 12:00."
    assert Renderer().text(PEAK) == (
        "The 15-minute mean stays at 3.50 kW: a kW more costs €4.00."
    )


def test_what_is_computed_has_two_decimals_at_most() -> None:
    holds = Message.of("limit_holds_until", limit="dso", limit_kw=4.0291, end_time=NOON)
    assert Renderer().text(holds) == "Limit dso holds it to 4.03 kW until 12:00."


def test_several_messages_become_several_sentences_in_their_order() -> None:
    both = HOLDS.then(PEAK)
    expected = f"{Renderer().text(HOLDS)} {Renderer().text(PEAK)}"
    assert Renderer().text(both) == expected
    # Whatever is put together first.
    assert HOLDS.then(PEAK.then(HOLDS)) == HOLDS.then(PEAK).then(HOLDS)
    assert HOLDS.then() == HOLDS
    assert [each.key for each in both.alone] == ["limit_holds_until", "peak_stays"]


def test_another_language_orders_words_and_marks_decimals_as_it_likes() -> None:
    told = Renderer(sentence=dutch).text(HOLDS.then(PEAK))
    assert told == (
        "Tot 12:00 houdt limiet dso het op 4,2 kW. "
        "The 15-minute mean stays at 3,50 kW: a kW more costs 4,00\N{NO-BREAK SPACE}€."
    )


def test_a_clock_may_answer_with_a_message() -> None:
    def tomorrow(time: datetime) -> Message:
        return Message.of("clock_tomorrow", clock=f"{time:%H.%M}")

    told = Renderer(sentence=dutch, clock=tomorrow).text(HOLDS)
    assert told == "Tot morgen 12.00 houdt limiet dso het op 4,2 kW."


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0.0, "0.00"), (-0.001, "0.00"), (0, "0.00"), (-1.5, "-1.50"), (1e3, "1000.00")],
)
def test_a_number_has_the_decimals_of_its_quantity(value: float, expected: str) -> None:
    message = Message.of("solar_unused", energy_kwh=value)
    assert Renderer().text(message).startswith(f"Leaves {expected} kWh unused")


@pytest.mark.parametrize("name", ["{currency}", "{0}", "{", "%s", "Jo's {x.y}"])
def test_a_name_that_looks_like_a_place_is_left_as_it_is(name: str) -> None:
    message = Message.of("device_silent", device=name)
    assert Renderer().text(message) == f"{name} does not answer."


def test_ids_become_names_also_in_what_follows() -> None:
    names = {"limit": {"dso": Message.of("ordered_by", issuer="Demo")}}
    told = Renderer().text(renamed(PEAK.then(HOLDS), names))
    assert told.endswith("Limit ordered by Demo holds it to 4.2 kW until 12:00.")
    document = message_to_json(renamed(HOLDS, names))
    assert document["values"]["limit"] == {
        "key": "ordered_by",
        "values": {"issuer": "Demo"},
    }
    assert message_from_json(document) == renamed(HOLDS, names)
    wish = Message.of("alternative_same", wish=Message.of("wish_never", device="car"))
    inner = Renderer().text(renamed(wish, {"device": {"car": "Wallbox"}}))
    assert inner.startswith("Wallbox off until the plan's end: ")
    unknown = {"limit": {"other": "x"}, "device": {"dso": "x"}}
    assert renamed(HOLDS, unknown) == HOLDS


def values() -> st.SearchStrategy[dict[str, Value]]:
    """Return what may stand for each name of the catalogue."""
    times = st.datetimes(timezones=st.just(UTC), min_value=datetime(1900, 1, 1))  # noqa: DTZ001 - in UTC
    # A document keeps six decimals, more than any sentence shows.
    numbers = st.integers(-(10**9), 10**9).map(lambda n: n / 1000)
    found: dict[str, st.SearchStrategy[Value]] = {}
    for name in set().union(*map(names_in, ENGLISH.values())):
        if name.endswith("_time"):
            found[name] = times
        elif name.endswith(("_kwh", "_kw", "_c", "cost", "_w", "_minutes")):
            found[name] = numbers
        else:
            found[name] = st.text()
    return st.fixed_dictionaries(found)


@given(drawn=values())
def test_every_message_is_written_and_read_again(drawn: dict[str, Value]) -> None:
    for key, sentence in ENGLISH.items():
        message = Message(key, {name: drawn[name] for name in names_in(sentence)})
        document = json.loads(json.dumps(message_to_json(message)))
        again = message_from_json(document)
        assert again == message
        told = Renderer().text(again)
        assert told == Renderer().text(message)
        for value in message.values.values():
            assert not isinstance(value, str) or value in told


@pytest.mark.parametrize(
    ("document", "cause"),
    [
        ({"key": "unheard_of", "values": {}}, "no message: unheard_of"),
        ({"key": "no_car", "values": {"device": "x"}}, "not the values of no_car"),
        ({"key": "device_silent", "values": {}}, "not the values of device_silent"),
        ({"key": "device_silent", "values": {"device": None}}, "device is None"),
        (
            {"key": "appliance_starts", "values": {"start_time": "2026-01-15T12:00"}},
            "has no offset",
        ),
        (
            {"key": "no_car", "values": {}, "also": [{"key": "x", "values": {}}]},
            "no message: x",
        ),
    ],
)
def test_what_could_not_be_rendered_is_refused(
    document: dict[str, Any], cause: str
) -> None:
    with pytest.raises(ValueError, match=cause):
        message_from_json(document)
