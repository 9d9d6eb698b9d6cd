"""The meter: our own P1 reader over TCP, or entities that exist already."""

import asyncio
from typing import Final

from homeassistant.core import HomeAssistant

from custom_components.cem.forms.field import (
    CURRENT,
    ENERGY,
    POWER,
    Answers,
    Form,
    choice,
    entity,
    number,
    text,
)
from custom_components.cem.meters.probe import first_telegram

FIRST_TELEGRAM_WITHIN_S: Final = 12


async def _telegram_comes(hass: HomeAssistant, answers: Answers) -> dict[str, str]:
    """Connect and wait for one telegram that can be read."""
    del hass
    try:
        async with asyncio.timeout(FIRST_TELEGRAM_WITHIN_S):
            await first_telegram(answers["host"], int(answers["port"]))
    except TimeoutError:
        return {"base": "no_telegram"}
    except OSError:
        return {"base": "cannot_connect"}
    return {}


async def _some_power(hass: HomeAssistant, answers: Answers) -> dict[str, str]:
    del hass
    if "power" in answers and "import_power" in answers:
        return {"power": "power_twice"}
    if "power" not in answers and "import_power" not in answers:
        return {"base": "no_power"}
    return {}


P1_TCP: Final = Form(
    title="P1",
    fields=(
        text("host", required=True),
        number("port", 1, 65535, step=1, required=True, default=2001),
    ),
    check=_telegram_comes,
)

ENTITIES: Final = Form(
    title="Meter",
    fields=(
        entity("power", POWER),
        choice(
            "power_sign",
            ("import_positive", "export_positive"),
            default="import_positive",
        ),
        entity("import_power", POWER),
        entity("export_power", POWER),
        entity("import_energy", ENERGY),
        entity("export_energy", ENERGY),
        entity("current_l1", CURRENT, advanced=True),
        entity("current_l2", CURRENT, advanced=True),
        entity("current_l3", CURRENT, advanced=True),
        number(
            "silent_after",
            5,
            3600,
            step=1,
            unit="s",
            default=60,
            advanced=True,
        ),
    ),
    check=_some_power,
)
