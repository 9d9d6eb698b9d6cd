"""What keeps water and pipes sound, asked of whatever heats: legionella and frost."""

from dataclasses import replace
from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers.selector import DateSelector

from custom_components.cem.drivers.heater import nearest_c
from custom_components.cem.forms.field import (
    HOT_WATER,
    PROTECTION,
    SWITCH,
    TEMPERATURE,
    Answers,
    EntityNeeds,
    Field,
    entity,
    number,
    text,
    yes_no,
)
from custom_components.cem.heat_protection import FROST_ROOM_C, FROST_WATER_C
from custom_components.cem.numbers import number_range
from custom_components.cem.temperatures import in_celsius, in_own_unit

WATER_TEMPERATURE: Final = entity("water_temperature", TEMPERATURE)


def cycle(*, usual_days: int) -> tuple[Field, ...]:
    """Return what is asked of the cycle against legionella; 0 days: none."""
    return (
        number("legionella_days", 0, 31, step=1, unit="d", default=usual_days),
        number("legionella_temperature", 50, 80, unit="°C", default=60),
        Field(key="legionella_last", selector=DateSelector()),
    )


TANK_SETPOINT: Final = EntityNeeds(domains=("water_heater", "number", "input_number"))


def _protecting(*fields: Field) -> tuple[Field, ...]:
    return tuple(replace(field, section=PROTECTION) for field in fields)


OF_HEAT_PUMP: Final = _protecting(
    number("frost_room", 0, 20, unit="°C", default=FROST_ROOM_C),
    number("frost_outdoor", -40, 10, unit="°C"),
    entity("backup_heater", SWITCH),
    number("backup_hold", 0, 1440, unit="min", default=60),
    *cycle(usual_days=0),
)
TANK: Final = tuple(
    replace(field, section=HOT_WATER)
    for field in (
        entity("tank_setpoint", TANK_SETPOINT),
        WATER_TEMPERATURE,
        number("tank_volume", 5, 5000, unit="L", default=200),
        number("tank_min", 20, 80, unit="°C", default=45),
        number("tank_usual", 20, 80, unit="°C", default=50),
        number("tank_max", 20, 80, unit="°C", default=55),
        number("tank_draw", 0, 100, unit="kWh", default=5.8),
        number("tank_loss", 0, 20, unit="kWh", default=1.5),
        text("tank_mode"),
        text("tank_mode_usual"),
    )
)
_OF_TANK_ITSELF: Final = ("tank_setpoint", "tank_mode", "tank_mode_usual")
# Of a heat pump that is told how hot its water is to be as it is told its power.
OWN_TANK: Final = (
    replace(yes_no("own_tank", default=False), section=HOT_WATER),
    *(field for field in TANK if field.key not in _OF_TANK_ITSELF),
)
_OF_S2: Final = ("own_tank", "water_temperature", "tank_usual", "tank_draw")
# Of one that describes it over S2: what it holds and how hot it may get it says itself.
S2_TANK: Final = tuple(field for field in OWN_TANK if field.key in _OF_S2)
OF_WATER_HEATER: Final = _protecting(
    *cycle(usual_days=7),
    number("frost_water", 0, 20, unit="°C", default=FROST_WATER_C),
)


def refusals(answers: Answers) -> dict[str, str]:
    """Return what is wrong with the cycle: nobody would see that it is done."""
    seen = (
        "water_temperature" in answers
        or "water_heater" in answers
        or says_itself(answers)
        or answers.get("own_tank", False)
    )
    if answers.get("legionella_days", 0) and not seen:
        return {"water_temperature": "water_temperature_missing"}
    return {}


def says_itself(answers: Answers) -> bool:
    """Tell whether what sets the tank of a heat pump also says how warm it is."""
    return str(answers.get("tank_setpoint", "")).startswith("water_heater.")


def tank_refusals(hass: HomeAssistant, answers: Answers) -> dict[str, str]:
    """Return what is wrong with the tank of a heat pump; nothing where it has none."""
    own = answers.get("own_tank", False)
    if "tank_setpoint" not in answers and not own:
        return {}
    if not own and "water_temperature" not in answers and not says_itself(answers):
        return {"water_temperature": "tank_temperature_missing"}
    errors = _out_of_order(answers) if "tank_min" in answers else {}
    if errors or own:
        return errors  # of its own the connection says the range
    least_c, most_c = answers["tank_min"], answers["tank_max"]
    if "tank_mode" in answers or "tank_mode_usual" in answers:
        return _not_offered(hass, answers)
    return _out_of_range(hass, answers["tank_setpoint"], least_c, most_c)


def _out_of_order(answers: Answers) -> dict[str, str]:
    least_c, most_c = answers["tank_min"], answers["tank_max"]
    if not least_c <= answers["tank_usual"] <= most_c or least_c >= most_c:
        return {"tank_usual": "water_order"}
    if (
        answers.get("legionella_days", 0)
        and answers.get("legionella_temperature", 0) > most_c
    ):
        return {"tank_max": "cooler_than_cycle"}
    return {}


def _not_offered(hass: HomeAssistant, answers: Answers) -> dict[str, str]:
    """Return which operation mode the water heater does not have."""
    state = hass.states.get(answers["tank_setpoint"])
    offered = () if state is None else state.attributes.get("operation_list", ())
    for key in ("tank_mode", "tank_mode_usual"):
        if key not in answers:
            return {key: "tank_mode_missing"}
        if state is not None and answers[key] not in offered:
            return {key: "no_such_option"}
    return {}


def _out_of_range(
    hass: HomeAssistant, entity_id: str, least_c: float, most_c: float
) -> dict[str, str]:
    state = in_celsius(hass, hass.states.get(entity_id))
    if state is None:
        return {}
    if state.domain == "water_heater":
        if state.attributes.get("temperature") is None:
            return {"tank_setpoint": "no_set_temperature"}
        lower, upper = nearest_c(least_c, state), nearest_c(most_c, state)
    else:
        lower, upper, _ = number_range(state)
        least_c, most_c = (in_own_unit(state, each) for each in (least_c, most_c))
    if lower > least_c:
        return {"tank_setpoint": "range_min"}
    return {"tank_setpoint": "range_max"} if upper < most_c else {}
