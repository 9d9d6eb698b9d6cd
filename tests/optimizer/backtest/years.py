"""Small histories to play: a few days of a home whose days repeat with noise."""

from datetime import UTC, datetime, timedelta

import numpy as np

from optimizer.backtest.record import Record, record_of
from optimizer.backtest.settings import Settings
from optimizer.home import Home
from optimizer.read_home import home_from_json
from optimizer.series import Table
from tests.optimizer.homes import Json

START = datetime(2026, 3, 2, tzinfo=UTC)
STEP = timedelta(minutes=30)
PER_DAY = 48

BATTERY: Json = {
    "id": "battery",
    "kind": "battery",
    "capacity_kwh": 8.0,
    "min_energy_kwh": 1.0,
    "initial_energy_kwh": 4.0,
    "charge_limit_kw": 3.0,
    "discharge_limit_kw": 3.0,
    "charge_efficiency": 0.95,
    "discharge_efficiency": 0.95,
}
ROOF: Json = {"id": "roof", "kind": "solar", "series": "pv_kw"}


def home(*devices: Json, **fields: object) -> Home:
    """Return a home with half-hour steps in UTC."""
    return home_from_json(
        {
            "schema": 1,
            "time_zone": "UTC",
            "step_minutes": 30,
            "devices": list(devices),
            **fields,
        }
    )


def table(days: int, seed: int = 1) -> Table:
    """Return days of prices, load and production."""
    rng = np.random.default_rng(seed)
    rows = days * PER_DAY
    hour = np.arange(rows) / 2 % 24
    price = 0.25 + 0.1 * np.sin((hour - 13) / 12 * np.pi) + rng.normal(0, 0.02, rows)
    load = 0.4 + 1.2 * ((hour > 17) & (hour < 22)) + rng.exponential(0.3, rows)
    sun = np.clip(np.sin((hour - 6) / 12 * np.pi), 0, None)
    cloud = np.repeat(rng.uniform(0.2, 1.0, days), PER_DAY)
    found = {
        "import_price": price,
        "export_price": price - 0.12,
        "load_kw": load,
        "pv_kw": 3.0 * sun * cloud,
        "outdoor_temperature_c": 5 + 4 * np.sin((hour - 9) / 12 * np.pi),
        "cop": np.full(rows, 3.0),
        "t_min_c": np.where((hour >= 6) & (hour < 22), 20.0, 18.0),
        "t_max_c": np.full(rows, 23.0),
    }
    return Table(START, STEP, rows, found)


def record(given: Home, days: int = 6, played: int = 2, seed: int = 1) -> Record:
    """Return the last ``played`` of ``days`` days; those before are history."""
    begin = START + timedelta(days=days - played)
    return record_of(given, table(days, seed), Settings(start=begin))
