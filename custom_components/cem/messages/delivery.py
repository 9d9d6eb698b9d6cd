"""Bring a message to people: their phones, else Home Assistant's own notifications."""

from collections.abc import Mapping, Sequence
import logging
from typing import Any, Final

from homeassistant.components import persistent_notification
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
import probatio

_LOGGER = logging.getLogger(__name__)
_COMPANION_APP: Final = "notify.mobile_app_"


async def async_deliver(
    hass: HomeAssistant,
    targets: Sequence[str],
    *,
    title: str,
    text: str,
    tag: str,
    actions: Mapping[str, str],
) -> None:
    """Tell every target; where none is told, make a persistent notification.

    ``actions`` maps action ids to the words on their buttons; ``tag`` names what
    a later message replaces.
    """
    buttons = [{"action": key, "title": words} for key, words in actions.items()]
    data = {"tag": tag, "actions": buttons, "ttl": 0, "priority": "high"}
    told = [await _told(hass, target, title, text, data) for target in targets]
    if not any(told):
        persistent_notification.async_create(hass, text, title, tag)


async def async_withdraw(hass: HomeAssistant, targets: Sequence[str], tag: str) -> None:
    """Take a message back that no longer holds."""
    persistent_notification.async_dismiss(hass, tag)
    for target in targets:
        if target.startswith(_COMPANION_APP):
            await _told(hass, target, None, "clear_notification", {"tag": tag})


async def _told(
    hass: HomeAssistant,
    target: str,
    title: str | None,
    text: str,
    data: Mapping[str, Any],
) -> bool:
    name = target.removeprefix("notify.")
    message = {"message": text} | ({"title": title} if title else {})
    try:
        if hass.services.has_service("notify", name):
            message_with_data = {**message, "data": dict(data)}
            await hass.services.async_call(
                "notify", name, message_with_data, blocking=True
            )
        else:
            # An entity of `notify` takes words alone, no buttons.
            await hass.services.async_call(
                "notify",
                "send_message",
                {**message, "entity_id": f"notify.{name}"},
                blocking=True,
            )
            return hass.states.get(f"notify.{name}") is not None
    except (HomeAssistantError, probatio.Invalid) as error:
        _LOGGER.warning("%s did not take a message: %s", target, error)
        return False
    return True
