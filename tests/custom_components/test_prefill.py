"""The forms are filled in with what the energy dashboard knows."""

from typing import Any

from homeassistant.components.energy import data as energy_data
from homeassistant.config_entries import SOURCE_USER
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest

from custom_components.cem.const import Kind
from custom_components.cem.forms import FORMS
from custom_components.cem.prefill import suggestions
from tests.custom_components.test_config_flow import start

GRID = {
    "type": "grid",
    "stat_energy_from": "sensor.import_total",
    "stat_energy_to": "sensor.export_total",
    "stat_cost": None,
    "stat_compensation": None,
    "entity_energy_price": "sensor.price",
    "number_energy_price": None,
    "entity_energy_price_export": None,
    "number_energy_price_export": 0.05,
    "cost_adjustment_day": 0,
    "stat_rate": "sensor.grid",
}
SOLAR = {
    "type": "solar",
    "stat_energy_from": "sensor.solar_total",
    "stat_rate": "sensor.solar",
    "config_entry_solar_forecast": ["a-forecast"],
}
BATTERY = {
    "type": "battery",
    "stat_energy_from": "sensor.battery_out",
    "stat_energy_to": "sensor.battery_in",
    "stat_rate": "sensor.battery",
    "stat_soc": "sensor.battery_charge",
    "capacity": 8.5,
}


async def prefer(hass: HomeAssistant, *sources: Any) -> None:
    """Set up the energy dashboard."""
    assert await async_setup_component(hass, "energy", {})
    manager = await energy_data.async_get_manager(hass)
    # What the user interface stores, without its own checks on units.
    manager.data = {"energy_sources": list(sources), "device_consumption": []}


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (
            Kind.METER,
            {
                "import_energy": "sensor.import_total",
                "export_energy": "sensor.export_total",
                "power": "sensor.grid",
            },
        ),
        (Kind.TARIFF, {"price_entity": "sensor.price", "export_price": 0.05}),
        (Kind.SOLAR, {"power": "sensor.solar", "forecast_entries": "a-forecast"}),
        (
            Kind.BATTERY,
            {
                "state_of_charge": "sensor.battery_charge",
                "capacity": 8.5,
                "power": "sensor.battery",
                "power_sign": "discharge_positive",
            },
        ),
        (Kind.HEAT_PUMP, {}),
    ],
)
async def test_each_kind_knows_its_source(
    hass: HomeAssistant, kind: Kind, expected: dict[str, Any]
) -> None:
    assert await suggestions(hass, kind) == {}  # no energy dashboard
    await prefer(hass, GRID, SOLAR, BATTERY)
    assert await suggestions(hass, kind) == expected


async def test_a_grid_whose_powers_are_two_sensors_or_inverted(
    hass: HomeAssistant,
) -> None:
    two = {"stat_rate_from": "sensor.in", "stat_rate_to": "sensor.out"}
    await prefer(hass, GRID | {"power_config": two})
    found = await suggestions(hass, Kind.METER)
    assert (found["import_power"], found["export_power"]) == ("sensor.in", "sensor.out")
    assert "power" not in found
    await prefer(hass, GRID | {"power_config": {"stat_rate_inverted": "sensor.grid"}})
    found = await suggestions(hass, Kind.METER)
    assert (found["power"], found["power_sign"]) == ("sensor.grid", "export_positive")


def suggested(result: dict[str, Any]) -> dict[str, Any]:
    """Return what a form shows filled in."""
    return {
        str(key): key.description["suggested_value"]
        for key in result["data_schema"].schema
        if key.description and "suggested_value" in key.description
    }


async def test_the_form_shows_it(hass: HomeAssistant) -> None:
    await prefer(hass, BATTERY)
    shown = suggested(await start(hass, Kind.BATTERY))
    assert shown["capacity"] == 8.5  # the dashboard's, not the usual
    assert shown["state_of_charge"] == "sensor.battery_charge"
    assert shown["charge_limit"] == 5


def test_no_required_number_starts_at_the_least_there_is() -> None:
    found = {
        (kind, method, field.key)
        for kind, methods in FORMS.items()
        for method, form in methods.items()
        for field in form.fields
        if field.required
        and field.default is None
        and field.suggested is None
        and "min" in field.selector.config
    }
    assert found == set()


async def test_a_tariff_of_the_country_fills_in_its_form(hass: HomeAssistant) -> None:
    hass.config.country = "BE"
    fixed = await start(hass, Kind.TARIFF, "fixed")
    flows = hass.config_entries.subentries
    menu = await flows.async_init(fixed["handler"], context={"source": SOURCE_USER})
    form = await flows.async_configure(menu["flow_id"], {"next_step_id": "by_country"})
    assert form["step_id"] == "by_country"
    shown = await flows.async_configure(
        form["flow_id"], {"tariff_preset": "be_wallonia_impact"}
    )
    assert shown["step_id"] == "time_of_use"
    assert "ORES" in (shown["description_placeholders"] or {})["about"]
    sheet = {"calendar": "belgium_wallonia_impact", "export_price": 0.03}
    refused = await flows.async_configure(
        form["flow_id"], sheet | {"period_prices": "eco 0.2", "advanced": {}}
    )
    assert refused["errors"] == {"period_prices": "prices_incomplete"}
    made = await flows.async_configure(
        form["flow_id"],
        sheet
        | {"period_prices": "eco 0.28, medium 0.34, peak 0.45"}
        | {"advanced": {"capacity_preset": "sweden_falkenberg"}},
    )
    assert made["errors"] == {"base": "capacity_needs_price"}
    made = await flows.async_configure(
        form["flow_id"],
        sheet
        | {"period_prices": "eco 0.28, medium 0.34, peak 0.45"}
        | {"advanced": {}},
    )
    assert made["data"]["method"] == "time_of_use"
