"""A house with many devices holds the event loop up no longer than one with few.

Counted, not timed: `script/bench loaded` has the times.
"""

import asyncio
from typing import Any
from unittest.mock import patch

from homeassistant.components.calendar import CalendarEvent
from homeassistant.core import HomeAssistant
import pytest

from custom_components.cem import calendar
from custom_components.cem.const import Kind
from custom_components.cem.entity import devices_in_turn
from tests.custom_components.conftest import SetUp
from tests.custom_components.house import DEVICES, W

POWERS = ("sensor.battery", "sensor.charger", "sensor.heat_pump", "sensor.solar")


async def test_what_changes_in_one_turn_of_the_loop_is_decided_on_once(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    home = await set_up(*DEVICES)
    with patch.object(home._loop, "run", wraps=home._loop.run) as decided:
        for watts in range(100, 1100, 100):
            for power in POWERS:
                hass.states.async_set(power, str(watts), W)
        await hass.async_block_till_done()
        assert decided.call_count == 1
        assert home.snapshot.states["cellar_battery"].power_w == 1000
        hass.states.async_set("sensor.battery", "5", W)
        await hass.async_block_till_done()
        assert decided.call_count == 2


async def test_what_changes_one_after_the_other_is_decided_on_ten_times_a_second(
    hass: HomeAssistant, set_up: SetUp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "custom_components.cem.cycle_pace._CHANGES_DECIDED_EVERY_S", 0.1
    )
    home = await set_up(*DEVICES)
    await asyncio.sleep(0.15)
    with patch.object(home._loop, "run", wraps=home._loop.run) as decided:
        hass.states.async_set("sensor.battery", "5", W)
        await hass.async_block_till_done()
        assert decided.call_count == 1  # the first waits for nothing
        for watts in range(100, 1100, 100):
            hass.states.async_set("sensor.battery", str(watts), W)
            await asyncio.sleep(0)
        assert decided.call_count == 1
        home.cycle()  # nor does a telegram
        assert decided.call_count == 2
        hass.states.async_set("sensor.battery", "7", W)
        await asyncio.sleep(0.3)
        assert decided.call_count == 3
        assert home.snapshot.states["cellar_battery"].power_w == 7


async def test_a_telegram_takes_what_changed_just_before_it(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    home = await set_up(*DEVICES)
    with patch.object(home._loop, "run", wraps=home._loop.run) as decided:
        hass.states.async_set("sensor.battery", "5", W)
        home.cycle()
        await hass.async_block_till_done()
        assert decided.call_count == 1


async def test_the_loop_goes_on_between_the_entities_of_two_devices(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    home = await set_up(*DEVICES)
    turns: list[str] = []
    before = []
    async for device in devices_in_turn(home):
        before.append(len(turns))
        hass.loop.call_soon(turns.append, device.device_id)
    assert turns == list(home.devices)
    assert before == list(range(len(home.devices)))


async def test_the_calendar_reads_a_plan_once(
    hass: HomeAssistant, set_up: SetUp, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Any] = []

    class Counted(CalendarEvent):
        def __post_init__(self) -> None:
            super().__post_init__()
            made.append(self)

    monkeypatch.setattr(calendar, "CalendarEvent", Counted)
    home = await set_up(Kind.METER, Kind.BATTERY)
    reason = {"device": "cellar_battery", "text": "Stores 1 kWh."}
    for hour in (10, 12):
        home.plan_document = {
            "names": {"cellar_battery": "Cellar battery"},
            "reasons": [
                reason
                | {
                    "start": f"2099-01-01T{hour}:00:00+00:00",
                    "end": f"2099-01-01T{hour + 1}:00:00+00:00",
                }
            ],
        }
        for _ in range(5):
            home.notify()
        state = hass.states.get("calendar.home_plan")
        assert state is not None
        assert state.attributes["description"] == "Stores 1 kWh."
    assert [event.start.hour for event in made] == [10, 12]
