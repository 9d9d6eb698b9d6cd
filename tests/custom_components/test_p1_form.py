"""The form that asks for a P1 meter waits for a telegram."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest

from custom_components.cem.const import DOMAIN, Kind
from tests.custom_components.test_config_flow import start
from tests.telegrams.compose import DSMR5


@asynccontextmanager
async def gateway(sends: bytes) -> AsyncGenerator[int]:
    """Serve ``sends`` to whoever connects; yield the port."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(sends)
        await writer.drain()
        await reader.read()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        port: int = server.sockets[0].getsockname()[1]
        yield port


@pytest.mark.usefixtures("socket_enabled")
async def test_a_p1_meter_is_tried_before_it_is_kept(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "custom_components.cem.forms.meter.FIRST_TELEGRAM_WITHIN_S", 0.2
    )
    form = await start(hass, Kind.METER, "p1_tcp")
    flows = hass.config_entries.subentries
    async with gateway(b"hello") as port:
        answers = {"host": "127.0.0.1", "port": port}
        result = await flows.async_configure(form["flow_id"], answers)
        assert result["errors"] == {"base": "no_telegram"}
    result = await flows.async_configure(form["flow_id"], answers)
    assert result["errors"] == {"base": "cannot_connect"}
    async with gateway(DSMR5) as port:
        answers = {"host": "127.0.0.1", "port": port}
        result = await flows.async_configure(form["flow_id"], answers)
        assert result["type"] is FlowResultType.CREATE_ENTRY
        await hass.async_block_till_done()
        (entry,) = hass.config_entries.async_entries(DOMAIN)
        assert await hass.config_entries.async_unload(entry.entry_id)
