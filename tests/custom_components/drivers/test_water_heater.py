"""What an order means for a water heater: its temperature, its mode, its away mode."""

from typing import Any

from homeassistant.core import State
import pytest

from cem_core.model import Cause
from custom_components.cem.const import Kind
from tests.custom_components.drivers.test_translations import told
from tests.custom_components.house import DATA, STATES

BOILER = DATA[Kind.WATER_HEATER]
MODE = BOILER | {"operation_mode": "eco"}
AWAY = BOILER | {"away_mode": True}
SWITCHED = BOILER | {"method": "on_off", "switch": "switch.heat_pump"}
LIMITED = BOILER | {
    "method": "power_limit",
    "power_limit": "number.heat_pump",
    "max_power": 2.5,
}


def orders(
    data: dict[str, Any], power_w: int | None, cause: Cause = Cause.PLAN, **on: State
) -> list[tuple[str, Any]]:
    states = {state.entity_id: state for state in on.values()}
    return told(Kind.WATER_HEATER, data, power_w, states, cause=cause)


@pytest.mark.parametrize(
    ("power_w", "target_c"), [(2000, 60), (1, 60), (0, 45), (None, 50)]
)
def test_the_plan_moves_the_set_temperature(
    power_w: int | None, target_c: float
) -> None:
    assert orders(BOILER, power_w) == [("set_temperature", target_c)]


def test_a_hot_cycle_is_set_hotter_than_it_has_to_get() -> None:
    hot = BOILER | {"legionella_days": 7, "legionella_temperature": 60}
    assert orders(hot, 2000, Cause.HOT_CYCLE) == [("set_temperature", 63)]


def test_no_more_is_set_than_the_entity_takes() -> None:
    name, (state, attributes) = "water_heater.boiler", STATES["water_heater.boiler"]
    narrow = State(name, state, attributes | {"min_temp": 48, "max_temp": 55})
    hot = BOILER | {"legionella_days": 7, "legionella_temperature": 60}
    assert orders(hot, 2000, Cause.HOT_CYCLE, boiler=narrow) == [
        ("set_temperature", 55)
    ]
    assert orders(BOILER, 0, boiler=narrow) == [("set_temperature", 48)]


def test_with_a_mode_it_is_off_or_heats_in_it() -> None:
    assert orders(MODE, 0) == [("set_operation_mode", "off")]
    assert orders(MODE, 2000) == [
        ("set_operation_mode", "eco"),
        ("set_temperature", 60),
    ]


def test_on_vacation_it_is_away_but_for_what_keeps_water_and_pipes_sound() -> None:
    vacation = AWAY | {"vacation": True, "legionella_temperature": 60}
    assert orders(AWAY, 0)[0] == ("set_away_mode", False)
    assert orders(vacation, 0)[0] == ("set_away_mode", True)
    assert orders(vacation, 2000, Cause.HOT_CYCLE)[0] == ("set_away_mode", False)
    assert orders(vacation, None, Cause.FROST)[0] == ("set_away_mode", False)


@pytest.mark.parametrize(
    ("power_w", "action"), [(2000, "turn_on"), (None, "turn_on"), (0, "turn_off")]
)
def test_a_switch_lets_it_heat(power_w: int | None, action: str) -> None:
    assert orders(SWITCHED, power_w) == [(action, None)]


@pytest.mark.parametrize(("power_w", "value"), [(1240, 1200), (0, 0), (None, 2500)])
def test_a_heating_rod_takes_a_power(power_w: int | None, value: float) -> None:
    assert orders(LIMITED, power_w) == [("set_value", value)]
