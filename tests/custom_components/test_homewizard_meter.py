"""HomeWizard's local API, by a server that answers as a device does."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
import ssl
from typing import Any

from aiohttp import web
from homeassistant.config_entries import SOURCE_RECONFIGURE
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest

from cem_core.transport.eebus_identity import create
from custom_components.cem.const import DOMAIN, Kind
from tests.custom_components.gateway import until
from tests.custom_components.test_config_flow import start
from tests.custom_components.test_meter_flow import answer, choose, unload

pytestmark = pytest.mark.usefixtures("socket_enabled")

V1 = {"smr_version": 50, "active_power_w": -543, "total_power_import_kwh": 13779.338}
V2 = {"protocol_version": 50, "power_w": 120, "energy_import_kwh": 13779.338}
TOKEN = "0123456789ABCDEF0123456789ABCDEF"


@dataclass
class Device:
    """A P1 meter in the network: whether its button is pressed, what it knows."""

    tls: bool = False
    pressed: bool = False
    tokens: set[str] = field(default_factory=set)
    status: int = 200
    body: Any = None
    port: int = 0

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    async def measure(self, request: web.Request) -> web.Response:
        if self.tls and (
            request.headers.get("X-Api-Version") != "2"
            or request.headers.get("Authorization", "")[7:] not in self.tokens
        ):
            return web.json_response({"error": "user:unauthorized"}, status=401)
        if isinstance(self.body, bytes):
            return web.Response(body=self.body, status=self.status)
        return web.json_response(self.body or (V2 if self.tls else V1))

    async def make_user(self, request: web.Request) -> web.Response:
        assert (await request.json())["name"].startswith("local/")
        if not self.pressed:
            error = {"error": "user:creation-not-enabled"}
            return web.json_response(error, status=403)
        self.tokens.add(TOKEN)
        return web.json_response({"token": TOKEN, "name": "local/cem"})


@asynccontextmanager
async def serving(device: Device, tmp_path: Path) -> AsyncGenerator[Device]:
    app = web.Application()
    app.router.add_get("/api/v1/data", device.measure)
    app.router.add_get("/api/measurement", device.measure)
    app.router.add_post("/api/user", device.make_user)
    runner = web.AppRunner(app, shutdown_timeout=0)
    await runner.setup()
    site = web.TCPSite(
        runner,
        "127.0.0.1",
        device.port,
        ssl_context=_context(tmp_path) if device.tls else None,
    )
    await site.start()
    device.port = runner.addresses[0][1]
    try:
        yield device
    finally:
        await runner.cleanup()


def _context(folder: Path) -> ssl.SSLContext:
    """Return a server's TLS with a certificate that it has signed itself."""
    identity = create("appliance/p1dongle/5c2faf", datetime.now(UTC))
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    certificate.write_bytes(identity.certificate_pem)
    key.write_bytes(identity.key_pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


async def test_version_1_is_polled(hass: HomeAssistant, tmp_path: Path) -> None:
    form = await start(hass, Kind.METER, "homewizard")
    async with serving(Device(), tmp_path) as device:
        shown = await answer(hass, form, {"host": device.host})
        assert shown["step_id"] == "telegram"
        assert shown["description_placeholders"]["export_power"] == "543 W"
        await choose(hass, form, "keep")
        await hass.async_block_till_done()
        (entry,) = hass.config_entries.async_entries(DOMAIN)
        await until(hass, lambda: entry.runtime_data.snapshot.reading is not None)
        assert entry.runtime_data.snapshot.grid_w == -543
        assert await unload(hass) == {
            "method": "homewizard", "host": device.host, "api": "v1"
        }  # fmt: skip


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(
    ("device", "error", "cause"),
    [
        (Device(body=b"nonsense"), "no_telegram", "answer is not understood"),
        (Device(body=b"{}"), "no_telegram", "with no values of a meter"),
        (Device(body=b"x" * 70_000), "cannot_connect", "answer is not understood"),
        (Device(body=b"", status=500), "cannot_connect", "answers with status 500"),
        (Device(body=b"", status=403), "cannot_connect", "does not allow it"),
        (Device(body=b"", status=302), "cannot_connect", "answers with status 302"),
    ],
)
async def test_what_is_no_meter_is_told(
    hass: HomeAssistant, tmp_path: Path, device: Device, error: str, cause: str
) -> None:
    form = await start(hass, Kind.METER, "homewizard")
    async with serving(device, tmp_path):
        shown = await answer(hass, form, {"host": device.host})
        assert shown["errors"] == {"base": error}
        assert cause in shown["description_placeholders"]["cause"]
        # It can be put right.
        device.body, device.status = None, 200
        shown = await answer(hass, form, {"host": device.host})
        assert shown["step_id"] == "telegram"


@pytest.mark.parametrize("host", ["127.0.0.1:1", "127.0.0.1:x", "http://127.0.0.1"])
@pytest.mark.parametrize("api", ["v1", "v2"])
async def test_what_is_no_address_is_told(
    hass: HomeAssistant, host: str, api: str
) -> None:
    form = await start(hass, Kind.METER, "homewizard")
    shown = await answer(hass, form, {"host": host, "api": api})
    assert shown["errors"] == {"base": "cannot_connect"}
    assert shown["description_placeholders"]["cause"]


async def test_version_2_wants_its_button_pressed(
    hass: HomeAssistant, tmp_path: Path
) -> None:
    form = await start(hass, Kind.METER, "homewizard")
    async with serving(Device(tls=True), tmp_path) as device:
        said = {"host": device.host, "api": "v2"}
        shown = await answer(hass, form, said)
        assert (shown["step_id"], shown["errors"]) == ("press_button", {})
        shown = await answer(hass, form, {})
        assert shown["errors"] == {"base": "not_pressed"}
        device.pressed = True
        shown = await answer(hass, form, {})
        assert shown["step_id"] == "telegram"
        await choose(hass, form, "keep")
        await hass.async_block_till_done()
        (entry,) = hass.config_entries.async_entries(DOMAIN)
        (subentry,) = entry.subentries.values()
        await until(hass, lambda: entry.runtime_data.snapshot.reading is not None)
        assert subentry.data["token"] == TOKEN
        assert len(subentry.data["fingerprint"]) == 64
        # It forgets us, as after a reset: a change asks for a new token.
        device.tokens, device.pressed = set(), False
        changed = await hass.config_entries.subentries.async_init(
            (entry.entry_id, "meter"),
            context={
                "source": SOURCE_RECONFIGURE,
                "subentry_id": subentry.subentry_id,
            },
        )
        shown = await answer(hass, dict(changed), said)
        assert shown["step_id"] == "press_button"
        device.pressed = True
        shown = await answer(hass, dict(changed), {})
        assert shown["step_id"] == "telegram"
        done = await choose(hass, dict(changed), "keep")
        assert done["reason"] == "reconfigure_successful"
        await unload(hass)


async def test_another_certificate_is_not_trusted(
    hass: HomeAssistant, tmp_path: Path
) -> None:
    form = await start(hass, Kind.METER, "homewizard")
    device = Device(tls=True, pressed=True)
    async with serving(device, tmp_path):
        await answer(hass, form, {"host": device.host, "api": "v2"})
        await choose(hass, form, "keep")
        await hass.async_block_till_done()
        (entry,) = hass.config_entries.async_entries(DOMAIN)
        home = entry.runtime_data
        await until(hass, lambda: home.meter_connected)
    async with serving(device, tmp_path):  # at the same port, with a new certificate
        await until(hass, lambda: not home.meter_connected)
        await hass.async_block_till_done()
        assert home.meter_problem
    await unload(hass)
    assert form["type"] is FlowResultType.FORM
