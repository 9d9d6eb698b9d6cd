"""A meter or a heat pump that was found is offered in a new home's first forms."""

from collections.abc import Mapping
from typing import Any

from homeassistant.config_entries import SOURCE_MQTT, SOURCE_USB
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import device_registry as dr
import pytest

from custom_components.cem.const import Kind
from custom_components.cem.planner import Planner
from custom_components.cem.presets import PRESETS
from tests.custom_components.gateway import pseudo_terminal
from tests.custom_components.presets.test_matching import add_device
from tests.custom_components.test_first_run import (
    HOME,
    METER,
    begin,
    fill_in,
    filled_in,
)
from tests.custom_components.test_meter_discovery import cable, found, heard, unload
from tests.custom_components.test_prefill import GRID, prefer
from tests.telegrams.compose import DSMR5


@pytest.fixture(autouse=True)
def first_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """Answer for the worker."""

    async def said(_: Planner, hours: int) -> dict[str, Any]:
        del hours
        return {"without": {"cost": 3.0}, "known": {"cost": 1.75}}

    monkeypatch.setattr(Planner, "async_first_day", said)


def offered(form: Mapping[str, Any]) -> dict[str, str]:
    """Return the meters that a form offers, by their label."""
    for key, selector in form["data_schema"].schema.items():
        if key == "found_meter":
            return {each["label"]: each["value"] for each in selector.config["options"]}
    return {}


def preset(integration: str) -> Any:
    return next(p for p in PRESETS if p.integration == integration)


@pytest.mark.usefixtures("socket_enabled", "impatient")
async def test_a_cable_is_looked_at_on_the_way(
    hass: HomeAssistant,
) -> None:
    with pseudo_terminal(DSMR5) as device:
        await found(hass, SOURCE_USB, cable(device))
        form = await begin(hass)
        (label,) = offered(form)
        assert label == f"FTDI P1 Converter Cable ({device})"
        picked = filled_in(form)["found_meter"]
        assert picked == offered(form)[label]
        menu = await fill_in(hass, form, **HOME, found_meter=picked)
        assert (menu["type"], menu["step_id"]) == (FlowResultType.MENU, "telegram")
        form = await fill_in(hass, menu, next_step_id="add_meter")
        assert form["step_id"] == "devices"
        form = await fill_in(hass, form)
        made = await fill_in(hass, form)
        (meter,) = made["result"].subentries.values()
        assert meter.data["method"] == "serial"
        assert meter.data["device"] == device
        await hass.async_block_till_done()
        assert not hass.config_entries.flow.async_progress_by_handler("cem")
        await unload(hass)


@pytest.mark.usefixtures("socket_enabled", "impatient")
async def test_an_offer_that_was_dismissed_meanwhile_is_no_hindrance(
    hass: HomeAssistant,
) -> None:
    with pseudo_terminal(DSMR5) as device:
        await found(hass, SOURCE_USB, cable(device))
        form = await begin(hass)
        picked = filled_in(form)["found_meter"]
        menu = await fill_in(hass, form, **HOME, found_meter=picked)
        hass.config_entries.flow.async_abort(picked)
        form = await fill_in(hass, menu, next_step_id="add_meter")
        made = await fill_in(hass, await fill_in(hass, form))
        (meter,) = made["result"].subentries.values()
        assert meter.data["device"] == device
        await hass.async_block_till_done()
        await unload(hass)


async def test_a_silent_cable_leads_back_to_the_home(hass: HomeAssistant) -> None:
    await found(hass, SOURCE_USB, cable("/dev/cem-none"))
    form = await begin(hass)
    picked = filled_in(form)["found_meter"]
    form = await fill_in(hass, form, **HOME, found_meter=picked)
    assert (form["step_id"], form["errors"]) == ("user", {"base": "cannot_connect"})
    assert form["description_placeholders"]["cause"]
    assert filled_in(form)["found_meter"] == picked
    form = await fill_in(hass, form, **HOME, **METER)
    assert form["step_id"] == "devices"


@pytest.mark.usefixtures("socket_enabled", "impatient")
async def test_a_person_may_say_that_it_is_another(
    hass: HomeAssistant,
) -> None:
    with pseudo_terminal(DSMR5) as device:
        await found(hass, SOURCE_USB, cable(device))
        form = await begin(hass)
        picked = filled_in(form)["found_meter"]
        menu = await fill_in(hass, form, **HOME, found_meter=picked)
        form = await fill_in(hass, menu, next_step_id="change")
        assert (form["step_id"], form["errors"]) == ("user", {})
        assert filled_in(form)["import_limit"] == HOME["import_limit"]


async def test_a_gateway_and_a_meter_of_another_integration_are_offered(
    hass: HomeAssistant,
) -> None:
    await found(hass, SOURCE_MQTT, heard("dsmr/json"))
    made = add_device(hass, preset("dsmr"))
    for entity_id in made.values():
        hass.states.async_set(entity_id, "1.2", {"unit_of_measurement": "kW"})
    form = await begin(hass)
    assert list(offered(form)) == ["dsmr/json", "Garage (dsmr)"]
    form = await fill_in(hass, form, **HOME, found_meter=offered(form)["Garage (dsmr)"])
    assert form["step_id"] == "devices"
    made_home = await fill_in(hass, await fill_in(hass, form))
    (meter,) = made_home["result"].subentries.values()
    assert meter.data["method"] == "entities"
    assert {key: meter.data[key] for key in made} == made


async def test_one_whose_entities_are_gone_is_refused(hass: HomeAssistant) -> None:
    add_device(hass, preset("dsmr"))
    form = await begin(hass)
    form = await fill_in(hass, form, **HOME, found_meter=offered(form)["Garage (dsmr)"])
    assert (form["step_id"], form["errors"]) == ("user", {"base": "entity_not_found"})


async def test_what_the_energy_dashboard_reads_goes_before(hass: HomeAssistant) -> None:
    await prefer(hass, GRID)
    add_device(hass, preset("dsmr"))
    form = await begin(hass)
    assert offered(form)
    assert "found_meter" not in filled_in(form)
    assert filled_in(form)["power"] == "sensor.grid"


async def test_a_plug_is_no_meter_of_the_connection(hass: HomeAssistant) -> None:
    """HomeWizard's sockets have the P1 meter's entities, under another model."""
    p1 = preset("homewizard")
    add_device(hass, p1)
    form = await begin(hass)
    ((label, device_id),) = offered(form).items()
    assert label == "Garage (homewizard)"
    dr.async_get(hass).async_update_device(device_id, model_id="HWE-SKT")
    assert not offered(await begin(hass))


async def test_a_heat_pump_that_was_found_is_filled_in(hass: HomeAssistant) -> None:
    made = add_device(hass, preset("daikin"))
    for field, entity_id in made.items():
        unit = "W" if field == "power" else "°C"
        hass.states.async_set(entity_id, "21", {"unit_of_measurement": unit})
    form = await fill_in(hass, await begin(hass), **HOME, **METER)
    section = filled_in(form)["heat_pump"]
    assert section["add"]
    assert section["climate"] == made["climate"]
    assert section["comfort_min"] == 20
    form = await fill_in(hass, form, heat_pump={"add": True, "max_power": 3})
    made_home = await fill_in(hass, form)
    pump = next(
        each
        for each in made_home["result"].subentries.values()
        if each.subentry_type == Kind.HEAT_PUMP
    )
    assert pump.data["method"] == "climate"
    assert (pump.data["max_power"], pump.data["comfort_max"]) == (3, 22)


async def test_where_none_was_found_none_is_asked_for(hass: HomeAssistant) -> None:
    form = await begin(hass)
    assert not offered(form)
    form = await fill_in(hass, form, **HOME, **METER)
    assert set(filled_in(form)) == {"solar", "battery", "ev_charger"}
