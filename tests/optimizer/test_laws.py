"""Laws that hold for every home, and a brute force over small ones."""

from itertools import product
from typing import Any

from hypothesis import given, settings, strategies as st
import numpy as np
import pytest

from tests.examples import examples
from tests.optimizer.homes import BATTERY, CAR, ROOF, at, home, net_kw, plan, series

STEPS = 6
EXACT = {"gap": 1e-9}
LOSSY = {
    **BATTERY,
    "initial_energy_kwh": 3,
    "final_energy_kwh": 3,
    "charge_efficiency": 0.9,
    "discharge_efficiency": 0.85,
    "wear_per_kwh": 0.01,
}
# On Python 3.14 Hypothesis miscounts the references to its own generator.
laws = settings(max_examples=examples(10, 100), deadline=None)
prices = st.lists(
    st.integers(-30, 60).map(lambda cents: cents / 100), min_size=STEPS, max_size=STEPS
)
loads = st.lists(
    st.integers(0, 40).map(lambda x: x / 10), min_size=STEPS, max_size=STEPS
)
suns = st.lists(
    st.integers(0, 50).map(lambda x: x / 10), min_size=STEPS, max_size=STEPS
)


@st.composite
def rows(draw: Any) -> dict[str, Any]:
    bought = draw(prices)
    margin = draw(st.integers(-5, 20)) / 100
    return series(
        bought,
        export_price=[price - margin for price in bought],
        load_kw=draw(loads),
        pv_kw=draw(suns),
    )


def car(energy_kwh: float) -> dict[str, Any]:
    session = {"arrive": at(1), "depart": at(5), "energy_kwh": energy_kwh}
    return {**CAR, "sessions": [session]}


@laws
@given(rows(), st.integers(0, 40), st.booleans())
def test_energy_is_conserved_and_physics_kept(
    given_rows: dict[str, Any], energy_kwh: float, curtailable: bool
) -> None:
    roof = {**ROOF, "curtailable": curtailable}
    grid = {"import_limit_kw": 25, "export_limit_kw": 12}
    result = plan(home(LOSSY, roof, car(energy_kwh), grid=grid), given_rows)
    assert result["status"] == "optimal"
    battery, power = result["devices"]["battery"], result["devices"]["car"]["power_kw"]
    sun = result["devices"]["roof"]["power_kw"]
    before = 3.0
    for t, net in enumerate(net_kw(result)):
        charge, discharge = battery["charge_kw"][t], battery["discharge_kw"][t]
        load = result["load_kw"][t]
        assert net == pytest.approx(
            load + charge - discharge + power[t] - sun[t], abs=1e-5
        )
        before += 0.9 * charge - discharge / 0.85
        assert battery["energy_kwh"][t] == pytest.approx(before, abs=1e-4)
        assert -1e-6 <= before <= 10 + 1e-4
        assert min(charge, discharge) == 0
        assert min(result["grid"]["import_kw"][t], result["grid"]["export_kw"][t]) == 0
        assert power[t] == 0 or 1.5 - 1e-6 <= power[t] <= 11 + 1e-6
        assert net <= 25 + 1e-6
        assert -net <= 12 + 1e-6
    assert battery["energy_kwh"][-1] >= 3 - 1e-5
    assert sum(power) >= energy_kwh - 1e-4


@laws
@given(rows())
def test_a_battery_never_makes_the_bill_worse(given_rows: dict[str, Any]) -> None:
    without = plan(home(ROOF), given_rows, **EXACT)["objective"]
    with_battery = plan(home(ROOF, LOSSY), given_rows, **EXACT)["objective"]
    assert with_battery <= without + 1e-6


@laws
@given(rows(), st.integers(5, 30))
def test_a_wider_connection_never_costs_more(
    given_rows: dict[str, Any], limit_kw: float
) -> None:
    def cost(kw: float) -> float:
        grid = {"import_limit_kw": kw, "export_limit_kw": 12}
        result = plan(home(ROOF, LOSSY, car(10), grid=grid), given_rows, **EXACT)
        return result["objective"] if result["status"] == "optimal" else float("inf")

    assert cost(limit_kw + 3) <= cost(limit_kw) + 1e-6


@laws
@given(rows(), st.sampled_from([0.01, 0.5, 3.0, 100.0]))
def test_scaling_all_money_scales_the_cost_alone(
    given_rows: dict[str, Any], factor: float
) -> None:
    scaled = dict(given_rows)
    for name in ("import_price", "export_price"):
        scaled[name] = [price * factor for price in given_rows[name]]
    dearer = {**LOSSY, "wear_per_kwh": LOSSY["wear_per_kwh"] * factor}
    once = plan(home(ROOF, LOSSY, car(12)), given_rows, **EXACT)
    again = plan(home(ROOF, dearer, car(12)), scaled, **EXACT)
    assert again["objective"] == pytest.approx(factor * once["objective"], abs=1e-5)


@laws
@given(rows(), st.floats(0, 6))
def test_an_ordered_limit_holds(given_rows: dict[str, Any], limit_kw: float) -> None:
    limit = {
        "id": "dso",
        "direction": "import",
        "scope": "controllable",
        "limit_kw": limit_kw,
        "start": at(1.2),
        "end": at(3.4),
    }
    result = plan(home(ROOF, LOSSY, car(30), limits=[limit]), given_rows)
    for t in (1, 2, 3):
        drawn = result["devices"]["battery"]["charge_kw"][t]
        drawn += result["devices"]["car"]["power_kw"][t]
        assert drawn <= limit_kw + 1e-5
    assert result["status"] in {"optimal", "relaxed"}


def brute_force(
    buy: list[float], sell: list[float], load: list[int], limit: int
) -> float:
    """Return the least cost over whole kW: with whole data the optimum is whole.

    Battery of 3 kWh and 2 kW, half full at the start; a car of 0 or 2..3 kW that
    needs 5 kWh; an appliance of 2 kW and then 1 kW.
    """
    steps = len(load)
    battery = np.array(list(product(range(-2, 3), repeat=steps)))
    energy = 1 + battery.cumsum(axis=1)
    battery = battery[(energy.min(axis=1) >= 0) & (energy.max(axis=1) <= 3)]
    cars = np.array(list(product((0, 2, 3), repeat=steps)))
    cars = cars[cars.sum(axis=1) >= 5]
    runs = np.zeros((steps - 1, steps), int)
    for start in range(steps - 1):
        runs[start, start : start + 2] = (2, 1)
    net = (
        battery[:, None, None, :]
        + cars[None, :, None, :]
        + runs[None, None, :, :]
        + np.array(load)
    )
    bought, sold = np.maximum(net, 0), np.maximum(-net, 0)
    cost = (bought * np.array(buy) - sold * np.array(sell)).sum(axis=-1)
    return float(cost[(bought <= limit).all(axis=-1)].min(initial=np.inf))


@settings(max_examples=examples(20, 160), deadline=None)
@given(
    st.lists(st.integers(-10, 50), min_size=4, max_size=4),
    st.integers(0, 10),
    st.lists(st.integers(0, 3), min_size=4, max_size=4),
    st.integers(4, 9),
)
def test_no_plan_of_a_brute_force_is_cheaper(
    cents: list[int], margin: int, load: list[int], limit: int
) -> None:
    buy = [c / 100 for c in cents]
    sell = [(c - margin) / 100 for c in cents]
    battery = {
        **BATTERY,
        "capacity_kwh": 3,
        "initial_energy_kwh": 1,
        "charge_limit_kw": 2,
        "discharge_limit_kw": 2,
    }
    session = {"arrive": at(0), "depart": at(4), "energy_kwh": 5}
    charger = {**CAR, "min_power_kw": 2, "max_power_kw": 3, "sessions": [session]}
    washer = {
        "id": "washer",
        "kind": "appliance",
        "profile_kw": [2, 1],
        "profile_step_minutes": 60,
        "earliest_start": at(0),
        "latest_end": at(4),
    }
    result = plan(
        home(battery, charger, washer, grid={"import_limit_kw": limit}),
        series(buy, export_price=sell, load_kw=load),
        **EXACT,
    )
    expected = brute_force(buy, sell, load, limit)
    if np.isinf(expected):
        assert result["status"] in {"relaxed", "infeasible"}
    else:
        assert result["status"] == "optimal"
        assert result["objective"] == pytest.approx(expected, abs=1e-6)


@laws
@given(rows(), st.floats(0, 5), st.booleans())
def test_more_freedom_never_costs_more(
    given_rows: dict[str, Any], limit_kw: float, gross: bool
) -> None:
    limit = {
        "id": "dso",
        "direction": "import",
        "scope": "controllable",
        "limit_kw": limit_kw,
        "basis": "gross" if gross else "grid_draw",
    }
    session = {"arrive": at(1), "depart": at(5), "energy_kwh": 0}
    one_way = {**car(0), "sessions": [session]}
    tight = {**LOSSY, "reserve_kwh": 3, "max_cycles_per_day": 0.2}
    tight["grid_charge"] = False
    bound = home(ROOF, tight, one_way, limits=[limit])
    freer = (
        home(ROOF, tight, one_way),
        home({**ROOF, "curtailable": True}, tight, one_way, limits=[limit]),
        home(ROOF, {**tight, "reserve_kwh": 0}, one_way, limits=[limit]),
        home(ROOF, {**tight, "max_cycles_per_day": 1}, one_way, limits=[limit]),
        home(ROOF, {**tight, "grid_charge": True}, one_way, limits=[limit]),
        home(ROOF, tight, {**one_way, "bidirectional": True}, limits=[limit]),
        home(ROOF, tight, one_way, limits=[{**limit, "basis": "grid_draw"}]),
        home(ROOF, tight, one_way, limits=[{**limit, "limit_kw": limit_kw + 1}]),
    )
    least = plan(bound, given_rows, **EXACT)
    assert least["status"] == "optimal"
    for other in freer:
        assert (
            plan(other, given_rows, **EXACT)["objective"] <= least["objective"] + 1e-6
        )
