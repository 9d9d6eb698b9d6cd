"""Homes drawn from a seed, for the benchmark of the optimiser.

A roof, a battery, a car, a heat pump, two appliances, a capacity charge and an
ordered limit over 24 h of quarter hours.
"""

from datetime import datetime, timedelta
from typing import Any

import numpy as np

from optimizer.series import Table, table

START = datetime.fromisoformat("2026-01-15T12:00:00+01:00")
STEPS = 96


def at(hours: float) -> str:
    """Return the time that many hours after the start."""
    return (START + timedelta(hours=hours)).isoformat()


def generated_home(rng: np.random.Generator, least_car_kw: float) -> dict[str, Any]:
    """Return HOME with sizes drawn from ``rng``."""
    capacity_kwh = float(rng.choice([5, 10, 15]))
    run = {"kind": "appliance", "profile_kw": [2.0, 0.3, 0.1, 2.0, 0.4, 0.1]}
    return {
        "schema": 1,
        "time_zone": "Europe/Brussels",
        "grid": {"import_limit_kw": 9, "export_limit_kw": 6},
        "tariff": {"capacity": {"price_per_kw": 4, "peak_so_far_kw": 4}},
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
            {
                "id": "car",
                "kind": "ev_charger",
                "min_power_kw": least_car_kw,
                "max_power_kw": 11,
                "efficiency": 0.9,
                "sessions": [
                    {
                        "arrive": at(6),
                        "depart": at(19),
                        "energy_kwh": float(rng.uniform(10, 38)),
                    }
                ],
            },
            {
                "id": "heat_pump",
                "kind": "heat_pump",
                "max_power_kw": 2.5,
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
            {**run, "id": "dishes", "earliest_start": at(8), "latest_end": at(18.5)},
            {**run, "id": "washer", "earliest_start": at(1), "latest_end": at(10)},
        ],
    }


def generated_series(rng: np.random.Generator) -> Table:
    """Return SERIES of a winter day drawn from ``rng``."""
    hour = 12 + np.arange(STEPS) / 4
    clock = hour % 24
    spot = 0.09 + 0.05 * np.exp(-(((clock - 19) / 2) ** 2))
    spot += 0.03 * np.exp(-(((clock - 8) / 2) ** 2)) + rng.normal(0, 0.004, STEPS)
    sun = np.clip(np.sin((clock - 7) / 11 * np.pi), 0, None)
    sun *= (clock > 7) & (clock < 18)
    outdoor = rng.uniform(1, 8) + 3.5 * np.cos((clock - 15) / 12 * np.pi)
    night = (clock >= 23) | (clock < 6)
    columns = {
        "import_price": (spot + 0.02) * 1.21 + 0.11,
        "export_price": spot - 0.01,
        "load_kw": np.clip(0.5 + rng.normal(0, 0.2, STEPS), 0.1, None),
        "pv_kw": 4.5 * sun * rng.uniform(0.3, 1, STEPS),
        "outdoor_temperature_c": outdoor,
        "cop": np.clip(2.9 + 0.08 * outdoor, 1.8, 5),
        "t_min_c": np.where(night, 19.0, 20.0),
        "t_max_c": np.full(STEPS, 22.5),
    }
    rows: dict[str, Any] = {"time": [at(t / 4) for t in range(STEPS)]}
    return table(rows | {name: values.tolist() for name, values in columns.items()})
