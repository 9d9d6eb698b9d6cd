"""What an order means for the entities of each kind of device."""

from typing import Any

from homeassistant.core import State
import pytest

from cem_core.model import Action, Cause, Setpoint
from custom_components.cem.const import Kind
from custom_components.cem.drivers import TRANSLATIONS
from tests.custom_components.house import DATA, STATES

HEAT_PUMP = DATA[Kind.HEAT_PUMP]
CLIMATE = HEAT_PUMP | {"method": "climate", "climate": "climate.heat_pump"}
SG_READY = HEAT_PUMP | {
    "method": "sg_ready",
    "sg_ready": "select.heat_pump",
    "sg_off": "off",
    "sg_normal": "normal",
    "sg_recommended": "recommended",
}
SG_CONTACTS = HEAT_PUMP | {
    "method": "sg_contacts",
    "sg_lock": "switch.lock",
    "sg_more": "switch.more",
}
ON_OFF = HEAT_PUMP | {"method": "on_off", "switch": "switch.heat_pump"}
BATTERY = DATA[Kind.BATTERY]
CAR = DATA[Kind.EV_CHARGER]

type Told = list[tuple[str, Any]]


def told(
    kind: Kind,
    data: dict[str, Any],
    power_w: int | None,
    states: dict[str, State] | None = None,
    *,
    action: Action = Action.RUN,
    cause: Cause = Cause.PLAN,
    limit_id: str | None = None,
) -> Told:
    """Return which action each entity gets, and with what."""
    house = {name: State(name, *said) for name, said in STATES.items()} | (states or {})
    setpoint = Setpoint(
        device_id="x", action=action, power_w=power_w, cause=cause, limit_id=limit_id
    )
    calls = TRANSLATIONS[kind](data).calls(setpoint, house.get)
    return [(call.action, next(iter(call.data.values()), None)) for call in calls]


@pytest.mark.parametrize(
    ("power_w", "expected"),
    [(1240, 1200), (2500, 2500), (0, 0), (None, 2500), (9999, 2500)],
)
def test_a_power_limit_is_set_on_its_step_and_never_above(
    power_w: int | None, expected: float
) -> None:
    assert told(Kind.HEAT_PUMP, HEAT_PUMP, power_w) == [("set_value", expected)]


def test_a_power_limit_in_kw() -> None:
    kw = {"unit_of_measurement": "kW", "min": 0, "max": 2.5, "step": 0.1}
    states = {"number.heat_pump": State("number.heat_pump", "2.5", kw)}
    (call,) = told(Kind.HEAT_PUMP, HEAT_PUMP, 1290, states)
    assert call == ("set_value", pytest.approx(1.2))


@pytest.mark.parametrize(("power_w", "expected"), [(2500, 22), (0, 20), (None, 21)])
def test_a_thermostat_gets_the_ends_of_the_comfort_band(
    power_w: int | None, expected: float
) -> None:
    told_now = told(Kind.HEAT_PUMP, CLIMATE, power_w)
    assert told_now == [("set_temperature", expected)]


@pytest.mark.parametrize(
    ("power_w", "limit_id", "expected"),
    [
        (2500, None, "recommended"),
        (1000, None, "normal"),
        (0, None, "off"),
        (None, None, "normal"),
        (2500, "a", "normal"),  # under a limit nothing more is asked for
    ],
)
def test_sg_ready(power_w: int | None, limit_id: str | None, expected: str) -> None:
    found = told(Kind.HEAT_PUMP, SG_READY, power_w, limit_id=limit_id)
    assert found == [("select_option", expected)]


@pytest.mark.parametrize(
    ("power_w", "limit_id", "expected"),
    [(2500, None, "boost"), (2000, None, "recommended"), (2500, "a", "normal")],
)
def test_sg_ready_orders_a_start_at_full_power_where_it_may(
    power_w: int, limit_id: str | None, expected: str
) -> None:
    data = SG_READY | {"sg_forced": "boost"}
    found = told(Kind.HEAT_PUMP, data, power_w, limit_id=limit_id)
    assert found == [("select_option", expected)]


def contacts(power_w: int | None, *, forces: bool) -> list[tuple[str, str]]:
    setpoint = Setpoint(
        device_id="x", action=Action.RUN, power_w=power_w, cause=Cause.PLAN
    )
    data = SG_CONTACTS | {"sg_forces": forces}
    calls = TRANSLATIONS[Kind.HEAT_PUMP](data).calls(setpoint, lambda _: None)
    return [(call.entity_id, call.action) for call in calls]


LOCK, MORE = "switch.lock", "switch.more"


@pytest.mark.parametrize(
    ("power_w", "forces", "expected"),
    [
        (0, False, {LOCK: "turn_on", MORE: "turn_off"}),
        (1000, False, {LOCK: "turn_off", MORE: "turn_off"}),
        (None, True, {LOCK: "turn_off", MORE: "turn_off"}),
        (2500, False, {LOCK: "turn_off", MORE: "turn_on"}),
        (2500, True, {LOCK: "turn_on", MORE: "turn_on"}),
    ],
)
def test_each_state_of_sg_ready_is_made_of_two_contacts(
    power_w: int | None, *, forces: bool, expected: dict[str, str]
) -> None:
    assert dict(contacts(power_w, forces=forces)) == expected


@pytest.mark.parametrize("before", [0, 1000, 2000, 2500])
@pytest.mark.parametrize("after", [0, 1000, 2000, 2500])
def test_contacts_never_lock_on_the_way_from_one_state_to_another(
    before: int, after: int
) -> None:
    closed = {
        entity_id
        for entity_id, action in contacts(before, forces=True)
        if action == "turn_on"
    }
    passed = []
    for entity_id, action in contacts(after, forces=True):
        closed = closed | {entity_id} if action == "turn_on" else closed - {entity_id}
        passed.append(closed)
    assert before == 0 or after == 0 or {LOCK} not in passed


@pytest.mark.parametrize(
    ("power_w", "expected"), [(2500, "turn_on"), (0, "turn_off"), (None, "turn_on")]
)
def test_a_heat_pump_with_a_switch(power_w: int | None, expected: str) -> None:
    assert told(Kind.HEAT_PUMP, ON_OFF, power_w) == [(expected, None)]


def test_a_battery_is_told_its_mode_first_then_its_power() -> None:
    expected: Told = [("select_option", "external"), ("set_value", -3000)]
    assert told(Kind.BATTERY, BATTERY, -3000) == expected
    # Handed back: its own mode, and no power of ours beside it.
    assert told(Kind.BATTERY, BATTERY, None) == [("select_option", "own")]


def test_a_battery_whose_discharge_is_positive() -> None:
    data = BATTERY | {"setpoint_sign": "discharge_positive"}
    assert told(Kind.BATTERY, data, -3000)[1] == ("set_value", 3000)
    states = {"select.battery": State("select.battery", "external")}
    house = {name: State(name, *said) for name, said in STATES.items()} | states
    house["number.battery"] = State(
        "number.battery", "3000", STATES["number.battery"][1]
    )
    assert TRANSLATIONS[Kind.BATTERY](data).held_w(house.get) == -3000


DIRECTED = BATTERY | {
    "mode_external": "rest",
    "mode_charge": "charge",
    "mode_discharge": "discharge",
}


@pytest.mark.parametrize(
    ("power_w", "expected"),
    [
        (3000, [("set_value", 3000), ("select_option", "charge")]),
        (-3000, [("set_value", 3000), ("select_option", "discharge")]),
        (0, [("set_value", 0), ("select_option", "rest")]),
        (None, [("select_option", "own")]),
    ],
)
def test_a_battery_whose_mode_says_the_direction(
    power_w: int | None, expected: Told
) -> None:
    assert told(Kind.BATTERY, DIRECTED, power_w) == expected


@pytest.mark.parametrize(
    ("mode", "held_w"),
    [("charge", 1500), ("discharge", -1500), ("rest", 0), ("own", None)],
)
def test_what_a_battery_with_directions_is_held_at(
    mode: str, held_w: int | None
) -> None:
    said = {"unit_of_measurement": "W", "min": 0, "max": 5000}
    house = {
        "select.battery": State("select.battery", mode),
        "number.battery": State("number.battery", "1500", said),
    }
    assert TRANSLATIONS[Kind.BATTERY](DIRECTED).held_w(house.get) == held_w


def test_a_battery_that_balances_by_itself_is_left_to_it() -> None:
    data = BATTERY | {"own_mode_balances": True}
    balance = Action.BALANCE
    own = told(Kind.BATTERY, data, -800, action=balance, cause=Cause.BALANCE)
    assert own == [("select_option", "own")]
    limited = told(
        Kind.BATTERY, data, -800, action=balance, cause=Cause.LIMIT, limit_id="a"
    )
    assert limited == [("select_option", "external"), ("set_value", -800)]


def test_a_charger_throttled_in_ampere_watt_and_kilowatt() -> None:
    assert told(Kind.EV_CHARGER, CAR, 7000) == [("set_value", 10), ("turn_on", None)]
    assert told(Kind.EV_CHARGER, CAR, 0) == [("turn_off", None)]
    assert told(Kind.EV_CHARGER, CAR, None) == [("set_value", 16), ("turn_on", None)]
    for unit, per_w in (("W", 1.0), ("kW", 0.001)):
        attributes = {
            "unit_of_measurement": unit,
            "min": 1400 * per_w,
            "max": 11040 * per_w,
            "step": 100 * per_w,
        }
        state = State("number.charger", "0", attributes)
        found = told(Kind.EV_CHARGER, CAR, 7050, {"number.charger": state})
        assert found[0] == ("set_value", pytest.approx(7000 * per_w))


def test_a_charger_without_a_switch_is_stopped_by_its_throttle() -> None:
    data = {k: v for k, v in CAR.items() if k != "switch"}
    attributes = {"unit_of_measurement": "A", "min": 0, "max": 16, "step": 1}
    state = State("number.charger", "16", attributes)
    found = told(Kind.EV_CHARGER, data, 0, {"number.charger": state})
    assert found == [("set_value", 0)]


def test_solar_is_curtailed_in_watt_or_percent() -> None:
    data = DATA[Kind.SOLAR]
    assert told(Kind.SOLAR, data, 2000) == [("set_value", 2000)]
    assert told(Kind.SOLAR, data, None) == [("set_value", 6000)]
    percent = {"unit_of_measurement": "%", "min": 0, "max": 100, "step": 1}
    state = {"number.solar_limit": State("number.solar_limit", "100", percent)}
    assert told(Kind.SOLAR, data, 2000, state) == [("set_value", 33)]
    assert told(Kind.SOLAR, data, 6000, state) == [("set_value", 100)]


def test_an_appliance_is_started_by_button_or_switch_and_never_stopped() -> None:
    data = DATA[Kind.APPLIANCE]
    assert told(Kind.APPLIANCE, data, 2000) == [("press", None)]
    assert told(Kind.APPLIANCE, data, None, action=Action.HOLD) == []
    by_switch = data | {"start": "switch.heat_pump"}
    on, off = State("switch.heat_pump", "on"), State("switch.heat_pump", "off")
    assert told(Kind.APPLIANCE, by_switch, 2000, {"switch.heat_pump": on}) == []
    started = told(Kind.APPLIANCE, by_switch, 2000, {"switch.heat_pump": off})
    assert started == [("turn_on", None)]


@pytest.mark.parametrize("nonsense", ["nan", None, "x", float("inf")])
def test_a_number_without_a_sensible_range_is_still_set(nonsense: Any) -> None:
    broken = {
        "unit_of_measurement": "W",
        "min": nonsense,
        "max": 2500,
        "step": nonsense,
    }
    state = {"number.heat_pump": State("number.heat_pump", "1", broken)}
    assert told(Kind.HEAT_PUMP, HEAT_PUMP, 1240.4, state) == [("set_value", 1240)]  # type: ignore[arg-type]


@pytest.mark.parametrize(("power_w", "option"), [(11040, "max"), (0, "paused")])
def test_a_charger_whose_mode_starts_and_stops_it(power_w: int, option: str) -> None:
    data = CAR | {
        "switch": "select.charger",
        "option_on": "max",
        "option_off": "paused",
    }
    assert told(Kind.EV_CHARGER, data, power_w)[-1] == ("select_option", option)
    held = TRANSLATIONS[Kind.EV_CHARGER](data).held_w(
        {"select.charger": State("select.charger", option)}.get
    )
    assert (held == 0) is (option == "paused")


def test_an_appliance_is_started_by_a_script_or_a_program() -> None:
    data = DATA[Kind.APPLIANCE]
    script = data | {"start": "script.wash"}
    assert told(Kind.APPLIANCE, script, 2000) == [("turn_on", None)]
    program = data | {"start": "select.program", "start_option": "eco_50"}
    assert told(Kind.APPLIANCE, program, 2000) == [("select_option", "eco_50")]
    assert told(Kind.APPLIANCE, program, 0) == []
