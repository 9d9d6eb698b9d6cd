"""Causality, limits and settlement of a played history."""

from dataclasses import replace
from datetime import timedelta
import json

import numpy as np
import pytest

from optimizer.backtest.knowledge import Knowledge
from optimizer.backtest.play import Game, play
from optimizer.backtest.played import trace
from optimizer.backtest.record import Record, record_of
from optimizer.backtest.run import costs, run
from optimizer.backtest.settings import Foresight, Policy, Settings
from optimizer.document import InputError, Problem
from optimizer.series import Numbers
from tests.optimizer.backtest import years
from tests.optimizer.homes import Json

HOME = years.home(years.ROOF, years.BATTERY)
HEAT_PUMP: Json = {
    "id": "heat_pump",
    "kind": "heat_pump",
    "max_power_kw": 2.5,
    "cop_series": "cop",
    "thermal": {
        "resistance_k_per_kw": 5.0,
        "capacitance_kwh_per_k": 8.0,
        "initial_c": 20.5,
    },
    "comfort": {
        "min_series": "t_min_c",
        "max_series": "t_max_c",
        "violation_per_kelvin_hour": 2.0,
    },
}


def evening(day: int, hour: int) -> str:
    return (years.START + timedelta(days=day, hours=hour)).isoformat()


CAR: Json = {
    "id": "car",
    "kind": "ev_charger",
    "min_power_kw": 1.4,
    "max_power_kw": 7.4,
    "efficiency": 0.9,
    "sessions": [
        {"arrive": evening(4, 18), "depart": evening(5, 7), "energy_kwh": 12.0}
    ],
}
DISHWASHER: Json = {
    "id": "dishwasher",
    "kind": "appliance",
    "profile_kw": [2.0, 0.5, 1.0],
    "profile_step_minutes": 30,
    "earliest_start": evening(4, 9),
    "latest_end": evening(4, 20),
}


def spoilt(record: Record, now: int, published: int) -> Record:
    """Return the record with everything changed that cannot be known at ``now``."""
    columns = {name: column.copy() for name, column in record.columns.items()}
    for name in ("load_kw", "pv_kw", "outdoor_temperature_c", "cop"):
        if name in columns:
            columns[name][now:] = 9.0
    for name in ("import_price", "export_price"):
        columns[name][published:] = 9.0
    return replace(record, columns=columns)


@pytest.mark.parametrize("forecast", [Foresight.NAIVE, Foresight.LEARNED])
@pytest.mark.parametrize("hour", [0, 12, 13, 23])
def test_a_view_does_not_move_with_what_comes_after(
    forecast: Foresight, hour: int
) -> None:
    record = years.record(years.home(years.ROOF, years.BATTERY, HEAT_PUMP))
    settings = Settings(forecast=forecast)
    now = record.first + 2 * hour
    published = record.first + years.PER_DAY * (1 if hour < 13 else 2)
    view = Knowledge(record, settings).view(now, 40)
    again = Knowledge(spoilt(record, now, published), settings).view(now, 40)
    assert view.priced == min(published - now, 40)
    assert np.array_equal(view.net_kw, again.net_kw)
    for name, column in view.columns.items():
        assert np.array_equal(column, again.columns[name]), name


def test_the_running_step_is_known_only_when_asked_for() -> None:
    record = years.record(HOME)
    now = record.first + 20
    actual = record.columns["load_kw"][now] - record.columns["pv_kw"][now]
    known = Knowledge(record, Settings(know_current_step=True)).view(now, 10)
    assert known.net_kw[0] == pytest.approx(actual)
    unknown = Knowledge(record, Settings()).view(now, 10)
    assert unknown.net_kw[0] != pytest.approx(actual)


def test_decisions_do_not_move_with_the_future() -> None:
    record = years.record(HOME)
    whole = play(record, Settings())
    now = record.first + 20
    changed = play(spoilt(record, now, record.first + 48), Settings())
    assert changed.power_kw["battery"][:20] == whole.power_kw["battery"][:20]


@pytest.mark.parametrize("policy", list(Policy))
def test_the_bill_is_that_of_the_trace(policy: Policy) -> None:
    record = years.record(HOME)
    document, played = run(record, Settings(policy=policy))
    rows = trace(record, played)
    price = record.played("import_price")
    sold = record.played("export_price")
    bought = 0.5 * sum(r["import_kw"] * p for r, p in zip(rows, price, strict=True))
    given = 0.5 * sum(r["export_kw"] * p for r, p in zip(rows, sold, strict=True))
    missing = max(0.0, 4.0 - rows[-1]["battery_kwh"])
    assert document["cost"]["energy"] == pytest.approx(
        bought + missing * price.mean(), abs=1e-4
    )
    assert document["cost"]["export"] == pytest.approx(-given, abs=1e-4)
    parts = [v for k, v in document["cost"].items() if k != "total"]
    assert document["cost"]["total"] == pytest.approx(sum(parts), abs=1e-5)
    for row in rows:
        net = row["import_kw"] - row["export_kw"]
        load = record.columns["load_kw"][record.first + rows.index(row)]
        assert net == pytest.approx(load + row["battery_kw"] - row["roof_kw"], abs=1e-5)


def test_hindsight_is_cheapest_and_a_plan_beats_doing_nothing() -> None:
    record = years.record(HOME, days=12, played=5)
    document, _ = run(record, Settings(know_current_step=True))
    nothing, _ = run(record, Settings(policy=Policy.NONE))
    best = document["perfect"]
    assert best["bound"] <= best["total"] + 1e-6
    assert best["total"] <= document["cost"]["total"] + 1e-6
    assert document["cost"]["total"] < nothing["cost"]["total"]
    assert document["cost"]["total"] < document["self_consumption"]["total"]
    assert document["regret"] >= 0
    assert document["captured_share"] <= 1


@pytest.mark.parametrize("devices", [(), (CAR, HEAT_PUMP)])
def test_regret_is_split_into_planning_and_forecast(devices: tuple[Json, ...]) -> None:
    record = years.record(years.home(years.ROOF, years.BATTERY, *devices))
    document, _ = run(record, Settings())
    split = document["regret_split"]
    parts = split["planning"] + split["forecast"]
    assert parts == pytest.approx(document["regret"], abs=2e-6)
    certain = Settings(forecast=Foresight.PERFECT, know_current_step=True)
    known, _ = run(record, certain)
    assert known["regret_split"]["forecast"] == 0
    assert known["regret_split"]["planning"] == split["planning"]
    assert known["cost"]["total"] == document["known"]["total"]


def test_a_rule_has_a_regret_without_a_split() -> None:
    document, _ = run(years.record(HOME), Settings(policy=Policy.SELF_CONSUMPTION))
    assert document["regret"] > 0
    assert document["regret_split"] == {"planning": None, "forecast": None}


def test_knowing_all_comes_close_to_hindsight() -> None:
    record = years.record(HOME, days=12, played=5)
    document, _ = run(
        record, Settings(forecast=Foresight.PERFECT, know_current_step=True)
    )
    assert document["captured_share"] > 0.9


def test_a_state_file_goes_on_as_if_nothing_had_stopped() -> None:
    tariff = {"capacity": {"integration_minutes": 30, "price_per_kw": 4.0}}
    record = years.record(years.home(years.ROOF, years.BATTERY, tariff=tariff))
    kept: list[str] = []

    def keep(game: Game) -> None:
        if game.played.steps == 30:
            kept.append(json.dumps(game.to_json()))

    whole = play(record, Settings(), watch=keep)
    rest = play(record, Settings(), Game.from_json(json.loads(kept[0])))
    assert rest.import_kw == whole.import_kw
    assert rest.energy == whole.energy
    assert len(rest.solve_seconds) == len(whole.solve_seconds) == 48


def test_limits_hold_and_everything_is_done_in_a_full_home() -> None:
    home = years.home(
        years.ROOF,
        years.BATTERY,
        CAR,
        DISHWASHER,
        HEAT_PUMP,
        grid={"import_limit_kw": 7.0, "export_limit_kw": 1.0},
        limits=[
            {
                "id": "dso",
                "direction": "import",
                "scope": "controllable",
                "limit_kw": 2.0,
                "start": evening(4, 19),
                "end": evening(4, 21),
            }
        ],
        tariff={"capacity": {"integration_minutes": 30, "price_per_kw": 4.0}},
    )
    record = years.record(home)
    document, played = run(record, Settings(policy=Policy.PLAN))
    rows = trace(record, played)
    assert document["over_limit"]["steps"] == 0
    assert max(r["import_kw"] for r in rows) <= 7.0 + 1e-6
    for row in rows[38:42]:
        drawn = row["car_kw"] + row["heat_pump_kw"] + max(row["battery_kw"], 0.0)
        assert drawn <= 2.0 + 1e-6
    assert not [s for s in document["shortfalls"] if s["device"] == "car"]
    assert 0.9 * 0.5 * sum(r["car_kw"] for r in rows) == pytest.approx(12.0, abs=0.7)
    assert 0.5 * sum(r["dishwasher_kw"] for r in rows) == pytest.approx(1.75)
    peak_kw = max(r["import_kw"] for r in rows)
    assert document["windows"][0]["peaks_kw"] == pytest.approx([peak_kw], abs=1e-5)
    assert document["cost"]["capacity"] == pytest.approx(4 * peak_kw, abs=1e-4)
    assert costs(record, played)["comfort"] < 2.0


def test_a_column_that_was_foretold_is_used() -> None:
    table = years.table(6)
    columns = {**table.columns, "pv_kw_forecast": table.columns["pv_kw"]}
    told = replace(table, columns=columns)
    begin = years.START + timedelta(days=4)
    record = record_of(HOME, told, Settings(start=begin))
    now = record.first + 12
    view = Knowledge(record, Settings()).view(now, 30)
    without = Knowledge(years.record(HOME), Settings()).view(now, 30)
    actual = record.columns["pv_kw"][now : now + 30]
    error = np.abs(view.columns["pv_kw"] - actual).sum()
    assert error < 0.5 * np.abs(without.columns["pv_kw"] - actual).sum()


@pytest.mark.parametrize("foresight", [Foresight.LEARNED, Foresight.NAIVE])
def test_a_service_may_have_said_nothing_of_some_hours(foresight: Foresight) -> None:
    table = years.table(6)
    begin = years.START + timedelta(days=4)
    settings = Settings(start=begin, forecast=foresight)
    now = 4 * years.PER_DAY + 12

    def foretold(said: Numbers) -> Numbers:
        columns = {**table.columns, "pv_kw_forecast": said}
        faults = {"pv_kw_forecast": [Problem("is empty", "pv_kw_forecast")]}
        told = replace(table, columns=columns, refused=faults, gaps=frozenset(faults))
        record = record_of(HOME, told, settings)
        return Knowledge(record, settings).view(now, 30).columns["pv_kw"]

    said = table.columns["pv_kw"] + 0.0
    whole, gap = foretold(said), slice(now + 4, now + 8)
    said[gap] = np.nan
    partly = foretold(said)
    assert np.isfinite(partly).all()
    assert partly[4:8] != pytest.approx(whole[4:8])
    assert partly[20:] == pytest.approx(whole[20:], rel=0.1)


def test_a_forecast_that_is_no_number_is_refused() -> None:
    table = years.table(6)
    fault = Problem("is 'sunny'; must be a finite number", "series.pv_kw_forecast")
    told = replace(
        table,
        columns={**table.columns, "pv_kw_forecast": table.columns["pv_kw"]},
        refused={"pv_kw_forecast": [fault]},
    )
    with pytest.raises(InputError, match="sunny"):
        record_of(HOME, told, Settings())
