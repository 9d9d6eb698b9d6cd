from hypothesis import given, settings, strategies as st
import pytest

from optimizer.document import InputError
from optimizer.read_home import home_from_json
from tests.optimizer.homes import BATTERY, ROOF, Json, home, net_kw, plan, series
from tests.optimizer.judge import judge


def test_it_buys_cheap_and_covers_when_dear() -> None:
    result = plan(home(BATTERY), series([0.1, 0.1, 0.3, 0.3]))
    battery = result["devices"]["battery"]
    assert sum(battery["charge_kw"]) == pytest.approx(2)
    assert battery["discharge_kw"] == pytest.approx([0, 0, 1, 1])
    assert result["cost"]["energy"] == pytest.approx(0.4)


def test_losses_each_way_and_wear_are_paid_for() -> None:
    lossy = {
        **BATTERY,
        "charge_efficiency": 0.9,
        "discharge_efficiency": 0.8,
        "wear_per_kwh": 0.02,
    }
    result = plan(home(lossy), series([0.1, 0.3]))
    battery = result["devices"]["battery"]
    assert battery["discharge_kw"][1] == pytest.approx(1)
    assert battery["charge_kw"][0] == pytest.approx(1 / 0.72)
    assert result["cost"]["wear"] == pytest.approx(0.02)
    # Losses of 28 % and wear make 0.1 against 0.15 a loss.
    rested = plan(home(lossy), series([0.1, 0.15]))["devices"]["battery"]
    assert rested["charge_kw"] == [0, 0]


def test_the_final_energy_is_a_minimum() -> None:
    given = {**BATTERY, "initial_energy_kwh": 2, "final_energy_kwh": 4}
    result = plan(home(given), series([0.2, 0.3]))
    assert result["devices"]["battery"]["energy_kwh"][-1] == pytest.approx(4)
    assert result["status"] == "optimal"


def test_without_an_end_value_it_is_emptied_and_with_one_it_is_not() -> None:
    full = {**BATTERY, "initial_energy_kwh": 6, "min_energy_kwh": 1}
    emptied = plan(home(full), series([0.3] * 3, load_kw=4))
    assert emptied["devices"]["battery"]["energy_kwh"][-1] == pytest.approx(1)
    kept = plan(home({**full, "end_value_per_kwh": 0.4}), series([0.3] * 3, load_kw=4))
    assert kept["devices"]["battery"]["energy_kwh"][-1] == pytest.approx(10)
    assert kept["cost"]["end_value"] == pytest.approx(-0.4 * 9)
    assert kept["objective"] == pytest.approx(sum(kept["cost"].values()))


@pytest.mark.parametrize("price", [-0.6, -0.1, 0.0])
def test_it_never_does_both_at_once_however_low_the_price(price: float) -> None:
    lossy = {**BATTERY, "charge_efficiency": 0.9, "discharge_efficiency": 0.9}
    rows = series([price] * 6, export_price=price - 0.02)
    battery = plan(home(lossy), rows)["devices"]["battery"]
    for charge, discharge in zip(
        battery["charge_kw"], battery["discharge_kw"], strict=True
    ):
        assert min(charge, discharge) == 0


def test_it_does_not_burn_solar_that_may_not_leave() -> None:
    lossy = {**BATTERY, "charge_efficiency": 0.9, "discharge_efficiency": 0.9}
    given = home(lossy, ROOF, grid={"export_limit_kw": 2})
    result = plan(given, series([0.3] * 8, pv_kw=5.0, load_kw=0.5))
    battery = result["devices"]["battery"]
    for charge, discharge in zip(
        battery["charge_kw"], battery["discharge_kw"], strict=True
    ):
        assert min(charge, discharge) == 0
    # 4.5 kW are left over for eight hours: more than battery and grid can take.
    assert result["status"] == "infeasible"


def test_below_its_minimum_it_is_brought_back_and_says_so() -> None:
    low = {**BATTERY, "initial_energy_kwh": 0.5, "min_energy_kwh": 1}
    result = plan(home(low), series([0.1, 0.5]))
    assert result["status"] == "optimal"
    energy = result["devices"]["battery"]["energy_kwh"]
    assert energy[0] >= 1
    lower = {**low, "charge_limit_kw": 0.2}
    slow = plan(home(lower), series([0.1, 0.1, 0.5]))
    assert slow["status"] == "relaxed"
    assert slow["relaxed"][0]["constraint"] == "battery least energy"
    assert slow["relaxed"][0]["by"] == pytest.approx(0.3)
    assert slow["devices"]["battery"]["energy_kwh"][-1] == pytest.approx(1, abs=1e-4)


def test_the_balance_at_the_grid_holds() -> None:
    result = plan(home(BATTERY), series([0.1, 0.3, 0.2], load_kw=[1, 2, 3]))
    battery = result["devices"]["battery"]
    for t, net in enumerate(net_kw(result)):
        power = battery["charge_kw"][t] - battery["discharge_kw"][t]
        assert net == pytest.approx(result["load_kw"][t] + power, abs=1e-6)


PARTS = [{"up_to_kw": 2, "efficiency": 0.98}, {"up_to_kw": 5, "efficiency": 0.9}]
BY_POWER = {**BATTERY, "charge_losses": PARTS, "discharge_losses": PARTS}


def test_losses_that_rise_with_power_make_it_charge_slowly() -> None:
    rows = series([0.1, 0.1, 0.5, 0.5], load_kw=1.9)
    result = plan(home(BY_POWER), rows)
    judge(home(BY_POWER), rows, result)
    battery = result["devices"]["battery"]
    # Charging two hours at 1.94 kW loses less than one at 3.88 kW.
    assert max(battery["charge_kw"]) <= 2 + 1e-6
    assert sum(battery["discharge_kw"]) == pytest.approx(3.8, abs=1e-3)


@settings(max_examples=30, deadline=None, derandomize=True)
@given(
    st.lists(st.integers(-40, 60), min_size=5, max_size=5),
    st.lists(st.integers(0, 6), min_size=5, max_size=5),
)
def test_parts_are_filled_in_order_whatever_energy_is_worth(
    cents: list[int], suns: list[int]
) -> None:
    rows = series(
        [c / 100 for c in cents],
        export_price=[c / 100 - 0.1 for c in cents],
        pv_kw=[float(kw) for kw in suns],
    )
    given_home = home({**BY_POWER, "initial_energy_kwh": 4}, ROOF)
    result = plan(given_home, rows)
    assert result["status"] == "optimal"
    judge(given_home, rows, result)


def test_losses_by_power_lie_between_the_best_and_the_worst_of_them() -> None:
    rows = series([0.1, 0.4, 0.2, 0.5], export_price=0.02, load_kw=3.0)
    costs = []
    for eta in (0.98, 0.9):
        flat = {**BATTERY, "charge_efficiency": eta, "discharge_efficiency": eta}
        costs.append(plan(home(flat), rows)["objective"])
    assert costs[0] < plan(home(BY_POWER), rows)["objective"] < costs[1]


def test_standby_is_drawn_all_the_time() -> None:
    rows = series([0.2, 0.2], load_kw=1.0)
    result = plan(home({**BATTERY, "standby_kw": 0.05}), rows)
    assert result["grid"]["import_kw"] == pytest.approx([1.05, 1.05])


def test_it_loses_energy_of_itself() -> None:
    losing = {**BATTERY, "initial_energy_kwh": 10, "self_discharge_per_hour": 0.1}
    rows = series([0.1, 0.1], export_price=-1, load_kw=0.0)
    energy = plan(home(losing), rows)["devices"]["battery"]["energy_kwh"]
    assert energy == pytest.approx([9, 8.1])


def test_one_that_cannot_charge_sinks_below_its_minimum_by_its_losses_alone() -> None:
    given_home = home(
        {
            **BATTERY,
            "initial_energy_kwh": 2,
            "min_energy_kwh": 2,
            "self_discharge_per_hour": 0.1,
            "grid_charge": False,
        }
    )
    result = plan(given_home, series([0.9, 0.9]))
    assert result["status"] == "relaxed"
    assert result["devices"]["battery"]["energy_kwh"] == pytest.approx([1.8, 1.62])
    assert {entry["constraint"] for entry in result["relaxed"]} == {
        "battery energy at the end",
        "battery least energy",
    }


def test_a_reserve_is_used_for_a_limit_and_for_nothing_else() -> None:
    full = {**BATTERY, "initial_energy_kwh": 5, "reserve_kwh": 5}
    dear = plan(home(full), series([0.9, 0.9]))
    assert dear["devices"]["battery"]["discharge_kw"] == [0, 0]
    given_home = home(full, grid={"import_limit_kw": 2})
    needed = plan(given_home, series([0.9, 0.9], load_kw=[2.0, 3.0]))
    assert needed["status"] == "relaxed"
    assert max(needed["grid"]["import_kw"]) <= 2 + 1e-4


def test_waiting_for_surplus_it_never_charges_while_the_home_imports() -> None:
    waiting = {**BATTERY, "grid_charge": False, "final_energy_kwh": 6}
    rows = series([0.1, 0.1, 0.1], load_kw=1.0, pv_kw=[0.0, 4.0, 9.0])
    result = plan(home(waiting, ROOF), rows)
    judge(home(waiting, ROOF), rows, result)
    battery = result["devices"]["battery"]
    assert battery["charge_kw"][0] == 0
    assert sum(battery["charge_kw"]) >= 6 - 1e-6
    assert "charge" not in battery["action"]


@pytest.mark.parametrize(
    ("losses", "where", "text"),
    [
        ([PARTS[0]], "charge_losses[0].up_to_kw", "ends below charge_limit_kw, 5"),
        (PARTS[::-1], "charge_losses[1].up_to_kw", "must rise from part to part"),
        (
            [PARTS[0], {**PARTS[1], "efficiency": 0.99}],
            "charge_losses[1].efficiency",
            "must not rise from part to part",
        ),
    ],
)
def test_losses_that_do_not_fit_are_named(
    losses: list[Json], where: str, text: str
) -> None:
    with pytest.raises(InputError) as refused:
        home_from_json(home({**BATTERY, "charge_losses": losses}))
    assert (f"devices[0].{where}", text) in {
        (problem.where, problem.text) for problem in refused.value.problems
    }
