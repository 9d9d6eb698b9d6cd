from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from cem_core.insight.learned import (
    CopModel,
    CopSample,
    Dwelling,
    DwellingKind,
    cop_from_building,
    learn_cop,
)
from cem_core.simulation.heat_pump import HeatPump, HeatPumpParameters

START = datetime(2026, 1, 5, tzinfo=UTC)
OLD = Dwelling(kind=DwellingKind.DETACHED, floor_area_m2=150, building_year=1960)
PRIOR = CopModel.typical(OLD)
TRUE = CopModel(cop_at_0_c=3.4, cop_per_k=0.09, cop_per_flow_k=0.08)


def metered(
    hours: int = 500, *, flow: bool = True, noise: float = 0.08
) -> list[CopSample]:
    rng = np.random.default_rng(3)
    outdoor = 4 + 7 * np.sin(np.arange(hours) / 40)
    flow_c = 38 - 0.6 * outdoor + rng.normal(0, 3, hours)
    electric = rng.uniform(300, 2500, hours)
    heat = TRUE.at(outdoor, flow_c) * electric * rng.normal(1, noise, hours)
    return [
        CopSample(
            time=START + timedelta(hours=hour),
            electric_w=float(electric[hour]),
            heat_w=float(heat[hour]),
            outdoor_c=float(outdoor[hour]),
            flow_c=float(flow_c[hour]) if flow else None,
        )
        for hour in range(hours)
    ]


def test_a_plane_is_found_again_from_noisy_meters() -> None:
    learned = learn_cop(metered(), PRIOR)
    assert learned.kept_prior is None
    assert learned.parameters.cop_at_0_c == pytest.approx(3.4, abs=0.1)
    assert learned.parameters.cop_per_k == pytest.approx(0.09, abs=0.015)
    assert learned.parameters.cop_per_flow_k == pytest.approx(0.08, abs=0.015)
    assert learned.error["heat_relative"] < 0.1 < learned.prior_error["heat_relative"]


def test_without_flow_temperature_the_line_is_that_of_the_flow_as_it_is() -> None:
    learned = learn_cop(metered(flow=False), PRIOR)
    # A heating curve lowers the flow when it is mild: a steeper line, lower at 0.
    assert learned.parameters.cop_per_k > TRUE.cop_per_k
    assert learned.parameters.cop_at_0_c < TRUE.cop_at_0_c
    assert learned.parameters.cop_per_flow_k == PRIOR.cop_per_flow_k
    assert learned.error["heat_relative"] < 0.12


def test_defrosting_and_a_broken_pulse_do_not_count() -> None:
    samples = metered()
    for index in range(0, len(samples), 12):
        samples[index] = replace(samples[index], heat_w=40_000.0)
        samples[index + 1] = replace(samples[index + 1], heat_w=50.0)
    learned = learn_cop(samples, PRIOR)
    assert learned.parameters.cop_at_0_c == pytest.approx(3.4, abs=0.1)
    assert learned.left_out == 84


def test_the_simulated_heat_pump_is_learned_from_minutes() -> None:
    pump = HeatPump(
        parameters=HeatPumpParameters(max_power_w=2500, min_power_w=700),
        target_c=21,
        power_limit_w=9999,
    )
    samples = []
    for minute in range(10 * 24 * 60):
        outdoor_c = 5 + 6 * np.sin(minute / 3000)
        pump.step(60, indoor_c=20.5 + np.sin(minute / 200), stuck=False)
        samples.append(
            CopSample(
                time=START + timedelta(minutes=minute),
                electric_w=pump.power_w,
                heat_w=pump.heat_w(outdoor_c),
                outdoor_c=outdoor_c,
            )
        )
    learned = learn_cop(samples, PRIOR).parameters
    assert learned.cop_at_0_c == pytest.approx(3.0, rel=0.05)
    assert learned.cop_per_k == pytest.approx(0.08, rel=0.2)


def test_a_day_of_running_is_too_little() -> None:
    learned = learn_cop(metered(30), PRIOR)
    assert learned.parameters == PRIOR
    assert learned.kept_prior is not None
    assert "48 hours" in learned.kept_prior
    assert learn_cop([], PRIOR).kept_prior == "no samples"


def test_a_building_without_heat_meter_scales_it_within_bounds() -> None:
    scaled = cop_from_building(PRIOR, 1.2)
    assert scaled.at(np.array(5.0)) == pytest.approx(1.2 * PRIOR.at(np.array(5.0)))
    assert cop_from_building(TRUE, 5.0).cop_at_0_c == 6.0


def test_floor_heating_starts_higher() -> None:
    assert CopModel.typical(replace(OLD, building_year=2015)).cop_at_0_c > (
        PRIOR.cop_at_0_c
    )
