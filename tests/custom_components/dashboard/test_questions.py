"""What the dashboard asks beside the live home: opportunities, energy, health, log."""

from datetime import datetime, timedelta
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.cem import wishes
from custom_components.cem.const import Kind, Mode
from custom_components.cem.dashboard.energy import async_energy
from custom_components.cem.dashboard.health import health
from custom_components.cem.dashboard.opportunities import opportunities
from custom_components.cem.home import Home
from tests.custom_components.conftest import SetUp
from tests.custom_components.house import DEVICES

HOUR = timedelta(hours=1)


def price(home: Home, prices: list[float]) -> None:
    """Let the plan say what a kWh more costs in the hours to come."""
    start = dt_util.utcnow().replace(minute=0, second=0, microsecond=0)
    home.plan_document = {
        "times": [(start + n * HOUR).isoformat() for n in range(len(prices))],
        "minutes": [60.0] * len(prices),
        "marginal_price": prices,
    }


async def test_a_run_that_would_be_cheaper_later_is_an_opportunity(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    home = await set_up(Kind.METER, Kind.APPLIANCE)
    price(home, [0.40] * 3 + [0.10] * 3 + [0.40] * 6)
    now = dt_util.utcnow()
    answer = opportunities(home, now)
    [found] = answer["opportunities"]
    assert answer["appliances"] == 1
    assert found["device"] == "dishwasher"
    begins = datetime.fromisoformat(found["start"])
    assert begins >= now + 2 * HOUR
    # 1.225 kWh at 0.10, not at 0.40.
    assert found["saving"] == pytest.approx(1.225 * 0.30, abs=1e-3)
    assert "Dishwasher" in found["text"]
    assert not found["starts_itself"]


async def test_none_is_found_where_it_is_cheap_now_or_nothing_is_known(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    home = await set_up(Kind.METER, Kind.APPLIANCE)
    now = dt_util.utcnow()
    assert opportunities(home, now)["opportunities"] == []
    price(home, [0.10] + [0.11] * 11)
    assert opportunities(home, now)["opportunities"] == []


async def test_what_was_counted_is_told_by_kind_and_hour(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    home = await set_up(*DEVICES)
    midnight = dt_util.now().replace(hour=0, minute=0, second=0, microsecond=0)
    answer = await async_energy(home, "day", dt_util.now())
    assert answer["start"] == midnight.isoformat()
    assert (answer["counted"], answer["rows"], answer["standby_w"]) == ([], [], None)


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


async def test_the_log_tells_the_newest_first_with_sentences(
    hass: HomeAssistant, set_up: SetUp, hass_ws_client: WebSocketGenerator
) -> None:
    home = await set_up(Kind.METER, Kind.BATTERY)
    await wishes.async_set_mode(home, Mode.CONTROL)
    home.cycle()
    await hass.services.async_call(
        "cem",
        "order_limit",
        {
            "direction": "import",
            "scope": "connection",
            "limit_w": 3000,
            "duration": {"minutes": 5},
        },
        blocking=True,
        return_response=True,
    )
    await hass.async_block_till_done()
    client = await hass_ws_client(hass)
    await client.send_json_auto_id({"type": "cem/log", "entry_id": "home_entry"})
    entries: list[dict[str, Any]] = (await client.receive_json())["result"]["entries"]
    times = [entry["time"] for entry in entries]
    assert times == sorted(times, reverse=True)
    limit = next(entry for entry in entries if entry["about"] == "limit")
    assert "ordered a limit of 3000 W" in limit["text"]
    assert all(entry["text"] and entry["key"] for entry in entries)


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
