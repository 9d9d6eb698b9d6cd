"""Storages: what is chosen, and what a plan is told of them."""

from datetime import timedelta
import json
from typing import Any

from hypothesis import given, strategies as st
import pytest

from cem_core.s2.control import Order
from cem_core.s2.frbc import FillRate
from cem_core.s2.messages import S2Error, parse
from optimizer import yaml_document
from optimizer.home import Home
from optimizer.optimize import Options, optimize
from optimizer.read_home import home_from_tree
from optimizer.series import table
from tests.cem_core.s2.messages import (
    NOW,
    at,
    battery,
    level,
    message,
    name,
    numbers,
    powers,
    status,
    timer,
    transition,
)
from tests.cem_core.s2.storages import bound_battery, heated_tank, used


def storage(*texts: str) -> FillRate:
    """Return what was told by ``texts``."""
    control = FillRate()
    for text in texts:
        assert control.take(parse(text))
    return control


def chosen(control: FillRate, power_w: float, **order: Any) -> list[dict[str, Any]]:
    """Return the instructions that an order makes."""
    texts = control.instruct(Order(power_w=power_w, **order), NOW)
    return [json.loads(text.to_json()) for text in texts]


@given(st.floats(-5000, 5000))
def test_a_battery_is_told_the_power_that_is_wanted(power_w: float) -> None:
    control = storage(battery(), level(50))
    chosen(control, power_w)
    assert control.expects_w() == pytest.approx(power_w, abs=1)


def test_it_is_bounded_to_what_the_device_can() -> None:
    control = storage(battery(power_w=3000), level(50))
    chosen(control, 9000)
    assert control.expects_w() == 3000


def test_a_full_storage_is_not_filled_and_an_empty_one_not_emptied() -> None:
    full, empty = storage(battery(), level(100)), storage(battery(), level(0))
    chosen(full, 4000)
    chosen(empty, -4000)
    assert full.expects_w() == empty.expects_w() == 0


def test_a_battery_as_the_optimiser_sees_it() -> None:
    found = storage(battery(capacity_kwh=10), level(40)).described(NOW)
    assert found is not None
    assert found["kind"] == "battery"
    # A unit takes 10 / 0.9 kWh in and gives 10 kWh: the loss is shared evenly.
    assert found["charge_efficiency"] == pytest.approx(0.9**0.5)
    assert found["discharge_efficiency"] == pytest.approx(0.9**0.5)
    assert found["capacity_kwh"] == pytest.approx(10 / 0.9**0.5)
    assert found["initial_energy_kwh"] == pytest.approx(0.4 * found["capacity_kwh"])
    assert found["charge_limit_kw"] == found["discharge_limit_kw"] == 5


def _home(device: dict[str, Any]) -> Home:
    home = {
        "schema": 1,
        "name": "s2",
        "time_zone": "Europe/Amsterdam",
        "step_minutes": 15,
        "grid": {"import_limit_kw": 9.0, "export_limit_kw": 9.0},
        "tariff": {"currency": "EUR"},
        "devices": [{"id": "device", **device}],
    }
    return home_from_tree(yaml_document.parse(json.dumps(home)))


def test_what_is_described_is_a_device_of_a_home() -> None:
    found = storage(battery(), level(40)).described(NOW)
    assert found is not None
    assert _home(found)
    car = _car().described(NOW)
    assert car is not None
    assert _home(car)


def _car() -> FillRate:
    elements = [
        {
            "fill_level_range": numbers(0, 1),
            "fill_rate": numbers(1380 / 3.6e6 / 50, 11000 / 3.6e6 / 50),
            "power_ranges": powers(1380, 11000),
        }
    ]
    off = [
        {
            "fill_level_range": numbers(0, 1),
            "fill_rate": numbers(0, 0),
            "power_ranges": powers(0, 0),
        }
    ]
    system = message(
        "FRBC.SystemDescription",
        valid_from=at(hours=-1),
        actuators=[
            {
                "id": name("charger"),
                "supported_commodities": ["ELECTRICITY"],
                "operation_modes": [
                    {
                        "id": name("on"),
                        "elements": elements,
                        "abnormal_condition_only": False,
                    },
                    {
                        "id": name("off"),
                        "elements": off,
                        "abnormal_condition_only": False,
                    },
                ],
                "transitions": [
                    transition("on", "off", starts=("rest",)),
                    transition("off", "on", blocked=("rest",)),
                ],
                "timers": [timer("rest", 60)],
            }
        ],
        storage={
            "provides_leakage_behaviour": False,
            "provides_fill_level_target_profile": True,
            "provides_usage_forecast": False,
            "fill_level_range": numbers(0, 1),
        },
    )
    target = message(
        "FRBC.FillLevelTargetProfile",
        start_time=at(),
        elements=[
            {"duration": 8 * 3_600_000, "fill_level_range": numbers(0, 1)},
            {"duration": 3_600_000, "fill_level_range": numbers(0.8, 1)},
        ],
    )
    return storage(system, level(0.2), status("on", 1.0, "charger"), target)


def test_a_car_owes_its_target() -> None:
    found = _car().described(NOW)
    assert found is not None
    assert found["kind"] == "ev_charger"
    assert (found["min_power_kw"], found["max_power_kw"]) == (1.38, 11)
    (session,) = found["sessions"]
    assert session["depart"] == at(hours=8)
    assert session["energy_kwh"] == pytest.approx(0.6 * 50)


def tank() -> FillRate:
    """Return a tank of 50 kWh, 60 % full, that leaks 0.3 kW and is emptied at 2 kW."""
    per_kw = 1 / 50 / 3600
    leaking = message(
        "FRBC.LeakageBehaviour",
        valid_from=at(hours=-1),
        elements=[
            {"fill_level_range": numbers(0, 0.5), "leakage_rate": 0.1 * per_kw},
            {"fill_level_range": numbers(0.5, 1), "leakage_rate": 0.3 * per_kw},
        ],
    )
    used = message(
        "FRBC.UsageForecast",
        start_time=at(),
        elements=[
            {"duration": 3_600_000, "usage_rate_expected": 0.0},
            {"duration": 1_800_000, "usage_rate_expected": 2 * per_kw},
        ],
    )
    store = _car()
    for text in (level(0.6), leaking, used):
        assert store.take(parse(text))
    return store


def test_what_leaks_and_is_used_is_a_storage() -> None:
    store = tank()
    found = store.described(NOW)
    assert found is not None
    assert _home(found)
    assert found["kind"] == "storage"
    assert found["initial_energy_kwh"] == pytest.approx(30)
    assert found["loss_per_hour"] == pytest.approx(0.3 / 30)
    assert found["min_power_kw"] == pytest.approx(1.38)
    (_, begin, none), (_, end, taken) = store.demand_kw()
    assert (begin, end) == (NOW + timedelta(hours=1), NOW + timedelta(hours=1.5))
    assert none == 0
    assert taken == pytest.approx(2)


def test_targets_now_and_later_are_what_it_is_to_hold() -> None:
    hours = 3_600_000
    target = message(
        "FRBC.FillLevelTargetProfile",
        start_time=at(hours=-1),
        elements=[
            {"duration": 4 * hours, "fill_level_range": numbers(30, 90)},
            {"duration": 2 * hours, "fill_level_range": numbers(0, 100)},
            {"duration": 2 * hours, "fill_level_range": numbers(80, 100)},
        ],
    )
    control = storage(battery(), level(40), target)
    found = control.described(NOW)
    assert found is not None
    assert _home(found)
    now, later = found["targets"]
    assert now["energy_kwh"] == pytest.approx(0.3 * found["capacity_kwh"])
    assert now["end"] == (NOW + timedelta(hours=3)).isoformat()
    assert later["energy_kwh"] == pytest.approx(0.8 * found["capacity_kwh"])
    assert later["start"] == (NOW + timedelta(hours=5)).isoformat()
    after = control.described(NOW + timedelta(hours=4))
    assert after is not None
    assert after["targets"] == [later]
    assert control.state_of_charge == pytest.approx(0.4)


def _heated(pump_rest_s: float = 0) -> FillRate:
    """Return a tank of 50 kWh, half full, from which 2 kW are taken."""
    return storage(
        heated_tank(pump_rest_s),
        level(0.5),
        status("rod off", actuator="rod"),
        status("pump off", actuator="pump"),
        used(NOW, 2),
    )


def test_several_actuators_fill_it_each_with_its_own_efficiency() -> None:
    found = _heated(600).described(NOW)
    assert found is not None
    assert _home(found)
    # Counted in current of the pump, which is the least lossy.
    assert found["capacity_kwh"] == pytest.approx(50 / 3)
    assert (found["min_power_kw"], found["max_power_kw"]) == (1, 2)
    assert found["efficiency"] == pytest.approx(1)
    assert found["min_off_minutes"] == 10
    [rod] = found["sources"]
    assert (rod["min_power_kw"], rod["max_power_kw"]) == (1.5, 3)
    assert rod["efficiency"] == pytest.approx(1 / 3)
    assert rod["min_off_minutes"] == 0


@pytest.mark.parametrize(
    ("power_w", "on"), [(2000, {"pump"}), (1500, {"pump"}), (4500, {"pump", "rod"})]
)
def test_of_what_draws_the_same_that_is_told_which_fills_most(
    power_w: float, on: set[str]
) -> None:
    control = _heated()
    told = chosen(control, power_w)
    assert {each["operation_mode"] for each in told} == {name(f"{o} on") for o in on}
    assert control.expects_w() == pytest.approx(power_w)


def test_the_rod_heats_while_the_pump_rests() -> None:
    control = _heated(600)
    chosen(control, 2000)
    chosen(control, 0)
    told = chosen(control, 2000)
    assert {each["actuator_id"] for each in told} == {name("rod")}
    found = control.described(NOW)
    assert found is not None
    assert found["held_minutes"] == 10


@given(st.floats(0, 5200), st.sampled_from([0, 600]))
def test_a_storage_with_several_is_never_further_than_one_alone(
    power_w: float, rest_s: float
) -> None:
    control = _heated(rest_s)
    chosen(control, power_w)
    reachable = [0, *range(1000, 2001, 5), *range(1500, 5001, 5)]
    least = min(abs(each - power_w) for each in reachable)
    told_w = control.expects_w()
    assert told_w is not None
    assert abs(told_w - power_w) <= least + 1e-3


def test_a_battery_that_runs_and_turns_slowly_is_planned_so() -> None:
    control = storage(bound_battery(900, 1200), level(50), status("idle"))
    found = control.described(NOW)
    assert found is not None
    assert _home(found)
    assert found["charging"]["min_on_minutes"] == 20
    assert found["giving"]["min_on_minutes"] == 0
    # From the charge to idle is free when the run is over; the turn waits after it.
    assert found["turn_minutes"] == 15
    chosen(control, 3000)
    held = control.described(NOW)
    assert held is not None
    assert held["charging"]["initially_on"]
    assert held["charging"]["held_minutes"] == 20
    chosen(control, -3000)
    assert control.expects_w() == 0


def test_a_battery_that_changes_at_will_has_no_runs() -> None:
    found = storage(battery(), level(50)).described(NOW)
    assert found is not None
    assert "charging" not in found


def test_a_description_in_other_units_forgets_what_was_said_in_the_old() -> None:
    control = storage(battery(), level(50))
    other = json.loads(battery())
    other["storage"]["fill_level_range"] = numbers(0, 10_000)
    assert control.take(parse(json.dumps(other)))
    assert control.state_of_charge is None
    assert control.described(NOW) is None
    assert control.take(parse(level(2500)))
    assert control.state_of_charge == pytest.approx(0.25)


def test_from_the_description_over_the_plan_to_the_instruction() -> None:
    store = tank()
    device = store.described(NOW)
    assert device is not None
    start = NOW.replace(minute=0, second=0, microsecond=0)
    times = [start + timedelta(minutes=15 * step) for step in range(16)]
    demand = store.demand_kw()
    series: dict[str, list[Any]] = {
        "time": [time.isoformat() for time in times],
        "import_price": [0.1] * 4 + [0.5] * 12,
        "export_price": [0.0] * 16,
        "load_kw": [0.3] * 16,
        "demand": [
            sum(kw for begin, end, kw in demand if begin <= time < end)
            for time in times
        ],
    }
    device |= {"demand_series": "demand", "min_energy_kwh": 32.0}
    plan = optimize(_home(device), table(series), Options(gap=0.001))
    powers_kw = plan["devices"]["device"]["power_kw"]
    assert plan["status"] == "optimal"
    assert max(powers_kw[:4]) > 0, "it is filled while energy is cheap"
    assert max(powers_kw[8:]) == 0
    instructions = [chosen(store, 1000 * power_kw) for power_kw in powers_kw]
    assert store.expects_w() == pytest.approx(1000 * powers_kw[-1])
    assert sum(map(len, instructions)) >= 1


def test_a_limit_below_the_least_power_turns_it_off() -> None:
    control = _car()
    (instruction,) = chosen(control, 1000, limited=True)
    assert instruction["operation_mode"] == name("off")
    assert instruction["abnormal_condition"] is True


def test_a_timer_blocks_the_way_back() -> None:
    control = _car()
    chosen(control, 0)
    assert chosen(control, 11_000) == []  # it has to rest first
    assert control.expects_w() == 0
    later = NOW + timedelta(seconds=60)
    (instruction,) = control.instruct(Order(power_w=11_000.0), later)
    assert json.loads(instruction.to_json())["operation_mode"] == name("on")


def test_what_rests_is_planned_from_when_that_is_over() -> None:
    car, heated = _car(), tank()
    for control in (car, heated):
        chosen(control, 0)
    resting = car.described(NOW)
    assert resting is not None
    assert _home(resting)
    assert (resting["max_power_kw"], resting["initially_on"]) == (11, False)
    assert resting["sessions"][0]["arrive"] == at(minutes=1)
    store = heated.described(NOW)
    assert store is not None
    assert _home(store)
    assert (store["held_minutes"], store["min_off_minutes"]) == (1, 1)
    later = heated.described(NOW + timedelta(minutes=1))
    assert later is not None
    assert later["held_minutes"] == 0


def test_one_that_is_full_now_is_planned_with_what_it_can_later() -> None:
    found = storage(battery(), level(100)).described(NOW)
    assert found is not None
    assert (found["charge_limit_kw"], found["discharge_limit_kw"]) == (5, 5)


def test_the_device_tells_its_timers_itself() -> None:
    control = _car()
    chosen(control, 0)
    done = message(
        "FRBC.TimerStatus",
        timer_id=name("rest"),
        actuator_id=name("charger"),
        finished_at=at(),
    )
    control.take(parse(done))
    assert chosen(control, 11_000)


def test_what_is_not_described_is_refused() -> None:
    control = storage(battery(), level(50))
    with pytest.raises(S2Error, match="is not described"):
        control.take(parse(status("no such mode")))
    with pytest.raises(S2Error, match="is not described"):
        control.take(parse(status("charge", actuator="nobody")))
    with pytest.raises(S2Error, match=r"before FRBC\.SystemDescription"):
        FillRate().take(parse(level(50)))
