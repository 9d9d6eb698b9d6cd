"""The standard problems that `cem bench` and `script/bench optimize` time.

Homes and days are drawn from a seed: solar, battery, heat pump, car, dishwasher and
washing machine, an operator's limit in the evening and a price on the peak. Each
problem after the first changes what makes it harder.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

import numpy as np

from optimizer.home import Home
from optimizer.read_home import home_from_json
from optimizer.series import Table, table

_SUNRISE, _SUNSET, _BEDTIME, _MORNING = 7, 18, 23, 6
START: Final = datetime.fromisoformat("2026-01-15T12:00:00+01:00")


@dataclass(frozen=True, slots=True, kw_only=True)
class Standard:
    """One standard problem."""

    name: str
    least_car_kw: float = 1.4  # 6 A on one phase; 4.14 on three
    peak_so_far_kw: float = 4.0
    import_limit_kw: float = 9.0
    cars: int = 1
    least_heat_pump_kw: float = 0.0
    least_run_minutes: int = 0  # of the heat pump, and its least rest
    cheapest_noon: float = 0.0  # taken off the spot price around noon
    hours: int = 24
    step_minutes: int = 15
    homes: int = field(default=20)

    @property
    def steps(self) -> int:
        """The number of steps."""
        return self.hours * 60 // self.step_minutes


STANDARD: Final = (
    Standard(name="a day, car on one phase"),
    Standard(name="a day, car on three phases", least_car_kw=4.14),
    Standard(name="a day, first of a month", peak_so_far_kw=1.0),
    Standard(
        name="a day, heat pump in runs", least_heat_pump_kw=0.8, least_run_minutes=30
    ),
    Standard(name="a day, negative prices", cheapest_noon=0.34),
    Standard(name="a day, two cars, 6 kW", cars=2, import_limit_kw=6.0),
    Standard(name="two days in 5 minutes", hours=48, step_minutes=5, homes=7),
)


def at(hours: float) -> str:
    """Return the time that many hours after the start."""
    return (START + timedelta(hours=hours)).isoformat()


def standard_home(problem: Standard, seed: int) -> Home:
    """Return the home of ``seed``, sizes drawn."""
    rng = np.random.default_rng(seed)
    capacity_kwh = float(rng.choice([5, 10, 15]))
    days = range(0, problem.hours, 24)
    return home_from_json(
        {
            "schema": 1,
            "time_zone": "Europe/Brussels",
            "step_minutes": problem.step_minutes,
            "grid": {"import_limit_kw": problem.import_limit_kw, "export_limit_kw": 6},
            "tariff": {
                "capacity": {
                    "price_per_kw": 4,
                    "peak_so_far_kw": problem.peak_so_far_kw,
                }
            },
            "limits": [
                {
                    "id": "dso",
                    "direction": "import",
                    "scope": "controllable",
                    "limit_kw": 4.2,
                    "start": at(5.5),
                    "end": at(7.5),
                }
            ],
            "devices": [
                {"id": "roof", "kind": "solar", "curtailable": True, "series": "pv_kw"},
                {
                    "id": "battery",
                    "kind": "battery",
                    "capacity_kwh": capacity_kwh,
                    "min_energy_kwh": capacity_kwh / 10,
                    "initial_energy_kwh": capacity_kwh / 2,
                    "final_energy_kwh": capacity_kwh / 2,
                    "charge_limit_kw": 5,
                    "discharge_limit_kw": 5,
                    "charge_efficiency": 0.95,
                    "discharge_efficiency": 0.95,
                    "wear_per_kwh": 0.02,
                },
                *(_car(problem, place, days, rng) for place in range(problem.cars)),
                {
                    "id": "heat_pump",
                    "kind": "heat_pump",
                    "min_power_kw": problem.least_heat_pump_kw,
                    "max_power_kw": 2.5,
                    "min_on_minutes": problem.least_run_minutes,
                    "min_off_minutes": problem.least_run_minutes,
                    "cop_series": "cop",
                    "thermal": {
                        "resistance_k_per_kw": float(rng.uniform(4, 7)),
                        "capacitance_kwh_per_k": float(rng.uniform(5, 14)),
                        "initial_c": 20.5,
                    },
                    "comfort": {
                        "min_series": "t_min_c",
                        "max_series": "t_max_c",
                        "violation_per_kelvin_hour": 2,
                    },
                },
                *(_run(f"dishes {day}", day + 8, day + 18.5) for day in days),
                *(_run(f"washer {day}", day + 1, day + 10) for day in days),
            ],
        }
    )


def _car(
    problem: Standard, place: int, days: Sequence[int], rng: np.random.Generator
) -> Mapping[str, Any]:
    most_kwh = 38 / problem.cars
    return {
        "id": f"car {place}",
        "kind": "ev_charger",
        "min_power_kw": problem.least_car_kw,
        "max_power_kw": 11,
        "efficiency": 0.9,
        "sessions": [
            {
                "arrive": at(day + 6),
                "depart": at(day + 19),
                "energy_kwh": float(rng.uniform(10, most_kwh)),
            }
            for day in days
        ],
    }


def _run(name: str, earliest: float, latest: float) -> Mapping[str, Any]:
    return {
        "id": name,
        "kind": "appliance",
        "profile_kw": [2.0, 0.3, 0.1, 2.0, 0.4, 0.1],
        "earliest_start": at(earliest),
        "latest_end": at(latest),
    }


def standard_series(problem: Standard, seed: int) -> Table:
    """Return SERIES of winter days drawn from ``seed``."""
    rng = np.random.default_rng(seed)
    quarters = problem.hours * 4
    hour = 12 + np.arange(quarters) / 4
    clock = hour % 24
    spot = 0.09 + 0.05 * np.exp(-(((clock - 19) / 2) ** 2))
    spot += 0.03 * np.exp(-(((clock - 8) / 2) ** 2)) + rng.normal(0, 0.004, quarters)
    spot -= problem.cheapest_noon * np.exp(-(((clock - 13.5) / 1.2) ** 2))
    sun = np.clip(np.sin((clock - _SUNRISE) / (_SUNSET - _SUNRISE) * np.pi), 0, None)
    sun *= (clock > _SUNRISE) & (clock < _SUNSET)
    outdoor = rng.uniform(1, 8) + 3.5 * np.cos((clock - 15) / 12 * np.pi)
    night = (clock >= _BEDTIME) | (clock < _MORNING)
    columns = {
        "import_price": (spot + 0.02) * 1.21 + 0.11,
        "export_price": spot - 0.01,
        "load_kw": np.clip(0.5 + rng.normal(0, 0.2, quarters), 0.1, None),
        "pv_kw": 4.5 * sun * rng.uniform(0.3, 1, quarters),
        "outdoor_temperature_c": outdoor,
        "cop": np.clip(2.9 + 0.08 * outdoor, 1.8, 5),
        "t_min_c": np.where(night, 19.0, 20.0),
        "t_max_c": np.full(quarters, 22.5),
    }
    rows: dict[str, Any] = {"time": [at(t / 4) for t in range(quarters)]}
    return table(rows | {name: values.tolist() for name, values in columns.items()})
