"""What an action cannot take is refused in words, over REST too."""

from http import HTTPStatus
from typing import Any

from homeassistant.const import MAJOR_VERSION, MINOR_VERSION
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import config_validation as cv
from homeassistant.setup import async_setup_component
import probatio
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from cem_core.model import Direction
from custom_components.cem.action_schema import ActionSchema
from custom_components.cem.const import Kind
from tests.custom_components.conftest import SetUp

LIMIT = {"direction": "import", "scope": "controllable", "limit_w": 4200}
SCHEMA = ActionSchema(
    {
        probatio.Required("direction"): probatio.Coerce(Direction),
        probatio.Optional("limit_w"): probatio.All(
            probatio.Coerce(int), probatio.Range(min=0, max=9000)
        ),
        probatio.Optional("priority"): probatio.In(("low", "high")),
        probatio.Exclusive("end", "end"): cv.datetime,
        probatio.Exclusive("duration", "end"): cv.positive_time_period,
        probatio.Optional("reason"): probatio.Length(max=3),
    }
)


@pytest.mark.parametrize(
    ("changes", "key", "words"),
    [
        ({"limit_w": -5}, "field_too_low", {"given": "-5", "least": "0"}),
        ({"limit_w": 9001}, "field_too_high", {"given": "9001", "most": "9000"}),
        ({"limit_w": float("nan")}, "field_no_number", {"given": "nan"}),
        ({"limit_w": "much"}, "field_no_number", {"field": "limit_w"}),
        ({"direction": "up"}, "field_none_of", {"values": "import, export"}),
        ({"priority": "top"}, "field_none_of", {"values": "high, low"}),
        ({"limit": 5}, "field_unknown", {"field": "limit"}),
        ({"reason": "x" * 99}, "field_wrong", {"given": "x" * 59 + "…"}),
        (
            {"duration": {"minutes": "x"}},
            "field_no_number",
            {"field": "duration.minutes", "given": "x"},
        ),
        (
            {"end": "2026-01-01T00:00:00Z", "duration": "00:15:00"},
            "fields_exclusive",
            {"fields": "end, duration"},
        ),
    ],
)
def test_a_refusal_names_the_field_and_what_it_was_given(
    changes: dict[str, Any], key: str, words: dict[str, str]
) -> None:
    with pytest.raises(ServiceValidationError) as refused:
        SCHEMA({"direction": "import"} | changes)
    assert refused.value.translation_key == key
    assert words.items() <= (refused.value.translation_placeholders or {}).items()


def test_what_is_missing_is_named_and_the_rest_parsed() -> None:
    with pytest.raises(ServiceValidationError) as refused:
        SCHEMA({})
    assert refused.value.translation_key == "field_missing"
    assert (refused.value.translation_placeholders or {})["field"] == "direction"
    parsed = SCHEMA({"direction": "export", "limit_w": "0"})
    assert parsed == {"direction": Direction.EXPORT, "limit_w": 0}


@pytest.mark.skipif(
    (MAJOR_VERSION, MINOR_VERSION) < (2026, 10),
    reason="its REST interface passes on no refusal of any action",
)
@pytest.mark.parametrize(
    ("limit_w", "sentence"),
    [
        (-5, "limit_w cannot be -5: give at least 0"),
        ("NaN", "limit_w cannot be NaN: give a number"),
        ("much", "limit_w cannot be much: give a number"),
    ],
)
async def test_the_sentence_reaches_who_asks_over_rest(
    hass: HomeAssistant,
    set_up: SetUp,
    hass_client: ClientSessionGenerator,
    limit_w: object,
    sentence: str,
) -> None:
    await set_up(Kind.METER)
    assert await async_setup_component(hass, "api", {})
    client = await hass_client()
    answer = await client.post(
        "/api/services/cem/order_limit?return_response",
        json=LIMIT | {"limit_w": limit_w},
    )
    assert answer.status == HTTPStatus.BAD_REQUEST
    assert await answer.json() == {"message": sentence}


async def test_every_action_refuses_in_words(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    await set_up(Kind.METER)
    for name, action in hass.services.async_services_for_domain("cem").items():
        assert isinstance(action.schema, ActionSchema), name
