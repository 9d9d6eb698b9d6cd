"""A meter that announces itself is offered, looked at, and added to a home."""

from ipaddress import ip_address
from pathlib import Path
from typing import Any

from homeassistant.config_entries import (
    SOURCE_MQTT,
    SOURCE_USB,
    SOURCE_ZEROCONF,
    ConfigFlowResult,
)
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers.service_info.mqtt import MqttServiceInfo
from homeassistant.helpers.service_info.usb import UsbServiceInfo
from homeassistant.helpers.service_info.zeroconf import ZeroconfServiceInfo
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.cem.const import DOMAIN, Kind
from custom_components.cem.meter_discovery import by_id
from tests.custom_components.conftest import SetUp
from tests.custom_components.gateway import asked, pseudo_terminal
from tests.custom_components.house import DATA
from tests.custom_components.test_homewizard_meter import Device, serving
from tests.telegrams.compose import DSMR5
from tests.telegrams.dlms import AUTH_KEY, KEY, sealed

HOME = {"name": "Home", "import_limit": 9.2, "export_limit": 5, "phases": "3"}


def cable(device: str = "/dev/cem-none", serial: str | None = "A1") -> UsbServiceInfo:
    return UsbServiceInfo(
        device=device,
        vid="0403",
        pid="6001",
        serial_number=serial,
        manufacturer="FTDI",
        description="P1 Converter Cable",
    )


def in_network(
    *,
    kind: str = "_hwenergy",
    address: str = "192.0.2.7",
    port: int = 80,
    **said: str,
) -> ZeroconfServiceInfo:
    properties: dict[str, Any] = {
        "serial": "5c2faf000000",
        "product_type": "HWE-P1",
        "product_name": "P1 meter",
        "api_enabled": "1",
    }
    return ZeroconfServiceInfo(
        ip_address=ip_address(address),
        ip_addresses=[ip_address(address)],
        port=port,
        hostname="p1meter.local.",
        type=f"{kind}._tcp.local.",
        name=f"p1meter.{kind}._tcp.local.",
        properties=properties | said,
    )


def heard(topic: str) -> MqttServiceInfo:
    return MqttServiceInfo(
        topic=topic,
        payload="{}",
        qos=0,
        retain=False,
        subscribed_topic=topic,
        timestamp=0.0,
    )


async def found(hass: HomeAssistant, source: str, info: Any) -> ConfigFlowResult:
    return await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": source}, data=info
    )


async def say(hass: HomeAssistant, flow: ConfigFlowResult, said: Any) -> Any:
    return await asked(hass.config_entries.flow, flow, said)


def meters(hass: HomeAssistant) -> dict[str, dict[str, Any]]:
    """Return the data of each home's meter."""
    return {
        entry.title: dict(subentry.data)
        for entry in hass.config_entries.async_entries(DOMAIN)
        for subentry in entry.subentries.values()
        if subentry.subentry_type == Kind.METER
    }


async def unload(hass: HomeAssistant) -> None:
    await hass.async_block_till_done()
    for entry in hass.config_entries.async_entries(DOMAIN):
        assert await hass.config_entries.async_unload(entry.entry_id)


@pytest.mark.usefixtures("socket_enabled")
async def test_a_cable_is_added_to_the_home_that_has_no_meter(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    await set_up(Kind.SOLAR)
    with pseudo_terminal(DSMR5) as port:
        flow = await found(hass, SOURCE_USB, cable(port))
        assert (flow["type"], flow["step_id"]) == (FlowResultType.FORM, "meter_found")
        assert (flow["description_placeholders"] or {})[
            "name"
        ] == "FTDI P1 Converter Cable"
        shown = await say(hass, flow, {"settings": "115200 8N1"})
        assert shown["step_id"] == "telegram"
        assert (await say(hass, flow, {"next_step_id": "look_again"}))["type"] == "menu"
        back = await say(hass, flow, {"next_step_id": "change"})
        assert back["step_id"] == "meter_found"
        await say(hass, flow, {"settings": "115200 8N1"})
        added = await say(hass, flow, {"next_step_id": "add_meter"})
        assert added["reason"] == "meter_added"
        data = {"method": "serial", "device": port, "settings": "115200 8N1"}
        assert meters(hass) == {"Home": data}
        # From now on it is in use.
        again = await found(hass, SOURCE_USB, cable(port, "A2"))
        assert again["reason"] == "already_in_use"
        await unload(hass)


@pytest.mark.usefixtures("socket_enabled", "impatient")
async def test_where_there_is_no_home_one_begins_with_it(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("custom_components.cem.meters.preview._ONE_MORE_S", 0.05)
    flow = await found(hass, SOURCE_USB, cable())
    result = await say(hass, flow, {"settings": "115200 8N1"})
    assert (result["step_id"], result["errors"]) == (
        "meter_found",
        {"base": "cannot_connect"},
    )
    hass.config_entries.flow.async_abort(flow["flow_id"])
    with pseudo_terminal(sealed(DSMR5)) as port:
        flow = await found(hass, SOURCE_USB, cable(port))
        result = await say(hass, flow, {"settings": "115200 8N1"})
        assert (result["step_id"], result["errors"]) == ("meter_keys", {})
        result = await say(hass, flow, {"key": "00" * 16})
        assert result["errors"] == {"base": "key_refused"}
        keys = {"key": KEY.hex(), "auth_key": AUTH_KEY.hex()}
        result = await say(hass, flow, keys)
        assert result["step_id"] == "telegram"
        result = await say(hass, flow, {"next_step_id": "add_meter"})
        assert result["step_id"] == "user"
        result = await say(hass, flow, HOME)
        assert result["type"] is FlowResultType.CREATE_ENTRY
        assert meters(hass)["Home"].items() >= keys.items()
        await unload(hass)


@pytest.mark.usefixtures("socket_enabled")
async def test_one_of_several_homes_is_chosen(
    hass: HomeAssistant, tmp_path: Path
) -> None:
    for name in ("Cottage", "House"):
        MockConfigEntry(
            domain=DOMAIN, title=name, entry_id=name.lower(), data={}
        ).add_to_hass(hass)
    async with serving(Device(), tmp_path) as device:
        info = in_network(address="127.0.0.1", port=device.port)
        flow = await found(hass, SOURCE_ZEROCONF, info)
        assert flow["step_id"] == "meter_found"
        result = await say(hass, flow, {"home": "cottage"})
        assert result["step_id"] == "telegram"
        await say(hass, flow, {"next_step_id": "add_meter"})
    assert set(meters(hass)) == {"Cottage"}


@pytest.mark.usefixtures("socket_enabled")
async def test_one_with_a_button_is_paired(hass: HomeAssistant, tmp_path: Path) -> None:
    async with serving(Device(tls=True), tmp_path) as device:
        info = in_network(kind="_homewizard", address="127.0.0.1", port=device.port)
        flow = await found(hass, SOURCE_ZEROCONF, info)
        shown = await say(hass, flow, {})
        assert shown["step_id"] == "press_button"
        device.pressed = True
        shown = await say(hass, flow, {})
        assert shown["step_id"] == "telegram"


async def test_it_is_followed_to_another_address(hass: HomeAssistant) -> None:
    entry = home_with({"method": "homewizard", "host": "192.0.2.1", "api": "v1"})
    entry.add_to_hass(hass)
    (subentry,) = entry.subentries.values()
    data = {**subentry.data, "serial": "5c2faf000000"}
    hass.config_entries.async_update_subentry(entry, subentry, data=data)
    result = await found(hass, SOURCE_ZEROCONF, in_network(address="2001:db8::7"))
    assert result["reason"] == "already_in_use"
    assert meters(hass)["Home"]["host"] == "[2001:db8::7]"


def home_with(data: dict[str, Any]) -> MockConfigEntry:
    return MockConfigEntry(
        domain=DOMAIN,
        title="Home",
        data={},
        subentries_data=[
            {
                "data": data,
                "subentry_type": "meter",
                "title": "Meter",
                "unique_id": None,
            }
        ],
    )


@pytest.mark.parametrize(
    ("info", "reason"),
    [
        (in_network(product_type="HWE-SKT"), "no_meter"),
        (in_network(serial=""), "no_meter"),
        (in_network(api_enabled="0"), "no_meter"),
        (heard("tele/meter"), "no_meter"),
    ],
)
async def test_what_is_no_meter_is_not_offered(
    hass: HomeAssistant, info: Any, reason: str
) -> None:
    source = SOURCE_MQTT if isinstance(info, MqttServiceInfo) else SOURCE_ZEROCONF
    result = await found(hass, source, info)
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, reason)


@pytest.mark.parametrize(
    ("domain", "data", "source", "info"),
    [
        ("dsmr", {"port": "/dev/cem-none"}, SOURCE_USB, cable()),
        ("zha", {"device": {"path": "/dev/cem-none"}}, SOURCE_USB, cable()),
        ("homewizard", {"ip_address": "192.0.2.7"}, SOURCE_ZEROCONF, in_network()),
    ],
)
async def test_what_another_integration_owns_is_not_offered(
    hass: HomeAssistant, domain: str, data: Any, source: str, info: Any
) -> None:
    MockConfigEntry(
        domain=domain, data=data, unique_id="HWE-P1_5c2faf000000"
    ).add_to_hass(hass)
    result = await found(hass, source, info)
    assert result["reason"] == "already_in_use"


@pytest.mark.parametrize(
    ("data", "source", "info", "reason"),
    [
        (
            {"method": "homewizard", "host": "192.0.2.7", "api": "v2"},
            SOURCE_ZEROCONF,
            in_network(kind="_homewizard"),
            "already_in_use",
        ),
        (
            {"method": "mqtt", "topic": "dsmr/json", "form": "any"},
            SOURCE_MQTT,
            heard("dsmr/json"),
            "already_in_use",
        ),
        (
            {"method": "entities", "power": "sensor.grid"},
            SOURCE_MQTT,
            heard("glow/4C11AE/SENSOR/electricitymeter"),
            "no_home_for_meter",
        ),
    ],
)
async def test_what_a_home_uses_or_needs_not_is_not_offered(
    hass: HomeAssistant, data: dict[str, Any], source: str, info: Any, reason: str
) -> None:
    home_with(data).add_to_hass(hass)
    result = await found(hass, source, info)
    assert result["reason"] == reason


async def test_a_home_that_got_a_meter_meanwhile_keeps_it(
    hass: HomeAssistant, set_up: SetUp, tmp_path: Path, socket_enabled: None
) -> None:
    del socket_enabled
    home = await set_up()
    with pseudo_terminal(DSMR5) as port:
        flow = await found(hass, SOURCE_USB, cable(port))
        await say(hass, flow, {"settings": "115200 8N1"})
        other = home_with(DATA[Kind.METER])
        hass.config_entries.async_add_subentry(
            home.entry, next(iter(other.subentries.values()))
        )
        result = await say(hass, flow, {"next_step_id": "add_meter"})
        assert result["reason"] == "no_home_for_meter"
    await unload(hass)


def test_a_port_has_a_name_that_lasts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "by-id"
    monkeypatch.setattr("custom_components.cem.meter_discovery._BY_ID", folder)
    port = tmp_path / "ttyUSB0"
    port.touch()
    assert by_id(str(port)) == str(port)
    folder.mkdir()
    (folder / "usb-other").symlink_to(tmp_path / "ttyUSB1")
    (folder / "usb-FTDI_A1").symlink_to(port)
    assert by_id(str(port)) == str(folder / "usb-FTDI_A1")
