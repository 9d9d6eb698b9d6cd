"""A heated home of another order than the model that is learned from it.

The building is 3R2C with its own gains, the heat pump cycles and has a COP of its
own, people come and go, the thermometer shows tenths of a degree.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
import math
import random

import numpy as np
import numpy.typing as npt

from cem_core.insight.learned import (
    CopModel,
    Dwelling,
    DwellingKind,
    ThermalModel,
    ThermalSample,
)
from cem_core.simulation.building import Building, BuildingParameters
from cem_core.simulation.heat_pump import HeatPump, HeatPumpParameters, SgReady

START = datetime(2026, 1, 5, tzinfo=UTC)
MINUTES_A_SAMPLE = 15
SAMPLES_A_DAY = 96
HORIZON = 96
TARGET_C = 20.5

# What a person of all these homes might have stated: right for none of them.
DWELLING = Dwelling(
    kind=DwellingKind.SEMI_DETACHED, floor_area_m2=130, building_year=1990
)


@dataclass(frozen=True, kw_only=True)
class HomeParameters:
    building: BuildingParameters
    heat_pump: HeatPumpParameters
    aperture_m2: float
    people_w: float
    setback_k: float = 1.5
    restless_k: float = 0.5  # how far people turn the thermostat
    mean_outdoor_c: float = 3.0


def any_home(seed: int, *, least_to_mass: float = 0.4) -> HomeParameters:
    """Return a home from 100 to 350 W/K and 4 to 18 kWh/K, drawn with ``seed``.

    At least ``least_to_mass`` of the heat goes into its walls and floors first:
    0.2 is heating by air, which no single capacitance can follow well.
    """
    draw = random.Random(seed)  # noqa: S311 (no secret)
    resistance = 1 / draw.uniform(100, 350)
    capacitance = draw.uniform(4000, 18_000)
    building = replace(
        BuildingParameters.like(
            resistance_k_per_w=resistance, capacitance_wh_per_k=capacitance
        ),
        heat_to_mass=draw.uniform(least_to_mass, 0.8),
        air_mass_k_per_w=resistance * draw.uniform(0.05, 0.15),
        air_wh_per_k=capacitance * draw.uniform(0.06, 0.15),
    )
    power_w = 35 / resistance / 2.2
    heat_pump = HeatPumpParameters(
        max_power_w=power_w,
        min_power_w=0.3 * power_w,
        cop_at_0_c=draw.uniform(2.6, 3.6),
        cop_per_k=draw.uniform(0.05, 0.1),
    )
    return HomeParameters(
        building=building,
        heat_pump=heat_pump,
        aperture_m2=draw.uniform(2, 8),
        people_w=draw.uniform(200, 500),
    )


def weather(
    days: int, draw: random.Random, mean_c: float
) -> tuple[list[float], list[float]]:
    """Return outdoor temperature and irradiance of each hour, and one more."""
    outdoor_c, solar = [], []
    drift_k, clear = 0.0, 0.5
    for hour in range(days * 24 + 1):
        clock = hour % 24
        drift_k = 0.985 * drift_k + draw.gauss(0, 0.6)
        clear = min(1.0, max(0.05, 0.93 * clear + 0.03 + draw.gauss(0, 0.12)))
        height = max(0.0, math.sin((clock - 7.5) / 9.5 * math.pi))
        solar.append(450 * clear * height if 8 <= clock <= 17 else 0.0)
        rhythm_k = 2.2 * math.cos((clock - 15) / 12 * math.pi)
        outdoor_c.append(mean_c + drift_k + rhythm_k + solar[-1] / 250)
    return outdoor_c, solar


def live(
    home: HomeParameters, *, seed: int, days: int, shifted_from: int | None = None
) -> list[ThermalSample]:
    """Return quarter hours of a winter.

    From day ``shifted_from`` on the heat pump is locked from 17:00 to 19:00 and
    heats up before, as a plan would have it.
    """
    draw = random.Random(seed)  # noqa: S311 (no secret)
    outdoor, solar = weather(days, draw, home.mean_outdoor_c)
    pump = HeatPump(
        parameters=home.heat_pump, target_c=TARGET_C, power_limit_w=math.inf
    )
    building = Building(parameters=home.building, air_c=20.3, mass_c=20.0)
    restless_k = 0.0
    samples = []
    for index in range(days * SAMPLES_A_DAY):
        hour, quarter = divmod(index, 4)
        clock = hour % 24
        if quarter == 0 and clock % 3 == 0:
            restless_k = draw.choice((0, 0, 1, -1)) * home.restless_k
        night = clock < 6 or clock >= 22
        pump.target_c = TARGET_C + restless_k - (home.setback_k if night else 0)
        shifted = shifted_from is not None and hour // 24 >= shifted_from
        pump.sg_ready = _order(clock) if shifted else SgReady.NORMAL
        busy = 1.5 if clock in {6, 7, 8, 17, 18, 19, 20, 21} else 0.5
        people_w = home.people_w * busy * draw.uniform(0.6, 1.4)
        share = quarter / 4
        outdoor_c = outdoor[hour] * (1 - share) + outdoor[hour + 1] * share
        indoor_c, electric_w = building.air_c, 0.0
        for _ in range(MINUTES_A_SAMPLE):
            pump.step(60, indoor_c=building.air_c, stuck=False)
            building.step(
                60,
                heat_w=people_w
                + home.aperture_m2 * solar[hour]
                + pump.heat_w(outdoor_c),
                outdoor_c=outdoor_c,
            )
            electric_w += pump.power_w / MINUTES_A_SAMPLE
        samples.append(
            ThermalSample(
                time=START + index * timedelta(minutes=MINUTES_A_SAMPLE),
                indoor_c=round(indoor_c + draw.gauss(0, 0.05), 1),
                outdoor_c=outdoor_c,
                electric_w=electric_w,
                solar_w_per_m2=solar[hour],
            )
        )
    return samples


def _order(clock: int) -> SgReady:
    if clock in {17, 18}:
        return SgReady.OFF
    return SgReady.RECOMMENDED if clock in {14, 15, 16} else SgReady.NORMAL


def column(samples: list[ThermalSample], name: str) -> npt.NDArray[np.float64]:
    return np.array([getattr(sample, name) for sample in samples], np.float64)


def day_ahead_mae_k(
    model: ThermalModel, cop: CopModel, samples: list[ThermalSample]
) -> float:
    """Return the mean absolute error of 24 hours in quarter hours, as planned.

    Begun every two hours after a day that was watched; simulated with the same
    step as the optimiser, not by the code that fits.
    """
    indoor = column(samples, "indoor_c")
    outdoor = column(samples, "outdoor_c")
    heat = model.heat_scale * model.heat_w(cop, column(samples, "electric_w"), outdoor)
    gains = model.solar_aperture_m2 * column(samples, "solar_w_per_m2")
    gains += model.internal_gains_w
    missed = []
    for start in range(HORIZON, len(samples) - HORIZON, 8):
        watched = slice(start - HORIZON, start)
        now = float(
            model.observed_c(
                indoor[start - HORIZON : start + 1],
                heat_w=heat[watched] / model.heat_scale,
                outdoor_c=outdoor[watched],
                solar_w_per_m2=column(samples, "solar_w_per_m2")[watched],
                hours=0.25,
            )
        )
        for step in range(start, start + HORIZON):
            lost = (now - outdoor[step]) / model.resistance_k_per_w
            now += 0.25 * (heat[step] + gains[step] - lost) / model.capacitance_wh_per_k
            missed.append(abs(now - indoor[step + 1]))
    return float(np.mean(missed))
