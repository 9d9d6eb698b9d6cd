"""One whole plan, kept: whatever changes it has to be meant.

`pytest tests/optimizer/test_golden.py --snapshot-update` writes it anew.
"""

from typing import Any

import pytest

from tests.optimizer.homes import BATTERY, CAR, HEAT_PUMP, ROOF, at, home, plan, series

HOURS = 12


def rounded(value: Any) -> Any:
    """Return ``value`` with numbers to a thousandth, as a plan's reader sees them."""
    if isinstance(value, dict):
        return {key: rounded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [rounded(item) for item in value]
    return round(value, 3) + 0.0 if isinstance(value, float) else value


def evening() -> dict[str, Any]:
    session = {"arrive": at(5), "depart": at(11), "energy_kwh": 12}
    dishwasher = {
        "id": "dishwasher",
        "kind": "appliance",
        "profile_kw": [2.0, 0.3, 0.1, 2.0],
        "earliest_start": at(6),
        "latest_end": at(12),
    }
    limit = {
        "id": "dso",
        "direction": "import",
        "scope": "controllable",
        "limit_kw": 4.2,
        "start": at(5.5),
        "end": at(7.5),
    }
    battery = {
        **BATTERY,
        "min_energy_kwh": 1,
        "initial_energy_kwh": 3,
        "final_energy_kwh": 3,
        "charge_efficiency": 0.95,
        "discharge_efficiency": 0.95,
        "wear_per_kwh": 0.02,
    }
    return home(
        {**ROOF, "curtailable": True},
        battery,
        {**CAR, "efficiency": 0.9, "sessions": [session]},
        HEAT_PUMP,
        dishwasher,
        name="evening",
        grid={"import_limit_kw": 9, "export_limit_kw": 3},
        tariff={"capacity": {"price_per_kw": 4, "peak_so_far_kw": 3.5}},
        limits=[limit],
    )


@pytest.fixture
def result() -> dict[str, Any]:
    cents = [17, 16, 18, 21, 24, 28, 33, 35, 30, 25, 23, 22]
    return plan(
        evening(),
        series(
            [c / 100 for c in cents],
            export_price=[(c - 13) / 100 for c in cents],
            load_kw=[0.4, 0.5, 0.4, 0.5, 0.8, 1.2, 1.6, 1.4, 1.1, 0.8, 0.6, 0.4],
            pv_kw=[4.1, 3.6, 2.2, 0.9, 0.2, 0, 0, 0, 0, 0, 0, 0],
            cop=[3.2 - 0.03 * t for t in range(HOURS)],
            t_min_c=20.0,
            t_max_c=22.0,
            outdoor_temperature_c=[6.13 - 0.4 * t for t in range(HOURS)],
        ),
        gap=1e-9,
    )


def test_the_plan_of_an_evening(result: dict[str, Any], snapshot: Any) -> None:
    for seconds in ("build_seconds", "solve_seconds"):
        del result[seconds]
    assert result["status"] == "optimal"
    assert rounded(result) == snapshot
