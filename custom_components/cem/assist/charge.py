"""Charge the car now, as planned, or not tonight."""

from typing import Final

from homeassistant.auth.permissions.const import POLICY_CONTROL
from homeassistant.const import Platform
from homeassistant.helpers import entity_registry as er
import probatio

from cem_core.model import Message
from cem_core.model.role import RIGHTS, Right
from custom_components.cem import wishes
from custom_components.cem.assist.question import (
    Asked,
    CannotAnswerError,
    DeviceQuestion,
)
from custom_components.cem.assist.ready_at import only_charger
from custom_components.cem.const import DOMAIN, Charging, Mode
from custom_components.cem.controlled import ControlledDevice
from custom_components.cem.home import Home
from custom_components.cem.roles import role_of


async def _answer(home: Home, device: ControlledDevice, asked: Asked) -> Message:
    only_charger(device)
    if not await _may_control(home, device, asked):
        name = device.model.name
        raise CannotAnswerError(Message.of("assist_not_allowed", device=name))
    charging = Charging(asked.slots["when"])
    await wishes.async_set_charging(home, device, charging)
    said = _wish(device.model.name, charging)
    hindrance = _hindrance(home, device)
    return said if hindrance is None else said.then(hindrance)


async def _may_control(home: Home, device: ControlledDevice, asked: Asked) -> bool:
    """Tell whether who asks may turn the charger's select; a satellite has no user."""
    if asked.context.user_id is None:
        return True
    user = await home.hass.auth.async_get_user(asked.context.user_id)
    entity_id = er.async_get(home.hass).async_get_entity_id(
        Platform.SELECT, DOMAIN, f"{device.subentry_id}_charging"
    )
    if user is None or entity_id is None:
        return False
    if Right.WISH not in RIGHTS[role_of(home, user)]:
        return False
    return user.permissions.check_entity(entity_id, POLICY_CONTROL)


def _wish(name: str, charging: Charging) -> Message:
    match charging:
        case Charging.NOW:
            return Message.of("assist_charge_now", device=name)
        case Charging.NOT_TONIGHT:
            return Message.of("assist_charge_not_tonight", device=name)
        case _:
            return Message.of("assist_charge_as_planned", device=name)


def _hindrance(home: Home, device: ControlledDevice) -> Message | None:
    """Return why nothing comes of a wish for now."""
    if not device.available:
        return Message.of("device_silent", device=device.model.name)
    if device.connected is False:
        return Message.of("no_car")
    if home.mode is Mode.OBSERVE:
        return Message.of("only_observes")
    if home.mode is Mode.ADVISE:
        return Message.of("assist_only_advises")
    return None if device.control else Message.of("control_is_off")


CHARGE: Final = DeviceQuestion(
    intent_type="CemCharge",
    tool="charge",
    description="Has the car at a charger charged now, as planned, or not tonight",
    slots={
        probatio.Required("when", description="What is wanted"): probatio.In(
            [charging.value for charging in Charging]
        )
    },
    acts=True,
    answer=_answer,
)
