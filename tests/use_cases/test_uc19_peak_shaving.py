"""UC19: the charge on the month's peak is part of the plan, and no more."""

import pytest

from tests.optimizer.homes import BATTERY, CAR, at, home, plan, series

CHEAP_HOUR = [0.30] * 8 + [0.29] + [0.30] * 7
CAR_TONIGHT = CAR | {
    "sessions": [{"arrive": at(0), "depart": at(16), "energy_kwh": 24}]
}


def tariff(peak_so_far_kw: float) -> dict[str, object]:
    return {
        "currency": "EUR",
        "capacity": {
            "integration_minutes": 60,
            "price_per_kw": 4.0,
            "peak_so_far_kw": peak_so_far_kw,
        },
    }


def peak_kw(result: dict[str, dict[str, list[float]]]) -> float:
    return max(result["grid"]["import_kw"])


def test_charging_is_spread_so_that_no_new_peak_is_paid_for() -> None:
    result = plan(home(CAR_TONIGHT, tariff=tariff(4.0)), series(CHEAP_HOUR))

    assert peak_kw(result) <= 4.0 + 1e-6
    assert result["cost"]["capacity"] == pytest.approx(0, abs=1e-6)


def test_below_the_peak_already_paid_for_nothing_is_shaved() -> None:
    result = plan(home(CAR_TONIGHT, tariff=tariff(12.0)), series(CHEAP_HOUR))

    assert peak_kw(result) == pytest.approx(12.0, abs=1e-3)
    assert result["cost"]["capacity"] == pytest.approx(0, abs=1e-6)


def test_a_peak_of_the_load_is_shaved_by_the_battery() -> None:
    load_kw = [0.5] * 6 + [7.0] + [0.5] * 9
    charged = BATTERY | {"initial_energy_kwh": 5.0, "final_energy_kwh": 5.0}

    without = plan(home(tariff=tariff(2.5)), series([0.30] * 16, load_kw=load_kw))
    shaved = plan(
        home(charged, tariff=tariff(2.5)), series([0.30] * 16, load_kw=load_kw)
    )

    assert without["cost"]["capacity"] == pytest.approx(4.0 * 4.5)
    assert peak_kw(shaved) <= 2.5 + 1e-6


def test_a_new_peak_is_accepted_where_it_is_cheaper_than_the_alternative() -> None:
    # One cheap hour saves 0.5 a kWh and a kW more of peak costs 4.
    prices = [1.0] * 8 + [0.0] + [1.0] * 7
    result = plan(home(CAR_TONIGHT, tariff=tariff(2.5)), series(prices, load_kw=0.0))
    spread = plan(
        home(CAR_TONIGHT, tariff=tariff(2.5)), series([0.1] * 16, load_kw=0.0)
    )

    assert peak_kw(spread) <= 2.5 + 1e-6
    assert result["cost"]["capacity"] == pytest.approx(
        4.0 * max(0.0, peak_kw(result) - 2.5), abs=1e-3
    )
    assert result["bound"] <= result["objective"] + 1e-9


def test_in_norway_the_car_stays_in_the_step_that_is_paid_anyway() -> None:
    capacity = {"preset": "norway", "peaks_so_far_kw": [6.0, 5.0, 4.5]}
    night = [0.5] * 8 + [0.4] + [0.5] * 7
    result = plan(
        home(CAR_TONIGHT, tariff={"currency": "NOK", "capacity": capacity}),
        series(night, load_kw=0.5),
    )

    # (6 + 5 + 11.5) / 3 = 7.5 kW: all of it within 5 to 10 kW.
    assert result["cost"]["capacity"] == pytest.approx(0, abs=1e-6)
    assert peak_kw(result) == pytest.approx(11.5)


def test_in_flanders_a_peak_below_the_floor_is_not_shaved() -> None:
    capacity = {"preset": "belgium_flanders", "peak_so_far_kw": 1.0}
    result = plan(
        home(CAR_TONIGHT, tariff={"capacity": capacity}),
        series(CHEAP_HOUR, load_kw=0.5),
    )

    assert peak_kw(result) == pytest.approx(2.5, abs=1e-3)
    assert result["cost"]["capacity"] == pytest.approx(0, abs=1e-6)
