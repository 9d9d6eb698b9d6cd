"""A wish is priced, kept, planned with, and taken back."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from unittest.mock import patch

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.cem.const import Kind
from custom_components.cem.device_wishes import standing
from custom_components.cem.home import Home
from custom_components.cem.planner import Planner
from custom_components.cem.store import HomeStore
from tests.custom_components.conftest import SetUp, make_it_noon
from tests.custom_components.dashboard.solving import Solving

type Ask = Callable[..., Awaitable[Any]]


@pytest.fixture
async def home(hass: HomeAssistant, set_up: SetUp) -> Home:
    await make_it_noon(hass)
    found = await set_up(
        Kind.METER, Kind.TARIFF, Kind.BATTERY, Kind.EV_CHARGER, Kind.APPLIANCE
    )
    planner = Planner(found, Solving())
    found.what_if = planner.async_what_if
    found.replan_now = planner.async_plan_afresh
    # What a wish costs is told against the best there is, however busy the machine.
    with patch("custom_components.cem.planner._FIRST_TIME_LIMIT_S", 60.0):
        await found.replan_now()
    return found


@pytest.fixture
async def ask(hass: HomeAssistant, hass_ws_client: WebSocketGenerator) -> Ask:
    client = await hass_ws_client(hass)

    async def asked(kind: str, **data: Any) -> Any:
        await client.send_json_auto_id(
            {"type": f"cem/{kind}", "entry_id": "home_entry", **data}
        )
        return await client.receive_json()

    return asked


def rest(hours: float = 1) -> dict[str, Any]:
    start = dt_util.utcnow()
    return {
        "device": "cellar_battery",
        "what": "force",
        "power_w": 1000,
        "start": start.isoformat(),
        "end": (start + timedelta(hours=hours)).isoformat(),
    }


async def test_a_wish_is_priced_kept_planned_with_and_taken_back(
    home: Home, ask: Ask
) -> None:
    said = (await ask("preview_wish", **rest()))["result"]
    assert said["more_cost"] > 0
    assert "Cellar battery" in said["text"]
    assert said["replaces"] == []
    assert standing(home, dt_util.utcnow()) == ()

    wish = (await ask("set_wish", **rest()))["result"]
    await home.replan_now()
    assert home.plan_document is not None
    [shown] = home.plan_document["wishes"]
    assert shown["wish_id"] == wish["wish_id"]
    assert shown["kept"]
    assert home.plan_document["wishes_cost"] > 0
    assert home.plan_document["devices"]["cellar_battery"]["charge_kw"][0] == (
        pytest.approx(1.0)
    )
    assert home.plan is not None
    reasons = [r for r in home.plan.reasons if r.device_id == "cellar_battery"]
    assert any(r.message.key == "wish_kept" for r in reasons)

    replaced = (await ask("preview_wish", **rest(2)))["result"]["replaces"]
    assert replaced == [wish["wish_id"]]

    assert (await ask("end_wish", wish_id=wish["wish_id"]))["success"]
    await home.replan_now()
    assert home.plan_document["wishes"] == []
    again = await ask("end_wish", wish_id=wish["wish_id"])
    assert again["error"]["message"] == "That wish is over already."


async def test_a_wish_outlives_a_restart_and_ends_by_itself(
    hass: HomeAssistant, home: Home, ask: Ask
) -> None:
    await ask("set_wish", **rest())
    store = HomeStore(hass, "home_entry")
    await store.async_load()
    assert store.wishes == home.store.wishes
    assert standing(home, dt_util.utcnow() + timedelta(minutes=61)) == ()


async def test_a_newer_wish_takes_the_place_of_one_it_excludes(
    home: Home, ask: Ask
) -> None:
    await ask("set_wish", **rest())
    newer = (await ask("set_wish", **rest(0.5)))["result"]
    assert [w.wish_id for w in home.store.wishes] == [newer["wish_id"]]


async def test_a_departure_is_priced_and_planned_with(home: Home, ask: Ask) -> None:
    soon = (dt_util.utcnow() + timedelta(hours=2)).isoformat()
    leaves = {"device": "wallbox", "what": "depart", "start": soon}
    assert "ready by" in (await ask("preview_wish", **leaves))["result"]["text"]
    assert (await ask("set_wish", **leaves))["success"]
    await home.replan_now()
    assert home.plan_document is not None
    assert home.plan_document["wishes"][0]["kept"]


@pytest.mark.parametrize(
    ("wish", "why"),
    [
        ({"device": "nobody", "what": "forbid"}, "no such device"),
        ({"device": "cellar_battery", "what": "forbid"}, "until when"),
        ({"device": "cellar_battery", "what": "depart"}, "Only a car"),
        (
            {
                "device": "wallbox",
                "what": "depart",
                "start": "2020-01-01T00:00:00+00:00",
            },
            "from now on",
        ),
        (rest() | {"power_w": 900_000}, "kW"),
    ],
)
async def test_what_cannot_be_is_refused_with_a_sentence(
    home: Home, ask: Ask, wish: dict[str, Any], why: str
) -> None:
    answer = await ask("preview_wish", **wish)
    assert not answer["success"]
    assert why in answer["error"]["message"]
    assert home.store.wishes == []
