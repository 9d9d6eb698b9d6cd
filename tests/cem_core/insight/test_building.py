"""The identifier (one R, one C) against a building of another order (3R2C)."""

import numpy as np
import pytest

from cem_core.insight.building import START, Building, fit_building
from cem_core.insight.distribution import Numbers
from cem_core.insight.typical import Dwelling
from cem_core.simulation.building import Building as Plant, BuildingParameters

HOURS = 0.5
PER_DAY = 48


def winter(
    days: int, seed: int, resistance_k_per_kw: float, capacitance_kwh_per_k: float
) -> tuple[Numbers, Numbers, Numbers, Numbers]:
    """Return indoor, outdoor, heat and sun of a thermostat's winter days."""
    rng = np.random.default_rng(seed)
    parameters = BuildingParameters.like(
        resistance_k_per_w=resistance_k_per_kw / 1000,
        capacitance_wh_per_k=capacitance_kwh_per_k * 1000,
    )
    plant = Plant(parameters=parameters, air_c=20.0, mass_c=20.0)
    rows = days * PER_DAY
    hour = np.arange(rows) * HOURS % 24
    drift = np.cumsum(rng.normal(0, 0.15, rows))
    outdoor = 4 + 4 * np.sin((hour - 9) / 24 * 2 * np.pi) + drift - drift.mean()
    cloud = np.repeat(rng.uniform(0.1, 1.0, days), PER_DAY)
    sun = cloud * np.clip(np.sin((hour - 8) / 9 * np.pi), 0, None)
    indoor, heat = np.empty(rows), np.empty(rows)
    for t in range(rows):
        wished = 20.5 if 6 <= hour[t] < 22 else 18.5
        indoor[t] = plant.air_c
        heat[t] = float(np.clip((wished - plant.air_c) * 4.0 + 1.5, 0.0, 7.0))
        free = 0.3 + 1.5 * sun[t]
        for _ in range(30):
            plant.step(
                HOURS * 3600 / 30,
                heat_w=1000 * (heat[t] + free),
                outdoor_c=outdoor[t],
            )
    return indoor + rng.normal(0, 0.05, rows), outdoor, heat, sun


@pytest.mark.parametrize(
    ("resistance", "capacitance", "seed"),
    [(5.0, 8.0, 1), (8.0, 15.0, 2), (4.0, 6.0, 3)],
)
def test_a_day_ahead_is_within_half_a_kelvin_after_two_weeks(
    resistance: float, capacitance: float, seed: int
) -> None:
    indoor, outdoor, heat, sun = winter(24, seed, resistance, capacitance)
    learned = 14 * PER_DAY
    fit = fit_building(
        indoor[: learned + 1],
        outdoor[: learned + 1],
        heat[: learned + 1],
        sun[: learned + 1],
        hours=HOURS,
    )
    errors = []
    for begin in range(learned, 23 * PER_DAY, PER_DAY):
        run = slice(begin, begin + PER_DAY)
        simulated = fit.simulate(
            float(indoor[begin]), outdoor[run], heat[run], sun[run], HOURS
        )
        errors.append(
            np.abs(simulated - indoor[begin + 1 : begin + PER_DAY + 1]).mean()
        )
    assert float(np.mean(errors)) <= 0.5
    assert fit.error_k is not None
    assert 0.5 * resistance < fit.resistance_k_per_kw < 2 * resistance


def test_its_own_kind_is_found_again() -> None:
    true = Building(
        resistance_k_per_kw=6.0,
        capacitance_kwh_per_k=9.0,
        window_kw_per_sun=1.2,
        gains_kw=0.4,
    )
    _, outdoor, heat, sun = winter(15, 5, 6.0, 9.0)
    indoor = np.concatenate([[20.0], true.simulate(20.0, outdoor, heat, sun, HOURS)])
    fit = fit_building(indoor[:-1], outdoor, heat, sun, hours=HOURS)
    assert fit.resistance_k_per_kw == pytest.approx(6.0, rel=0.05)
    assert fit.capacitance_kwh_per_k == pytest.approx(9.0, rel=0.05)
    assert fit.window_kw_per_sun == pytest.approx(1.2, rel=0.1)


def test_a_day_is_too_short_to_learn_from() -> None:
    few = np.full(PER_DAY, 20.0)
    assert (
        fit_building(few, few, few, few, hours=HOURS, dwelling=Dwelling.FLAT)
        == START[Dwelling.FLAT]
    )


def test_nonsense_stays_within_bounds() -> None:
    rng = np.random.default_rng(0)
    noise = rng.normal(20, 5, 5 * PER_DAY)
    fit = fit_building(noise, noise[::-1], np.abs(noise), noise * 0, hours=HOURS)
    assert 1 <= fit.resistance_k_per_kw <= 60
    assert 1 <= fit.capacitance_kwh_per_k <= 80
