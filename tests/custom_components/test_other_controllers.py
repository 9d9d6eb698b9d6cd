"""Who else keeps changing what the CEM commands is named in a repairs issue."""

from datetime import timedelta
from typing import Any

from homeassistant.core import Context, HomeAssistant
from homeassistant.helpers import entity_registry as er, issue_registry as ir
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from cem_core.devices.rivalry import Meddled
from cem_core.model import Owner
from custom_components.cem.const import DOMAIN, Kind
from custom_components.cem.home import Home
from tests.custom_components.conftest import SetUp
from tests.custom_components.house import W
from tests.custom_components.test_control import (
    AMPERE,
    controlled_car,
    obedient,
    settle,
)
from tests.custom_components.test_limits import value


def named(hass: HomeAssistant) -> dict[str, str] | None:
    issue = ir.async_get(hass).async_get_issue(
        DOMAIN, f"other_controller_id_{Kind.EV_CHARGER}"
    )
    if issue is None:
        return None
    assert issue.translation_key == "other_controller"
    return issue.translation_placeholders


@pytest.fixture
async def home(hass: HomeAssistant, set_up: SetUp) -> Home:
    """Return a home that has its car charging, by a switch of MQTT."""
    er.async_get(hass).async_get_or_create(
        "switch", "mqtt", "x", suggested_object_id="charger"
    )
    found = await set_up(Kind.METER, Kind.EV_CHARGER, options={"hand_off_minutes": 30})
    obedient(hass)
    await controlled_car(found)
    return found


async def passes(home: Home, freezer: Any, minutes: float) -> None:
    freezer.tick(timedelta(minutes=minutes))
    home.hass.states.async_set("sensor.grid", str(1200 + freezer().minute), W)
    await settle(home)
    async_fire_time_changed(home.hass, dt_util.utcnow())
    await settle(home)


async def meddle(home: Home, freezer: Any, context: Context | None = None) -> None:
    """Switch the charger off, and wait until the hand-off is over."""
    freezer.tick(timedelta(minutes=1))  # an echo of the last order comes sooner
    home.hass.states.async_set("switch.charger", "off", context=context)
    await settle(home)
    await passes(home, freezer, 31)
    assert value(home.hass, "switch.charger") == "on"


async def test_an_integration_that_sets_it_again_and_again_is_named(
    hass: HomeAssistant, home: Home, freezer: Any
) -> None:
    for _ in range(2):
        await meddle(home, freezer)
    assert named(hass) is None
    await meddle(home, freezer)
    assert named(hass) == {
        "device": "Wallbox",
        "entity": "switch.charger",
        "other": "MQTT",
        "minutes": "30",
    }
    await passes(home, freezer, 180)
    assert named(hass) is None


async def test_an_automation_is_named_as_its_owner_called_it(
    hass: HomeAssistant, home: Home, freezer: Any
) -> None:
    for number in range(3):
        run = Context(parent_id=f"sun {number}")
        known = {"friendly_name": "Charge at night", "current": number}
        hass.states.async_set("automation.night", "on", known, context=run)
        await meddle(home, freezer, run)
    placeholders = named(hass)
    assert placeholders is not None
    assert placeholders["other"] == "Charge at night (automation.night)"


async def test_a_person_may_change_it_three_times_on_an_evening(
    hass: HomeAssistant, home: Home, freezer: Any
) -> None:
    user = await hass.auth.async_create_user("Ada")
    for _ in range(4):
        await meddle(home, freezer, Context(user_id=user.id))
    assert named(hass) is None


async def test_three_times_within_an_hour_a_person_is_named_as_well(
    hass: HomeAssistant, home: Home, freezer: Any
) -> None:
    user = await hass.auth.async_create_user("Ada")
    for ampere in ("6", "7", "8"):
        freezer.tick(timedelta(minutes=2))
        hass.states.async_set(
            "number.charger", ampere, AMPERE, context=Context(user_id=user.id)
        )
        await settle(home)
    placeholders = named(hass)
    assert placeholders is not None
    assert placeholders["other"] == "Ada"


def set_past_us(hass: HomeAssistant) -> dict[str, str] | None:
    issue = ir.async_get(hass).async_get_issue(
        DOMAIN, f"other_controller_id_{Kind.EV_CHARGER}"
    )
    if issue is None:
        return None
    assert issue.translation_key == "other_controller_of_device"
    return issue.translation_placeholders


async def test_who_sets_a_register_again_and_again_is_told_and_not_given_way_to(
    hass: HomeAssistant, home: Home, freezer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    [car] = home.devices.values()
    found = [Meddled(protocol="Modbus", setting="current_limit (261)")] * 3
    monkeypatch.setattr(
        car.driver, "meddled", lambda: found.pop() if found else None, raising=False
    )
    for _ in range(2):
        await passes(home, freezer, 2)
    assert set_past_us(hass) is None
    await passes(home, freezer, 2)
    assert set_past_us(hass) == {
        "device": "Wallbox",
        "setting": "current_limit (261)",
        "protocol": "Modbus",
    }
    assert car.owner is Owner.PLAN
    await passes(home, freezer, 61)
    assert set_past_us(hass) is None
