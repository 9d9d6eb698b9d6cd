"""A car that can give back: how much, and how far it may be emptied for that."""

from dataclasses import replace
from typing import Final

from homeassistant.core import HomeAssistant

from custom_components.cem.const import NOMINAL_VOLTAGE_V
from custom_components.cem.forms.field import GIVES_BACK, Answers, number
from custom_components.cem.numbers import ATTR_UNIT, number_range, scale_w

# Ways to command a charger that know no power below 0, as we speak them.
_TAKES_ONLY: Final = ("ski", "station", "modbus_map", "evcc_url")
_CHARGE_PERCENT: Final = 90

OPTIONAL: Final = tuple(
    replace(field, section=GIVES_BACK)
    for field in (
        number("discharge_limit", 0.1, 1000, unit="kW"),
        number("min_state_of_charge", 0, 99, unit="%", default=50),
        number("round_trip_efficiency", 25, 100, unit="%", default=80),
        number("wear_per_kwh", 0, 10, unit="/kWh", default=0.05),
    )
)


def refusals(hass: HomeAssistant, answers: Answers) -> dict[str, str]:
    """Return why its car cannot give back so; the errors are seen above the form."""
    if "discharge_limit" not in answers:
        return {}
    if error := _refusal(hass, answers):
        return {"base": error}
    return {}


def _refusal(hass: HomeAssistant, answers: Answers) -> str | None:
    by_number = "throttle" in answers
    phase_w = NOMINAL_VOLTAGE_V * int(answers["phases"])
    most_w = answers["discharge_limit"] * 1000
    charged = answers.get("charge_efficiency", _CHARGE_PERCENT)
    takes_only = not answers.keys().isdisjoint(_TAKES_ONLY)
    says_charge = {"car_state_of_charge", "car_capacity"} <= answers.keys()
    found = {
        "gives_back_no_way": takes_only or not (by_number or "s2_token" in answers),
        "gives_back_phases": "phase_switch" in answers,
        "gives_back_needs_charge": not says_charge,
        "gives_back_too_little": most_w < answers["min_current"] * phase_w,
        "gives_back_efficiency": answers.get("round_trip_efficiency", 0) > charged,
        "gives_back_range": by_number
        and not _reaches(hass, answers["throttle"], -most_w, phase_w),
    }
    return next((error for error, is_so in found.items() if is_so), None)


def _reaches(hass: HomeAssistant, entity_id: str, least_w: float, phase_w: int) -> bool:
    state = hass.states.get(entity_id)
    if state is None:
        return True  # which is refused by itself
    ampere = state.attributes.get(ATTR_UNIT) == "A"
    return number_range(state)[0] <= least_w / (phase_w if ampere else scale_w(state))
