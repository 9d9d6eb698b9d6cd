"""What the dashboard asks beside the live home: its health, and what it may ask at all."""

from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.cem.const import Kind
from custom_components.cem.dashboard.health import health
from tests.custom_components.conftest import SetUp
from tests.custom_components.house import DEVICES


async def test_the_health_names_every_link_and_its_age(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    home = await set_up(*DEVICES)
    home.learned.errors = {
        "load": {"days": 14, "error_share": 0.21, "by_lead": {}, "missed_w": {}},
        "solar": {},
    }
    found = health(home, dt_util.utcnow())
    links = {link["name"]: link for link in found["links"]}
    assert links["Cellar battery"]["ok"]
    assert links["Cellar battery"]["age_s"] >= 0
    assert found["plan"] is None
    assert found["forecasts"][0]["error"]["error_share"] == 0.21
    hass.states.async_remove("number.cellar_power")
    await hass.async_block_till_done()


@pytest.mark.parametrize(
    "kind", ["energy", "health", "log", "opportunities", "preview_wish", "end_wish"]
)
async def test_an_unknown_home_is_refused(
    hass: HomeAssistant, set_up: SetUp, hass_ws_client: WebSocketGenerator, kind: str
) -> None:
    await set_up(Kind.METER)
    client = await hass_ws_client(hass)
    more: dict[str, Any] = {
        "preview_wish": {"device": "x", "what": "forbid"},
        "end_wish": {"wish_id": "x"},
    }.get(kind, {})
    await client.send_json_auto_id({"type": f"cem/{kind}", "entry_id": "no", **more})
    assert (await client.receive_json())["error"]["code"] == "not_found"
