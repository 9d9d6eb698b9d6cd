import numpy as np
import pytest

from optimizer.document import InputError
from optimizer.read_home import home_from_json
from optimizer.structures import Structures
from tests.optimizer.homes import CAR, Json, at, home, plan, series
from tests.optimizer.judge import judge
from tests.optimizer.test_compile import parts_of


def car(arrive: float, depart: float, energy_kwh: float, **fields: object) -> Json:
    session = {"arrive": at(arrive), "depart": at(depart), "energy_kwh": energy_kwh}
    return {**CAR, "sessions": [session], **fields}


def test_it_charges_in_the_cheapest_hours_before_departure() -> None:
    prices = [0.3, 0.2, 0.1, 0.3, 0.05]
    result = plan(home(car(0, 4, 16)), series(prices))
    assert result["devices"]["car"]["power_kw"] == pytest.approx([0, 5, 11, 0, 0])
    assert result["devices"]["car"]["energy_kwh"] == pytest.approx([0, 5, 16, 16, 0])


def test_it_is_off_or_at_least_at_its_minimum() -> None:
    given = car(0, 4, 12, min_power_kw=4, max_power_kw=11)
    result = plan(home(given), series([0.3, 0.1, 0.3, 0.3]))
    assert result["devices"]["car"]["power_kw"] == pytest.approx([0, 11, 4, 0]) or (
        sum(p > 0 for p in result["devices"]["car"]["power_kw"]) == 2
    )
    for power in result["devices"]["car"]["power_kw"]:
        assert power == 0 or power >= 4 - 1e-6


def test_losses_are_on_the_home_s_side() -> None:
    result = plan(home(car(0, 2, 9, efficiency=0.9)), series([0.1, 0.3]))
    assert result["devices"]["car"]["power_kw"] == pytest.approx([10, 0])


def test_only_steps_wholly_in_the_stay_are_used() -> None:
    result = plan(home(car(0.5, 2.5, 5)), series([0.1, 0.3, 0.1]))
    assert result["devices"]["car"]["power_kw"] == pytest.approx([0, 5, 0])


def test_a_stay_cut_by_the_horizon_owes_what_cannot_wait() -> None:
    # Two hours after the horizon's end can bring 22 of the 30 kWh.
    result = plan(home(car(0, 4, 30)), series([0.2, 0.1]))
    assert sum(result["devices"]["car"]["power_kw"]) == pytest.approx(8)
    assert result["status"] == "optimal"


def test_an_impossible_departure_is_relaxed_by_what_is_missing() -> None:
    result = plan(home(car(0, 2, 30)), series([0.2, 0.1, 0.1]))
    assert result["status"] == "relaxed"
    (entry,) = result["relaxed"]
    assert entry["constraint"] == "car energy by 14:00"
    assert entry["by"] == pytest.approx(8)
    assert entry["unit"] == "kWh"
    assert result["devices"]["car"]["power_kw"] == pytest.approx([11, 11, 0])


def test_a_stay_shorter_than_a_step_is_relaxed_not_refused() -> None:
    result = plan(home(car(0.25, 0.75, 3)), series([0.2, 0.1]))
    assert result["status"] == "relaxed"
    assert result["relaxed"][0]["by"] == pytest.approx(3)


def test_the_connection_s_limit_comes_before_the_departure() -> None:
    given = home(car(0, 2, 20), grid={"import_limit_kw": 6})
    result = plan(given, series([0.2, 0.1]))
    assert result["status"] == "relaxed"
    assert max(result["grid"]["import_kw"]) <= 6 + 1e-6
    assert result["relaxed"][0]["by"] == pytest.approx(10)


def test_a_past_or_later_stay_asks_for_nothing() -> None:
    gone = plan(home(car(-5, -1, 20)), series([0.2, 0.1]))
    later = plan(home(car(5, 9, 20)), series([0.2, 0.1]))
    for result in (gone, later):
        assert result["status"] == "optimal"
        assert result["devices"]["car"]["power_kw"] == [0, 0]


def test_what_is_missing_can_have_a_price() -> None:
    stay = {"missing_price_per_kwh": 0.25, "max_energy_kwh": 20}
    given = car(0, 4, 16)
    given["sessions"][0] |= stay
    result = plan(home(given), series([0.3, 0.2, 0.4, 0.3]))
    assert result["status"] == "optimal"
    assert sum(result["devices"]["car"]["power_kw"]) == pytest.approx(11)
    assert result["cost"]["departure"] == pytest.approx(0.25 * 5)
    judge(home(given), series([0.3, 0.2, 0.4, 0.3]), result)


def test_it_is_ready_sooner_where_that_is_worth_more_than_it_costs() -> None:
    rows = series([0.3, 0.3, 0.1, 0.1])
    for price, soon_kwh in ((0.1, 0), (0.25, 8)):
        given = car(0, 4, 8)
        given["sessions"][0] |= {"ready_by": at(2), "late_price_per_kwh": price}
        result = plan(home(given), rows)
        power = result["devices"]["car"]["power_kw"]
        assert sum(power[:2]) == pytest.approx(soon_kwh)
        assert sum(power) == pytest.approx(8)
        judge(home(given), rows, result)


def vehicle(**fields: object) -> Json:
    sessions = [
        {"arrive": at(0), "depart": at(2), "energy_kwh": 0, "trip_kwh": 12},
        {"arrive": at(4), "depart": at(6), "energy_kwh": 0, "trip_kwh": 6},
    ]
    whole = {"capacity_kwh": 20, "min_energy_kwh": 2, "initial_energy_kwh": 6}
    return {**CAR, "sessions": sessions, "vehicle": {**whole, **fields}}


def test_a_vehicle_has_enough_for_each_trip() -> None:
    rows = series([0.3, 0.2, 0.0, 0.0, 0.4, 0.4])
    result = plan(home(vehicle()), rows)
    # Both trips from the cheap hour: 12 + 6 + the least 2 - the first 6 kWh.
    power = result["devices"]["car"]["power_kw"]
    assert power == pytest.approx([3, 11, 0, 0, 0, 0])
    judge(home(vehicle()), rows, result)


def test_a_vehicle_takes_no_more_than_it_holds() -> None:
    rows = series([0.1, 0.1, 0.0, 0.0, 0.4, 0.4])
    result = plan(home(vehicle(capacity_kwh=15)), rows)
    assert sum(result["devices"]["car"]["power_kw"][:2]) == pytest.approx(9)
    assert sum(result["devices"]["car"]["power_kw"][4:]) == pytest.approx(5)


def test_a_trip_that_cannot_be_made_is_said() -> None:
    given = vehicle(capacity_kwh=13)
    result = plan(home(given), series([0.1] * 6))
    assert result["status"] == "relaxed"
    (entry,) = result["relaxed"]
    assert entry["constraint"] == "car trip after 14:00"
    assert entry["by"] == pytest.approx(1)
    # It comes back with its least energy and is charged for the second trip.
    assert sum(result["devices"]["car"]["power_kw"][4:]) == pytest.approx(6)


def test_one_and_three_phases_leave_a_gap() -> None:
    ranges = [{"min_kw": 1.4, "max_kw": 3.7}, {"min_kw": 4.14, "max_kw": 11}]
    given = car(0, 3, 4, min_power_kw=1.4, power_ranges=ranges)
    result = plan(home(given), series([0.1, 0.3, 0.2]))
    power = result["devices"]["car"]["power_kw"]
    # 4 kWh at once is impossible: a little more is cheaper than a second hour.
    assert power == pytest.approx([4.14, 0, 0])


def test_a_car_gives_back_in_the_evening_and_wear_is_paid() -> None:
    given = car(0, 3, 5, bidirectional=True, efficiency=0.9, wear_per_kwh=0.05)
    rows = series([0.1, 0.6, 0.1], load_kw=2.0)
    result = plan(home(given), rows)
    pump = result["devices"]["car"]
    assert pump["power_kw"][1] == pytest.approx(-2)
    assert pump["action"][1] == "discharge"
    (reason,) = [r for r in result["reasons"] if r["key"] == "car_gives_back"]
    # What is given at 0.6 is bought at 0.1, with losses, and wears.
    assert reason["saving"] == pytest.approx(2 * (0.6 - 0.1 / 0.81 - 0.05), abs=1e-3)
    assert pump["energy_kwh"][2] == pytest.approx(5)
    assert result["cost"]["wear"] == pytest.approx(0.1)
    judge(home(given), rows, result)


@pytest.mark.parametrize(("price", "energy_kwh"), [(0.2, 4), (0.35, 10)])
def test_at_least_by_departure_and_preferably_more(
    price: float, energy_kwh: float
) -> None:
    """At least 4 kWh; another 6 are wished, at 0.30 each from the grid."""
    given = car(0, 4, 4)
    given["sessions"][0] |= {"preferred_energy_kwh": 10, "late_price_per_kwh": price}
    rows = series([0.3] * 4)
    result = plan(home(given), rows)
    power = result["devices"]["car"]["power_kw"]
    assert sum(power) == pytest.approx(energy_kwh)
    assert result["cost"]["departure"] == pytest.approx(price * (10 - energy_kwh))
    judge(home(given), rows, result)


def test_several_cars_on_one_charger_each_have_their_own_needs() -> None:
    """A small one that takes 3 kW and gets full, then one that needs 11."""
    small = {"arrive": at(0), "depart": at(3), "energy_kwh": 6, "max_power_kw": 3}
    large = {"arrive": at(3), "depart": at(5), "energy_kwh": 12}
    given = {**CAR, "sessions": [{**small, "max_energy_kwh": 6}, large]}
    rows = series([0.3, 0.1, 0.1, 0.3, 0.1])
    result = plan(home(given), rows)
    assert result["devices"]["car"]["power_kw"] == pytest.approx([0, 3, 3, 1.5, 10.5])
    judge(home(given), rows, result)


def test_what_the_car_draws_bounds_what_can_wait_for_after_the_plan() -> None:
    """Two of its four hours are left after the plan: 3 kW more in each."""
    given = car(0, 4, 10)
    given["sessions"][0] |= {"max_power_kw": 3}
    result = plan(home(given), series([0.3, 0.3]))
    assert sum(result["devices"]["car"]["power_kw"]) == pytest.approx(4)


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"preferred_energy_kwh": 9}, "needs late_price_per_kwh"),
        ({"max_power_kw": 1}, "less than the charger's least power, 1.5"),
        (
            {
                "preferred_energy_kwh": 9,
                "late_price_per_kwh": 1,
                "max_energy_kwh": 8,
            },
            "is more than max_energy_kwh, 8",
        ),
    ],
)
def test_a_wish_that_does_not_fit_is_named(fields: Json, text: str) -> None:
    given = car(0, 4, 4)
    given["sessions"][0] |= fields
    with pytest.raises(InputError, match=text):
        home_from_json(home(given))


@pytest.mark.parametrize("energy_kwh", [2.0, 3.5, 4.1, 7.9])
def test_whole_steps_at_the_least_power_bound_the_linear_cost(
    energy_kwh: float,
) -> None:
    session = {"arrive": at(0), "depart": at(2), "energy_kwh": energy_kwh}
    car = {**CAR, "min_power_kw": 4.0, "max_power_kw": 6.0, "sessions": [session]}
    given = home(car, minutes=15)
    rows = series([0.2] * 8, minutes=15, load_kw=0.0)
    matrices = Structures().compiled(*parts_of(given, rows), tight=True)
    model = matrices.model.part["device car"]
    (row,) = matrices.rows_of(matrices.model.whole_steps.values())
    for steps in range(1, 9):
        power_kw = max(4.0, energy_kwh * 4 / steps)
        values = np.zeros(matrices.column_count)
        values[matrices.columns_of(model.charge.values())[:steps]] = power_kw
        values[matrices.columns_of(model.charging.chosen.values())[:steps]] = 1.0
        assert matrices.activity(values)[row] >= matrices.entries.row_lower[row] - 1e-9
    half = np.zeros(matrices.column_count)
    half[matrices.columns_of(model.charge.values())] = energy_kwh / 2
    half[matrices.columns_of(model.charging.chosen.values())] = energy_kwh / 8
    broken = matrices.activity(half)[row] < matrices.entries.row_lower[row] - 1e-9
    assert broken == (energy_kwh % 1 > 0)
