"""Water heater: the tank, how hot it is kept, and one of several ways to command it."""

from dataclasses import replace
from typing import Any, Final

from homeassistant.core import HomeAssistant

from custom_components.cem.forms import hot_water
from custom_components.cem.forms.checks import covers
from custom_components.cem.forms.field import (
    LEARN,
    NAME,
    POWER,
    POWER_NUMBER,
    SWITCH,
    Answers,
    EntityNeeds,
    Field,
    entity,
    number,
    obeying,
    shed_rank,
    text,
    yes_no,
)
from custom_components.cem.forms.form import Check, Form
from custom_components.cem.forms.phase import PHASE
from custom_components.cem.numbers import scale_w
from custom_components.cem.temperatures import in_celsius

ENTITY: Final = EntityNeeds(domains=("water_heater",))

_COMMON: Final = (
    NAME,
    entity("power", POWER),
    number("max_power", 0.1, 100, unit="kW", required=True, default=2),
    number("volume", 5, 5000, unit="L", required=True, default=200),
    number("set_temperature", 20, 90, unit="°C", required=True, default=50),
    number("min_temperature", 20, 90, unit="°C", required=True, default=45),
    number("max_temperature", 20, 90, unit="°C", required=True, default=60),
    hot_water.WATER_TEMPERATURE,
)
_TANK: Final = (
    LEARN,
    number("daily_draw", 0, 100, unit="kWh", default=5.8, advanced=True),
    number("daily_loss", 0, 20, unit="kWh", default=1.5, advanced=True),
    number("cop", 0.5, 7, default=1, advanced=True),
    number("comfort_price", 0, 100, unit="/(K·h)", default=1, advanced=True),
    number("min_power", 0, 100, unit="kW", default=0, advanced=True),
    *obeying(runs=True),
    shed_rank(20),
    PHASE,
)


def _form(*control: Field, check: Check) -> Form:
    async def all_checks(hass: HomeAssistant, answers: Answers) -> dict[str, str]:
        least_c, set_c = answers["min_temperature"], answers["set_temperature"]
        most_c = answers["max_temperature"]
        if not least_c <= set_c <= most_c or least_c >= most_c:
            return {"set_temperature": "water_order"}
        hot_c = answers.get("legionella_temperature", 0)
        if answers.get("legionella_days", 0) and hot_c > most_c:
            return {"max_temperature": "cooler_than_cycle"}
        return hot_water.refusals(answers) or dict(await check(hass, answers))

    fields = (*_COMMON, *control, *_TANK, *hot_water.OF_WATER_HEATER)
    return Form(fields=fields, check=all_checks)


async def _takes_temperatures(hass: HomeAssistant, answers: Answers) -> dict[str, str]:
    state = in_celsius(hass, hass.states.get(answers["water_heater"]))
    attributes: Any = state.attributes if state else {}
    mode = answers.get("operation_mode")
    if state is not None and mode is not None:
        modes = attributes.get("operation_list") or ()
        if mode not in modes or "off" not in modes:
            return {"operation_mode": "no_such_option"}
    if float(attributes.get("max_temp", 100)) < answers["max_temperature"]:
        return {"water_heater": "range_max"}
    if mode is None and (
        float(attributes.get("min_temp", 0)) > answers["min_temperature"]
    ):
        return {"water_heater": "range_min"}
    return {}


async def _reaches(hass: HomeAssistant, answers: Answers) -> dict[str, str]:
    state = hass.states.get(answers["power_limit"])
    if state is None:
        return {}
    most = answers["max_power"] * 1000 / scale_w(state)
    error = covers(state, 0, most, step=most / 2)
    return {"power_limit": error} if error else {}


async def _as_it_is(hass: HomeAssistant, answers: Answers) -> dict[str, str]:
    del hass, answers
    return {}


TEMPERATURE_SETPOINT: Final = _form(
    entity("water_heater", ENTITY, required=True),
    replace(text("operation_mode"), advanced=True),
    yes_no("away_mode", default=False, advanced=True),
    check=_takes_temperatures,
)
POWER_LIMIT: Final = _form(
    entity("power_limit", POWER_NUMBER, required=True), check=_reaches
)
ON_OFF: Final = _form(entity("switch", SWITCH, required=True), check=_as_it_is)
