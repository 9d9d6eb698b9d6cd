"""A preset finds the entities of a device in the registries, and offers them."""

from homeassistant.config_entries import SOURCE_USER
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import device_registry as dr, entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.cem.const import Kind
from custom_components.cem.presets import PRESETS, Find, Preset, on_this_system
from tests.custom_components.house import add_states, make_entry

# What the integrations make of a unique id whose pattern alone would not tell.
UNIQUE_IDS = {
    ("goodwe", "ppv"): "goodwe-ppv-1234",
    ("ocpp", "charge_control"): "switch.ocpp.charger.charge_control",
    ("ocpp", "maximum_current"): "number.ocpp.charger.maximum_current",
    ("ocpp", "status_connector"): "ocpp.charger.status_connector.sensor",
    ("ocpp", "power_active_import"): "ocpp.charger.power_active_import.sensor",
    ("nibe_heatpump", "NibeClimateEntity"): "1234-s1",
    ("melcloud", "AtwDeviceZoneClimate"): "1234-1",
    ("daikin_onecta", "roomTemperature"): "12_climateControl_roomTemperature",
    ("mypyllant", "domestic_hot_water"): "mypyllant_home_domestic_hot_water_0_base",
    ("mypyllant", "climate"): "mypyllant_home_zone_0_climate",
    ("mypyllant", "current_temperature"): "mypyllant_home_zone_0_current_temperature",
    ("shelly", "switch"): "A1B2C3D4E5F6-switch:0",
    ("shelly", "power"): "A1B2C3D4E5F6-switch:0-power",
}


def name(preset: Preset) -> str:
    return f"{preset.integration}-{preset.kind}"


def add_device(hass: HomeAssistant, preset: Preset) -> dict[str, str]:
    """Register a device as ``preset``'s integration would; return its entities."""
    entry = MockConfigEntry(domain=preset.integration)
    entry.add_to_hass(hass)
    device = dr.async_get(hass).async_get_or_create(
        config_entry_id=entry.entry_id,
        identifiers={(preset.integration, "1")},
        name="Garage",
        model_id=preset.model_id,
    )
    entities = er.async_get(hass)

    def add(find: Find, number: int) -> str:
        unique_id = UNIQUE_IDS.get(
            (preset.integration, find.key or ""), f"serial-{number}_{find.key}"
        )
        return entities.async_get_or_create(
            find.domain,
            preset.integration,
            unique_id,
            config_entry=entry,
            device_id=device.id,
            translation_key=find.translation_key,
            original_name=find.name,
        ).entity_id

    for number, domain in enumerate(("sensor", "switch", "number", "button")):
        add(Find(domain=domain, translation_key="another", key="another"), number)
    made = enumerate(preset.entities.items(), start=10)
    expected = {field: add(find, number) for number, (field, find) in made}
    device = dr.async_get(hass).async_get_or_create(
        config_entry_id=entry.entry_id,
        identifiers={(preset.integration, "2")},
        name="Another of the same system",
    )
    beside = enumerate(preset.beside.items(), start=20)
    return expected | {field: add(find, number) for number, (field, find) in beside}


@pytest.mark.parametrize("preset", PRESETS, ids=name)
async def test_a_preset_finds_each_entity(hass: HomeAssistant, preset: Preset) -> None:
    assert on_this_system(hass, preset.kind) == ()
    expected = add_device(hass, preset)
    (found,) = (f for f in on_this_system(hass, preset.kind) if f.preset is preset)
    assert found.answers == {"name": "Garage", **preset.answers, **expected}


async def test_a_tank_beside_is_left_out_where_there_are_two(
    hass: HomeAssistant,
) -> None:
    preset = next(p for p in PRESETS if p.integration == "mypyllant")
    made = add_device(hass, preset)
    entities = er.async_get(hass)
    tank = entities.async_get(made["tank_setpoint"])
    assert tank is not None
    entry = hass.config_entries.async_get_entry(tank.config_entry_id or "")
    entities.async_get_or_create(
        "water_heater",
        "mypyllant",
        "mypyllant_home_domestic_hot_water_1_base",
        config_entry=entry,
    )
    (found,) = on_this_system(hass, Kind.HEAT_PUMP)
    assert "tank_setpoint" not in found.answers
    assert found.answers["climate"] == made["climate"]


async def test_a_device_without_what_is_needed_is_none(hass: HomeAssistant) -> None:
    preset = next(p for p in PRESETS if p.integration == "peblar")
    made = add_device(hass, preset)
    er.async_get(hass).async_update_entity(
        made["throttle"], disabled_by=er.RegistryEntryDisabler.USER
    )
    assert on_this_system(hass, Kind.EV_CHARGER) == ()


async def test_the_form_is_filled_in_with_the_device_picked(
    hass: HomeAssistant,
) -> None:
    preset = next(p for p in PRESETS if p.integration == "peblar")
    made = add_device(hass, preset)
    add_states(hass)
    home = make_entry()
    home.add_to_hass(hass)
    assert await hass.config_entries.async_setup(home.entry_id)
    flows = hass.config_entries.subentries
    start = (home.entry_id, "ev_charger")
    offer = await flows.async_init(start, context={"source": SOURCE_USER})
    assert (offer["type"], offer["step_id"]) == (FlowResultType.FORM, "found")
    (found,) = on_this_system(hass, Kind.EV_CHARGER)
    form = await flows.async_configure(offer["flow_id"], {"device": found.device_id})
    assert form["step_id"] == "user"
    schema = form["data_schema"]
    assert schema is not None
    filled_in = {
        str(marker): (marker.description or {}).get("suggested_value")
        for marker in schema.schema
    }
    assert filled_in["throttle"] == made["throttle"]
    assert filled_in["name"] == "Garage"
    by_hand = await flows.async_init(start, context={"source": SOURCE_USER})
    empty = await flows.async_configure(by_hand["flow_id"], {})
    assert empty["step_id"] == "user"
