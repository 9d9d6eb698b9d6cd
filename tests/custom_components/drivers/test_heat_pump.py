"""What an order means for a heat pump with a tank, and for one that cools."""

from typing import Any

from homeassistant.core import State
import pytest

from cem_core.insight.season import Season
from cem_core.model import Action, Cause, HeatUse, Setpoint
from custom_components.cem.const import Kind
from custom_components.cem.drivers import TRANSLATIONS
from tests.custom_components.drivers.test_translations import CLIMATE, ON_OFF, SG_READY
from tests.custom_components.house import STATES

THERMOSTAT = "climate.heat_pump"
TANK = {"tank_setpoint": "water_heater.boiler", "tank_max": 56}
NUMBER = {"tank_setpoint": "number.tank", "water_temperature": "sensor.boiler"}
BOTH = HeatUse.ROOM | HeatUse.WATER
COOLS = CLIMATE | {"cools": True, "season": Season.COOLING}

type Told = list[tuple[str, dict[str, Any]]]


def told(
    data: dict[str, Any],
    power_w: int | None,
    use: HeatUse | None = None,
    *,
    cause: Cause = Cause.PLAN,
    **states: State,
) -> Told:
    house = {name: State(name, *said) for name, said in STATES.items()}
    house |= {state.entity_id: state for state in states.values()}
    setpoint = Setpoint(
        device_id="x", action=Action.RUN, power_w=power_w, cause=cause, use=use
    )
    calls = TRANSLATIONS[Kind.HEAT_PUMP](data).calls(setpoint, house.get)
    return [(call.action, dict(call.data)) for call in calls]


def to_c(data: dict[str, Any], *order: Any, **states: Any) -> list[Any]:
    """Return what is set, rooms first."""
    return [next(iter(said.values())) for _, said in told(data, *order, **states)]


@pytest.mark.parametrize(
    ("power_w", "use", "expected"),
    [
        (2500, HeatUse.WATER, [20, 56]),
        (2500, HeatUse.ROOM, [22, 45]),
        (2500, BOTH, [22, 56]),
        (0, BOTH, [20, 45]),
        (None, None, [21, 50]),
        (2500, None, [22, 50]),  # a plan that knows of no tank leaves it as usual
        (0, None, [20, 50]),
    ],
)
def test_rooms_and_tank_are_set_by_what_the_plan_heats(
    power_w: int | None, use: HeatUse | None, expected: list[float]
) -> None:
    assert to_c(CLIMATE | TANK, power_w, use) == expected


def test_a_limit_to_nothing_lowers_a_tank_that_is_not_planned() -> None:
    assert to_c(CLIMATE | TANK, 0, None, cause=Cause.LIMIT) == [20, 45]


def test_a_hot_cycle_is_set_hotter_than_it_has_to_get() -> None:
    hot = CLIMATE | TANK | {"legionella_days": 7, "legionella_temperature": 60}
    found = to_c(hot, 2500, HeatUse.WATER, cause=Cause.HOT_CYCLE)
    assert found == [20, 63]


def test_a_tank_that_does_not_say_its_range_is_set_all_the_same() -> None:
    name = "water_heater.boiler"
    silent = State(name, "heat_pump", {"min_temp": None, "max_temp": None})
    assert to_c(CLIMATE | TANK, 2500, BOTH, tank=silent) == [22, 56]


@pytest.mark.parametrize(("unit", "expected"), [("°C", 56), ("°F", 132)])
def test_a_number_is_set_in_its_own_unit(unit: str, expected: float) -> None:
    said = {"unit_of_measurement": unit, "min": 30, "max": 150, "step": 1}
    number = State("number.tank", "50", said)
    data = ON_OFF | TANK | NUMBER
    assert told(data, 2500, HeatUse.WATER, number=number) == [
        ("turn_on", {}),
        ("set_value", {"value": expected}),
    ]


@pytest.mark.parametrize(
    ("use", "option"), [(HeatUse.WATER, "normal"), (BOTH, "recommended")]
)
def test_rooms_are_not_asked_to_take_more_for_water_alone(
    use: HeatUse, option: str
) -> None:
    assert to_c(SG_READY | TANK, 2500, use)[0] == option


def thermostat(mode: str, **attributes: Any) -> State:
    return State(THERMOSTAT, mode, STATES[THERMOSTAT][1] | attributes)


@pytest.mark.parametrize(
    ("mode", "season", "cooler_when_it_runs"),
    [
        ("cool", Season.COOLING, True),
        ("auto", Season.COOLING, True),
        ("heat", Season.COOLING, False),
        ("auto", Season.HEATING, False),
        ("heat", Season.HEATING, False),
    ],
)
def test_to_run_is_to_set_it_colder_where_it_cools(
    mode: str, season: Season, *, cooler_when_it_runs: bool
) -> None:
    data, state = COOLS | {"season": season}, thermostat(mode)
    runs, rests = (to_c(data, power_w, state=state)[0] for power_w in (2500, 0))
    assert (runs, rests) == ((20, 22) if cooler_when_it_runs else (22, 20))
    assert to_c(data, None, state=state) == [21]


def test_a_plan_to_heat_never_cools() -> None:
    """Its owner has it cool on a warm day of the heating season."""
    data = COOLS | {"season": Season.HEATING}
    assert to_c(data, 2500, state=thermostat("cool")) == [22]
    assert to_c(CLIMATE, 0, state=thermostat("cool")) == [22]


def test_what_heats_and_cools_keeps_its_two_temperatures_apart() -> None:
    band = thermostat("heat_cool", temperature=None, target_temp_low=20)
    for season, runs in ((Season.HEATING, (21, 22)), (Season.COOLING, (20, 21))):
        data = COOLS | {"season": season}
        for power_w, (low, high) in ((2500, runs), (0, (20, 22)), (None, (20, 22))):
            ((action, said),) = told(data, power_w, state=band)
            assert action == "set_temperature"
            assert said == {"target_temp_low": low, "target_temp_high": high}


@pytest.mark.parametrize(
    ("season", "power_w", "expected"),
    [
        (Season.COOLING, 2500, "cool"),
        (Season.COOLING, 0, "off"),
        (Season.COOLING, None, "cool"),
        (Season.HEATING, 2500, "heat"),
    ],
)
def test_with_a_mode_it_cools_in_its_season(
    season: Season, power_w: int | None, expected: str
) -> None:
    data = COOLS | {"climate_mode": "heat", "season": season}
    assert told(data, power_w) == [("set_hvac_mode", {"hvac_mode": expected})]


@pytest.mark.parametrize(
    ("power_w", "use", "expected"),
    [
        (2500, HeatUse.WATER, "high_demand"),
        (2500, HeatUse.ROOM, "heat_pump"),
        (0, HeatUse.WATER, "heat_pump"),
        (None, None, "heat_pump"),
    ],
)
def test_a_tank_that_takes_no_temperature_gets_a_mode(
    power_w: int | None, use: HeatUse | None, expected: str
) -> None:
    modes = {"tank_mode": "high_demand", "tank_mode_usual": "heat_pump"}
    assert told(ON_OFF | TANK | modes, power_w, use)[1] == (
        "set_operation_mode",
        {"operation_mode": expected},
    )
