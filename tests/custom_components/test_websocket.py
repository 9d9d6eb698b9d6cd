"""What the dashboard subscribes to."""

from datetime import UTC, datetime
from typing import Any

from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from cem_core.model import Quality, RawValue, Reading
from custom_components.cem.const import Kind, Mode
from tests.custom_components.conftest import SetUp
from tests.custom_components.house import DEVICES, W

LIVE = {
    *("time", "mode", "meter", "grid_power_w", "load_power_w", "solar_power_w"),
    *("phases", "limits", "quarter_hour", "devices", "plan", "problems", "entities"),
}
DEVICE = {
    *("device_id", "subentry_id", "name", "kind", "power_w", "setpoint_w", "action"),
    *("cause", "reason", "limited_by", "available", "enabled", "owner"),
    *("state_of_charge", "connected", "indoor_temperature_c", "charging", "entities"),
}


async def test_the_live_home(
    hass: HomeAssistant, set_up: SetUp, hass_ws_client: WebSocketGenerator
) -> None:
    home = await set_up(*DEVICES)
    client = await hass_ws_client(hass)
    await client.send_json_auto_id({"type": "cem/homes"})
    answer = await client.receive_json()
    assert answer["result"] == [
        {"entry_id": "home_entry", "title": "Home", "role": "installer"}
    ]

    await client.send_json_auto_id(
        {"type": "cem/subscribe_live", "entry_id": "home_entry"}
    )
    assert (await client.receive_json())["result"] is None
    live: dict[str, Any] = (await client.receive_json())["event"]
    assert live.keys() >= LIVE
    assert (live["mode"], live["grid_power_w"], live["solar_power_w"]) == (
        "observe",
        1200,
        800,
    )
    assert live["meter"]["connected"]
    marks = live["quality"]
    assert marks["grid_power_w"] == "metered"
    assert marks["load_power_w"] in {"calculated", "estimated"}
    devices = {device["device_id"]: device for device in live["devices"]}
    assert all(device.keys() >= DEVICE for device in devices.values())
    assert devices["cellar_battery"]["state_of_charge"] == 0.5
    assert devices["wallbox"]["entities"]["charging"] == "select.wallbox_charging"
    assert {limit["limit_id"] for limit in live["limits"]} == {
        "contract_import",
        "contract_export",
    }
    # A burst of changes within the second is sent as one.
    for power_w in range(2000, 2010):
        hass.states.async_set("sensor.grid", str(power_w), W)
    await hass.async_block_till_done()
    await client.send_json_auto_id(
        {"type": "cem/set_mode", "entry_id": "home_entry", "mode": "advise"}
    )
    assert (await client.receive_json())["type"] == "result"
    assert home.mode is Mode.ADVISE


async def test_the_meter_as_it_says_it(
    hass: HomeAssistant, set_up: SetUp, hass_ws_client: WebSocketGenerator
) -> None:
    home = await set_up(Kind.METER, options={"mid_meter": True})
    at = datetime(2026, 1, 15, 11, 0, tzinfo=UTC)
    reading = Reading(
        format="dsmr",
        timestamp=at,
        meter_id="E1",
        import_power_w=0,
        import_energy_wh={"1": 5_000},
        quality={"import_energy_wh.1": Quality.ESTIMATED},
        raw=(RawValue(code="1-0:1.8.1", value=5.0, unit="kWh"),),
    )
    home.cycle(reading)
    client = await hass_ws_client(hass)
    asked = {"type": "cem/subscribe_meter", "entry_id": "home_entry"}
    await client.send_json_auto_id(asked)
    assert (await client.receive_json())["result"] is None
    meter: dict[str, Any] = (await client.receive_json())["event"]
    assert (meter["meter_id"], meter["format"]) == ("E1", "P1")
    assert meter["measured_at"] == at.isoformat()
    assert (meter["mid_meter"], meter["line"]) == (True, None)
    assert meter["registers"] == [
        {"code": "1-0:1.8.1", "value": 5.0, "unit": "kWh", "time": None}
    ]
    assert [
        (f["figure"], f["register"], f["value"], f["quality"]) for f in meter["figures"]
    ] == [
        ("import_power_w", None, 0, "metered"),
        ("import_energy_wh", "1", 5_000, "estimated"),
    ]


async def test_the_plan_and_the_next_one(
    hass: HomeAssistant, set_up: SetUp, hass_ws_client: WebSocketGenerator
) -> None:
    home = await set_up(Kind.METER)
    client = await hass_ws_client(hass)
    await client.send_json_auto_id(
        {"type": "cem/subscribe_plan", "entry_id": "home_entry"}
    )
    assert (await client.receive_json())["result"] is None
    assert (await client.receive_json())["event"] is None
    home.plan_document = {"status": "rule"}
    home.notify()
    assert (await client.receive_json())["event"] == {"status": "rule"}


async def test_a_home_that_is_not_there(
    hass: HomeAssistant, set_up: SetUp, hass_ws_client: WebSocketGenerator
) -> None:
    await set_up(Kind.METER)
    client = await hass_ws_client(hass)
    await client.send_json_auto_id({"type": "cem/subscribe_live", "entry_id": "other"})
    answer = await client.receive_json()
    assert answer["error"]["code"] == "not_found"


async def test_only_an_administrator_sets_the_mode(
    hass: HomeAssistant,
    set_up: SetUp,
    hass_ws_client: WebSocketGenerator,
    hass_read_only_access_token: str,
) -> None:
    home = await set_up(Kind.METER)
    client = await hass_ws_client(hass, hass_read_only_access_token)
    await client.send_json_auto_id(
        {"type": "cem/set_mode", "entry_id": "home_entry", "mode": "control"}
    )
    answer = await client.receive_json()
    assert answer["error"]["code"] == "unauthorized"
    assert home.mode is Mode.OBSERVE
