"""From nothing to a plan: at most three forms, filled in with what is known."""

import asyncio
from typing import Any

from homeassistant.config_entries import SOURCE_USER, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers.json import json_bytes
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from cem_core.insight.foretell import foretell
from custom_components.cem.const import DOMAIN, Kind, Mode
from custom_components.cem.learning.learner import Learner
from custom_components.cem.planner import Planner
from custom_components.cem.presets.price_sources import PriceSource
from custom_components.cem.worker_client import WorkerClient, WorkerError
from optimizer.backtest.replay import replay
from optimizer.series import table
from tests.custom_components.house import add_states
from tests.custom_components.test_prefill import BATTERY, GRID, SOLAR, prefer

HOME = {"name": "Home", "import_limit": 9.2, "export_limit": 5, "phases": "3"}
METER = {"power": "sensor.grid", "power_sign": "import_positive"}
CAR = {
    "add": True,
    "name": "Wallbox",
    "plugged": "binary_sensor.plugged",
    "switch": "switch.charger",
    "throttle": "number.charger",
    "power": "sensor.charger",
    "phases": "3",
    "max_current": 16,
    "default_energy": 20,
    "departure": "07:00:00",
}
BATTERY_SAID = {
    "add": True,
    "name": "Cellar",
    "state_of_charge": "sensor.battery_charge",
    "power": "sensor.battery",
    "power_sign": "charge_positive",
    "capacity": 10,
    "charge_limit": 5,
    "discharge_limit": 5,
}


@pytest.fixture(autouse=True)
def first_day(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Answer for the worker; count how often it was asked."""
    asked: list[int] = []

    async def said(_: Planner, hours: int) -> dict[str, Any]:
        asked.append(hours)
        return {"without": {"cost": 3.0}, "known": {"cost": 1.75}}

    monkeypatch.setattr(Planner, "async_first_day", said)
    return asked


async def begin(hass: HomeAssistant) -> dict[str, Any]:
    add_states(hass)
    form = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_USER}
    )
    assert form["step_id"] == "user"
    json_bytes(form["description_placeholders"])  # as it goes to the browser
    return dict(form)


async def fill_in(
    hass: HomeAssistant, form: dict[str, Any], **answers: Any
) -> dict[str, Any]:
    """Fill in a form; where a plan is made then, wait for it."""
    flows = hass.config_entries.flow
    result = await flows.async_configure(form["flow_id"], answers)
    if result["type"] is FlowResultType.SHOW_PROGRESS:
        await hass.async_block_till_done(wait_background_tasks=True)
        result = await flows.async_configure(form["flow_id"])
    return dict(result)


def filled_in(form: dict[str, Any]) -> dict[str, Any]:
    """Return what a form suggests."""
    return {
        str(key): key.description["suggested_value"]
        for key in form["data_schema"].schema
        if key.description and "suggested_value" in key.description
    }


async def test_what_is_known_is_filled_in(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    await prefer(hass, GRID | {"entity_energy_price": None}, SOLAR, BATTERY)
    hass.config.country = "NL"
    source = PriceSource(
        method="tibber", title="Tibber", answers={"tibber_entry": "an-entry"}
    )
    monkeypatch.setattr("custom_components.cem.first_run.best_source", lambda _: source)
    form = await begin(hass)
    assert filled_in(form) == {
        "power": "sensor.grid",
        "tariff_preset": "nl_dynamic_netting",
    }
    form = await fill_in(hass, form, **HOME, **METER, tariff_preset="nl_dynamic")
    assert form["step_id"] == "prices"
    about = form["description_placeholders"]["about"]
    assert "check this with your bill: what the market price is multiplied" in about
    known = filled_in(form)
    assert known["tibber_entry"] == "an-entry"
    assert known["price_factor"] == 1.0
    form = await fill_in(
        hass,
        form,
        tibber_entry="an-entry",
        price_factor=1.0,
        price_addition=0.0,
        advanced={},
    )
    assert form["step_id"] == "devices"
    battery = filled_in(form)["battery"]
    assert battery["add"]
    assert battery["state_of_charge"] == "sensor.battery_charge"
    assert battery["capacity"] == 8.5
    assert battery["power_sign"] == "discharge_positive"


async def test_three_forms_make_a_home_that_observes(
    hass: HomeAssistant, first_day: list[int]
) -> None:
    form = await begin(hass)
    form = await fill_in(hass, form, **HOME, **METER, tariff_preset="nl_fixed")
    assert form["step_id"] == "prices"
    form = await fill_in(hass, form, import_price=0.27, export_price=0.05, advanced={})
    assert form["step_id"] == "devices"
    form = await fill_in(
        hass,
        form,
        solar={"add": True, "name": "Roof", "power": "sensor.solar", "peak_power": 0.8},
        battery=BATTERY_SAID,
        ev_charger=CAR,
    )
    assert form["step_id"] == "first_day"
    said = form["description_placeholders"]["result"]
    assert said.startswith("Against doing nothing: €1.25 a day")
    assert first_day == [24]
    result = await fill_in(hass, form)
    await hass.async_block_till_done()
    entry = result["result"]
    assert entry.state is ConfigEntryState.LOADED
    assert entry.runtime_data.mode is Mode.OBSERVE
    kinds = {each.subentry_type for each in entry.subentries.values()}
    assert kinds == {
        *(Kind.METER, Kind.TARIFF, Kind.SOLAR),
        *(Kind.BATTERY, Kind.EV_CHARGER),
    }
    assert {each.title for each in entry.subentries.values()} == {
        *("Meter", "Tariff", "Roof", "Cellar", "Wallbox"),
    }


async def test_a_meter_alone_is_a_home(hass: HomeAssistant) -> None:
    form = await begin(hass)
    form = await fill_in(hass, form, **HOME, **METER)
    assert form["step_id"] == "devices"
    form = await fill_in(hass, form)
    assert form["step_id"] == "first_day"
    result = await fill_in(hass, form)
    (meter,) = result["result"].subentries.values()
    assert meter.data["power"] == "sensor.grid"


async def test_a_price_sensor_goes_before_the_tariff(hass: HomeAssistant) -> None:
    attributes = {"unit_of_measurement": "EUR/kWh", "raw_today": []}
    hass.states.async_set("sensor.price", "0.3", attributes)
    form = await begin(hass)
    form = await fill_in(
        hass,
        form,
        **HOME,
        price_entity="sensor.price",
        tariff_preset="be_flanders_dynamic",
    )
    assert form["step_id"] == "prices"
    assert filled_in(form)["price_entity"] == "sensor.price"


async def test_every_refusal_is_recovered_from(hass: HomeAssistant) -> None:
    form = await begin(hass)
    wrong = HOME | METER | {"power": "sensor.battery_charge"}
    form = await fill_in(hass, form, **wrong)
    assert form["errors"] == {"power": "unit_power"}
    form = await fill_in(hass, form, **HOME, **METER, tariff_preset="nl_dynamic")
    assert form["errors"] == {"tariff_preset": "no_price_source"}
    form = await fill_in(
        hass, form, **HOME, **METER, tariff_preset="be_wallonia_day_night"
    )
    sheet = {"calendar": "belgium_wallonia_day_night"}
    form = await fill_in(hass, form, **sheet, period_prices="peak 0.3", advanced={})
    assert form["errors"] == {"period_prices": "prices_incomplete"}
    form = await fill_in(
        hass, form, **sheet, period_prices="peak 0.3, off_peak 0.2", advanced={}
    )
    assert form["step_id"] == "devices"
    form = await fill_in(hass, form, battery={"add": True, "name": "Cellar"})
    assert form["errors"] == {"base": "incomplete"}
    assert form["description_placeholders"]["where"] == "Cellar"
    form = await fill_in(hass, form, solar={"add": True, "name": " "})
    assert form["errors"] == {"base": "incomplete"}
    assert form["description_placeholders"]["where"] == "Solar"
    car = {k: v for k, v in CAR.items() if k != "plugged"}
    form = await fill_in(hass, form, battery=BATTERY_SAID, ev_charger=car)
    assert form["errors"] == {"base": "plugged_missing"}
    form = await fill_in(hass, form, battery=BATTERY_SAID, ev_charger=CAR)
    assert form["step_id"] == "first_day"


async def test_a_plan_that_cannot_be_made_is_said(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def missing(_: Planner, hours: int) -> dict[str, Any]:
        del hours
        raise WorkerError("missing", "highspy")

    monkeypatch.setattr(Planner, "async_first_day", missing)
    form = await fill_in(hass, await begin(hass), **HOME, **METER)
    form = await fill_in(hass, form)
    said = form["description_placeholders"]["result"]
    assert "the package highspy is missing" in said
    result = await fill_in(hass, form)
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_a_day_without_savings_says_so(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def nothing(_: Planner, hours: int) -> dict[str, Any]:
        del hours
        return {"without": {"cost": 3.0}, "known": {"cost": 3.1}}

    monkeypatch.setattr(Planner, "async_first_day", nothing)
    form = await fill_in(hass, await begin(hass), **HOME, **METER)
    form = await fill_in(hass, form)
    assert "nothing to save" in form["description_placeholders"]["result"]


async def test_a_flow_that_is_left_plans_no_more(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped: list[str] = []

    async def endless(_: Planner, hours: int) -> dict[str, Any]:
        del hours
        await hass.loop.create_future()
        return {}

    async def stop(_: Planner) -> None:
        stopped.append("worker")

    monkeypatch.setattr(Planner, "async_first_day", endless)
    monkeypatch.setattr(Planner, "async_stop", stop)
    form = await fill_in(hass, await begin(hass), **HOME, **METER)
    flows = hass.config_entries.flow
    result = await flows.async_configure(form["flow_id"], {})
    assert result["type"] is FlowResultType.SHOW_PROGRESS
    flows.async_abort(form["flow_id"])
    await hass.async_block_till_done(wait_background_tasks=True)
    assert stopped == ["worker"]


async def test_to_look_in_again_begins_no_second_plan(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    worker: asyncio.Future[dict[str, Any]] = hass.loop.create_future()

    async def slow(_: Planner, hours: int) -> dict[str, Any]:
        asked.append(hours)
        return await worker

    monkeypatch.setattr(Planner, "async_first_day", slow)
    form = await fill_in(hass, await begin(hass), **HOME, **METER)
    flows = hass.config_entries.flow
    said: tuple[dict[str, Any] | None, ...] = ({}, None)
    for answers in said:
        result = await flows.async_configure(form["flow_id"], answers)
        assert result["type"] is FlowResultType.SHOW_PROGRESS
        await hass.async_block_till_done()
    worker.set_result({"without": {"cost": 3.0}, "known": {"cost": 1.75}})
    await hass.async_block_till_done(wait_background_tasks=True)
    shown = await flows.async_configure(form["flow_id"])
    assert shown["step_id"] == "first_day"
    assert asked == [24]


async def test_the_first_day_is_planned_with_the_homes_devices(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The real planner and the real replay, without a process between them."""
    monkeypatch.undo()
    homes: list[dict[str, Any]] = []

    async def played(
        _: WorkerClient, home: Any, series: Any, wish: Any
    ) -> dict[str, Any]:
        homes.append(home)
        return replay(home, table(series), wish)

    async def foretold(_: WorkerClient, asked: Any) -> dict[str, Any]:
        return foretell(asked)

    async def known(_: object) -> None:
        return

    monkeypatch.setattr(WorkerClient, "replay", played)
    monkeypatch.setattr(WorkerClient, "forecast", foretold)
    monkeypatch.setattr(Learner, "async_start_values", known)
    monkeypatch.setattr(
        "custom_components.cem.requirements.WorkerPackages.async_ensure", known
    )
    monkeypatch.setattr(Planner, "start", lambda _: None)
    form = await fill_in(hass, await begin(hass), **HOME, **METER)
    form = await fill_in(hass, form, ev_charger=CAR)
    assert form["step_id"] == "first_day", form
    (home,) = homes
    assert [each["kind"] for each in home["devices"]] == ["ev_charger"]
    assert len(home["devices"][0]["sessions"]) == 1
    said = form["description_placeholders"]["result"]
    assert "as foretold" in said  # the price is flat: nothing to save, but no error


async def test_a_price_sensor_that_is_known_is_filled_in(hass: HomeAssistant) -> None:
    await prefer(hass, GRID)
    form = await begin(hass)
    assert filled_in(form) == {"power": "sensor.grid", "price_entity": "sensor.price"}


async def test_a_country_without_a_known_tariff_suggests_none(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    hass.config.country = "JP"
    source = PriceSource(method="tibber", title="Tibber", answers={})
    monkeypatch.setattr("custom_components.cem.first_run.best_source", lambda _: source)
    form = await begin(hass)
    assert "tariff_preset" not in filled_in(form)
    form = await fill_in(hass, form, **HOME, **METER)
    assert form["step_id"] == "devices"


async def test_nothing_said_is_a_home_at_once(hass: HomeAssistant) -> None:
    result = await fill_in(hass, await begin(hass), **HOME)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert not result["result"].subentries


async def test_an_export_sensor_that_is_no_price_is_refused(
    hass: HomeAssistant,
) -> None:
    form = await fill_in(hass, await begin(hass), **HOME, tariff_preset="nl_fixed")
    price = {"import_price": 0.3, "advanced": {}}
    hass.states.async_set("sensor.price", "1", {"unit_of_measurement": "EUR"})
    refused = await fill_in(hass, form, **price, export_price_entity="sensor.price")
    assert refused["errors"] == {"export_price_entity": "no_forecast"}
    form = await fill_in(hass, form, **price, export_price=0.05)
    assert form["step_id"] == "devices"


async def test_the_forecast_of_the_sun_that_is_there_is_taken(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def platforms(_: HomeAssistant) -> dict[str, None]:
        return {"forecast_solar": None}

    monkeypatch.setattr(
        "custom_components.cem.prefill.async_get_energy_platforms", platforms
    )
    hass.config.components.add("energy")
    forecast = MockConfigEntry(domain="forecast_solar", state=ConfigEntryState.LOADED)
    forecast.add_to_hass(hass)
    roof = {"add": True, "name": "Roof", "power": "sensor.solar", "peak_power": 4}

    async def taken() -> Any:
        form = await fill_in(hass, await begin(hass), **HOME, **METER)
        form = await fill_in(hass, form, solar=roof)
        made = await fill_in(hass, form)
        parts = {each.title: each.data for each in made["result"].subentries.values()}
        await hass.config_entries.async_remove(made["result"].entry_id)
        return parts["Roof"].get("forecast_entries")

    assert await taken() == forecast.entry_id
    another = MockConfigEntry(domain="forecast_solar", state=ConfigEntryState.LOADED)
    another.add_to_hass(hass)
    assert await taken() is None
    for entry in (forecast, another):  # there is nothing to unload
        entry.mock_state(hass, ConfigEntryState.NOT_LOADED)
