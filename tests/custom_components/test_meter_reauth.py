"""A meter whose key was changed asks for the new one; its secrets stay secret."""

import json

from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.cem.const import DOMAIN
from custom_components.cem.diagnostics import async_get_config_entry_diagnostics
from custom_components.cem.language import renderer
from custom_components.cem.problems import problems
from tests.custom_components.gateway import gateway, until
from tests.telegrams.compose import DSMR5
from tests.telegrams.dlms import AUTH_KEY, KEY, sealed

OLD = "11" * 16


@pytest.mark.usefixtures("socket_enabled")
@pytest.mark.parametrize("keys", [{"key": OLD}, {}], ids=["changed", "new"])
async def test_a_key_that_does_not_fit_any_more_is_asked_for(
    hass: HomeAssistant,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    keys: dict[str, str],
) -> None:
    monkeypatch.setattr("custom_components.cem.meters.preview._ONE_MORE_S", 0.05)
    telegrams = [sealed(DSMR5, counter=n) for n in range(1, 400)]
    async with gateway(*telegrams) as port:
        at = {"method": "tcp", "host": "127.0.0.1", "port": port}
        entry = MockConfigEntry(
            domain=DOMAIN,
            title="Home",
            data={"import_limit": 9.2, "export_limit": 5, "phases": "3"},
            minor_version=1,
            subentries_data=[
                {
                    # As it was stored when P1 was all there was.
                    "data": at | {"method": "p1_tcp"} | keys,
                    "subentry_type": "meter",
                    "title": "Cellar meter",
                    "unique_id": None,
                }
            ],
        )
        entry.add_to_hass(hass)
        assert await hass.config_entries.async_setup(entry.entry_id)
        assert entry.minor_version == 2
        flows = hass.config_entries.flow
        await until(hass, lambda: bool(flows.async_progress_by_handler(DOMAIN)))
        (flow,) = flows.async_progress_by_handler(DOMAIN)
        shown = await flows.async_configure(flow["flow_id"])
        assert shown["step_id"] == "reauth_confirm"
        assert (shown["description_placeholders"] or {})["meter"] == "Cellar meter"
        (problem,) = [
            message
            for code, message in problems(entry.runtime_data)
            if code == "meter_silent"
        ]
        assert "encrypt" in (said := renderer(hass).text(problem)) or "decrypt" in said

        diagnostics = await async_get_config_entry_diagnostics(hass, entry)
        assert OLD not in json.dumps(diagnostics, default=str)
        line = diagnostics["line"]
        assert line["status"] == ("key_refused" if keys else "key_needed")

        result = await flows.async_configure(flow["flow_id"], {"key": "00" * 16})
        assert result["errors"] == {"base": "key_refused"}
        fits = {"key": KEY.hex(), "auth_key": AUTH_KEY.hex()}
        result = await flows.async_configure(flow["flow_id"], fits)
        assert result["reason"] == "reauth_successful"
        await hass.async_block_till_done()
        (subentry,) = entry.subentries.values()
        assert dict(subentry.data) == at | fits
        await until(hass, lambda: entry.runtime_data.snapshot.reading is not None)
        diagnostics = await async_get_config_entry_diagnostics(hass, entry)
        text = json.dumps(diagnostics, default=str)
        assert KEY.hex() not in text
        assert AUTH_KEY.hex() not in text
        assert diagnostics["registers"]["1-0:32.7.0"] == "231.4 V"
        assert "0-0:96.1.1" not in diagnostics["registers"]
        assert await hass.config_entries.async_unload(entry.entry_id)
    assert KEY.hex() not in caplog.text
    assert OLD not in caplog.text
