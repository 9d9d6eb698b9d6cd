import pytest

from tests.optimizer.homes import BATTERY, ROOF, home, net_kw, plan, series


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
