"""The log: what happened, in sentences."""

from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from cem_core.model import Message, Owner
from cem_core.model.message_json import message_to_json
from custom_components.cem import wishes
from custom_components.cem.const import Kind, Mode
from custom_components.cem.events import HomeEvent
from tests.custom_components.conftest import SetUp


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


async def test_the_log_says_what_moved_with_messages_of_its_own(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    home = await set_up(Kind.METER)
    moved = [
        Message.of("run_added", device=device, start_time=dt_util.utcnow())
        for device in ("Dryer", "Dishwasher", "Washer")
    ]
    home.fire(HomeEvent("plan_changed", {"moved": [*map(message_to_json, moved)]}))
    said = home.action_log.entries[-1].message
    assert said == Message.of("log_plan_changed", what=moved[0].then(moved[1]))


@pytest.mark.parametrize(
    ("power_w", "cause", "key"),
    [
        (8900, "level", "log_near_limit"),
        (6148, "trip", "log_may_be_cut"),
        (9001, "trip", "log_above_limit"),
    ],
)
async def test_the_log_tells_near_a_limit_from_above_it(
    hass: HomeAssistant, set_up: SetUp, power_w: int, cause: str, key: str
) -> None:
    home = await set_up(Kind.METER)
    told = {"power_w": power_w, "limit_w": 9000, "cause": cause}
    home.fire(HomeEvent("near_limit", told))
    assert home.action_log.entries[-1].message.key == key


async def test_the_log_tells_a_device_that_wavers_once(
    hass: HomeAssistant, set_up: SetUp, freezer: FrozenDateTimeFactory
) -> None:
    home = await set_up(Kind.METER, Kind.BATTERY)
    [device] = home.devices.values()
    freezer.tick(60)
    home.cycle()
    before = len(home.action_log.entries)

    def second(owner: Owner) -> None:
        freezer.tick(1)
        device.owner = owner
        home.cycle()

    for _ in range(20):
        second(Owner.PERSON)
        second(Owner.PLAN)
    assert len(home.action_log.entries) == before + 1, (
        "the first change is told at once"
    )
    for _ in range(19):
        second(Owner.PLAN)
    assert len(home.action_log.entries) == before + 1
    second(Owner.PLAN)
    second(Owner.PLAN)
    assert len(home.action_log.entries) == before + 2, "what lasts is told as well"
