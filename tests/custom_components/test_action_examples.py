"""Each example of an action in the docs is one that Home Assistant takes."""

from collections.abc import Iterator
from typing import Any, Final

from homeassistant.components.automation.config import (
    ValidationStatus,
    async_validate_config_item,
)
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import config_validation as cv, template
from homeassistant.setup import async_setup_component
from homeassistant.util.yaml import parse_yaml
import pytest

from custom_components.cem.const import DOMAIN
from custom_components.cem.home import Home
from tests.custom_components.test_sentences import home
from tests.docs.test_actions import examples, named_in

__all__ = ("home",)  # a fixture

EXAMPLES: Final = [text for text in examples() if f"action: {DOMAIN}." in text]


def calls(config: object) -> Iterator[tuple[str, Any]]:
    """Yield each action of the CEM in a configuration, with what it is given."""
    if isinstance(config, list):
        for each in config:
            yield from calls(each)
    elif isinstance(config, dict):
        domain, _, name = str(config.get("action")).partition(".")
        if domain == DOMAIN:
            yield name, config.get("data", {})
        for each in config.values():
            yield from calls(each)


def automation(example: str) -> dict[str, Any]:
    """Return the automation that an example is, or is the action of."""
    config = parse_yaml(example)
    assert isinstance(config, dict)
    if "action" in config:
        config = {"actions": [config]}
    return {"alias": "an example", "triggers": []} | config


def take(hass: HomeAssistant, name: str, data: Any) -> None:
    """Raise what is wrong with the data of an action, its templates filled in."""
    schema = hass.services.async_services()[DOMAIN][name].schema
    assert schema is not None
    schema(template.render_complex(cv.template_complex(data), {}))


@pytest.mark.parametrize("example", EXAMPLES)
async def test_each_example_is_taken(
    hass: HomeAssistant, home: Home, example: str
) -> None:
    await async_setup_component(hass, "automation", {})
    config = automation(example)
    taken = await async_validate_config_item(hass, "example", config)
    assert taken is not None
    assert taken.validation_status is ValidationStatus.OK
    given = list(calls(config))
    assert given
    for name, data in given:
        take(hass, name, data)


def test_each_action_is_among_them() -> None:
    shown = {name for text in EXAMPLES for name, _ in calls(parse_yaml(text))}
    assert shown == set(named_in("services.yaml"))


@pytest.mark.parametrize(
    "data",
    [
        {"device": "wallbox", "when": "soon"},
        {"device": "wallbox", "when": "now", "power_w": 3000},
        {"when": "now"},
    ],
)
async def test_an_example_that_is_wrong_would_be_found(
    hass: HomeAssistant, home: Home, data: dict[str, Any]
) -> None:
    with pytest.raises(ServiceValidationError):
        take(hass, "charge", data)
