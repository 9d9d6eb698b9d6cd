"""Heat pump: the building it heats, and one of several ways to command it."""

from dataclasses import replace
from typing import Any, Final

from homeassistant.core import HomeAssistant

from custom_components.cem.const import Kind
from custom_components.cem.drivers.heat_pump import cooling_mode
from custom_components.cem.forms import (
    comfort_times,
    eebus,
    hot_water,
    modbus_device,
    s2,
)
from custom_components.cem.forms.checks import covers, has_option
from custom_components.cem.forms.field import (
    LEARN,
    NAME,
    POWER,
    POWER_NUMBER,
    SELECT,
    SWITCH,
    TEMPERATURE,
    Answers,
    EntityNeeds,
    Field,
    choice,
    entity,
    number,
    obeying,
    password,
    shed_rank,
    text,
    yes_no,
)
from custom_components.cem.forms.form import Check, Form
from custom_components.cem.forms.phase import PHASE
from custom_components.cem.numbers import scale_w
from custom_components.cem.temperatures import in_celsius

OUTDOOR_FORECAST: Final = EntityNeeds(
    domains=("weather", "sensor"), unit_error="unit_temperature"
)
CLIMATE: Final = EntityNeeds(domains=("climate",))
DWELLINGS: Final = ("detached", "semi_detached", "terraced", "apartment")
SG_READY_OPTIONS: Final = ("sg_off", "sg_normal", "sg_recommended", "sg_forced")

_COMMON: Final = (
    NAME,
    entity("power", POWER),
    number("max_power", 0.1, 100, unit="kW", required=True, default=2.5),
    entity("indoor_temperature", TEMPERATURE),
    entity("outdoor_temperature", TEMPERATURE),
    entity("outdoor_forecast", OUTDOOR_FORECAST),
    number("comfort_min", 5, 30, unit="°C", required=True, default=20),
    number("comfort_max", 5, 30, unit="°C", required=True, default=22),
    yes_no("cools", default=False),
    choice("dwelling", DWELLINGS, default="terraced"),
    number("floor_area", 10, 2000, unit="m²", required=True, default=120),
    number("building_year", 1700, 2100, step=1, required=True, default=1985),
)
_BUILDING: Final = (
    *comfort_times.FIELDS,
    entity("heat_power", POWER, advanced=True),
    entity("flow_temperature", TEMPERATURE, advanced=True),
    LEARN,
    number("resistance", 0.5, 50, unit="K/kW", advanced=True),
    number("capacitance", 0.5, 100, unit="kWh/K", advanced=True),
    number("gains", 0, 3, unit="kW", advanced=True),
    number("cop", 1.5, 7, advanced=True),
    number("eer", 1.5, 8, advanced=True),
    number("comfort_price", 0, 100, unit="/(K·h)", default=2, advanced=True),
    number("min_power", 0, 100, unit="kW", default=0, advanced=True),
    *obeying(runs=True),
    shed_rank(20),
    PHASE,
)


def _form(
    *control: Field,
    check: Check | None = None,
    water: tuple[Field, ...] = hot_water.TANK,
) -> Form:
    async def all_checks(hass: HomeAssistant, answers: Answers) -> dict[str, str]:
        if answers["comfort_min"] >= answers["comfort_max"]:
            return {"comfort_min": "comfort_order"}
        if answers.get("frost_room", 0) > answers["comfort_min"]:
            return {"frost_room": "warmer_than_comfort"}
        if errors := (
            hot_water.refusals(answers)
            or hot_water.tank_refusals(hass, answers)
            or comfort_times.refusals(answers)
        ):
            return errors
        return dict(await check(hass, answers)) if check else {}

    own = eebus.own if eebus.SKI in control else None
    fields = (*_COMMON, *control, *_BUILDING, *water, *hot_water.OF_HEAT_PUMP)
    return Form(fields=fields, check=all_checks, placeholders=own)


async def _reaches(hass: HomeAssistant, answers: Answers) -> dict[str, str]:
    state = hass.states.get(answers["power_limit"])
    if state is None:
        return {}
    most = answers["max_power"] * 1000 / scale_w(state)
    error = covers(state, 0, most, step=most / 2)
    return {"power_limit": error} if error else {}


async def _settable(hass: HomeAssistant, answers: Answers) -> dict[str, str]:
    state = in_celsius(hass, hass.states.get(answers["climate"]))
    attributes: Any = state.attributes if state else {}
    if (mode := answers.get("climate_mode")) is not None:
        modes = attributes.get("hvac_modes", ())
        wanted = {mode, "off"}
        if answers.get("cools", False):
            wanted.add(cooling_mode(mode))
        offered = state is None or wanted <= set(modes)
        return {} if offered else {"climate_mode": "no_such_option"}
    if float(attributes.get("min_temp", 0)) > answers["comfort_min"]:
        return {"climate": "range_min"}
    if float(attributes.get("max_temp", 100)) < answers["comfort_max"]:
        return {"climate": "range_max"}
    return {}


async def _offers(hass: HomeAssistant, answers: Answers) -> dict[str, str]:
    return {
        key: "no_such_option"
        for key in SG_READY_OPTIONS
        if key in answers and not has_option(hass, answers["sg_ready"], answers[key])
    }


async def _are_two(hass: HomeAssistant, answers: Answers) -> dict[str, str]:
    del hass
    same = answers["sg_lock"] == answers["sg_more"]
    return {"sg_more": "same_contact"} if same else {}


async def _answers_over_modbus(hass: HomeAssistant, answers: Answers) -> dict[str, str]:
    return await modbus_device.refusals(hass, Kind.HEAT_PUMP, answers)


async def _answers_over_s2(hass: HomeAssistant, answers: Answers) -> dict[str, str]:
    del hass
    return s2.refusals(answers)


POWER_LIMIT: Final = _form(
    entity("power_limit", POWER_NUMBER, required=True), check=_reaches
)
CLIMATE_SETPOINT: Final = _form(
    entity("climate", CLIMATE, required=True),
    replace(text("climate_mode"), advanced=True),
    check=_settable,
)
SG_READY: Final = _form(
    entity("sg_ready", SELECT, required=True),
    text("sg_off", required=True, default="off"),
    text("sg_normal", required=True, default="normal"),
    text("sg_recommended", required=True, default="recommended"),
    text("sg_forced"),
    check=_offers,
)
SG_CONTACTS: Final = _form(
    entity("sg_lock", SWITCH, required=True),
    entity("sg_more", SWITCH, required=True),
    yes_no("sg_forces", default=False),
    check=_are_two,
)
OVER_EEBUS: Final = _form(
    *eebus.REQUIRED,
    eebus.BEGINS_RUNS,
    check=eebus.refusals,
    water=hot_water.OWN_TANK,
)
OVER_MODBUS: Final = _form(
    *modbus_device.required(Kind.HEAT_PUMP),
    check=_answers_over_modbus,
    water=hot_water.OWN_TANK,
)
OVER_S2: Final = _form(
    replace(password("s2_token"), required=True),
    check=_answers_over_s2,
    water=hot_water.S2_TANK,
)
ON_OFF: Final = _form(entity("switch", SWITCH, required=True))
