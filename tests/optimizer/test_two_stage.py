"""One plan for several courses of load and production."""

from collections.abc import Mapping, Sequence

from hypothesis import given, settings, strategies as st
import numpy as np
import pytest

from optimizer.align import align, horizon_of
from optimizer.document import InputError
from optimizer.home import Home
from optimizer.home_uncertainty import Uncertainty
from optimizer.read_home import home_from_json
from optimizer.report.text import plan_text
from optimizer.scenarios import Scenario, scenarios
from optimizer.series import Table, table
from optimizer.structures import Structures
from optimizer.two_stage import Together, solved_together
from tests.optimizer.homes import (
    BATTERY,
    CAR,
    HEAT_PUMP,
    ROOF,
    Json,
    at,
    home,
    plan,
    series,
)

STEPS = 12
FINE = 1e-7
LOSSY = BATTERY | {
    "charge_efficiency": 0.95,
    "discharge_efficiency": 0.95,
    "initial_energy_kwh": 4,
    "final_energy_kwh": 3,
}
PEAKS: Json = {"capacity": {"integration_minutes": 60, "price_per_kw": 3}}


def drawn(
    seed: int, *, width: float, shared: int = 2, uncertainty: Json | None = None
) -> Json:
    """Return a home with random prices, load and sun, and rows with quantiles."""
    rng = np.random.default_rng(seed)
    load = rng.uniform(0.3, 2.5, STEPS)
    sun = rng.uniform(0.0, 3.0, STEPS)
    price = rng.uniform(0.1, 0.5, STEPS)
    rows = series(
        price.tolist(),
        export_price=(price * 0.4).tolist(),
        load_kw=load.tolist(),
        pv_kw=sun.tolist(),
        load_kw_p10=(load * (1 - width * rng.uniform(0, 1, STEPS))).tolist(),
        load_kw_p90=(load * (1 + width * rng.uniform(0, 2, STEPS))).tolist(),
        pv_kw_p10=(sun * (1 - width * rng.uniform(0, 1, STEPS))).tolist(),
        pv_kw_p90=(sun * (1 + width * rng.uniform(0, 1, STEPS))).tolist(),
        outdoor_temperature_c=3.0,
        cop=3.0,
        t_min_c=20.0,
        t_max_c=22.0,
    )
    asked = uncertainty or {"shared_steps": shared}
    given_home = home(LOSSY, ROOF, HEAT_PUMP, tariff=PEAKS, uncertainty=asked)
    return {"home": given_home, "rows": rows}


def together(
    asked: Json,
    *,
    first: Mapping[str, float] | None = None,
    only: Sequence[str] = (),
) -> Together:
    """Return the plan over the scenarios of ``asked``, or over ``only`` some."""
    given_home, rows = home_from_json(asked["home"]), table(asked["rows"])
    horizon = horizon_of(given_home, rows)
    found = courses(given_home, rows)
    return solved_together(
        given_home,
        given_home.uncertainty or Uncertainty(),
        horizon,
        [s for s in found if not only or s.name in only],
        Structures(),
        gap=FINE,
        time_limit_s=30,
        first=first,
    )


def courses(given_home: Home, rows: Table) -> Sequence[Scenario]:
    """Return the scenarios of a home."""
    horizon = horizon_of(given_home, rows)
    return scenarios(given_home, rows, horizon, align(given_home, rows, horizon))


@given(seed=st.integers(0, 10_000))
@settings(max_examples=6, deadline=None)
def test_with_equal_scenarios_it_is_the_certain_plan(seed: int) -> None:
    asked = drawn(seed, width=0.0)
    certain = asked["home"] | {"uncertainty": None}
    one = plan(certain, asked["rows"], gap=FINE)
    other = plan(asked["home"], asked["rows"], gap=FINE)
    assert other["objective"] == pytest.approx(one["objective"], abs=1e-6)
    assert other["cost"] == pytest.approx(one["cost"], abs=1e-5)
    assert sum(other["cost"].values()) == pytest.approx(other["objective"], abs=1e-6)


@given(seed=st.integers(0, 10_000), shared=st.integers(1, STEPS))
@settings(max_examples=6, deadline=None)
def test_the_shared_steps_are_equal_over_scenarios(seed: int, shared: int) -> None:
    asked = drawn(seed, width=0.8, shared=shared)
    found = plan(asked["home"], asked["rows"])["scenarios"]
    for device, column in (
        ("battery", "charge_kw"),
        ("battery", "discharge_kw"),
        ("heat_pump", "power_kw"),
    ):
        first = [s["devices"][device][column][:shared] for s in found]
        assert first[0] == first[1] == first[2]


def test_what_follows_is_each_scenario_s_own() -> None:
    asked = drawn(3, width=0.8, shared=1)
    found = plan(asked["home"], asked["rows"])["scenarios"]
    later = [s["devices"]["battery"]["energy_kwh"][1:-1] for s in found]
    assert not np.allclose(later[0], later[2], atol=0.1)


@given(seed=st.integers(0, 10_000))
@settings(max_examples=6, deadline=None)
def test_the_stochastic_solution_is_worth_no_less_than_nothing(seed: int) -> None:
    asked = drawn(seed, width=0.8)
    expected = together(asked, only=["expected"])
    stochastic = together(asked)
    fixed = together(asked, first=expected.shared)
    worth = fixed.solution.objective - stochastic.solution.objective
    assert worth >= -1e-5


def test_somewhere_the_stochastic_solution_is_worth_money() -> None:
    worth = []
    for seed in range(4):
        asked = drawn(seed, width=0.8)
        first = together(asked, only=["expected"]).shared
        fixed = together(asked, first=first).solution.objective
        worth.append(fixed - together(asked).solution.objective)
    assert max(worth) > 1e-3


@given(seed=st.integers(0, 10_000))
@settings(max_examples=4, deadline=None)
def test_the_expected_cost_is_that_of_the_scenarios(seed: int) -> None:
    asked = drawn(seed, width=0.8)
    found = plan(asked["home"], asked["rows"], gap=FINE)
    energy = sum(s["probability"] * s["cost"]["energy"] for s in found["scenarios"])
    peaks = max(s["cost"]["capacity"] for s in found["scenarios"])
    assert found["cost"]["energy"] == pytest.approx(energy, abs=1e-5)
    assert found["cost"]["capacity"] == pytest.approx(peaks, abs=1e-5)


def test_the_cost_of_each_course_is_told() -> None:
    asked = drawn(6, width=0.5)
    found = plan(asked["home"], asked["rows"])
    lines = plan_text(found).splitlines()
    scarce = sum(found["scenarios"][2]["cost"].values())
    assert f"  30% scarce: {scarce:.2f} EUR" in lines


def test_a_lower_quantile_leaves_the_highest_peaks_out() -> None:
    def cost(quantile: float) -> float:
        uncertainty = {"shared_steps": 1, "peak_quantile": quantile}
        asked = drawn(5, width=0.9, uncertainty=uncertainty)
        found = plan(asked["home"], asked["rows"], gap=FINE)
        return float(found["cost"]["capacity"])

    assert cost(0.7) < cost(0.71) - 0.1
    assert cost(0.71) == pytest.approx(cost(1.0))


def test_a_reserve_is_kept_whatever_comes() -> None:
    asked = drawn(7, width=1.0)
    devices = [LOSSY | {"reserve_kwh": 2.5}, ROOF, HEAT_PUMP]
    found = plan(asked["home"] | {"devices": devices}, asked["rows"])
    assert found["status"] == "optimal"
    for scenario in found["scenarios"]:
        assert min(scenario["devices"]["battery"]["energy_kwh"]) >= 2.5 - 1e-5


def test_a_car_s_switching_is_shared_too() -> None:
    session = {"arrive": at(0), "depart": at(10), "energy_kwh": 15}
    asked = drawn(2, width=0.7)
    devices = [LOSSY, ROOF, CAR | {"efficiency": 0.9, "sessions": [session]}]
    found = plan(asked["home"] | {"devices": devices}, asked["rows"])
    assert found["status"] == "optimal"
    powers = [s["devices"]["car"]["power_kw"] for s in found["scenarios"]]
    assert powers[0][:2] == powers[1][:2] == powers[2][:2]
    assert all(sum(power) * 0.9 >= 15 - 1e-4 for power in powers)


def test_what_gives_way_in_one_scenario_only_is_said() -> None:
    rows = series(
        [0.2] * 4, load_kw=1.0, load_kw_p10=1.0, load_kw_p90=[1.0, 1.0, 6.0, 1.0]
    )
    asked = home(grid={"import_limit_kw": 4}, uncertainty={})
    found = plan(asked, rows)
    assert found["status"] == "infeasible"
    assert [entry["by"] for entry in found["relaxed"]] == [pytest.approx(2.0, abs=0.01)]


def test_negative_prices_need_their_binaries_in_every_scenario() -> None:
    asked = drawn(4, width=0.9)
    rows = asked["rows"] | {
        "import_price": [-0.2, -0.1, 0.1] * 4,
        "export_price": [-0.3, -0.2, 0.05] * 4,
    }
    found = plan(asked["home"], rows)
    for scenario in found["scenarios"]:
        battery = scenario["devices"]["battery"]
        both = np.minimum(battery["charge_kw"], battery["discharge_kw"])
        assert both.max() < 1e-4


def test_without_the_field_quantiles_change_nothing() -> None:
    asked = drawn(1, width=0.8)
    certain = asked["home"] | {"uncertainty": None}
    found = plan(certain, asked["rows"])
    bare = {k: v for k, v in asked["rows"].items() if k[-4:] not in {"_p10", "_p90"}}
    assert "scenarios" not in found
    assert found["objective"] == plan(certain, bare)["objective"]


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({}, "uncertainty needs a column such as load_kw_p10, and its _p90"),
        ({"load_kw_p10": 0.5}, "no column load_kw_p90, which uncertainty needs"),
        (
            {"load_kw_p10": 2.0, "load_kw_p90": 1.0},
            "series.load_kw_p10: is above load_kw_p90 in some step",
        ),
        (
            {"pv_kw_p10": -1.0, "pv_kw_p90": 1.0},
            "series.pv_kw_p10: is below 0 kW; production is positive",
        ),
        ({"load_kw_p10": [1.0, float("nan")], "load_kw_p90": 2.0}, "finite number"),
    ],
)
def test_bad_quantiles_are_named(columns: Json, said: str) -> None:
    rows = series([0.2, 0.3], pv_kw=1.0, **columns)
    with pytest.raises(InputError) as error:
        plan(home(ROOF, uncertainty={}), rows)
    assert said in " ".join(str(problem) for problem in error.value.problems)
