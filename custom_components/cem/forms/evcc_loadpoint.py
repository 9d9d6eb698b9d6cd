"""A charger behind evcc: where evcc is, which loadpoint, and what evcc keeps."""

from dataclasses import replace
from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession

from cem_core.evcc.error import EvccError, EvccGoneError
from cem_core.evcc.loadpoint import ChargeMode
from cem_core.transport.evcc_client import EvccClient
from custom_components.cem.forms.field import (
    EVCC,
    Answers,
    choice,
    number,
    text,
    yes_no,
)

_OTHER_WAYS: Final = ("ski", "station", "s2_token", "modbus_map")

OPTIONAL: Final = tuple(
    replace(field, section=EVCC)
    for field in (
        text("evcc_url"),
        number("evcc_loadpoint", 1, 50, step=1),
        choice("evcc_mode", tuple(ChargeMode), default=ChargeMode.PV),
        yes_no("evcc_switches_phases", default=False),
    )
)


async def refusals(
    hass: HomeAssistant, answers: Answers, *entities: str
) -> dict[str, str]:
    """Return why the charger cannot be commanded so; evcc is asked once."""
    if "evcc_url" not in answers:
        return {}
    if any(key in answers for key in (*entities, *_OTHER_WAYS)):
        return {"base": "evcc_alone"}
    return await _asked(hass, answers)


async def _asked(hass: HomeAssistant, answers: Answers) -> dict[str, str]:
    try:
        client = EvccClient(async_get_clientsession(hass), answers["evcc_url"])
        said = await client.loadpoint(int(answers.get("evcc_loadpoint", 1)))
    except EvccGoneError:
        return {"evcc_url": "evcc_gone"}
    except EvccError:
        return {"evcc_url": "evcc_not_understood"}
    if answers.get("evcc_switches_phases") and not said.switches_phases:
        return {"evcc_switches_phases": "evcc_no_phases"}
    if said.min_current_a > answers["min_current"]:
        return {"min_current": "evcc_min_current"}
    return {}
