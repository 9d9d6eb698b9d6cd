from itertools import product
from typing import Any

from hypothesis import given, settings, strategies as st
import numpy as np
import pytest

from optimizer.cop import cop, flow_c
from optimizer.document import InputError
from optimizer.home import CopCurve, FlowPoint
from optimizer.read_home import home_from_json
from tests.optimizer.homes import HEAT_PUMP, Json, at, home, plan, series
from tests.optimizer.judge import judge

COLD = {
    "cop": 3.0,
    "t_min_c": 20.0,
    "t_max_c": 22.0,
    "outdoor_temperature_c": 0.0,
}
TANK = {
    "volume_l": 300,
    "initial_c": 50,
    "min_c": 45,
    "max_c": 65,
    "loss_kw_per_k": 0.002,
    "draw_series": "draw_kw",
}


def test_the_house_follows_its_equation() -> None:
    result = plan(home(HEAT_PUMP), series([0.1, 0.3, 0.3], **COLD))
    pump = result["devices"]["heat_pump"]
    before = 20.0
    for power, indoor in zip(
        pump["power_kw"], pump["indoor_temperature_c"], strict=True
    ):
        expected = before + (3 * power - (before - 0) / 5) / 8
        assert indoor == pytest.approx(expected, abs=1e-5)
        before = indoor


def test_it_preheats_while_power_is_cheap() -> None:
    result = plan(home(HEAT_PUMP), series([0.1, 0.5, 0.5], **COLD))
    power = result["devices"]["heat_pump"]["power_kw"]
    assert power[0] > 1.5 > power[1]
    assert result["cost"]["comfort"] == 0


def test_comfort_that_cannot_be_kept_is_a_cost_not_a_relaxation() -> None:
    weak = {**HEAT_PUMP, "max_power_kw": 0.5}
    result = plan(home(weak), series([0.1] * 4, **COLD))
    assert result["status"] == "optimal"
    assert result["relaxed"] == []
    cold = [20 - t for t in result["devices"]["heat_pump"]["indoor_temperature_c"]]
    assert result["cost"]["comfort"] == pytest.approx(2 * sum(cold), rel=1e-5)


def test_free_heat_saves_electricity() -> None:
    sunny = {**HEAT_PUMP["thermal"], "gains_series": "gains_kw"}
    given = home({**HEAT_PUMP, "thermal": sunny})
    result = plan(given, series([0.2] * 3, gains_kw=4.0, **COLD))
    assert sum(result["devices"]["heat_pump"]["power_kw"]) == pytest.approx(0, abs=1e-6)


STEPS = 7
prices = st.lists(st.integers(-10, 60), min_size=STEPS, max_size=STEPS)


def on_off(on: Any, initially_on: bool, run: int, rest: int) -> bool:
    """Tell whether a pattern keeps its runs and rests; the last may be cut."""
    before, since = initially_on, None
    for t, now in enumerate(on):
        if now == before:
            continue
        least = rest if now else run
        if since is not None and t - since < least:
            return False
        before, since = now, t
    return True


@settings(max_examples=30, deadline=None, derandomize=True)
@given(
    prices,
    st.integers(1, 3),
    st.integers(1, 3),
    *[st.booleans()] * 3,
)
def test_runs_and_rests_are_the_best_of_all_patterns(  # noqa: PLR0917
    cents: list[int],
    run: int,
    rest: int,
    initially_on: bool,
    limited: bool,
    staged: bool,
) -> None:
    stages = [{"min_kw": 1, "max_kw": 1}, {"min_kw": 3, "max_kw": 3}]
    pump: Json = {
        **HEAT_PUMP,
        "min_power_kw": 1 if staged else 3,
        "min_on_minutes": 30 * run,
        "min_off_minutes": 30 * rest,
        "max_starts_per_hour": 1 if limited else None,
        "initially_on": initially_on,
        "power_ranges": stages if staged else [],
    }
    buy = [c / 100 for c in cents]
    rows = series(buy, minutes=30, export_price=-1, **COLD)
    result = plan(home(pump, minutes=30), rows, gap=1e-9)
    judge(home(pump, minutes=30), rows, result)
    best = np.inf
    for power in product((0, 1, 3) if staged else (0, 3), repeat=STEPS):
        on = [kw > 0 for kw in power]
        begins = [
            a and not b for a, b in zip(on, [initially_on, *on[:-1]], strict=True)
        ]
        crowded = any(sum(begins[t : t + 2]) > 1 for t in range(STEPS))
        if not on_off(on, initially_on, run, rest) or (limited and crowded):
            continue
        indoor, cost = 20.0, 0.0
        for kw, price in zip(power, buy, strict=True):
            indoor += 0.5 * (3 * kw - indoor / 5) / 8
            cost += 0.5 * (price * (1 + kw))
            cost += 0.5 * 2 * (max(20 - indoor, 0) + max(indoor - 22, 0))
        best = min(best, cost)
    assert result["objective"] == pytest.approx(best, abs=1e-5)


def test_a_floor_stores_heat_before_the_room_gets_it() -> None:
    floor = {"resistance_k_per_kw": 1, "capacitance_kwh_per_k": 3, "initial_c": 24}
    pump = {**HEAT_PUMP, "thermal": {**HEAT_PUMP["thermal"], "floor": floor}}
    rows = series([0.1, 0.1, 0.5, 0.5, 0.5], **COLD)
    result = plan(home(pump), rows)
    judge(home(pump), rows, result)
    found = result["devices"]["heat_pump"]
    assert max(found["floor_temperature_c"]) > 24
    assert sum(found["power_kw"][:2]) > sum(found["power_kw"][2:])


def test_cooling_and_heating_are_never_both_at_once() -> None:
    pump = {**HEAT_PUMP, "cooling_series": "eer"}
    hot = {**COLD, "outdoor_temperature_c": 35.0, "eer": 4.0, "t_max_c": 21.0}
    rows = series([0.2, 0.2, -0.5, -0.5], **hot)
    result = plan(home(pump), rows)
    judge(home(pump), rows, result)
    assert sum(result["devices"]["heat_pump"]["cooling_kw"]) > 0


def test_a_backup_heater_helps_where_the_heat_pump_is_too_weak() -> None:
    pump = {**HEAT_PUMP, "max_power_kw": 1, "backup_heater_kw": 3}
    rows = series([0.2] * 4, **{**COLD, "outdoor_temperature_c": -10.0})
    result = plan(home(pump), rows)
    judge(home(pump), rows, result)
    found = result["devices"]["heat_pump"]
    # 6 kW are lost at 20 °C inside; the heat pump brings 3 of them.
    assert found["backup_kw"] == pytest.approx([3, 3, 3, 3])
    assert result["cost"]["comfort"] == pytest.approx(0, abs=1e-6)


def test_water_is_heated_before_it_is_drawn_and_once_hot() -> None:
    cycle = {"temperature_c": 60, "by": at(5), "hold_minutes": 60}
    pump = {**HEAT_PUMP, "hot_water": {**TANK, "legionella": cycle}}
    draw = [0.0, 0.0, 0.0, 3.0, 0.0, 0.0]
    rows = series([0.3, 0.1, 0.1, 0.5, 0.5, 0.5], draw_kw=draw, **COLD)
    result = plan(home(pump), rows)
    assert result["status"] == "optimal"
    judge(home(pump), rows, result)
    found = result["devices"]["heat_pump"]
    assert max(found["hot_water_temperature_c"]) >= 60 - 1e-3
    assert sum(found["hot_water_kw"][:3]) > 1
    assert found["hot_water_kw"][3:] == pytest.approx([0, 0, 0])


def test_a_hot_cycle_that_cannot_be_had_is_said() -> None:
    cycle = {"temperature_c": 65, "by": at(1), "hold_minutes": 0}
    pump = {**HEAT_PUMP, "hot_water": {**TANK, "initial_c": 20, "legionella": cycle}}
    result = plan(home(pump), series([0.1, 0.1], draw_kw=0.0, **COLD))
    assert result["status"] == "relaxed"
    (entry,) = result["relaxed"]
    assert entry["constraint"] == "heat_pump hot water by 13:00"
    assert entry["by"] == pytest.approx(45)


def test_a_hot_cycle_after_the_horizon_waits() -> None:
    cycle = {"temperature_c": 65, "by": at(30)}
    pump = {**HEAT_PUMP, "hot_water": {**TANK, "legionella": cycle}}
    result = plan(home(pump), series([0.1, 0.1], draw_kw=0.0, **COLD))
    assert result["status"] == "optimal"
    assert max(result["devices"]["heat_pump"]["hot_water_temperature_c"]) < 55


CURVE = CopCurve(
    heating_curve=(
        FlowPoint(outdoor_c=-10, flow_c=45),
        FlowPoint(outdoor_c=15, flow_c=30),
    )
)


def test_the_cop_follows_outdoor_and_flow_temperature() -> None:
    outdoor = np.array([-20.0, -10.0, 2.5, 15.0, 40.0])
    flow = flow_c(CURVE, outdoor)
    assert flow == pytest.approx([45, 45, 37.5, 30, 30])
    found = cop(CURVE, outdoor, flow)
    # 0.45 x 318.15 K / 55 K; with no lift left it is at its most.
    assert found[1] == pytest.approx(0.45 * 318.15 / 55)
    assert found[4] == 7
    assert list(found) == sorted(found)


def test_a_curve_replaces_the_column() -> None:
    curve = {"heating_curve": [{"outdoor_c": 0, "flow_c": 35}]}
    pump = {key: value for key, value in HEAT_PUMP.items() if key != "cop_series"}
    rows = series([0.2] * 3, **{k: v for k, v in COLD.items() if k != "cop"})
    result = plan(home({**pump, "cop_curve": curve}), rows)
    expected = 0.45 * 308.15 / 35
    judge(home(HEAT_PUMP), {**rows, "cop": [expected] * 3}, result)


def test_a_buffer_keeps_heat_from_a_cheap_hour() -> None:
    buffer: Json = {"volume_l": 800, "initial_c": 30, "max_c": 50}
    buffer |= {"most_given_on_kw": 6}
    buffer |= {"loss_kw_per_k": 0.003}
    pump = {**HEAT_PUMP, "thermal": {**HEAT_PUMP["thermal"], "buffer": buffer}}
    # The house may not get warmer than it is: only the buffer can wait.
    rows = series([0.1, 0.5, 0.5, 0.5], **{**COLD, "t_max_c": 20.0})
    result = plan(home(pump), rows)
    judge(home(pump), rows, result)
    found = result["devices"]["heat_pump"]
    assert found["power_kw"][0] == pytest.approx(3)
    assert found["buffer_temperature_c"][0] > 32
    without = plan(home(HEAT_PUMP), rows)
    assert result["objective"] < without["objective"]


def test_cold_does_not_pass_a_buffer() -> None:
    buffer = {"volume_l": 800, "initial_c": 30, "most_given_on_kw": 6, "max_c": 20}
    thermal = {**HEAT_PUMP["thermal"], "buffer": buffer}
    given_home = home({**HEAT_PUMP, "thermal": thermal, "cooling_series": "eer"})
    with pytest.raises(InputError) as refused:
        home_from_json(given_home)
    assert [str(problem) for problem in refused.value.problems] == [
        "devices[0].thermal.buffer.min_c: is more than max_c, 20",
        "devices[0].cooling_series: cold does not pass a buffer; leave one of them out",
    ]


def test_at_equal_cost_it_is_nearer_the_middle_of_the_band() -> None:
    """Heat for nothing takes the house to 21, not to the 20 that are enough.

    Towards the plan's end less is gained by it than by heating less.
    """
    free = series([0.0] * 12, export_price=0.0, **COLD)
    pump = plan(home(HEAT_PUMP), free)["devices"]["heat_pump"]
    assert pump["indoor_temperature_c"][2:8] == pytest.approx([21] * 6, abs=1e-3)
    paid = series([0.001] * 12, export_price=0.0, **COLD)
    pump = plan(home(HEAT_PUMP), paid)["devices"]["heat_pump"]
    assert pump["indoor_temperature_c"] == pytest.approx([20] * 12, abs=1e-3)


def test_a_band_that_is_upside_down_has_no_middle() -> None:
    rows = series([0.1] * 3, **{**COLD, "t_max_c": 19.0})
    result = plan(home(HEAT_PUMP), rows)
    assert result["status"] == "optimal"
    assert result["cost"]["comfort"] >= 2 * 3 - 1e-6
    judge(home(HEAT_PUMP), rows, result)


@given(
    prices,
    st.floats(1, 12),
    st.floats(2, 5),
    st.floats(0, 1),
    st.booleans(),
)
@settings(max_examples=20, deadline=None, derandomize=True)
def test_cooling_is_heating_in_a_mirror(
    cents: list[int], apart_k: float, cop_: float, start: float, only: bool
) -> None:
    """Against 21 °C everything is turned round: weather, start, band, free heat."""
    middle_c, gains_kw = 21.0, 0.3
    buy = [max(c, 1) / 100 for c in cents]
    thermal = {**HEAT_PUMP["thermal"], "gains_series": "gains_kw"}
    band = {"t_min_c": middle_c - 1.0, "t_max_c": middle_c + 1.0}
    heating = home(
        {**HEAT_PUMP, "thermal": {**thermal, "initial_c": middle_c - start}},
    )
    winter = series(
        buy,
        outdoor_temperature_c=middle_c - apart_k,
        gains_kw=-gains_kw,
        cop=cop_,
        **band,
    )
    cools = {k: v for k, v in HEAT_PUMP.items() if not (only and k == "cop_series")}
    cooling = home(
        {
            **cools,
            "cooling_series": "eer",
            "thermal": {**thermal, "initial_c": middle_c + start},
        }
    )
    summer = series(
        buy,
        outdoor_temperature_c=middle_c + apart_k,
        gains_kw=gains_kw,
        eer=cop_,
        cop=cop_,
        **band,
    )
    one, other = plan(heating, winter, gap=1e-9), plan(cooling, summer, gap=1e-9)
    judge(cooling, summer, other)
    assert other["objective"] == pytest.approx(one["objective"], abs=1e-6)
    warm, cold = (each["devices"]["heat_pump"] for each in (one, other))
    before = middle_c + start
    for power, indoor in zip(
        cold["cooling_kw"], cold["indoor_temperature_c"], strict=True
    ):
        before += (gains_kw - cop_ * power - (before - middle_c - apart_k) / 5) / 8
        assert indoor == pytest.approx(before, abs=1e-4)
    spread = np.asarray(warm["power_kw"]) - np.asarray(cold["power_kw"])
    if len(set(buy)) == len(buy):  # else the same energy may move between steps
        assert np.abs(spread).max() < 1e-4
    assert spread.sum() == pytest.approx(0, abs=1e-3)


def test_what_only_cools_does_not_burn_power_for_a_negative_price() -> None:
    """Heat that it cannot make is no way to be paid for power."""
    cools = {k: v for k, v in HEAT_PUMP.items() if k != "cop_series"}
    given_home = home({**cools, "cooling_series": "eer"})
    rows = series([-0.5] * 3, eer=4.0, **{**COLD, "t_min_c": 10.0})
    result = plan(given_home, rows)
    judge(given_home, rows, result)
    found = result["devices"]["heat_pump"]
    assert found["power_kw"] == pytest.approx(found["cooling_kw"])


def test_what_only_cools_needs_the_cop_of_its_tank() -> None:
    cools = {k: v for k, v in HEAT_PUMP.items() if k != "cop_series"}
    tank = {**TANK, "draw_series": None}
    with pytest.raises(InputError) as refused:
        home_from_json(home({**cools, "cooling_series": "eer", "hot_water": tank}))
    assert [str(problem) for problem in refused.value.problems] == [
        "devices[0].water_cop_series: is needed where there is no COP of heating"
    ]


def test_a_reason_says_what_most_of_the_energy_is_for() -> None:
    hot = {**COLD, "outdoor_temperature_c": 35.0, "eer": 4.0, "t_max_c": 21.0}
    pump = {**HEAT_PUMP, "cooling_series": "eer"}
    result = plan(home(pump), series([0.2] * 4, **hot))
    assert {each["key"] for each in result["reasons"]} == {"heat_pump_cools"}

    mild = {**COLD, "outdoor_temperature_c": 18.0, "t_min_c": 15.0}
    pump = {**HEAT_PUMP, "hot_water": {**TANK, "min_c": 55}}
    result = plan(home(pump), series([0.2] * 4, draw_kw=0.0, **mild))
    (reason,) = result["reasons"]
    assert reason["key"] == "heat_pump_heats_water"
    reached = max(result["devices"]["heat_pump"]["hot_water_temperature_c"])
    assert reason["values"]["water_c"] == pytest.approx(reached, abs=0.1)
