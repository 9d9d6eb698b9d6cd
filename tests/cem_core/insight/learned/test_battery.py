from dataclasses import replace
from datetime import UTC, datetime, timedelta
import random

import pytest

from cem_core.insight.learned import BatteryModel, BatterySample, learn_battery
from cem_core.simulation.battery import Battery, BatteryMode, BatteryParameters

START = datetime(2026, 6, 1, tzinfo=UTC)
PRIOR = BatteryModel.typical(10_000)
SAMPLES_A_DAY = 288


def aged(
    days: int,
    *,
    capacity_wh: float = 8200,
    charge: float = 0.92,
    discharge: float = 0.92,
    loss_w: float = 0.0,
) -> list[BatterySample]:
    """Return five minutes each of a used battery, its display in whole per cent."""
    draw = random.Random(7)  # noqa: S311 (no secret)
    battery = Battery(
        parameters=BatteryParameters(
            capacity_wh=capacity_wh,
            min_energy_wh=0.05 * capacity_wh,
            charge_limit_w=5000,
            discharge_limit_w=5000,
            charge_efficiency=charge,
            discharge_efficiency=discharge,
        ),
        energy_wh=0.4 * capacity_wh,
        mode=BatteryMode.EXTERNAL,
    )
    samples = []
    for index in range(days * SAMPLES_A_DAY):
        hour = index % SAMPLES_A_DAY / 12
        sun = 9 <= hour < 16
        battery.order_setpoint(draw.uniform(0, 2500) if sun else -draw.uniform(0, 1100))
        state = battery.state_of_charge
        mean_w = 0.0
        for _ in range(10):
            battery.step(30, grid_power_w=0, stuck=False)
            mean_w += battery.power_w / 10
        battery.energy_wh = max(0.0, battery.energy_wh - loss_w / 12)
        samples.append(
            BatterySample(
                time=START + timedelta(minutes=5 * index),
                power_w=mean_w,
                state_of_charge=round(state, 2),
            )
        )
    return samples


def test_an_aged_battery_is_measured() -> None:
    learned = learn_battery(aged(30), PRIOR)
    assert learned.kept_prior is None
    assert learned.parameters.capacity_wh == pytest.approx(8200, rel=0.03)
    assert learned.parameters.round_trip_efficiency == pytest.approx(0.92**2, abs=0.015)
    assert learned.error["stretch_wh"] < 60 < learned.prior_error["stretch_wh"]


def test_what_is_lost_by_waiting_is_told_from_what_is_lost_on_the_way() -> None:
    learned = learn_battery(aged(60, loss_w=40), PRIOR).parameters
    assert learned.idle_loss_w == pytest.approx(40, abs=12)
    assert learned.round_trip_efficiency == pytest.approx(0.92**2, abs=0.03)


def test_the_round_trip_does_not_hang_on_how_the_loss_is_shared() -> None:
    uneven = aged(30, charge=0.97, discharge=0.87)
    learned = learn_battery(uneven, PRIOR).parameters
    assert learned.round_trip_efficiency == pytest.approx(0.97 * 0.87, abs=0.015)
    assert learned.charge_efficiency == pytest.approx(learned.discharge_efficiency)
    # Told how it is shared, the capacity is the true one.
    told = replace(PRIOR, charge_efficiency=0.97, discharge_efficiency=0.87)
    learned = learn_battery(uneven, told).parameters
    assert learned.capacity_wh == pytest.approx(8200, rel=0.03)
    assert learned.charge_efficiency == pytest.approx(0.97, abs=0.01)


def test_a_display_that_corrects_itself_is_no_energy() -> None:
    samples = aged(30)
    for day in range(0, 30, 6):
        for index in range(day * SAMPLES_A_DAY, day * SAMPLES_A_DAY + 30):
            samples[index] = replace(samples[index], state_of_charge=1.0)
    learned = learn_battery(samples, PRIOR).parameters
    assert learned.capacity_wh == pytest.approx(8200, rel=0.05)


def test_it_says_why_the_start_values_stay() -> None:
    few = learn_battery(aged(1), PRIOR)
    assert few.parameters == PRIOR
    assert few.kept_prior == "fewer than 8 stretches of use without a gap"
    dead = [replace(s, state_of_charge=0.5) for s in aged(30)]
    assert (
        learn_battery(dead, PRIOR).kept_prior == "the state of charge does not change"
    )
    assert learn_battery([], PRIOR).samples == 0
