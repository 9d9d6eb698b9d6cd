"""EV charger: how it is switched and throttled, and what the car needs."""

from typing import Final

from homeassistant.core import HomeAssistant, split_entity_id

from custom_components.cem.const import NOMINAL_VOLTAGE_V, OWN_PROTOCOLS, Kind
from custom_components.cem.forms import (
    eebus,
    evcc_loadpoint,
    gives_back,
    modbus_device,
    ocpp,
    s2,
)
from custom_components.cem.forms.checks import has_option
from custom_components.cem.forms.field import (
    LEARN,
    NAME,
    PERCENT,
    POWER,
    SELECT,
    SWITCH,
    Answers,
    EntityNeeds,
    choice,
    clock,
    entity,
    number,
    obeying,
    shed_rank,
    text,
    yes_no,
)
from custom_components.cem.forms.form import Form
from custom_components.cem.forms.phase import (
    FIRST_PHASE,
    PHASE_SWITCH,
    PHASES_IN_USE,
    phase_switch_refused,
)
from custom_components.cem.named_states import named
from custom_components.cem.numbers import ATTR_UNIT, number_range, scale_w

PLUGGED: Final = EntityNeeds(domains=("binary_sensor", "input_boolean", "sensor"))
SWITCH_OR_MODE: Final = EntityNeeds(domains=(*SWITCH.domains, *SELECT.domains))
THROTTLE: Final = EntityNeeds(
    domains=("number", "input_number"),
    units=("A", "W", "kW"),
    unit_error="unit_current_or_power",
)

CALENDAR: Final = EntityNeeds(domains=("calendar",))
START_STOP: Final = EntityNeeds(domains=("button", "input_button", "script"))

_ENTITIES: Final = ("switch", "throttle", "start", "stop")
# Which of our own protocols show whether a car is there.
_SHOWS_THE_CAR: Final = ("ski", "station", "evcc_url")


def _shows_the_car(answers: Answers) -> bool:
    by_itself = answers.get("modbus_map") in modbus_device.SHOW_THE_CAR
    return by_itself or not answers.keys().isdisjoint(("plugged", *_SHOWS_THE_CAR))


async def _obeys(hass: HomeAssistant, answers: Answers) -> dict[str, str]:
    """The throttle must reach both currents in steps of 1 A or finer."""
    errors: dict[str, str] = {}
    if answers["min_current"] > answers["max_current"]:
        errors["min_current"] = "current_order"
    if not any(key in answers for key in (*_ENTITIES, *OWN_PROTOCOLS)):
        errors["base"] = "no_control"
    if not _shows_the_car(answers):
        errors["plugged"] = "plugged_missing"
    errors |= _start_and_stop(answers)
    errors |= _unsaid(hass, answers) | phase_switch_refused(hass, answers)
    errors |= await eebus.device_refusals(hass, answers, *_ENTITIES)
    errors |= ocpp.refusals(answers, *_ENTITIES)
    errors |= s2.refusals(answers, *_ENTITIES)
    says_charge = "car_state_of_charge" in answers
    if says_charge != ("car_capacity" in answers) and not (
        "evcc_url" in answers and not says_charge  # evcc may say what is in the car
    ):
        errors["base"] = "state_of_charge_needs_capacity"
    errors = errors or gives_back.refusals(hass, answers)
    entity_id = answers.get("throttle")
    state = hass.states.get(entity_id) if entity_id else None
    errors = errors or await modbus_device.refusals(
        hass, Kind.EV_CHARGER, answers, *_ENTITIES
    )
    errors = errors or await evcc_loadpoint.refusals(hass, answers, *_ENTITIES)
    if state is None or errors:
        return errors
    per_ampere = 1.0
    if state.attributes.get(ATTR_UNIT) != "A":
        per_ampere = NOMINAL_VOLTAGE_V * int(answers["phases"]) / scale_w(state)
    lower, upper, grain = number_range(state)
    if lower > answers["min_current"] * per_ampere:
        errors["throttle"] = "range_min"
    elif upper < answers["max_current"] * per_ampere:
        errors["throttle"] = "range_max"
    elif grain > per_ampere:
        errors["throttle"] = "step_too_coarse"
    return errors


def _start_and_stop(answers: Answers) -> dict[str, str]:
    """A press says nothing of a current: both stand in place of all other entities."""
    if answers.keys().isdisjoint(("start", "stop")):
        return {}
    for key, other in (("start", "stop"), ("stop", "start")):
        if key not in answers:
            return {key: "start_and_stop"}
        if not answers.keys().isdisjoint(("switch", "throttle", "phase_switch")):
            return {other: "start_and_stop_alone"}
    return {}


def _unsaid(hass: HomeAssistant, answers: Answers) -> dict[str, str]:
    """A sensor has to be told which states mean a car, a select its options."""
    errors: dict[str, str] = {}
    plugged: str = answers.get("plugged", "")
    switch: str = answers.get("switch", "")
    by_name = plugged.startswith("sensor.")
    if by_name and not named(answers.get("plugged_states", "")):
        errors["plugged_states"] = "states_missing"
    if switch and split_entity_id(switch)[0] in SELECT.domains:
        for key in ("option_on", "option_off"):
            if key not in answers:
                errors[key] = "option_missing"
            elif not has_option(hass, switch, answers[key]):
                errors[key] = "no_such_option"
    return errors


FORM: Final = Form(
    fields=(
        NAME,
        entity("plugged", PLUGGED),
        text("plugged_states"),
        entity("switch", SWITCH_OR_MODE),
        text("option_on"),
        text("option_off"),
        entity("throttle", THROTTLE),
        entity("power", POWER),
        choice("phases", ("1", "2", "3"), default="3"),
        number("min_current", 1, 80, step=1, unit="A", required=True, default=6),
        number("max_current", 6, 80, step=1, unit="A", required=True, default=16),
        number("default_energy", 0, 200, unit="kWh", required=True, default=20),
        clock("departure", default="07:00:00"),
        entity("car_state_of_charge", PERCENT),
        number("car_capacity", 1, 300, unit="kWh"),
        number("target_state_of_charge", 1, 100, unit="%", default=80, advanced=True),
        *gives_back.OPTIONAL,
        *eebus.OPTIONAL,
        *ocpp.OPTIONAL,
        *s2.OPTIONAL,
        *modbus_device.optional(Kind.EV_CHARGER),
        *evcc_loadpoint.OPTIONAL,
        entity("departure_calendar", CALENDAR, advanced=True),
        text("departure_event", advanced=True),
        number("departure_lead", 0, 720, unit="min", default=0, advanced=True),
        LEARN,
        number("charge_efficiency", 50, 100, unit="%", default=90, advanced=True),
        *obeying(runs=True),
        shed_rank(10),
        yes_no("switch_pauses", default=False, advanced=True),
        entity("start", START_STOP, advanced=True),
        entity("stop", START_STOP, advanced=True),
        FIRST_PHASE,
        *PHASE_SWITCH,
        PHASES_IN_USE,
    ),
    check=_obeys,
    placeholders=eebus.own,
)
