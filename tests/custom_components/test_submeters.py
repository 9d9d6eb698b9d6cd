"""Gas, water and heat meters and gateways: read for real, shown as devices."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
import json
from pathlib import Path
import ssl
from types import MappingProxyType
from typing import Any, Final

from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import device_registry as dr, entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import async_fire_mqtt_message
from pytest_homeassistant_custom_component.typing import MqttMockHAClient

from cem_core.transport.mbus_master import Timing
from cem_core.transport.mbus_source import MbusSource
from custom_components.cem.const import Kind
from custom_components.cem.home import Home
from tests.cem_core.transport.conftest import HOST, serving
from tests.cem_core.transport.mbus_bus import Bus, Slave
from tests.cem_core.transport.smgw_gateways import PASSWORD, USER, Gateway, Ppc
from tests.custom_components.house import make_entry
from tests.custom_components.test_config_flow import start

WATER: Final = Slave(
    1, bytes.fromhex("78563412 2423 01 07"), (bytes.fromhex("0c1327048502"),)
)
HEAT: Final = Slave(
    2,
    bytes.fromhex("79563412 2d2c 05 04"),
    (bytes.fromhex("0c06270485021f"), bytes.fromhex("0a5a3412")),
)
MESSAGE: Final = {
    "media": "gas",
    "meter": "auto",
    "name": "Gas",
    "id": "44332211",
    "total_m3": 9.5,
    "status": "OK",
    "timestamp": "2026-02-08T09:07:22Z",
}


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch, socket_enabled: None) -> None:
    """Wait for a simulated meter no longer than one needs."""
    timing = Timing(acknowledge_s=0.05, answer_s=0.3, gap_s=0.05)
    quick_source = partial(MbusSource, timing=timing)
    monkeypatch.setattr("custom_components.cem.submeters.mbus.MbusSource", quick_source)


@pytest.fixture
def expected_lingering_timers() -> bool:
    """Let Home Assistant's MQTT client keep its own."""
    return True


async def fill_in(
    hass: HomeAssistant, method: str, answers: dict[str, Any]
) -> dict[str, Any]:
    form = await start(hass, Kind.SUBMETER, method)
    return await again(hass, form, answers)


async def again(
    hass: HomeAssistant, form: dict[str, Any], answers: dict[str, Any]
) -> dict[str, Any]:
    flows = hass.config_entries.subentries
    result = dict(await flows.async_configure(form["flow_id"], answers))
    await hass.async_block_till_done()
    return result


def over_tcp(port: int, addresses: str = "1, 12345679") -> dict[str, Any]:
    return {
        "name": "House",
        "host": HOST,
        "port": port,
        "addresses": addresses,
        "interval": 15,
    }


async def until(hass: HomeAssistant, entity_id: str, state: str | None) -> None:
    """Wait until an entity is in a state; None: until it is there."""
    async with asyncio.timeout(5):
        while (found := hass.states.get(entity_id)) is None or (
            state is not None and found.state != state
        ):
            await asyncio.sleep(0.02)
            await hass.async_block_till_done()


async def test_wired_meters_become_devices_with_sensors(
    hass: HomeAssistant, device_registry: dr.DeviceRegistry
) -> None:
    async with serving(Bus([WATER, HEAT]).talk) as port:
        result = await fill_in(hass, "mbus_tcp", over_tcp(port))
        assert result["type"] is FlowResultType.CREATE_ENTRY
        await until(hass, "sensor.house_12345679ffffffff_energy", None)
    water = hass.states.get("sensor.house_1_volume")
    assert water is not None
    assert float(water.state) == 2850.427
    assert water.attributes["device_class"] == "water"
    assert water.attributes["state_class"] == "total_increasing"
    heat = hass.states.get("sensor.house_12345679ffffffff_energy")
    assert heat is not None
    assert float(heat.state) == 2_850_427
    assert heat.attributes["unit_of_measurement"] == "kWh"
    flow = hass.states.get("sensor.house_12345679ffffffff_flow_temperature")
    assert flow is not None
    assert flow.state == "123.4"
    assert {
        (device.name, device.manufacturer, device.serial_number)
        for device in dr.async_entries_for_config_entry(device_registry, "home_entry")
        if device.name != "Home"
    } == {
        ("House 1", "HYD", "12345678"),
        ("House 12345679FFFFFFFF", "KAM", "12345679"),
    }
    home: Home = hass.config_entries.async_entries("cem")[0].runtime_data
    assert home.snapshot.reading is None  # the fast loop has heard of none of it


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"addresses": "1 251"}, {"addresses": "addresses_wrong"}),
        ({"addresses": " , "}, {"addresses": "addresses_wrong"}),
        ({"key": "12"}, {"key": "key_wrong"}),
        ({"addresses": "1 9"}, {"base": "submeter_silent"}),
        ({"port": 1}, {"base": "submeter_silent"}),
    ],
)
async def test_wired_meters_that_cannot_be_read_are_refused(
    hass: HomeAssistant, changes: dict[str, Any], errors: dict[str, str]
) -> None:
    async with serving(Bus([WATER]).talk) as port:
        result = await fill_in(hass, "mbus_tcp", over_tcp(port) | changes)
        assert result["errors"] == errors
        kept = await again(hass, result, over_tcp(port) | {"addresses": "1"})
    assert kept["type"] is FlowResultType.CREATE_ENTRY


async def test_a_bus_that_takes_for_ever_is_refused(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("custom_components.cem.forms.submeter._WITHIN_S", 0.01)
    async with serving(Bus([WATER]).talk) as port:
        result = await fill_in(hass, "mbus_tcp", over_tcp(port))
    assert result["errors"] == {"base": "submeter_silent"}


async def subentry(hass: HomeAssistant, data: dict[str, Any]) -> Home:
    """Set up a home whose slow meters are described by ``data``."""
    entry = make_entry()
    entry.add_to_hass(hass)
    described = ConfigSubentry(
        data=MappingProxyType(data),
        subentry_type=Kind.SUBMETER,
        title=data["name"],
        unique_id=None,
    )
    hass.config_entries.async_add_subentry(entry, described)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    home: Home = entry.runtime_data
    return home


async def test_a_meter_that_fails_says_why_and_comes_back(
    hass: HomeAssistant,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr("cem_core.transport.mbus_source.LEAST_INTERVAL_S", 0.2)
    water = Slave(1, WATER.identity, WATER.parts)
    async with serving(Bus([water]).talk) as port:
        data = {"method": "mbus_tcp"} | over_tcp(port, "1") | {"interval": 0}
        await subentry(hass, data)
        await until(hass, "sensor.house_volume", "2850.427")
        water.deaf = 3
        await until(hass, "sensor.house_volume", "unavailable")
        status = hass.states.get("sensor.house_status")
        assert status is not None
        assert status.state == "no answer in time"
        assert "House cannot be read: no answer" in caplog.text
        await until(hass, "sensor.house_volume", "2850.427")
        await until(hass, "sensor.house_status", "ok")
        [entry] = hass.config_entries.async_entries("cem")
        await hass.config_entries.async_unload(entry.entry_id)


async def test_wireless_meters_appear_when_they_are_heard_and_stay(
    hass: HomeAssistant, mqtt_mock: MqttMockHAClient, entity_registry: er.EntityRegistry
) -> None:
    answers = {"name": "Air", "topic": "wmbusmeters/+"}
    result = await fill_in(hass, "wmbusmeters", answers)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await asyncio.sleep(0.1)  # until the broker has been subscribed to
    for payload in ("{", "[]", json.dumps({"media": "gas"}), json.dumps(MESSAGE)):
        async_fire_mqtt_message(hass, "wmbusmeters/Gas", payload)
    await until(hass, "sensor.air_44332211_volume", "9.5")
    gas = hass.states.get("sensor.air_44332211_volume")
    assert gas is not None
    assert gas.attributes["device_class"] == "gas"
    [entry] = hass.config_entries.async_entries("cem")
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    gas = hass.states.get("sensor.air_44332211_volume")
    assert gas is not None
    assert gas.attributes["device_class"] == "gas"
    kept = [e.unique_id for e in entity_registry.entities.values()]
    assert sum("44332211" in unique_id for unique_id in kept) == 2
    await asyncio.sleep(0.1)
    async_fire_mqtt_message(
        hass, "wmbusmeters/Gas", json.dumps(MESSAGE | {"total_m3": 10.5})
    )
    await until(hass, "sensor.air_44332211_volume", "10.5")


@pytest.mark.parametrize("topic", [" x", "a/#/b"])
async def test_a_wrong_topic_is_refused(hass: HomeAssistant, topic: str) -> None:
    result = await fill_in(hass, "wmbusmeters", {"name": "Air", "topic": topic})
    assert result["errors"] == {"topic": "topic_wrong"}


async def test_wireless_meters_need_a_broker(hass: HomeAssistant) -> None:
    result = await fill_in(hass, "wmbusmeters", {"name": "Air", "topic": "x"})
    assert result["errors"] == {"base": "no_mqtt"}


def _certificate(folder: Path) -> tuple[ssl.SSLContext, str]:
    """Return what a server needs, and the fingerprint of its own certificate."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "gateway")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), 1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem = folder / "gateway.pem"
    pem.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context, certificate.fingerprint(hashes.SHA256()).hex(":").upper()


@asynccontextmanager
async def gateway_at(gateway: Gateway, folder: Path) -> AsyncGenerator[tuple[int, str]]:
    """Let a gateway listen; yield its port and its fingerprint."""

    async def handle(request: web.Request) -> web.Response:
        body = await request.read()
        answer = await gateway.request(
            request.method, request.raw_path, request.headers, body
        )
        return web.Response(
            status=answer.status, headers=dict(answer.headers), body=answer.body
        )

    application = web.Application()
    application.router.add_route("*", "/{path:.*}", handle)
    runner = web.AppRunner(application)
    await runner.setup()
    context, fingerprint = _certificate(folder)
    site = web.TCPSite(runner, HOST, 0, ssl_context=context)
    await site.start()
    try:
        yield runner.addresses[0][1], fingerprint
    finally:
        await runner.cleanup()


def at_gateway(port: int, fingerprint: str = "") -> dict[str, Any]:
    return {
        "name": "Gateway",
        "maker": "ppc",
        "host": HOST,
        "port": port,
        "user": USER,
        "password": PASSWORD,
        "interval": 15,
    } | ({"fingerprint": fingerprint} if fingerprint else {})


async def test_a_gateway_is_read_when_its_certificate_is_known(
    hass: HomeAssistant, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    gateway = Ppc()
    async with gateway_at(gateway, tmp_path) as (port, fingerprint):
        form = await fill_in(hass, "gateway", at_gateway(port))
        assert form["errors"] == {"fingerprint": "fingerprint_unknown"}
        assert gateway.seen == []  # no password went to a stranger
        assert f"SHA-256 {fingerprint}" in caplog.text
        result = await again(hass, form, at_gateway(port, fingerprint))
        assert result["type"] is FlowResultType.CREATE_ENTRY
        await until(hass, "sensor.gateway_energy", "15320.45")
        await until(hass, "sensor.gateway_energy_given_back", "8412.12")
    assert PASSWORD not in caplog.text


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"fingerprint": "AB:CD"}, {"fingerprint": "fingerprint_wrong"}),
        ({"fingerprint": "x"}, {"fingerprint": "fingerprint_wrong"}),
        ({"fingerprint": "00" * 31 + "01"}, {"fingerprint": "fingerprint_unknown"}),
        ({"password": "other"}, {"base": "gateway_refuses"}),
        ({"port": 1}, {"base": "cannot_connect"}),
        ({"host": "a b"}, {"base": "cannot_connect"}),
    ],
)
async def test_a_gateway_that_cannot_be_read_is_refused(
    hass: HomeAssistant,
    tmp_path: Path,
    changes: dict[str, Any],
    errors: dict[str, str],
) -> None:
    async with gateway_at(Ppc(), tmp_path) as (port, fingerprint):
        answers = at_gateway(port, fingerprint) | changes
        result = await fill_in(hass, "gateway", answers)
    assert result["errors"] == errors
