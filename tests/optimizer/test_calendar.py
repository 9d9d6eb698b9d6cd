"""Days of 23 and 25 hours, series of another step, limits that cut steps."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.optimizer.homes import BATTERY, CAR, ROOF, Json, at, home, plan, series
from tests.optimizer.judge import judge

BRUSSELS = ZoneInfo("Europe/Brussels")


def quarters(day: datetime, **columns: Any) -> Json:
    """Return SERIES over a local day in quarter hours, by its own clock."""
    start = day.timestamp()
    end = (day + timedelta(days=1)).timestamp()
    times = [
        datetime.fromtimestamp(s, BRUSSELS) for s in range(int(start), int(end), 900)
    ]
    steps = len(times)
    return {
        "time": [time.isoformat() for time in times],
        "import_price": [0.1 if time.hour < 6 else 0.3 for time in times],
        "export_price": [0.05] * steps,
        "load_kw": [1.0] * steps,
        **{name: [value] * steps for name, value in columns.items()},
    }


@pytest.mark.parametrize(
    ("day", "steps"),
    [
        (datetime(2026, 3, 29, tzinfo=BRUSSELS), 92),
        (datetime(2026, 10, 25, tzinfo=BRUSSELS), 100),
        (datetime(2026, 10, 26, tzinfo=BRUSSELS), 96),
    ],
)
def test_a_day_of_23_or_25_hours(day: datetime, steps: int) -> None:
    rows = quarters(day)
    arrive, depart = (day.replace(hour=hour).isoformat() for hour in (1, 6))
    session = {"arrive": arrive, "depart": depart, "energy_kwh": 12}
    limit = {
        "id": "night",
        "direction": "import",
        "scope": "controllable",
        "limit_kw": 4,
        "end": depart,
    }
    battery = {**BATTERY, "max_cycles_per_day": 0.5}
    given = home(battery, {**CAR, "sessions": [session]}, minutes=15, limits=[limit])
    result = plan(given, rows)
    assert len(result["times"]) == steps
    assert result["status"] == "optimal"
    judge(given, rows, result)
    # 5 kWh of the day come out of the battery, all of them bought at night.
    assert result["objective"] == pytest.approx(
        0.1 * (steps / 4 - 18 + 12 + 5) + 0.3 * (18 - 5), abs=1e-3
    )


def test_two_local_days_have_cycles_of_their_own() -> None:
    # 24 hours from noon: the battery may give 2.5 kWh before and after midnight.
    battery = {**BATTERY, "max_cycles_per_day": 0.25, "initial_energy_kwh": 10}
    result = plan(home(battery), series([0.3] * 24))
    given = result["devices"]["battery"]["discharge_kw"]
    assert sum(given[:12]) == pytest.approx(2.5)
    assert sum(given[12:]) == pytest.approx(2.5)


@pytest.mark.parametrize("minutes", [5, 10, 60, 120])
def test_series_finer_and_coarser_than_the_plan(minutes: int) -> None:
    rows = series(
        [0.1, 0.4, 0.2, 0.5, 0.1, 0.3] * 4,
        minutes=minutes,
        load_kw=[0.0, 4.0, 1.0] * 8,
        pv_kw=[3.0, 0.0, 1.0, 2.0] * 6,
    )
    given = home(BATTERY, {**ROOF, "curtailable": True}, minutes=30, steps=4)
    result = plan(given, rows)
    assert result["status"] == "optimal"
    judge(given, rows, result)


def test_a_limit_that_touches_part_of_a_step_holds_for_all_of_it() -> None:
    session = {"arrive": at(0), "depart": at(4), "energy_kwh": 20}
    limit = {
        "id": "dso",
        "direction": "import",
        "scope": "controllable",
        "limit_kw": 2,
        "start": at(0.99),
        "end": at(2.01),
    }
    given = home({**CAR, "sessions": [session]}, limits=[limit])
    result = plan(given, series([0.1] * 4))
    power = result["devices"]["car"]["power_kw"]
    assert max(power[:3]) <= 2 + 1e-6
    assert sum(power) == pytest.approx(11 + 3 * 2)


def test_several_devices_of_each_kind() -> None:
    session = {"arrive": at(0), "depart": at(6), "energy_kwh": 10}
    given = home(
        {**BATTERY, "grid_charge": False},
        {**BATTERY, "id": "second", "reserve_kwh": 2, "initial_energy_kwh": 4},
        {**CAR, "sessions": [session]},
        {**CAR, "id": "guest", "bidirectional": True, "sessions": [session]},
        ROOF,
        {**ROOF, "id": "shed", "series": "shed_kw", "curtailable": True},
        grid={"import_limit_kw": 9, "export_limit_kw": 3},
    )
    rows = series(
        [0.2, 0.1, -0.1, 0.4, 0.3, 0.2],
        pv_kw=[4.0, 6.0, 0.0, 1.0, 5.0, 0.0],
        shed_kw=[2.0, 0.0, 3.0, 3.0, 0.0, 1.0],
    )
    result = plan(given, rows)
    assert result["status"] == "optimal"
    judge(given, rows, result)
