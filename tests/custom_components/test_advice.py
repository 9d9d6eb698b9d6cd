"""Advice as a to-do list: what is told, and what is ticked off for the day."""

from datetime import timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest

from custom_components.cem.advice import advice, async_tick
from custom_components.cem.const import Kind
from tests.custom_components.conftest import SetUp
from tests.custom_components.dashboard.test_opportunities import price
from tests.custom_components.test_planner import NOW

LIST = "todo.home_advice"


async def items(hass: HomeAssistant) -> list[dict[str, Any]]:
    answer: Any = await hass.services.async_call(
        "todo",
        "get_items",
        {"entity_id": LIST},
        blocking=True,
        return_response=True,
    )
    found: list[dict[str, Any]] = answer[LIST]["items"]
    return found


def told(hass: HomeAssistant) -> str:
    state = hass.states.get(LIST)
    assert state is not None
    return state.state


async def tick(hass: HomeAssistant, uid: str, status: str) -> None:
    await hass.services.async_call(
        "todo",
        "update_item",
        {"entity_id": LIST, "item": uid, "status": status},
        blocking=True,
    )


async def test_a_home_in_order_has_nothing_to_do(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    await set_up(Kind.METER)
    assert told(hass) == "0"
    assert await items(hass) == []


async def test_ticked_off_is_done_until_it_is_taken_up_again(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    home = await set_up(Kind.APPLIANCE)
    [item] = await items(hass)
    assert item["summary"].startswith("No meter")
    assert (item["status"], told(hass)) == ("needs_action", "1")
    await tick(hass, item["uid"], "completed")
    assert [each["status"] for each in await items(hass)] == ["completed"]
    assert told(hass) == "0"
    assert await hass.config_entries.async_reload(home.entry.entry_id)
    await hass.async_block_till_done()
    assert told(hass) == "0"
    await tick(hass, item["uid"], "needs_action")
    assert told(hass) == "1"


async def test_an_opportunity_follows_problems_and_comes_back_the_next_day(
    hass: HomeAssistant, set_up: SetUp, freezer: FrozenDateTimeFactory
) -> None:
    freezer.move_to(NOW)
    home = await set_up(Kind.APPLIANCE)
    price(home, [0.40] * 3 + [0.10] * 3 + [0.40] * 48)
    problem, chance = advice(home, NOW)
    assert problem.key == "problem:no_meter:"
    assert chance.key == "opportunity:dishwasher"
    assert "Dishwasher" in chance.text
    today = dt_util.as_local(NOW).date()
    for each in (problem, chance):
        await async_tick(home, each.key, done=True, today=today)
    assert [each.done for each in advice(home, NOW)] == [True, True]
    price(home, [0.40] * 48)
    tomorrow = NOW + timedelta(days=1)
    assert [each.done for each in advice(home, tomorrow)] == [False]
    await async_tick(home, chance.key, done=True, today=today + timedelta(days=1))
    assert list(home.store.advice_done) == [chance.key]  # yesterday's are forgotten


@pytest.mark.parametrize("ticked", [True, False])
async def test_words_of_advice_cannot_be_changed(
    hass: HomeAssistant, set_up: SetUp, ticked: bool
) -> None:
    await set_up(Kind.APPLIANCE)
    [item] = await items(hass)
    await hass.services.async_call(
        "todo",
        "update_item",
        {
            "entity_id": LIST,
            "item": item["uid"],
            "rename": "Nothing is wrong",
            "status": "completed" if ticked else "needs_action",
        },
        blocking=True,
    )
    assert [each["summary"] for each in await items(hass)] == [item["summary"]]
