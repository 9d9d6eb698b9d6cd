from datetime import datetime

import pytest

from cem_core.model.message_json import message_from_json
from cem_core.model.render import Renderer
from tests.optimizer.homes import (
    BATTERY,
    CAR,
    HEAT_PUMP,
    ROOF,
    Json,
    at,
    home,
    plan,
    series,
)

EFFICIENT = {**BATTERY, "wear_per_kwh": 0.02}


def test_a_battery_balances_where_the_grid_does_not_charge_it() -> None:
    rows = series(
        [0.30, 0.30, 0.20, 0.40, 0.40],
        load_kw=[1, 1, 1, 2, 2],
        pv_kw=[4.0, 2.0, 0.0, 0.0, 0.0],
    )
    battery = plan(home(ROOF, EFFICIENT), rows)["devices"]["battery"]
    # 4 kWh of surplus at 0.05 cover 4 kWh at 0.40; hour 2 is left to the grid.
    assert battery["action"] == ["balance"] * 5
    assert battery["balance"][0] in {"store", "both"}
    assert battery["balance"][2] == "store"
    assert battery["balance"][3] in {"cover", "both"}


def test_it_is_told_to_charge_only_to_draw_from_the_grid() -> None:
    battery = plan(home(EFFICIENT), series([0.1, 0.2, 0.4]))["devices"]["battery"]
    assert battery["action"][0] == "charge"
    assert battery["balance"][0] is None
    assert battery["action"][2] == "balance"
    assert battery["balance"][2] in {"cover", "both"}


def test_it_is_told_to_discharge_only_to_feed_the_grid() -> None:
    rows = series([0.1, 0.6], export_price=[0.05, 0.5])
    battery = plan(home(EFFICIENT), rows)["devices"]["battery"]
    assert battery["action"] == ["charge", "discharge"]


def test_a_battery_that_nothing_is_worth_holds() -> None:
    worn = {
        **BATTERY,
        "initial_energy_kwh": 5,
        "final_energy_kwh": 5,
        "wear_per_kwh": 1,
    }
    result = plan(home(worn), series([0.30, 0.31], export_price=0.2999999))
    assert set(result["devices"]["battery"]["action"]) <= {"hold", "balance"}
    assert "cover" not in result["devices"]["battery"]["balance"]


def test_a_kwh_in_the_battery_is_worth_what_it_will_save() -> None:
    value = plan(home(EFFICIENT), series([0.1, 0.1, 0.4]))["devices"]["battery"]
    # Nothing limits it: one more kWh would only spare buying at 0.1.
    assert value["marginal_value_per_kwh"][0] == pytest.approx(0.1, abs=1e-6)
    small = {**EFFICIENT, "capacity_kwh": 0.5}
    scarce = plan(home(small), series([0.1, 0.1, 0.4]))["devices"]["battery"]
    # Full after two hours; in the third a kWh more would spare 0.4 less wear.
    assert scarce["marginal_value_per_kwh"][2] == pytest.approx(0.38, abs=1e-6)


def test_a_car_charges_from_the_grid_and_balances_on_surplus() -> None:
    session = {"arrive": at(0), "depart": at(3), "energy_kwh": 7}
    rows = series([0.3, 0.1, 0.3, 0.3], load_kw=1, pv_kw=[4.0, 1.0, 1.0, 0.0])
    car = plan(home(ROOF, {**CAR, "sessions": [session]}), rows)["devices"]["car"]
    assert car["power_kw"] == pytest.approx([3, 4, 0, 0])
    assert car["action"] == ["balance", "charge", "balance", "off"]
    assert car["balance"] == ["store", None, "store", None]


def reasons(result: Json, device: str) -> list[Json]:
    return [reason for reason in result["reasons"] if reason["device"] == device]


def test_reasons_have_numbers_times_and_a_saving() -> None:
    session = {"arrive": at(0), "depart": at(4), "energy_kwh": 11}
    given = home(EFFICIENT, {**CAR, "sessions": [session]})
    result = plan(given, series([0.1, 0.2, 0.4, 0.5]))
    (reason,) = reasons(result, "car")
    assert reason["start"] == at(0)
    assert datetime.fromisoformat(reason["end"]).hour == 13
    assert "11.00 kWh at €0.100/kWh" in reason["text"]
    assert "due by 16:00" in reason["text"]
    assert reason["saving"] > 0
    charging, covering = reasons(result, "battery")
    assert charging["text"].startswith("Stores")
    assert covering["text"].startswith("Covers 3.00 kWh")
    # 3 kWh bought at 0.1 cover 0.2, 0.4 and 0.5, less wear: all is counted once.
    assert charging["saving"] + covering["saving"] == pytest.approx(1.1 - 0.3 - 0.06)


def test_an_appliance_is_compared_with_starting_at_once() -> None:
    dishwasher = {
        "id": "dishwasher",
        "kind": "appliance",
        "profile_kw": [2.0],
        "profile_step_minutes": 60,
        "earliest_start": at(0),
        "latest_end": at(3),
    }
    result = plan(home(dishwasher), series([0.4, 0.3, 0.1]))
    (reason,) = reasons(result, "dishwasher")
    assert reason["text"].startswith(
        "Runs at 14:00 for €0.20; at 12:00 the plan would cost up to €0.60 more."
    )
    assert reason["saving"] == pytest.approx(0.6)


def test_over_a_long_horizon_it_is_compared_by_the_prices_of_the_plan(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("optimizer.run_reason.LARGE", 0)
    dishwasher = {
        "id": "dishwasher",
        "kind": "appliance",
        "profile_kw": [2.0, 1.0],
        "profile_step_minutes": 60,
        "earliest_start": at(0),
        "latest_end": at(4),
    }
    result = plan(home(dishwasher), series([0.4, 0.3, 0.1, 0.3]))
    (reason,) = reasons(result, "dishwasher")
    assert reason["text"].startswith(
        "Draws 3.00 kWh at €0.167/kWh; at the best other times of its windows it"
        " would be €0.233/kWh."
    )
    assert reason["saving"] == pytest.approx(0.2)


def test_a_limit_and_a_peak_are_named_where_they_bind() -> None:
    session = {"arrive": at(0), "depart": at(3), "energy_kwh": 8}
    limit = {
        "id": "dso",
        "direction": "import",
        "scope": "controllable",
        "limit_kw": 4.2,
        "end": at(1),
    }
    tariff = {
        "currency": "CHF",
        "capacity": {"price_per_kw": 10, "peak_so_far_kw": 5.2},
    }
    given = home({**CAR, "sessions": [session]}, limits=[limit], tariff=tariff)
    (reason,) = reasons(plan(given, series([0.1, 0.3, 0.4])), "car")
    assert "Limit dso holds it to 4.2 kW until 13:00." in reason["text"]
    assert reason["limited_by"] == "dso"
    assert reason["key"] == "car_charges"
    due, held, *_ = reason["also"]
    assert due["key"] == "car_is_due_at_cost"
    assert held == {
        "key": "limit_holds_until",
        "values": {"limit": "dso", "limit_kw": 4.2, "end_time": at(1)},
    }
    assert "CHF\N{NO-BREAK SPACE}0.195/kWh" in reason["text"]
    lasting = {**limit, "end": None}
    given = home({**CAR, "sessions": [session]}, limits=[lasting], tariff=tariff)
    (reason,) = reasons(plan(given, series([0.1, 0.3, 0.4])), "car")
    assert "Limit dso holds it to 4.2 kW. " in reason["text"] + " "
    peaky = home({**CAR, "sessions": [session]}, tariff=tariff)
    (reason,) = reasons(plan(peaky, series([0.1, 0.3, 0.4])), "car")
    assert reason["limited_by"] is None
    assert (
        "The 15-minute mean stays at 5.20 kW: a kW more costs CHF\N{NO-BREAK SPACE}10.00."
        in (reason["text"])
    )


def test_curtailed_solar_says_what_selling_would_cost() -> None:
    rows = series([0.3], export_price=-0.1, load_kw=1, pv_kw=3.0)
    result = plan(home({**ROOF, "curtailable": True}), rows)
    (reason,) = reasons(result, "roof")
    assert reason["text"] == (
        "Leaves 2.00 kWh unused: selling a kWh would cost €0.100/kWh."
    )
    assert reason["saving"] == pytest.approx(0.2)


def test_the_heat_pump_s_reason_names_the_comfort_it_keeps() -> None:
    rows = series(
        [0.1, 0.5], cop=3.0, t_min_c=20.0, t_max_c=22.0, outdoor_temperature_c=0.0
    )
    result = plan(home(HEAT_PUMP), rows)
    reason = reasons(result, "heat_pump")[0]
    assert "It just keeps the wished 20.0 °C" in reason["text"]
    assert reason["saving"] > 0


def test_waiting_has_its_reason_too() -> None:
    session = {"arrive": at(0), "depart": at(5), "energy_kwh": 11}
    kept = {**EFFICIENT, "capacity_kwh": 2, "initial_energy_kwh": 2}
    given = home(kept, {**CAR, "sessions": [session]})
    result = plan(given, series([0.3, 0.3, 0.3, 0.1, 0.5, 0.5]))
    first = reasons(result, "car")[0]
    assert first["start"] == at(0)
    assert first["end"] == at(3)
    assert "Waits: energy costs €0.300/kWh" in first["text"]
    assert "until 15:00, €0.100/kWh then." in first["text"]
    assert first["saving"] is None
    starts = [reason["start"] for reason in result["reasons"]]
    by_device = [reason["device"] for reason in result["reasons"]]
    assert by_device == sorted(by_device, key=["battery", "car"].index)
    assert starts[: by_device.count("battery")] == sorted(
        starts[: by_device.count("battery")]
    )


def test_a_battery_says_what_it_keeps_its_energy_for() -> None:
    small = {**EFFICIENT, "capacity_kwh": 1, "initial_energy_kwh": 1}
    result = plan(home(small), series([0.3, 0.31, 0.5]))
    keeps = reasons(result, "battery")[0]
    assert keeps["start"] == at(0)
    assert keeps["end"] == at(2)
    assert keeps["text"].startswith("Keeps 1.00 kWh: a kWh taken out is worth")


def test_an_appliance_that_starts_at_once_is_compared_with_its_latest() -> None:
    dishwasher = {
        "id": "dishwasher",
        "kind": "appliance",
        "profile_kw": [2.0],
        "profile_step_minutes": 60,
        "earliest_start": at(0),
        "latest_end": at(3),
    }
    result = plan(home(dishwasher), series([0.1, 0.3, 0.4]))
    (reason,) = reasons(result, "dishwasher")
    assert "at 14:00 the plan would cost up to €0.60 more." in reason["text"]
    assert reason["saving"] == pytest.approx(0.6)


def test_a_reason_is_made_into_its_text_again() -> None:
    session = {"arrive": at(0), "depart": at(5), "energy_kwh": 11}
    given = home(EFFICIENT, HEAT_PUMP, {**CAR, "sessions": [session]})
    rows = series(
        [0.3, 0.1, 0.4], cop=3.0, t_min_c=20.0, t_max_c=22.0, outdoor_temperature_c=0.0
    )
    result = plan(given, rows)
    assert len(result["reasons"]) >= 3
    for reason in result["reasons"]:
        assert Renderer().text(message_from_json(reason)) == reason["text"]


def test_a_dear_hour_says_that_the_cheap_ones_are_full() -> None:
    session = {"arrive": at(0), "depart": at(4), "energy_kwh": 5}
    tariff = {"capacity": {"price_per_kw": 10, "peak_so_far_kw": 3}}
    given = home({**CAR, "min_power_kw": 0, "sessions": [session]}, tariff=tariff)
    result = plan(given, series([0.3, 0.4, 0.1, 0.2]))
    dear, cheap = reasons(result, "car")
    assert result["devices"]["car"]["power_kw"] == pytest.approx([1, 0, 2, 2])
    assert dear["saving"] >= 0
    assert "At cheaper times the peak or a limit leaves no more room." in dear["text"]
    assert cheap["saving"] > 0
    assert "at the best other times of its stay it would be €0.3" in cheap["text"]


def test_a_stay_without_another_time_has_no_saving() -> None:
    session = {"arrive": at(1), "depart": at(2), "energy_kwh": 11}
    result = plan(home({**CAR, "sessions": [session]}), series([0.1, 0.5, 0.1]))
    (reason,) = reasons(result, "car")
    assert reason["key"] == "car_charges_only_then"
    assert reason["saving"] is None


def test_a_car_takes_what_is_paid_for() -> None:
    session = {"arrive": at(0), "depart": at(2), "energy_kwh": 0}
    result = plan(
        home({**CAR, "sessions": [session]}), series([-0.2, 0.3], export_price=-0.3)
    )
    (reason,) = reasons(result, "car")
    assert reason["key"] == "car_takes_what_is_paid_for"
    assert reason["saving"] == pytest.approx(2.2)


def run_at(earliest: float, latest: float, *profile_kw: float) -> Json:
    return {
        "id": "dishwasher",
        "kind": "appliance",
        "profile_kw": list(profile_kw),
        "profile_step_minutes": 60,
        "earliest_start": at(earliest),
        "latest_end": at(latest),
    }


def test_a_start_that_would_raise_the_peak_is_priced_with_it() -> None:
    tariff = {"capacity": {"price_per_kw": 10, "peak_so_far_kw": 3}}
    given = home(run_at(0, 2, 2.0), tariff=tariff)
    result = plan(given, series([0.1, 0.3], load_kw=[2.0, 1.0]))
    (reason,) = reasons(result, "dishwasher")
    # At noon it is 0.40 cheaper, but the peak rises by 1 kW.
    assert reason["saving"] == pytest.approx(10 - 0.4)
    assert "at 12:00 the plan would cost up to €9.60 more" in reason["text"]


def test_a_start_that_breaks_a_limit_is_no_alternative() -> None:
    given = home(run_at(0, 2, 2.0), grid={"import_limit_kw": 3.5})
    result = plan(given, series([0.1, 0.3], load_kw=[2.0, 1.0]))
    (reason,) = reasons(result, "dishwasher")
    assert reason["key"] == "appliance_cannot_run_at"
    assert reason["saving"] is None
    only = plan(home(run_at(0, 1, 2.0)), series([0.1, 0.3]))
    assert reasons(only, "dishwasher")[0]["key"] == "appliance_runs_only_then"


def test_a_run_that_begins_with_a_pause_has_its_reason() -> None:
    result = plan(home(run_at(0, 3, 0.0, 2.0)), series([0.4, 0.3, 0.1]))
    (reason,) = reasons(result, "dishwasher")
    assert reason["start"] == at(1)
    assert reason["saving"] == pytest.approx(0.4)


def test_surplus_that_no_one_takes_is_stored_for_nothing() -> None:
    # Nothing can be sold: the price that selling would bring is none at all.
    rows = series([0.3, 0.3], pv_kw=[4.0, 0.0], export_price=0.2)
    given = home({**ROOF, "curtailable": True}, EFFICIENT, grid={"export_limit_kw": 0})
    stores = reasons(plan(given, rows), "battery")[0]
    assert stores["key"] == "battery_stores_surplus"
    assert stores["values"]["price_per_kwh"] == pytest.approx(0)
    assert stores["saving"] >= 0


def test_warmth_is_compared_with_another_time_or_needed_at_once() -> None:
    rows = series(
        [0.1, 0.5], cop=3.0, t_min_c=20.0, t_max_c=22.0, outdoor_temperature_c=0.0
    )
    heats = reasons(plan(home(HEAT_PUMP), rows), "heat_pump")[0]
    assert "The same warmth would cost" in heats["text"]
    only = series([0.1], cop=3.0, t_min_c=20.0, t_max_c=22.0, outdoor_temperature_c=0.0)
    needed = reasons(plan(home(HEAT_PUMP), only), "heat_pump")[0]
    assert "no other time keeps what is wished" in needed["text"]
    assert needed["saving"] is None


def test_a_load_is_compared_with_the_other_times_of_its_windows() -> None:
    pump = {
        "id": "pump",
        "kind": "flexible_load",
        "max_power_kw": 2,
        "energy_kwh": 2,
        "windows": [{"start": at(0), "end": at(2)}],
    }
    (reason,) = reasons(plan(home(pump), series([0.3, 0.1, 0.05])), "pump")
    # The cheapest hour is none of its windows.
    assert reason["start"] == at(1)
    assert reason["saving"] == pytest.approx(0.4)
    only = {**pump, "windows": [{"start": at(0), "end": at(1)}]}
    (reason,) = reasons(plan(home(only), series([0.3, 0.1, 0.05])), "pump")
    assert reason["key"] == "load_runs_only_then"
    assert reason["saving"] is None
