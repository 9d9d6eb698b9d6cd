"""Limits are ordered, kept, shown, survive a restart and end; by whom they may."""

from datetime import timedelta
from typing import Any

from homeassistant.auth.models import User
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import ServiceValidationError, Unauthorized
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    MockUser,
    async_fire_time_changed,
    async_mock_service,
)

from cem_core.model import Reading
from custom_components.cem.const import Kind, Mode
from custom_components.cem.home import Home
from custom_components.cem.wishes import async_set_mode
from tests.custom_components.conftest import SetUp
from tests.custom_components.house import W

LIMIT = {"direction": "import", "scope": "controllable", "limit_w": 4200}


async def order(
    hass: HomeAssistant, user: User | None = None, **changes: Any
) -> dict[str, Any]:
    """Order a limit as ``user``, as an automation without one."""
    answer = await hass.services.async_call(
        "cem",
        "order_limit",
        LIMIT | changes,
        blocking=True,
        return_response=True,
        context=Context(user_id=user.id) if user else Context(),
    )
    assert isinstance(answer, dict)
    return answer


async def end(hass: HomeAssistant, limit_id: str, user: User | None = None) -> None:
    """End a limit as ``user``."""
    await hass.services.async_call(
        "cem",
        "end_limit",
        {"limit_id": limit_id},
        blocking=True,
        context=Context(user_id=user.id) if user else Context(),
    )


def value(hass: HomeAssistant, entity_id: str) -> str:
    """Return the state of an entity that must be there."""
    state = hass.states.get(entity_id)
    assert state is not None, entity_id
    return state.state


async def test_an_ordered_limit_is_shown_and_ends(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    await set_up(Kind.METER, Kind.EV_CHARGER)
    assert value(hass, "sensor.home_import_limit") == "9200"
    assert value(hass, "sensor.home_controllable_limit") == "unknown"
    limit = await order(hass)
    await hass.async_block_till_done()
    assert value(hass, "sensor.home_controllable_limit") == "4200"
    assert value(hass, "binary_sensor.home_limit_in_force") == "on"
    event = hass.states.get("event.home_limits")
    assert event is not None
    assert event.attributes["event_type"] == "limit_ordered"
    assert event.attributes["limit_id"] == limit["limit_id"]
    await end(hass, limit["limit_id"])
    await hass.async_block_till_done()
    assert value(hass, "sensor.home_controllable_limit") == "unknown"
    assert value(hass, "binary_sensor.home_limit_in_force") == "off"
    event = hass.states.get("event.home_limits")
    assert event is not None
    assert event.attributes["event_type"] == "limit_ended"


async def test_an_order_says_its_priority_and_its_reason(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    await set_up(Kind.METER, Kind.EV_CHARGER)
    limit = await order(hass, priority="market", reason="cheap for all")
    assert limit["priority"] == "market"
    await hass.async_block_till_done()
    state = hass.states.get("sensor.home_controllable_limit")
    assert state is not None
    assert state.state == "4200"
    assert state.attributes["priority"] == "market"
    assert state.attributes["reason"] == "cheap for all"
    assert value(hass, "binary_sensor.home_limit_in_force") == "off"  # nobody's duty


@pytest.mark.parametrize(
    "changes",
    [
        {"priority": "supreme"},
        {"reason": ""},
        {"reason": "x" * 201},
        {"duration": {"days": 99_999_999}},
    ],
)
async def test_a_priority_reason_or_duration_that_is_none_is_refused(
    hass: HomeAssistant, set_up: SetUp, changes: dict[str, Any]
) -> None:
    home = await set_up(Kind.METER)
    with pytest.raises(ServiceValidationError, match="cannot be"):
        await order(hass, **changes)
    assert home.store.orders.limits == ()


@pytest.mark.parametrize("limit_id", ["contract_import", "contract_export"])
async def test_an_order_cannot_go_by_the_contracts_id(
    hass: HomeAssistant, set_up: SetUp, limit_id: str
) -> None:
    home = await set_up(Kind.METER)
    with pytest.raises(ServiceValidationError, match="of the contract"):
        await order(hass, limit_id=limit_id, limit_w=100_000)
    assert home.store.orders.limits == ()
    assert value(hass, "sensor.home_import_limit") == "9200"


async def test_a_limit_of_zero_is_a_limit(hass: HomeAssistant, set_up: SetUp) -> None:
    await set_up(Kind.METER)
    await order(hass, limit_w=0, direction="export", scope="connection")
    assert value(hass, "sensor.home_export_limit") == "0"


async def test_a_limit_ends_by_its_time(
    hass: HomeAssistant, set_up: SetUp, freezer: Any
) -> None:
    home = await set_up(Kind.METER)
    await order(hass, duration={"minutes": 5})
    freezer.tick(timedelta(minutes=5, seconds=1))
    async_fire_time_changed(hass)
    home.cycle()
    await hass.async_block_till_done()
    assert value(hass, "binary_sensor.home_limit_in_force") == "off"
    event = hass.states.get("event.home_limits")
    assert event is not None
    assert event.attributes["event_type"] == "limit_ended"


async def test_an_end_that_has_passed_is_refused(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    await set_up(Kind.METER)
    past = dt_util.utcnow() - timedelta(seconds=1)
    with pytest.raises(ServiceValidationError) as refused:
        await order(hass, end=past.isoformat())
    assert refused.value.translation_key == "end_passed"


async def test_ordering_needs_an_administrator_or_a_named_user(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    admin = MockUser(id="admin", name="Admin", is_owner=True).add_to_hass(hass)
    named = MockUser(id="named", name="Named", groups=[]).add_to_hass(hass)
    other = MockUser(id="other", name="Other", groups=[]).add_to_hass(hass)
    await set_up(Kind.METER, options={"limit_users": ["named"]})
    with pytest.raises(Unauthorized):
        await order(hass, other)
    of_named = await order(hass, named)
    of_admin = await order(hass, admin)
    assert (of_named["issuer"], of_admin["issuer"]) == ("Named", "Admin")
    with pytest.raises(ServiceValidationError, match="only Admin"):
        await end(hass, of_admin["limit_id"], named)
    with pytest.raises(Unauthorized):
        await end(hass, of_named["limit_id"], other)
    with pytest.raises(ServiceValidationError, match="no limit contract_import"):
        await end(hass, "contract_import", admin)
    await end(hass, of_named["limit_id"], admin)
    await end(hass, of_admin["limit_id"], admin)


async def test_a_limit_survives_a_restart(hass: HomeAssistant, set_up: SetUp) -> None:
    home = await set_up(Kind.METER, Kind.EV_CHARGER)
    limit = await order(hass)
    # A kill writes nothing more: what counts is what is stored by now.
    manager = hass.config_entries
    home.reloading = True
    assert await manager.async_reload(home.entry.entry_id)
    await hass.async_block_till_done()
    again = home.entry.runtime_data
    assert again is not home
    assert [x.limit_id for x in again.store.orders.limits] == [limit["limit_id"]]
    assert value(hass, "sensor.home_controllable_limit") == "4200"


@pytest.mark.parametrize("wrong", [-9, 5], ids="{:+} h".format)
async def test_a_host_clock_that_is_hours_wrong_neither_ends_nor_prolongs_a_limit(
    hass: HomeAssistant, set_up: SetUp, freezer: Any, wrong: int
) -> None:
    """Two hours were ordered, the machine was down for one, its clock is wrong."""
    home = await set_up(Kind.METER, Kind.EV_CHARGER)
    began = dt_util.utcnow()
    home.on_reading(Reading(format="p1", timestamp=began, import_power_w=500))
    await order(hass, duration={"hours": 2})
    home.reloading = True
    freezer.tick(timedelta(hours=1 + wrong))
    assert await hass.config_entries.async_reload(home.entry.entry_id)
    await hass.async_block_till_done()
    again: Home = home.entry.runtime_data
    assert value(hass, "sensor.home_controllable_limit") == "4200"
    meter = began + timedelta(hours=1)
    again.on_reading(Reading(format="p1", timestamp=meter, import_power_w=500))
    (held,) = again.store.orders.limits
    assert held.end is not None
    left = held.end - dt_util.utcnow()
    assert abs(left - timedelta(hours=1)) < timedelta(seconds=20)


async def test_near_limit_is_announced_with_the_reading_that_crosses(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    await set_up(Kind.METER)
    assert value(hass, "binary_sensor.home_near_limit") == "off"
    hass.states.async_set("sensor.grid", "8600", W)
    await hass.async_block_till_done()
    assert value(hass, "binary_sensor.home_near_limit") == "on"
    event = hass.states.get("event.home_limits")
    assert event is not None
    assert event.attributes["event_type"] == "near_limit"
    assert event.attributes["distance_w"] == 600
    hass.states.async_set("sensor.grid", "6800", W)
    await hass.async_block_till_done()
    assert value(hass, "binary_sensor.home_near_limit") == "off"


async def test_a_limit_turns_the_car_down(hass: HomeAssistant, set_up: SetUp) -> None:
    home = await set_up(Kind.METER, Kind.EV_CHARGER)
    numbers = async_mock_service(hass, "number", "set_value")
    hass.states.async_set("switch.charger", "on")
    hass.states.async_set("sensor.charger", "11000", W)
    hass.states.async_set("sensor.grid", "12000", W)
    await order(hass, limit_w=5000)
    await home.devices["wallbox"].queue.join()
    # 5000 W, less the margin, is 7 A at three phases of 230 V.
    assert numbers[-1].data == {"entity_id": "number.charger", "value": 7}


@pytest.mark.parametrize("mode", [Mode.OBSERVE, Mode.ADVISE, Mode.CONTROL])
async def test_an_order_holds_in_every_mode(
    hass: HomeAssistant, set_up: SetUp, mode: Mode
) -> None:
    home = await set_up(Kind.METER, Kind.EV_CHARGER)
    await async_set_mode(home, mode)
    switches = async_mock_service(hass, "switch", "turn_off")
    hass.states.async_set("switch.charger", "on")
    hass.states.async_set("sensor.charger", "11000", W)
    hass.states.async_set("sensor.grid", "12000", W)
    await order(hass, limit_w=1000)
    await home.devices["wallbox"].queue.join()
    assert [call.data["entity_id"] for call in switches] == ["switch.charger"]
