"""Forms of devices that are reached by a protocol say what is wrong, and take it mended."""

from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest

from custom_components.cem.const import Kind
from custom_components.cem.forms.modbus_device import MAPS
from tests.cem_core.modbus.served import HOST, device, serving
from tests.cem_core.transport.test_sunspec_device import SAID, inverter
from tests.custom_components.test_config_flow import body, start
from tests.custom_components.test_modbus_devices import held

pytestmark = pytest.mark.usefixtures("socket_enabled")

CHARGER = dict.fromkeys(("switch", "throttle", "power"))
STATION = {"station_password": "0123456789abcdefghij", "station": "BOX-1"}
TOKEN = {"s2_token": "0123456789abcdef0123456789abcdef"}


async def answered(hass: HomeAssistant, form: dict[str, Any], said: Any) -> Any:
    """Fill in the form, with what is left out where it is None."""
    return await hass.config_entries.subentries.async_configure(form["flow_id"], said)


async def test_each_failure_of_a_modbus_device_can_be_put_right(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("custom_components.cem.forms.modbus_device.ASKED_WITHIN_S", 3)
    form = await start(hass, Kind.SOLAR)

    async def refused(**changes: Any) -> dict[str, str]:
        said = {"curtailment": None, "modbus_map": "sunspec", "modbus_host": HOST}
        result = await answered(hass, form, body(Kind.SOLAR, **said | changes))
        assert result["type"] is FlowResultType.FORM
        return dict(result["errors"])

    assert await refused(curtailment="number.solar_limit") == {"base": "modbus_alone"}
    assert await refused(modbus_host=None) == {"base": "modbus_one_link"}
    both = await refused(modbus_serial="/dev/cem-none")
    assert both == {"base": "modbus_one_link"}
    port = await refused(modbus_host=None, modbus_serial="/dev/cem-none")
    assert port == {"base": "modbus_no_link"}
    async with serving(device({})) as port_number:
        found = await refused(modbus_port=port_number)
        assert found == {"base": "no_sunspec"}
    async with serving(device({}), silent=True) as port_number:
        found = await refused(modbus_port=port_number, modbus_unit=9)
        assert found == {"base": "no_modbus_answer"}
    uncontrolled = inverter(SAID, {1: 66, 103: 50})
    async with serving(device(uncontrolled, all_else=None)) as port_number:
        found = await refused(modbus_port=port_number)
        assert found == {"base": "no_sunspec_control"}
    async with serving(device(inverter(SAID), all_else=None)) as port_number:
        said = {"curtailment": None, "modbus_map": "sunspec", "modbus_host": HOST}
        good = body(Kind.SOLAR, **said, modbus_port=port_number)
        result = await answered(hass, form, good)
        assert result["type"] is FlowResultType.CREATE_ENTRY
        await hass.async_block_till_done()
        (entry,) = hass.config_entries.async_entries("cem")
        assert await hass.config_entries.async_unload(entry.entry_id)


async def test_a_device_without_the_registers_of_its_map_is_refused(
    hass: HomeAssistant,
) -> None:
    form = await start(hass, Kind.EV_CHARGER)

    def said(port_number: int) -> dict[str, Any]:
        modbus = {"modbus_map": "go_e_charger", "modbus_host": HOST}
        return body(Kind.EV_CHARGER, **CHARGER, **modbus, modbus_port=port_number)

    another = device(inverter(SAID), all_else=None)
    async with serving(another) as port_number:
        refused = await answered(hass, form, said(port_number))
        assert refused["errors"] == {"base": "modbus_refused"}
    async with serving(device(held("go_e_charger"), all_else=None)) as port_number:
        result = await answered(hass, form, said(port_number))
        assert result["type"] is FlowResultType.CREATE_ENTRY
        await hass.async_block_till_done()
        (entry,) = hass.config_entries.async_entries("cem")
        assert await hass.config_entries.async_unload(entry.entry_id)


async def test_a_heat_pump_over_modbus_has_one_link(hass: HomeAssistant) -> None:
    form = await start(hass, Kind.HEAT_PUMP, "modbus")
    (known, *_) = MAPS[Kind.HEAT_PUMP]
    alone = {"method": "modbus", "power_limit": None, "modbus_map": known}
    refused = await answered(hass, form, body(Kind.HEAT_PUMP, **alone))
    assert refused["errors"] == {"modbus_host": "modbus_one_link"}
    async with serving(device(held(known), all_else=None)) as port_number:
        reached = {"modbus_host": HOST, "modbus_port": port_number}
        result = await answered(hass, form, body(Kind.HEAT_PUMP, **alone, **reached))
        assert result["type"] is FlowResultType.CREATE_ENTRY, result["errors"]
        await hass.async_block_till_done()
        (entry,) = hass.config_entries.async_entries("cem")
        assert await hass.config_entries.async_unload(entry.entry_id)


async def test_a_charger_whose_registers_switch_no_phases_is_refused(
    hass: HomeAssistant,
) -> None:
    form = await start(hass, Kind.EV_CHARGER)
    said: dict[str, Any] = {
        "switch": None,
        "throttle": None,
        "modbus_map": "heidelberg_energy_control",
        "modbus_host": HOST,
        "modbus_switches_phases": True,
    }
    result = await answered(hass, form, body(Kind.EV_CHARGER, **said))
    assert result["errors"] == {"base": "modbus_no_phases"}


@pytest.mark.parametrize(
    ("kept", "error"),
    [
        (STATION, {"base": "station_taken"}),
        (TOKEN, {"base": "s2_token_taken"}),
    ],
    ids=["ocpp", "s2"],
)
async def test_two_chargers_cannot_be_one(
    hass: HomeAssistant, kept: dict[str, str], error: dict[str, str]
) -> None:
    first = await start(hass, Kind.EV_CHARGER)
    (entry,) = hass.config_entries.async_entries("cem")
    flows = hass.config_entries.subentries
    made = await answered(hass, first, body(Kind.EV_CHARGER, **CHARGER, **kept))
    assert made["type"] is FlowResultType.CREATE_ENTRY, made
    await hass.async_block_till_done()
    menu = await flows.async_init(
        (entry.entry_id, str(Kind.EV_CHARGER)), context={"source": "user"}
    )
    second = dict(menu)
    refused = await answered(hass, second, body(Kind.EV_CHARGER, **CHARGER, **kept))
    assert refused["errors"] == error
    other = {key: value[:-1] + "2" for key, value in kept.items()}
    made = await answered(hass, second, body(Kind.EV_CHARGER, **CHARGER, **other))
    assert made["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    assert await hass.config_entries.async_unload(entry.entry_id)
