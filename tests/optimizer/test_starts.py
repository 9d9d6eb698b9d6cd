"""What a start costs, and the calm that it buys."""

import numpy as np
import pytest

from tests.optimizer.homes import CAR, HEAT_PUMP, Json, at, home, plan, series

PUMP_ROWS = {
    "cop": 3.0,
    "t_min_c": 20.0,
    "t_max_c": 24.0,
    "outdoor_temperature_c": 3.0,
}
HEATER: Json = {
    "id": "heater",
    "kind": "flexible_load",
    "min_power_kw": 2,
    "max_power_kw": 2,
    "energy_kwh": 4,
    "windows": [{"start": at(0), "end": at(4)}],
}
CHEAP_APART = [0.1, 0.2, 0.1, 0.2]


def rises(power_kw: list[float]) -> int:
    on = np.array(power_kw) > 1e-3
    return int((np.diff([0, *on.astype(int)]) > 0).sum())


@pytest.mark.parametrize(
    ("start_cost", "runs", "energy"),
    # Two hours apart cost 0.40, two in a row 0.60: 0.20 for the second start.
    [(0.0, 2, 0.4), (0.19, 2, 0.4), (0.21, 1, 0.6)],
)
def test_runs_are_joined_where_a_start_costs_more_than_the_price_between(
    start_cost: float, runs: int, energy: float
) -> None:
    heater = {**HEATER, "start_cost": start_cost}
    result = plan(home(heater), series(CHEAP_APART, load_kw=0.0))
    assert rises(result["devices"]["heater"]["power_kw"]) == runs
    assert result["cost"]["energy"] == pytest.approx(energy)
    assert result["cost"].get("starting", 0.0) == pytest.approx(runs * start_cost)
    assert result["objective"] == pytest.approx(sum(result["cost"].values()))


def test_the_part_of_the_cost_is_there_only_where_a_start_costs() -> None:
    result = plan(home(HEATER), series(CHEAP_APART, load_kw=0.0))
    assert result["cost"].keys() == {"energy", "capacity", "wear", "comfort"}


def test_what_runs_already_goes_on_rather_than_start_later() -> None:
    heater = {**HEATER, "energy_kwh": 2, "start_cost": 0.3}
    rows = series([0.3, 0.2, 0.2, 0.2], load_kw=0.0)
    going, resting = (
        plan(home({**heater, "initially_on": on}), rows)["devices"]["heater"]
        for on in (True, False)
    )
    assert going["power_kw"] == pytest.approx([2, 0, 0, 0])
    assert resting["power_kw"][0] == 0


@pytest.mark.parametrize(("power", "share"), [(11.0, 1.0), (5.5, 0.5)])
def test_a_car_that_starts_at_part_of_its_power_pays_that_part(
    power: float, share: float
) -> None:
    session = {"arrive": at(0), "depart": at(2), "energy_kwh": 2 * power}
    car = {**CAR, "start_cost": 0.1, "sessions": [session]}
    grid = {"import_limit_kw": power}
    result = plan(home(car, grid=grid), series([0.2] * 3, load_kw=0.0))
    assert result["cost"]["starting"] == pytest.approx(0.1 * share)
    assert result["devices"]["car"]["power_kw"] == pytest.approx([power, power, 0])


def test_a_car_and_a_heat_pump_do_not_take_turns_below_a_peak() -> None:
    def planned(start_cost: float) -> Json:
        session = {"arrive": at(0), "depart": at(11), "energy_kwh": 22}
        car = {
            **CAR,
            "min_power_kw": 4.14,
            "start_cost": start_cost,
            "sessions": [session],
        }
        pump = {**HEAT_PUMP, "start_cost": start_cost}
        tariff = {"capacity": {"price_per_kw": 4, "peak_so_far_kw": 5}}
        rows = series([0.25] * 48, minutes=15, load_kw=0.5, **PUMP_ROWS)
        document = home(car, pump, minutes=15, tariff=tariff)
        return plan(document, rows, gap=1e-2)

    restless, calm = planned(0.0), planned(0.02)
    starts = [
        sum(rises(result["devices"][name]["power_kw"]) for name in ("car", "heat_pump"))
        for result in (restless, calm)
    ]
    assert starts[1] <= 4 < starts[0]
    money = calm["objective"] - calm["cost"]["starting"]
    assert money <= restless["objective"] * 1.01 + 0.02 * starts[0]
