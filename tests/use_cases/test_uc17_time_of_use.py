"""UC17: static price calendars, seasons, holidays, colours and clock changes."""

from datetime import datetime, timedelta

import pytest

from tests.optimizer.homes import CAR, Json, home, plan, series

WANFRIED = {
    "preset": "germany_module_3_wanfried",
    "prices": {"NT": 0.0345, "ST": 0.0862, "HT": 0.1084},
}
SPAIN = {"preset": "spain_2_0td", "prices": {"P1": 0.20, "P2": 0.13, "P3": 0.09}}


def charging(tariff: Json, start: str, hours: int, energy_kwh: float) -> Json:
    """Return the plan for a car that is there all the time."""
    begin = datetime.fromisoformat(start)
    times = [(begin + timedelta(hours=h)).isoformat() for h in range(hours + 1)]
    session = {"arrive": times[0], "depart": times[-1], "energy_kwh": energy_kwh}
    rows = series([0.0] * hours, load_kw=0.0)
    rows["time"] = times[:-1]
    del rows["import_price"]
    car = {**CAR, "max_power_kw": 4, "sessions": [session]}
    return plan(home(car, tariff={"import": tariff}), rows)


def test_a_car_charges_in_the_low_grid_fee_of_winter_nights() -> None:
    start = "2026-01-15T12:00:00+01:00"
    result = charging({"network": WANFRIED, "surcharge_per_kwh": 0.2}, start, 24, 12)

    power_kw = result["devices"]["car"]["power_kw"]
    assert power_kw[13:16] == pytest.approx([4, 4, 4])
    assert result["objective"] == pytest.approx(12 * 0.2345)


def test_in_the_quarters_without_windows_every_hour_costs_the_same() -> None:
    start = "2026-06-15T12:00:00+02:00"
    result = charging({"network": WANFRIED}, start, 24, 12)

    assert set(result["prices"]["import"]) == {0.0862}


def test_a_spanish_holiday_is_valley_all_day() -> None:
    start = "2026-05-01T00:00:00+02:00"  # a Friday
    result = charging({"supply": SPAIN}, start, 34, 4)

    assert set(result["prices"]["import"][:24]) == {0.09}


def test_the_night_of_the_clock_change_has_its_hours_on_the_clock() -> None:
    start = "2026-03-29T00:00:00+01:00"
    supply = {"preset": "belgium_day_night", "prices": {"day": 0.3, "night": 0.2}}
    result = charging({"supply": supply}, start, 48, 4)

    # Sunday has 23 hours, so Monday's day begins in the 30th.
    assert result["prices"]["import"].index(0.3) == 30
