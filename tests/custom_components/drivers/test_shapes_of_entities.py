"""Devices that are commanded by two numbers, by buttons, by a switch or a mode."""

from typing import Any, Final

from homeassistant.core import HomeAssistant, State
import pytest

from cem_core.model import Action, Cause, Setpoint
from custom_components.cem.const import Kind
from custom_components.cem.describe import describe
from custom_components.cem.drivers import TRANSLATIONS
from custom_components.cem.forms import FORMS
from tests.custom_components.house import DATA, STATES

W: Final = {"unit_of_measurement": "W", "min": 0, "max": 5000, "step": 10}
TWO: Final = {
    key: value for key, value in DATA[Kind.BATTERY].items() if key != "setpoint"
} | {"charge_setpoint": "number.charge", "discharge_setpoint": "number.discharge"}
BUTTONS: Final = {
    key: value
    for key, value in DATA[Kind.EV_CHARGER].items()
    if key not in ("switch", "throttle")
} | {"start": "button.start", "stop": "script.stop"}
ROOF: Final = {
    key: value for key, value in DATA[Kind.SOLAR].items() if key != "curtailment"
} | {"curtail_switch": "switch.roof"}
THERMOSTAT: Final = DATA[Kind.HEAT_PUMP] | {
    "method": "climate",
    "climate": "climate.heat_pump",
    "climate_mode": "heat",
}

type Told = list[tuple[str, str, Any]]


def told(
    kind: Kind,
    data: dict[str, Any],
    power_w: int | None,
    states: dict[str, State] | None = None,
) -> Told:
    """Return which action each entity gets, and with what."""
    house = {name: State(name, *said) for name, said in STATES.items()} | (states or {})
    setpoint = Setpoint(
        device_id="x", action=Action.RUN, power_w=power_w, cause=Cause.PLAN
    )
    calls = TRANSLATIONS[kind](data).calls(setpoint, house.get)
    return [
        (call.entity_id, call.action, next(iter(call.data.values()), None))
        for call in calls
    ]


@pytest.mark.parametrize(
    ("power_w", "charge_w", "discharge_w"), [(2000, 2000, 0), (-1500, 0, 1500)]
)
def test_a_battery_of_two_numbers(
    power_w: int, charge_w: int, discharge_w: int
) -> None:
    states = {
        name: State(name, "0", W) for name in ("number.charge", "number.discharge")
    }
    mode, first, last = told(Kind.BATTERY, TWO, power_w, states)
    assert mode[1] == "select_option"
    assert {first, last} == {
        ("number.charge", "set_value", charge_w),
        ("number.discharge", "set_value", discharge_w),
    }
    assert first[2] == 0, "what ends is ended before the other begins"


def test_what_the_two_hold_is_their_difference() -> None:
    data = {key: value for key, value in TWO.items() if not key.startswith("mode")}
    held = TRANSLATIONS[Kind.BATTERY](data).held_w
    states = {
        "number.charge": State("number.charge", "0", W),
        "number.discharge": State("number.discharge", "1500", W),
    }
    assert held(states.get) == -1500
    states["number.charge"] = State("number.charge", "unknown", W)
    assert held(states.get) is None


@pytest.mark.parametrize(
    ("power_w", "expected"),
    [
        (11_040, ("button.start", "press", None)),
        (None, ("button.start", "press", None)),
        (0, ("script.stop", "turn_on", None)),
    ],
)
def test_a_charger_with_a_button_and_a_script(
    hass: HomeAssistant, power_w: int | None, expected: tuple[str, str, None]
) -> None:
    assert told(Kind.EV_CHARGER, BUTTONS, power_w) == [expected]
    model = describe(hass, Kind.EV_CHARGER, BUTTONS, device_id="x", name="x")
    assert model.min_power_w == model.rated_power_w, "all or nothing"


@pytest.mark.parametrize(
    ("power_w", "action"), [(6000, "turn_on"), (None, "turn_on"), (2000, "turn_off")]
)
def test_solar_with_a_switch_produces_all_or_nothing(
    hass: HomeAssistant, power_w: int | None, action: str
) -> None:
    assert told(Kind.SOLAR, ROOF, power_w) == [("switch.roof", action, None)]
    model = describe(hass, Kind.SOLAR, ROOF, device_id="x", name="x")
    assert model.step_w == model.rated_power_w


@pytest.mark.parametrize(
    ("power_w", "mode"), [(2500, "heat"), (None, "heat"), (0, "off")]
)
def test_a_thermostat_that_is_switched_keeps_its_temperature(
    power_w: int | None, mode: str
) -> None:
    assert told(Kind.HEAT_PUMP, THERMOSTAT, power_w) == [
        ("climate.heat_pump", "set_hvac_mode", mode)
    ]


@pytest.mark.parametrize(
    ("kind", "method", "data", "wrong", "error"),
    [
        (Kind.BATTERY, "user", TWO, {}, {}),
        (
            Kind.BATTERY,
            "user",
            TWO,
            {"setpoint": "number.battery"},
            {"base": "one_or_two_setpoints"},
        ),
        (Kind.EV_CHARGER, "user", BUTTONS, {}, {}),
        (
            Kind.EV_CHARGER,
            "user",
            BUTTONS,
            {"switch": "switch.charger"},
            {"stop": "start_and_stop_alone"},
        ),
        (Kind.SOLAR, "user", ROOF, {}, {}),
        (
            Kind.SOLAR,
            "user",
            ROOF,
            {"curtailment": "number.solar_limit"},
            {"curtail_switch": "curtailed_twice"},
        ),
        (
            Kind.HEAT_PUMP,
            "climate",
            THERMOSTAT,
            {"climate_mode": "boil"},
            {"climate_mode": "no_such_option"},
        ),
    ],
)
async def test_a_form_takes_one_way_only(
    hass: HomeAssistant,
    *,
    kind: Kind,
    method: str,
    data: dict[str, Any],
    wrong: dict[str, Any],
    error: dict[str, str],
) -> None:
    for name, said in STATES.items():
        hass.states.async_set(name, *said)
    form = FORMS[kind][method]
    assert form.check is not None
    defaults = {"min_state_of_charge": 10, "max_state_of_charge": 100}
    assert await form.check(hass, defaults | data | wrong) == error
