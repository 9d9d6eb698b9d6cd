from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from cem_core.insight.learned import (
    CopModel,
    ThermalModel,
    ThermalSample,
    learn_building,
)
from tests.cem_core.insight.learned.simulated_home import (
    DWELLING,
    SAMPLES_A_DAY,
    START,
    any_home,
    column,
    day_ahead_mae_k,
    live,
)

PRIOR = ThermalModel.typical(DWELLING)
COP = CopModel.typical(DWELLING)
LEARNED_DAYS = 14
DAYS = 21


@pytest.mark.parametrize("seed", range(12))
def test_after_14_days_a_day_ahead_is_right_to_half_a_degree(seed: int) -> None:
    samples = live(any_home(seed), seed=seed, days=DAYS)
    learned = learn_building(samples[: LEARNED_DAYS * SAMPLES_A_DAY], PRIOR, COP)
    later = samples[(LEARNED_DAYS - 1) * SAMPLES_A_DAY :]
    missed_k = day_ahead_mae_k(learned.parameters, COP, later)
    assert missed_k <= 0.5
    assert missed_k < 0.6 * day_ahead_mae_k(PRIOR, COP, later)
    # What it says of itself is what it does.
    assert learned.error["indoor_24h_k"] == pytest.approx(missed_k, rel=0.5, abs=0.1)


@pytest.mark.parametrize("seed", [0, 3, 6])
def test_it_holds_when_a_plan_shifts_the_heat(seed: int) -> None:
    samples = live(any_home(seed), seed=seed, days=DAYS, shifted_from=LEARNED_DAYS)
    learned = learn_building(samples[: LEARNED_DAYS * SAMPLES_A_DAY], PRIOR, COP)
    later = samples[(LEARNED_DAYS - 1) * SAMPLES_A_DAY :]
    assert day_ahead_mae_k(learned.parameters, COP, later) <= 0.5


def test_many_days_tell_more_than_the_start_values_do() -> None:
    home = any_home(2)
    samples = live(home, seed=2, days=28)
    few = learn_building(samples[: 7 * SAMPLES_A_DAY], PRIOR, COP)
    many = learn_building(samples, PRIOR, COP)
    assert many.samples > few.samples
    assert many.error["indoor_24h_k"] < 0.3
    assert many.prior_error["indoor_24h_k"] > 1


def one_resistance(model: ThermalModel, days: int) -> list[ThermalSample]:
    """Return hours of a building that is exactly the model."""
    rng = np.random.default_rng(4)
    hours = np.arange(24 * days)
    outdoor = 4 + 5 * np.sin(hours / 31) + rng.normal(0, 0.5, len(hours))
    solar = np.maximum(0.0, 300 * np.sin((hours % 24 - 8) / 9 * np.pi))
    solar *= (hours % 24 >= 8) & (hours % 24 <= 17)
    # Hours on and off, long enough to be seen.
    heat = 6000.0 * (rng.random(len(hours) // 6).repeat(6) < 0.6)
    electric = heat / COP.at(outdoor)
    indoor = model.indoor_c(
        np.array(20.0),
        heat_w=model.heat_w(COP, electric, outdoor),
        outdoor_c=outdoor,
        solar_w_per_m2=solar,
    )
    indoor = np.concatenate(([20.0], indoor[:-1]))
    return [
        ThermalSample(
            time=START + timedelta(hours=int(hour)),
            indoor_c=float(indoor[hour]),
            outdoor_c=float(outdoor[hour]),
            electric_w=float(electric[hour]),
            solar_w_per_m2=float(solar[hour]),
            heat_w=float(heat[hour]),
        )
        for hour in hours
    ]


def test_a_building_of_one_resistance_is_found_again() -> None:
    true = ThermalModel(
        resistance_k_per_w=0.006,
        capacitance_wh_per_k=9000,
        solar_aperture_m2=4,
        internal_gains_w=350,
        heat_scale=1.0,
        cop_per_k_more=0.0,
    )
    learned = learn_building(one_resistance(true, 28), PRIOR, COP).parameters
    # Samples at the hour's edge are read as means of the hour: half a step off.
    assert learned.resistance_k_per_w == pytest.approx(0.006, rel=0.1)
    assert learned.capacitance_wh_per_k == pytest.approx(9000, rel=0.1)
    assert learned.solar_aperture_m2 == pytest.approx(4, abs=1.5)
    assert learned.heat_scale == pytest.approx(1, abs=0.03)


def test_days_away_tell_nothing() -> None:
    samples = live(any_home(1), seed=1, days=12)
    away = slice(5 * SAMPLES_A_DAY, 7 * SAMPLES_A_DAY)
    marked, missing = list(samples), list(samples)
    marked[away] = [replace(s, away=True, indoor_c=12.0) for s in samples[away]]
    del missing[away]
    learned = learn_building(marked, PRIOR, COP)
    without = learn_building(missing, PRIOR, COP)
    assert learned.parameters == without.parameters
    assert learned.left_out == without.left_out + 2 * SAMPLES_A_DAY


def test_a_gap_costs_the_days_around_it_and_no_more() -> None:
    samples = live(any_home(1), seed=1, days=14)
    gap = slice(6 * SAMPLES_A_DAY, 6 * SAMPLES_A_DAY + 40)
    broken = list(samples)
    broken[gap] = [replace(s, outdoor_c=None) for s in samples[gap]]
    learned, whole = (learn_building(s, PRIOR, COP) for s in (broken, samples))
    assert learned.kept_prior is None
    assert learned.left_out >= 40
    assert learned.parameters.resistance_k_per_w == pytest.approx(
        whole.parameters.resistance_k_per_w, rel=0.2
    )


def test_a_day_with_the_sensor_in_the_kitchen_is_left_out() -> None:
    samples = live(any_home(1), seed=1, days=14)
    day = slice(6 * SAMPLES_A_DAY, 7 * SAMPLES_A_DAY)
    moved = list(samples)
    moved[day] = [replace(s, indoor_c=(s.indoor_c or 0.0) + 6) for s in samples[day]]
    learned, whole = (learn_building(s, PRIOR, COP) for s in (moved, samples))
    assert learned.left_out >= SAMPLES_A_DAY
    assert learned.parameters.capacitance_wh_per_k == pytest.approx(
        whole.parameters.capacitance_wh_per_k, rel=0.1
    )


def test_a_dead_thermometer_teaches_nothing() -> None:
    samples = [replace(s, indoor_c=20.0) for s in live(any_home(1), seed=1, days=14)]
    learned = learn_building(samples, PRIOR, COP)
    assert learned.parameters == PRIOR
    assert learned.kept_prior == "the indoor temperature does not change"


def test_a_cop_that_falls_faster_in_the_cold_is_noticed_without_a_meter() -> None:
    true = ThermalModel(
        resistance_k_per_w=0.006,
        capacitance_wh_per_k=9000,
        solar_aperture_m2=4,
        internal_gains_w=350,
        heat_scale=1.0,
        cop_per_k_more=0.03,
    )
    samples = [replace(sample, heat_w=None) for sample in one_resistance(true, 28)]
    learned = learn_building(samples, PRIOR, COP).parameters
    assert 0.01 < learned.cop_per_k_more < 0.05
    # A meter already tells the heat: then nothing is left to say.
    metered = learn_building(one_resistance(true, 28), PRIOR, COP).parameters
    assert abs(metered.cop_per_k_more) < 0.001


def test_three_days_are_too_few_to_be_judged() -> None:
    learned = learn_building(live(any_home(1), seed=1, days=3), PRIOR, COP)
    assert learned.parameters == PRIOR
    assert learned.kept_prior == "fewer than 3 pairs of days without gaps or jumps"
    assert learn_building([], PRIOR, COP).kept_prior == "no samples of days at home"


def test_the_observer_starts_from_the_walls_not_from_the_air() -> None:
    """A window that was opened just now does not make a cold house."""
    samples = live(any_home(5), seed=5, days=2)
    indoor = column(samples, "indoor_c")[: SAMPLES_A_DAY + 1]
    series = {
        "heat_w": COP.at(column(samples, "outdoor_c"))[:SAMPLES_A_DAY] * 900,
        "outdoor_c": column(samples, "outdoor_c")[:SAMPLES_A_DAY],
        "solar_w_per_m2": column(samples, "solar_w_per_m2")[:SAMPLES_A_DAY],
    }
    before = PRIOR.observed_c(indoor, **series, hours=0.25)
    indoor[-1] -= 3
    after = PRIOR.observed_c(indoor, **series, hours=0.25)
    assert before - after == pytest.approx(3 * 0.04, abs=0.02)
