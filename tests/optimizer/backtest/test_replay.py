"""A day lived again: with doing nothing, with plans, with all of it known."""

from datetime import UTC, datetime, timedelta
import math
from typing import Any

import pytest

from optimizer.backtest.play import play
from optimizer.backtest.record import record_of
from optimizer.backtest.replay import replay
from optimizer.backtest.settings import Foresight, Settings
from optimizer.document import InputError
from optimizer.read_home import home_from_json
from optimizer.series import table

STEP = timedelta(minutes=15)
PER_DAY = 96
START = datetime(2026, 3, 10, 11, tzinfo=UTC)
BATTERY = {
    "id": "battery",
    "kind": "battery",
    "capacity_kwh": 10,
    "min_energy_kwh": 1,
    "initial_energy_kwh": 5,
    "charge_limit_kw": 5,
    "discharge_limit_kw": 5,
    "charge_efficiency": 0.95,
    "discharge_efficiency": 0.95,
    "wear_per_kwh": 0.02,
}
CAR = {
    "id": "car",
    "kind": "ev_charger",
    "min_power_kw": 1.4,
    "max_power_kw": 11,
    "efficiency": 0.9,
    "sessions": [
        {
            "arrive": (START + timedelta(hours=6)).isoformat(),
            "depart": (START + timedelta(hours=19)).isoformat(),
            "energy_kwh": 15,
        }
    ],
}

WARM = {"hours": 24, "thermostats": [{"device": "pump", "series": "kept_c"}]}


def home(*devices: dict[str, Any], **tariff: Any) -> dict[str, Any]:
    return {
        "schema": 1,
        "name": "home",
        "time_zone": "Europe/Brussels",
        "step_minutes": 15,
        "start": START.isoformat(),
        "grid": {"import_limit_kw": 17, "export_limit_kw": 17},
        "tariff": {"currency": "EUR", **tariff},
        "devices": list(devices),
    }


def series(days: int = 8) -> dict[str, list[Any]]:
    """Return a week before the day, and the day: dear evenings, cheap nights."""
    begin = START - (days - 1) * PER_DAY * STEP
    times = [begin + k * STEP for k in range(days * PER_DAY)]
    hours = [moment.hour + moment.minute / 60 for moment in times]
    return {
        "time": [moment.isoformat() for moment in times],
        "import_price": [
            0.3 + 0.15 * math.sin((h - 11) / 24 * 2 * math.pi) for h in hours
        ],
        "export_price": [0.05] * len(times),
        "load_kw": [0.4 + (1.2 if 16 <= h < 21 else 0.0) for h in hours],
    }


def test_a_battery_that_may_plan_saves_what_one_that_rests_does_not() -> None:
    found = replay(home(BATTERY), table(series()), {"hours": 24, "own_rule": False})
    without, planned = found["without"], found["planned"]
    assert planned["cost"] < without["cost"]
    assert found["perfect_cost"] <= found["known"]["cost"] + 1e-6
    assert without["import_kwh"] == pytest.approx(0.4 * 24 + 1.2 * 5)
    assert len(without["import_kw"]) == PER_DAY


def test_energy_left_at_the_end_is_no_loss() -> None:
    """A battery that only rests costs what the home does without one."""
    empty = replay(home(), table(series()), {"hours": 24})
    rests = replay(home(BATTERY), table(series()), {"hours": 24, "own_rule": False})
    assert rests["without"]["cost"] == pytest.approx(empty["without"]["cost"])


def warm_home() -> tuple[dict[str, Any], dict[str, list[Any]]]:
    """Return a home that heats with a heat pump, and its winter week."""
    pump = {
        "id": "pump",
        "kind": "heat_pump",
        "max_power_kw": 3,
        "cop_series": "cop",
        "thermal": {
            "resistance_k_per_kw": 5,
            "capacitance_kwh_per_k": 8,
            "initial_c": 20.5,
        },
        "comfort": {
            "min_series": "min_c",
            "max_series": "max_c",
            "violation_per_kelvin_hour": 2,
        },
    }
    columns = series()
    rows = len(columns["time"])
    return home(pump), columns | {
        "outdoor_temperature_c": [0.0] * rows,
        "cop": [3.0] * rows,
        "min_c": [20.0] * rows,
        "max_c": [22.0] * rows,
        "kept_c": [20.5] * rows,
    }


def test_a_thermostat_goes_on_as_it_did_and_a_plan_heats_where_it_is_cheap() -> None:
    document, columns = warm_home()
    found = replay(document, table(columns), WARM)
    # 20.5 K over 5 K/kW are 4.1 kW, a third of it electric, at any price.
    heating = [kw - 0.4 for kw in found["without"]["import_kw"][:20]]
    assert heating == pytest.approx([4.1 / 3] * 20, abs=1e-4)
    assert found["without"]["left_kwh"] == pytest.approx(0.0, abs=1e-3)
    assert found["planned"]["cost"] < found["without"]["cost"]
    assert found["perfect_cost"] <= found["known"]["cost"] + 1e-6


def test_a_house_that_ends_colder_has_saved_nothing_by_that() -> None:
    """Heat that is missing at the end is bought at the day's mean price."""
    document, columns = warm_home()
    warm = replay(document, table(columns), WARM)["without"]
    columns["kept_c"] = [20.0] * len(columns["time"])
    cold = replay(document, table(columns), WARM)["without"]
    # Half a kelvin of 8 kWh/K at a COP of 3.
    assert cold["left_kwh"] == pytest.approx(-0.5 * 8 / 3, abs=1e-3)
    day = columns["import_price"][-PER_DAY:]
    bought = sum(p * kw for p, kw in zip(day, cold["import_kw"], strict=True)) / 4
    debt = -cold["left_kwh"] * sum(day) / PER_DAY
    assert cold["cost"] == pytest.approx(bought + debt, abs=1e-3)
    # What it lost less over the day, by half a kelvin, is all that it saved.
    assert 0 < warm["cost"] - cold["cost"] < 0.5 / 5 * 24 / 3 * max(day)


def test_an_appliance_starts_by_hand_where_nobody_plans() -> None:
    evening = START + timedelta(hours=7)
    dishwasher = {
        "id": "dishwasher",
        "kind": "appliance",
        "profile_kw": [2.0, 0.5],
        "earliest_start": START.isoformat(),
        "latest_end": (START + timedelta(hours=20)).isoformat(),
    }
    asked = {
        "hours": 24,
        "starts": [{"device": "dishwasher", "at": evening.isoformat()}],
    }
    found = replay(home(dishwasher), table(series()), asked)
    bought = found["without"]["import_kw"]
    bare = replay(home(), table(series()), {"hours": 24})["without"]["import_kw"]
    run = [a - b for a, b in zip(bought, bare, strict=True)]
    assert run[28:30] == pytest.approx([2.0, 0.5])
    assert sum(run) == pytest.approx(2.5)
    assert found["planned"]["cost"] < found["without"]["cost"]
    assert found["planned"]["import_kwh"] == pytest.approx(
        found["without"]["import_kwh"]
    )


def test_a_car_is_charged_where_it_is_cheap() -> None:
    found = replay(home(BATTERY, CAR), table(series()), {"hours": 24})
    assert found["planned"]["cost"] < found["without"]["cost"]
    assert found["without"]["peak_kw"] > 11


def lending(energy_kwh: float, lends_kwh: float, **charger: Any) -> dict[str, Any]:
    """Return a car that is there in the dear evening and gives back."""
    stay = {
        "arrive": (START + timedelta(hours=4)).isoformat(),
        "depart": (START + timedelta(hours=19)).isoformat(),
        "energy_kwh": energy_kwh,
        "min_energy_kwh": -lends_kwh,
    }
    gives = {
        "bidirectional": True,
        "discharge_limit_kw": 7,
        "discharge_efficiency": 0.9,
        "wear_per_kwh": 0.02,
    }
    return CAR | gives | charger | {"sessions": [stay]}


@pytest.mark.parametrize("energy_kwh", [0.0, 8.0])
def test_a_car_that_gives_back_saves_more(energy_kwh: float) -> None:
    """It gives in the dear evening and takes again at night; alone it gives nothing."""
    taker = replay(home(lending(energy_kwh, 0)), table(series()), {"hours": 24})
    giver = replay(home(lending(energy_kwh, 10)), table(series()), {"hours": 24})
    assert giver["without"] == taker["without"]
    assert giver["planned"]["cost"] < taker["planned"]["cost"] - 0.1
    assert giver["planned"]["left_kwh"] == pytest.approx(0, abs=0.05)
    assert giver["planned"]["import_kwh"] > taker["planned"]["import_kwh"]
    assert giver["perfect_cost"] <= giver["known"]["cost"] + 1e-6


def test_a_car_gives_no_more_than_it_may_lend() -> None:
    """Its battery is worth nothing of what it must keep; it loses on the way."""
    given = home(lending(0, 3))
    known = Settings(
        start=START,
        end=START + timedelta(hours=24),
        forecast=Foresight.PERFECT,
        know_current_step=True,
    )
    record = record_of(home_from_json(given), table(series()), known)
    played = play(record, known)
    held_kwh, power_kw = played.energy["car"], played.power_kw["car"]
    assert min(held_kwh) == pytest.approx(-3, abs=0.01)
    assert min(power_kw) >= -7
    assert all(kw >= 1.4 - 1e-6 for kw in map(abs, power_kw) if kw)
    given_kwh = -sum(kw for kw in power_kw if kw < 0) / 4
    assert given_kwh == pytest.approx(0.9 * 3, abs=0.05)
    assert played.wear == pytest.approx(0.02 * given_kwh)


def test_under_an_export_limit_a_car_gives_less() -> None:
    given = home(lending(0, 10)) | {
        "grid": {"import_limit_kw": 17, "export_limit_kw": 0}
    }
    sold = series()
    sold["export_price"] = [0.6] * len(sold["export_price"])
    found = replay(given, table(sold), {"hours": 24})
    assert found["planned"]["export_kwh"] == pytest.approx(0, abs=1e-6)


def test_what_planning_missed_is_told_with_a_car_and_an_appliance() -> None:
    dishwasher = {
        "id": "dishwasher",
        "kind": "appliance",
        "profile_kw": [2.0, 0.5],
        "earliest_start": START.isoformat(),
        "latest_end": (START + timedelta(hours=20)).isoformat(),
    }
    devices = (BATTERY, CAR, dishwasher)
    found = replay(home(*devices), table(series()), {"hours": 24})
    # Plans of some hours keep something in the battery that the whole day shows to be
    # of no use: that is the planning's error, with switching as without.
    missed = found["known"]["cost"] - found["perfect_cost"]
    bare = replay(home(BATTERY), table(series()), {"hours": 24})
    assert missed == pytest.approx(
        bare["known"]["cost"] - bare["perfect_cost"], abs=0.01
    )
    assert missed > 0.01


def test_what_planning_missed_is_unknown_where_a_stay_outlasts_the_day() -> None:
    stay = {
        "arrive": (START + timedelta(hours=6)).isoformat(),
        "depart": (START + timedelta(hours=30)).isoformat(),
        "energy_kwh": 15,
    }
    found = replay(home(CAR | {"sessions": [stay]}), table(series()), {"hours": 24})
    assert found["perfect_cost"] is None
    assert found["planned"]["cost"] >= 0


def test_foreseen_asks_for_nothing_but_the_known_day() -> None:
    found = replay(home(CAR), table(series(days=1)), {"hours": 24, "foreseen": True})
    assert found["planned"] is None
    assert found["perfect_cost"] is None
    assert found["known"]["cost"] < found["without"]["cost"]


def test_what_cannot_be_played_is_named() -> None:
    with pytest.raises(InputError, match="start"):
        replay(
            {k: v for k, v in home().items() if k != "start"},
            table(series()),
            {"hours": 24},
        )
    with pytest.raises(InputError, match="hours"):
        replay(home(), table(series()), {"hours": -1})
