"""What is learned of heat pumps, cars and batteries."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from cem_core.insight.battery import fit_battery
from cem_core.insight.car import Stay, car_habit
from cem_core.insight.cop import CopCurve, fit_cop
from cem_core.insight.heating import fit_degree_days
from cem_core.insight.ridge import ridge

MONDAY = datetime(2026, 3, 2, 7, 30, tzinfo=UTC)


def test_a_better_heat_pump_is_noticed() -> None:
    outdoor = np.linspace(-5, 12, 500)
    electric = np.full(500, 1.5)
    true = CopCurve(eta=0.55)
    heat = electric * true.cop(outdoor)
    fit = fit_cop(electric, heat, outdoor, hours=0.5)
    assert fit.eta == pytest.approx(0.55, abs=0.01)
    assert fit.error_share is not None
    assert fit.error_share < 0.1


def test_a_heat_pump_that_never_ran_has_the_guess() -> None:
    still = np.zeros(10)
    assert fit_cop(still, still, still, hours=0.5) == CopCurve()


def test_the_cop_falls_with_the_cold_and_with_hot_supply() -> None:
    cop = CopCurve().cop(np.array([-10.0, 0.0, 10.0]), 45.0)
    assert (np.diff(cop) > 0).all()
    assert (CopCurve().cop(np.array([0.0]), 55.0) < cop[1]).all()


def test_degree_days_are_found_again() -> None:
    rng = np.random.default_rng(1)
    outdoor = rng.uniform(-5, 20, 60)
    used = 3.0 + 1.1 * np.maximum(16 - outdoor, 0) + rng.normal(0, 0.3, 60)
    fit = fit_degree_days(used, outdoor)
    assert fit is not None
    assert fit.heating_below_c == 16.0
    assert fit.kwh_per_degree_day == pytest.approx(1.1, abs=0.05)
    assert fit.mean_error_kwh < 0.5
    assert fit_degree_days(used[:6], outdoor[:6]) is None


def test_the_car_of_workdays_and_of_weekends() -> None:
    stays = []
    for week in range(6):
        for day in range(7):
            leaves = MONDAY + timedelta(days=7 * week + day)
            workday = day < 5
            if not workday:
                leaves = leaves.replace(hour=10)
            energy = 10.0 if workday else 25.0
            stays.append(
                Stay(
                    arrive=leaves - timedelta(hours=12),
                    depart=leaves,
                    energy_kwh=energy,
                )
            )
    now = MONDAY + timedelta(days=42)
    workday, weekend = car_habit(stays, 2, now), car_habit(stays, 6, now)
    assert (workday.depart_hour, workday.energy_kwh) == (7.5, 10.0)
    assert weekend.energy_kwh == 25.0


def test_a_stay_to_come_is_not_seen() -> None:
    coming = Stay(arrive=MONDAY, depart=MONDAY + timedelta(days=1), energy_kwh=60.0)
    assert car_habit([coming], 1, MONDAY) == car_habit([], 1, MONDAY)
    assert car_habit([coming], 1, MONDAY).stays == 0


@pytest.mark.parametrize(("eta", "capacity"), [(0.92, 9.0), (0.97, 10.0), (0.85, 7.0)])
def test_the_real_battery_behind_the_label(eta: float, capacity: float) -> None:
    rng = np.random.default_rng(4)
    energy, power, charge = [0.5 * capacity], [], []
    for _ in range(2000):
        asked = float(rng.uniform(-3, 3))
        room = (capacity - energy[-1]) / eta / 0.25
        left = energy[-1] * eta / 0.25
        actual = float(np.clip(asked, -left, room))
        power.append(actual)
        gained = eta * actual if actual > 0 else actual / eta
        energy.append(energy[-1] + 0.25 * gained)
    charge = np.array(energy) / capacity
    fit = fit_battery(np.array(power), charge, hours=0.25, rated_kwh=10.0)
    assert fit.efficiency == pytest.approx(eta, abs=0.01)
    assert fit.capacity_kwh == pytest.approx(capacity, rel=0.03)


def test_a_battery_that_rested_keeps_its_label() -> None:
    fit = fit_battery(np.zeros(10), np.full(11, 0.5), hours=0.25, rated_kwh=10.0)
    assert (fit.efficiency, fit.capacity_kwh, fit.cycles) == (0.95, 10.0, 0.0)


def test_ridge_draws_towards_its_start_and_shrugs_off_outliers() -> None:
    features = np.column_stack([np.ones(50), np.arange(50.0)])
    targets = 1.0 + 2.0 * np.arange(50.0)
    weights = np.ones(50)
    assert ridge(features, targets, weights, strength=1e-9) == pytest.approx([1, 2])
    start = np.array([5.0, 5.0])
    held = ridge(features, targets, weights, strength=1e12, start=start)
    assert held == pytest.approx(start, abs=1e-3)
    targets[10] = 900.0
    robust = ridge(features, targets, weights, strength=1e-9, absolute=True)
    assert robust[1] == pytest.approx(2.0, abs=0.02)
