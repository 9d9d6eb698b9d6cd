"""UC8: the plan is the cheapest one for the tariff, and acts on what changes."""

import pytest

from tests.optimizer.homes import BATTERY, CAR, at, home, plan, series

NIGHT_IS_CHEAP = [0.30] * 8 + [0.10] * 8 + [0.25] * 8
CAR_TONIGHT = CAR | {
    "sessions": [{"arrive": at(5), "depart": at(19), "energy_kwh": 22}]
}


def test_what_can_wait_waits_for_the_cheap_hours() -> None:
    result = plan(home(CAR_TONIGHT), series(NIGHT_IS_CHEAP))

    power_kw = result["devices"]["car"]["power_kw"]
    assert sum(power_kw[8:16]) == pytest.approx(sum(power_kw))
    assert sum(power_kw) == pytest.approx(22, abs=1e-3)
    assert result["cost"]["energy"] == pytest.approx(
        sum(NIGHT_IS_CHEAP) + 22 * 0.10, rel=1e-3
    )


def test_a_changed_price_changes_the_plan() -> None:
    evening_is_cheap = [0.30] * 5 + [0.05] * 3 + NIGHT_IS_CHEAP[8:]

    result = plan(home(CAR_TONIGHT), series(evening_is_cheap))

    assert sum(result["devices"]["car"]["power_kw"][5:8]) == pytest.approx(22, abs=1e-3)


def test_the_plan_costs_no_more_than_doing_nothing_and_proves_its_bound() -> None:
    rows = series(NIGHT_IS_CHEAP)

    idle = plan(home(), rows)
    with_battery = plan(home(BATTERY), rows)

    assert with_battery["objective"] < idle["objective"]
    assert with_battery["status"] == "optimal"
    assert with_battery["bound"] <= with_battery["objective"] + 1e-9
    assert with_battery["gap"] <= 1e-3


def test_an_order_of_the_grid_operator_is_planned_for() -> None:
    limit = {
        "id": "dso",
        "direction": "import",
        "scope": "controllable",
        "limit_kw": 2.0,
        "start": at(8),
        "end": at(12),
    }

    result = plan(home(CAR_TONIGHT, limits=[limit]), series(NIGHT_IS_CHEAP))

    assert max(result["devices"]["car"]["power_kw"][8:12]) <= 2.0 + 1e-6
    assert sum(result["devices"]["car"]["power_kw"]) == pytest.approx(22, abs=1e-3)
    assert result["relaxed"] == []


def test_each_block_says_why_with_numbers() -> None:
    result = plan(home(CAR_TONIGHT), series(NIGHT_IS_CHEAP))

    reasons = [r for r in result["reasons"] if r["device"] == "car"]
    assert reasons
    assert all(any(c.isdigit() for c in r["text"]) for r in reasons)
    assert all("€" in r["text"] for r in reasons)
