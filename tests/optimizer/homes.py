"""Small homes for tests: hourly steps from noon, one start a test can count from."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from optimizer.optimize import Options, optimize
from optimizer.read_home import home_from_json
from optimizer.series import table

type Json = dict[str, Any]

NOON: Final = datetime.fromisoformat("2026-01-15T12:00:00+01:00")
BATTERY: Final[Json] = {
    "id": "battery",
    "kind": "battery",
    "capacity_kwh": 10,
    "min_energy_kwh": 0,
    "initial_energy_kwh": 0,
    "charge_limit_kw": 5,
    "discharge_limit_kw": 5,
}
CAR: Final[Json] = {
    "id": "car",
    "kind": "ev_charger",
    "min_power_kw": 1.5,
    "max_power_kw": 11,
}
HEAT_PUMP: Final[Json] = {
    "id": "heat_pump",
    "kind": "heat_pump",
    "max_power_kw": 3,
    "cop_series": "cop",
    "thermal": {"resistance_k_per_kw": 5, "capacitance_kwh_per_k": 8, "initial_c": 20},
    "comfort": {
        "min_series": "t_min_c",
        "max_series": "t_max_c",
        "violation_per_kelvin_hour": 2,
    },
}
ROOF: Final[Json] = {"id": "roof", "kind": "solar", "series": "pv_kw"}


def at(hours: float) -> str:
    """Return the time that many hours after noon."""
    return (NOON + timedelta(hours=hours)).isoformat()


def home(*devices: Json, minutes: int = 60, **fields: object) -> Json:
    """Return HOME with ``devices``."""
    return {
        "schema": 1,
        "time_zone": "Europe/Brussels",
        "step_minutes": minutes,
        "devices": list(devices),
        **fields,
    }


def series(
    import_price: Sequence[float],
    *,
    minutes: float = 60,
    export_price: float | Sequence[float] = 0.05,
    load_kw: float | Sequence[float] = 1.0,
    **columns: float | Sequence[float],
) -> Json:
    """Return SERIES as columns; a single number holds throughout."""
    steps = len(import_price)

    def column(values: float | Sequence[float]) -> list[float]:
        return [values] * steps if isinstance(values, int | float) else list(values)

    return {
        "time": [at(t * minutes / 60) for t in range(steps)],
        "import_price": column(import_price),
        "export_price": column(export_price),
        "load_kw": column(load_kw),
        **{name: column(values) for name, values in columns.items()},
    }


def plan(given: Mapping[str, Any], rows: Json, **options: float) -> Json:
    """Return PLAN."""
    return optimize(home_from_json(given), table(rows), Options(**options))


def net_kw(result: Json) -> list[float]:
    """Return import - export."""
    grid = result["grid"]
    return [a - b for a, b in zip(grid["import_kw"], grid["export_kw"], strict=True)]
