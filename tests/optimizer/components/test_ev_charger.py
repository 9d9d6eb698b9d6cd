import pytest

from tests.optimizer.homes import CAR, Json, at, home, plan, series


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
