"""What the meter says becomes entities: of itself, and of the meters behind it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.const import EVENT_STATE_CHANGED
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.helpers.entity import Entity
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
)
from syrupy.assertion import SnapshotAssertion

from cem_core.meter import parse
from cem_core.model import (
    Breaker,
    Peak,
    PhaseReading,
    PowerFailure,
    PowerFailures,
    Quality,
    RawValue,
    Reading,
    Submeter,
    SubmeterKind,
)
from custom_components.cem.const import DOMAIN, Kind
from custom_components.cem.home import Home
from custom_components.cem.home_sensors import HomeSensor
from custom_components.cem.meter_entities import MeterSensor
from custom_components.cem.meters.own import OwnMeter
from tests.custom_components.conftest import SetUp
from tests.custom_components.gateway import meter_of
from tests.custom_components.test_limits import value
from tests.telegrams.compose import EMUCS

AT = datetime(2026, 1, 15, 11, 0, tzinfo=UTC)
EVERYTHING = Reading(
    format="dsmr",
    timestamp=AT,
    version="50",
    meter_id="4B384547303034303436",
    import_power_w=1200,
    export_power_w=0,
    reactive_import_power_var=30,
    reactive_export_power_var=0,
    phases=tuple(
        PhaseReading(
            phase=phase,
            voltage_v=230.1,
            current_a=1.5,
            import_power_w=400,
            export_power_w=0,
        )
        for phase in (1, 2, 3)
    ),
    import_energy_wh={"1": 1_000_500, "2": 2_000_000},
    export_energy_wh={"total": 0, "1": 0},
    tariff=2,
    demand_w=900,
    month_peak=Peak(at=AT, power_w=3500),
    limiter_threshold_w=9200,
    fuse_threshold_a=40.0,
    breaker=Breaker.CONNECTED,
    subscribed_power_va=9000,
    limit_warning=False,
    frequency_hz=50.01,
    power_factor=0.98,
    power_failures=PowerFailures(
        short=3, long=1, log=(PowerFailure(end=AT, duration_s=305),)
    ),
    voltage_sags={1: 2},
    voltage_swells={1: 0},
    message="Maintenance",
    submeters=(
        Submeter(
            channel=1,
            kind=SubmeterKind.GAS,
            meter_id="G1",
            timestamp=AT,
            value=2105.664,
            unit="m3",
            valve="open",
        ),
        Submeter(channel=2, kind=SubmeterKind.HEAT, value=12.087, unit="GJ"),
        Submeter(channel=3, kind=SubmeterKind.WATER, value=0.0, unit="m3"),
        Submeter(channel=4, kind=SubmeterKind.ELECTRICITY, value=5.5, unit="kWh"),
        Submeter(channel=5, kind=SubmeterKind.UNKNOWN, value=7.0, unit="widgets"),
        Submeter(channel=6, kind=SubmeterKind.COOLING, value=1.0, unit="m3"),
    ),
    raw=(
        RawValue(code="1-0:1.7.0", value=1.2, unit="kW"),
        RawValue(code="0-0:96.1.1", value="4B384547303034303436"),
    ),
)
"""A reading of a meter that says all there is."""


@pytest.fixture
async def home(hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch) -> Home:
    """Return a home with a meter of its own that has said nothing yet."""
    monkeypatch.setattr(OwnMeter, "start", lambda *_: None)
    subentry = meter_of({"method": "tcp", "host": "127.0.0.1", "port": 2001})
    entry = MockConfigEntry(
        domain=DOMAIN,
        title="Home",
        entry_id="home_entry",
        data={"import_limit": 9.2, "export_limit": 5, "phases": "3"},
        minor_version=2,
        subentries_data=[
            {
                "data": subentry.data,
                "subentry_type": subentry.subentry_type,
                "subentry_id": subentry.subentry_id,
                "title": subentry.title,
                "unique_id": None,
            }
        ],
    )
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    found: Home = entry.runtime_data
    return found


@pytest.fixture
def all_enabled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Add also what is of little use to most."""
    monkeypatch.setattr(Entity, "entity_registry_enabled_default", True)


async def say(home: Home, reading: Reading) -> None:
    home.on_reading(reading)
    await home.hass.async_block_till_done()


def of_meter(hass: HomeAssistant) -> set[str]:
    return {
        state.entity_id
        for state in hass.states.async_all()
        if state.entity_id.partition(".")[2].startswith("meter_")
    }


def devices_of(registry: dr.DeviceRegistry) -> dict[str, dr.DeviceEntry]:
    """Return the home's devices by their own part of the identifier."""
    return {
        key: device
        for device in dr.async_entries_for_config_entry(registry, "home_entry")
        for _, key in device.identifiers
    }


@pytest.mark.freeze_time("2026-01-15T11:00:00+00:00")
@pytest.mark.usefixtures("all_enabled")
async def test_everything_that_a_meter_can_say(
    hass: HomeAssistant,
    home: Home,
    entity_registry: er.EntityRegistry,
    snapshot: SnapshotAssertion,
) -> None:
    assert of_meter(hass) == set()
    await say(home, EVERYTHING)
    entries = [
        entry
        for entry in er.async_entries_for_config_entry(entity_registry, "home_entry")
        if entry.config_subentry_id == "id_meter"
    ]
    for entry in entries:
        assert entry == snapshot(name=f"{entry.entity_id}-entry")
        assert hass.states.get(entry.entity_id) == snapshot(
            name=f"{entry.entity_id}-state"
        )
    assert len(entries) > 40


async def test_what_is_of_little_use_is_there_but_disabled(
    home: Home, entity_registry: er.EntityRegistry
) -> None:
    await say(home, EVERYTHING)
    for key in ("frequency", "power_factor", "telegram", "voltage_sags_l1"):
        entity_id = entity_registry.async_get_entity_id(
            "sensor", DOMAIN, f"id_meter_{key}"
        )
        entry = entity_registry.async_get(entity_id or "")
        assert entry is not None
        assert entry.disabled


async def test_entities_come_when_the_meter_first_says_their_values(
    hass: HomeAssistant, home: Home
) -> None:
    await say(home, Reading(format="sml", import_power_w=0, export_power_w=0))
    assert of_meter(hass) == {"sensor.meter_import_power", "sensor.meter_export_power"}
    assert value(hass, "sensor.meter_import_power") == "0"
    await say(home, Reading(format="sml", import_energy_wh={"total": 5}))
    assert "sensor.meter_imported_energy" in of_meter(hass)
    assert value(hass, "sensor.meter_imported_energy") == "0.005"


async def test_a_meter_of_tariffs_has_their_sum_for_the_energy_dashboard(
    hass: HomeAssistant, home: Home
) -> None:
    await say(home, EVERYTHING)
    assert value(hass, "sensor.meter_imported_energy") == "3000.5"
    assert value(hass, "sensor.meter_imported_energy_tariff_2") == "2000.0"
    assert value(hass, "sensor.meter_exported_energy") == "0.0"  # said: not summed


async def test_what_is_said_seldom_is_kept_and_an_old_power_is_not(
    hass: HomeAssistant, home: Home, freezer: FrozenDateTimeFactory
) -> None:
    power = Reading(format="dlms", import_power_w=700, export_power_w=0)
    seldom = replace(
        power, demand_w=600, import_energy_wh={"total": 5000}, message="Hello"
    )
    await say(home, seldom)
    for _ in range(9):
        freezer.tick(10)
        await say(home, replace(power))
    assert value(hass, "sensor.meter_imported_energy") == "5.0"
    assert value(hass, "sensor.meter_message") == "Hello"
    assert value(hass, "sensor.meter_quarter_hour_demand") == "unknown"
    assert value(hass, "sensor.meter_import_power") == "700"


async def test_a_silent_meter_is_unavailable_and_comes_back(
    hass: HomeAssistant, home: Home, freezer: FrozenDateTimeFactory
) -> None:
    reading = Reading(format="sml", import_power_w=700, import_energy_wh={"total": 1})
    await say(home, reading)
    freezer.tick(11)
    home.cycle()
    await hass.async_block_till_done()
    assert value(hass, "sensor.meter_import_power") == "unavailable"
    assert value(hass, "sensor.meter_imported_energy") == "unavailable"
    await say(home, replace(reading))
    assert value(hass, "sensor.meter_import_power") == "700"
    assert value(hass, "sensor.meter_imported_energy") == "0.001"


async def test_a_meter_that_is_first_heard_during_a_reload_leaves_nothing_behind(
    hass: HomeAssistant, home: Home, caplog: pytest.LogCaptureFixture
) -> None:
    reading = replace(EVERYTHING, import_power_w=700)
    stop_planner = home.stop_planner

    async def speaks_meanwhile() -> None:
        await say(home, EVERYTHING)
        await stop_planner()

    home.stop_planner = speaks_meanwhile
    await hass.config_entries.async_reload(home.entry.entry_id)
    await hass.async_block_till_done()
    await say(home.entry.runtime_data, reading)
    assert value(hass, "sensor.meter_import_power") == "700"
    assert "does not generate unique IDs" not in caplog.text


async def test_meters_behind_the_meter_are_devices_of_their_own(
    hass: HomeAssistant, home: Home, device_registry: dr.DeviceRegistry
) -> None:
    await say(home, EVERYTHING)
    devices = devices_of(device_registry)
    meter, gas = devices["id_meter"], devices["id_meter_1"]
    assert (meter.name, meter.model) == ("Meter", "P1 50")
    assert meter.serial_number == EVERYTHING.meter_id
    assert (gas.name, gas.serial_number, gas.via_device_id) == (
        "Gas meter",
        "G1",
        meter.id,
    )
    state = hass.states.get("sensor.gas_meter_reading")
    assert state is not None
    assert state.state == "2105.664"
    assert state.attributes["measured_at"] == AT.isoformat()
    assert value(hass, "sensor.gas_meter_valve") == "open"
    # It is still there after a restart, before the meter has said anything.
    await hass.config_entries.async_reload("home_entry")
    await hass.async_block_till_done()
    assert devices_of(device_registry)["id_meter_1"].id == gas.id


async def test_all_registers_are_in_one_attribute(
    hass: HomeAssistant, home: Home, all_enabled: None
) -> None:
    del all_enabled
    await say(home, parse(EMUCS))
    state = hass.states.get("sensor.meter_last_telegram")
    assert state is not None
    registers = state.attributes["registers"]
    assert registers["1-0:32.7.0"].endswith(" V")
    assert set(registers) == {each.code for each in parse(EMUCS).raw}
    assert registers["0-0:98.1.0"].count(";") > 1  # one that is said more than once


async def test_states_are_written_seldom_but_steps_at_once(
    hass: HomeAssistant, home: Home, freezer: FrozenDateTimeFactory
) -> None:
    written = async_capture_events(hass, EVENT_STATE_CHANGED)
    for second in range(120):
        await say(
            home,
            Reading(
                format="dsmr",
                import_power_w=1000 + second % 7,
                export_power_w=0,
                import_energy_wh={"total": 1000 + second},
                phases=(PhaseReading(phase=1, voltage_v=230 + second % 3),),
            ),
        )
        freezer.tick(1)
    count = Counter(event.data["entity_id"] for event in written)
    assert count["sensor.meter_import_power"] == 12
    assert count["sensor.meter_imported_energy"] == 2
    assert count["sensor.meter_voltage_phase_1"] == 2
    assert count["sensor.meter_export_power"] == 1
    written.clear()
    await say(home, Reading(format="dsmr", import_power_w=3000, export_power_w=0))
    assert value(hass, "sensor.meter_import_power") == "3000"


async def test_a_meter_of_entities_gets_no_second_ones(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    home = await set_up(Kind.METER)
    home.cycle()
    await hass.async_block_till_done()
    assert of_meter(hass) == set()


async def test_a_value_names_its_meter_its_time_and_how_it_came_about(
    hass: HomeAssistant, home: Home
) -> None:
    home.cycle(EVERYTHING)
    await hass.async_block_till_done()
    of_tariff, total = quality_of_energies(hass)
    assert (of_tariff["quality"], total["quality"]) == ("metered", "calculated")
    assert of_tariff["meter_id"] == EVERYTHING.meter_id
    assert of_tariff["measured_at"] == AT.isoformat()
    # The register stands still because it is doubted: the mark is written all the same.
    doubted = {"import_energy_wh.1": Quality.ESTIMATED}
    home.cycle(replace(EVERYTHING, quality=doubted))
    await hass.async_block_till_done()
    assert {each["quality"] for each in quality_of_energies(hass)} == {"estimated"}


def quality_of_energies(hass: HomeAssistant) -> list[Mapping[str, Any]]:
    """Return the attributes of a tariff's register and of the sum of the tariffs."""
    registry = er.async_get(hass)
    found: list[Mapping[str, Any]] = []
    for key in ("import_energy_tariff_1", "import_energy"):
        [name] = [
            entity.entity_id
            for entity in registry.entities.values()
            if entity.unique_id.endswith(f"_{key}")
        ]
        state = hass.states.get(name)
        assert state is not None
        found.append(state.attributes)
    return found


def test_the_time_of_a_value_is_not_recorded() -> None:
    for sensor in (MeterSensor, HomeSensor):
        assert "measured_at" in sensor._unrecorded_attributes
