"""Battery: what it holds, how fast it fills, and how it is ordered about."""

from dataclasses import replace
from typing import Final

from homeassistant.core import HomeAssistant

from custom_components.cem.const import Kind
from custom_components.cem.forms import eebus, modbus_device, s2
from custom_components.cem.forms.checks import covers, has_option
from custom_components.cem.forms.field import (
    LEARN,
    NAME,
    PERCENT,
    POWER,
    POWER_NUMBER,
    SELECT,
    Answers,
    choice,
    entity,
    number,
    obeying,
    shed_rank,
    text,
    yes_no,
)
from custom_components.cem.forms.form import Form
from custom_components.cem.forms.phase import PHASE
from custom_components.cem.numbers import scale_w

POSITIVE = ("charge_positive", "discharge_positive")

_DIRECTIONS: Final = ("mode_charge", "mode_discharge")
_ENTITIES: Final = ("setpoint", "charge_setpoint", "discharge_setpoint", "mode")


async def _obeys(hass: HomeAssistant, answers: Answers) -> dict[str, str]:
    """The setpoint must reach both limits; the mode must offer its options."""
    errors = await eebus.device_refusals(hass, answers, *_ENTITIES)
    errors |= s2.refusals(answers, *_ENTITIES)
    errors |= modbus_device.unsaid(answers)
    entity_id = answers.get("setpoint")
    state = hass.states.get(entity_id) if entity_id else None
    if state is not None:
        charge, discharge = answers["charge_limit"], answers["discharge_limit"]
        if answers["setpoint_sign"] == "discharge_positive":
            charge, discharge = discharge, charge
        if "mode_charge" in answers:  # the mode tells the direction
            charge, discharge = max(charge, discharge), 0
        per_kw = 1000 / scale_w(state)
        if error := covers(
            state, -discharge * per_kw, charge * per_kw, step=0.5 * per_kw
        ):
            errors["setpoint"] = error
    errors |= _two_setpoints(hass, answers) | _directions(hass, answers)
    if mode := answers.get("mode"):
        for key in ("mode_external", "mode_own"):
            if key not in answers:
                errors[key] = "option_missing"
            elif not has_option(hass, mode, answers[key]):
                errors[key] = "no_such_option"
    if answers["min_state_of_charge"] >= answers["max_state_of_charge"]:
        errors["base"] = "state_of_charge_order"
    return errors or await modbus_device.refusals(
        hass, Kind.BATTERY, answers, *_ENTITIES
    )


def _directions(hass: HomeAssistant, answers: Answers) -> dict[str, str]:
    """A mode that tells the direction has an option for each, and one number."""
    if answers.keys().isdisjoint(_DIRECTIONS):
        return {}
    whole = {"setpoint", "mode", *_DIRECTIONS} <= answers.keys()
    if whole and all(
        has_option(hass, answers["mode"], answers[k]) for k in _DIRECTIONS
    ):
        return {}
    return {"base": "direction_incomplete"}


def _two_setpoints(hass: HomeAssistant, answers: Answers) -> dict[str, str]:
    """A number for charging and one for discharging stand in place of the one."""
    given = [key for key in ("charge_setpoint", "discharge_setpoint") if key in answers]
    if not given:
        return {}
    if "setpoint" in answers or "charge_setpoint" not in answers:
        return {"base": "one_or_two_setpoints"}
    if "discharge_setpoint" not in answers and answers["discharge_limit"]:
        return {"base": "one_or_two_setpoints"}
    errors = {}
    for key in given:
        state = hass.states.get(answers[key])
        if state is None:
            continue
        per_kw = 1000 / scale_w(state)
        most = answers[key.replace("setpoint", "limit")] * per_kw
        if error := covers(state, 0, most, step=0.5 * per_kw):
            errors[key] = error
    return errors


FORM: Final = Form(
    fields=(
        NAME,
        entity("power", POWER),
        choice("power_sign", POSITIVE, default="charge_positive"),
        entity("state_of_charge", PERCENT),
        number("capacity", 0.5, 1000, unit="kWh", required=True, suggested=10),
        number("charge_limit", 0.1, 1000, unit="kW", required=True, suggested=5),
        number("discharge_limit", 0, 1000, unit="kW", required=True, suggested=5),
        entity("setpoint", POWER_NUMBER),
        choice("setpoint_sign", POSITIVE, default="charge_positive"),
        entity("mode", SELECT),
        text("mode_external"),
        text("mode_own"),
        replace(text("mode_charge"), advanced=True),
        replace(text("mode_discharge"), advanced=True),
        entity("charge_setpoint", POWER_NUMBER, advanced=True),
        entity("discharge_setpoint", POWER_NUMBER, advanced=True),
        yes_no("own_mode_balances", default=False, advanced=True),
        *eebus.OPTIONAL,
        *s2.OPTIONAL,
        *modbus_device.optional(Kind.BATTERY),
        LEARN,
        number("efficiency", 50, 100, unit="%", default=90, advanced=True),
        number("min_state_of_charge", 0, 99, unit="%", default=10, advanced=True),
        number("max_state_of_charge", 1, 100, unit="%", default=100, advanced=True),
        number("wear_per_kwh", 0, 10, unit="/kWh", default=0.02, advanced=True),
        *obeying(runs=False),
        shed_rank(0),
        PHASE,
    ),
    check=_obeys,
    placeholders=eebus.own,
)
