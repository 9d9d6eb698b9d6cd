"""Chargers and appliances that speak in words: their forms ask for the words."""

from typing import Any

from homeassistant.core import HomeAssistant
import pytest

from custom_components.cem.const import Kind
from tests.custom_components.conftest import SetUp
from tests.custom_components.house import DATA
from tests.custom_components.test_config_flow import body, start

SPOKEN = {
    "plugged": "sensor.charger_state",
    "plugged_states": "charging, paused",
    "switch": "select.charger",
    "option_on": "max",
    "option_off": "paused",
}


@pytest.mark.parametrize(
    ("kind", "changes", "expected"),
    [
        (Kind.EV_CHARGER, SPOKEN, {}),
        (
            Kind.EV_CHARGER,
            SPOKEN | {"plugged_states": " , "},
            {"plugged_states": "states_missing"},
        ),
        (
            Kind.EV_CHARGER,
            SPOKEN | {"option_on": None, "option_off": "off"},
            {"option_on": "option_missing", "option_off": "no_such_option"},
        ),
        (
            Kind.APPLIANCE,
            {"start": "select.charger"},
            {"start_option": "option_missing"},
        ),
        (
            Kind.APPLIANCE,
            {"start": "select.charger", "start_option": "eco"},
            {"start_option": "no_such_option"},
        ),
        (Kind.APPLIANCE, {"start": "select.charger", "start_option": "max"}, {}),
    ],
)
async def test_words_are_asked_for(
    hass: HomeAssistant, kind: Kind, changes: dict[str, Any], expected: dict[str, str]
) -> None:
    form = await start(hass, kind)
    hass.states.async_set("sensor.charger_state", "charging")
    hass.states.async_set("select.charger", "max", {"options": ["max", "paused"]})
    result = await hass.config_entries.subentries.async_configure(
        form["flow_id"], body(kind, **changes)
    )
    assert (result.get("errors") or {}) == expected


@pytest.mark.parametrize(
    ("state", "connected"),
    [("charging", True), ("paused", True), ("unplugged", False), ("unknown", None)],
)
async def test_a_sensor_names_the_car(
    hass: HomeAssistant,
    set_up: SetUp,
    monkeypatch: pytest.MonkeyPatch,
    state: str,
    connected: bool | None,
) -> None:
    spoken = {key: SPOKEN[key] for key in ("plugged", "plugged_states")}
    monkeypatch.setitem(DATA, Kind.EV_CHARGER, DATA[Kind.EV_CHARGER] | spoken)
    home = await set_up(Kind.METER, Kind.EV_CHARGER)
    hass.states.async_set("sensor.charger_state", state)
    (device,) = home.entry.runtime_data.devices.values()
    assert device.connected is connected
