"""The blueprints: each is tried in an automation."""

from pathlib import Path
import shutil
from typing import Any, Final

from homeassistant.core import HomeAssistant, ServiceCall
import pytest
from pytest_homeassistant_custom_component.common import (
    async_fire_time_changed,
    async_mock_service,
)

from custom_components.cem.events import HomeEvent
from custom_components.cem.home import Home
from tests.custom_components.test_automation import BLUEPRINTS, device_of, listens
from tests.custom_components.test_limits import end, order
from tests.custom_components.test_sentences import home

__all__ = ("home",)  # a fixture

INPUTS: Final[dict[str, dict[str, Any]]] = {
    "near_limit": {},
    "limit_ordered": {},
    "device_refuses": {},
    "plan_changed": {"energy_kwh": 0.5},
    "cheap_hours": {
        "price_level": "sensor.home_price_level",
        "device": {"entity_id": "switch.pump"},
    },
    "surplus": {
        "surplus": "sensor.home_solar_surplus",
        "minutes": 1,
        "device": {"entity_id": "switch.pump"},
    },
    "new_peak_ahead": {"new_peak_ahead": "binary_sensor.home_new_peak_ahead"},
}


async def from_blueprint(
    hass: HomeAssistant, tmp_path: Path, name: str, home: Home
) -> list[str]:
    """Make an automation from a blueprint; return what it says."""
    hass.config.config_dir = str(tmp_path)
    shutil.copytree(BLUEPRINTS, tmp_path / "blueprints" / "automation" / "cem")
    text = (BLUEPRINTS / f"{name}.yaml").read_text()
    inputs = dict(INPUTS[name])
    if "\n    home:\n" in text:
        inputs["home"] = device_of(hass, home)
    if "\n    actions:\n" in text:
        noting = {"event": "noted", "event_data": {"what": "{{ said }}"}}
        inputs["actions"] = [noting]
    use = {"path": f"cem/{name}.yaml", "input": inputs}
    return await listens(hass, {"use_blueprint": use})


def test_each_blueprint_is_tried_and_named_in_the_docs() -> None:
    names = {path.stem for path in BLUEPRINTS.glob("*.yaml")}
    assert names == INPUTS.keys()
    docs = (BLUEPRINTS.parents[2] / "docs" / "automation.md").read_text()
    for name in names:
        text = (BLUEPRINTS / f"{name}.yaml").read_text()
        (source,) = [
            line.split()[1] for line in text.splitlines() if "source_url" in line
        ]
        assert f"blueprint_url={source}" in docs


async def test_blueprints_tell_of_orders_and_plans(
    hass: HomeAssistant, home: Home, tmp_path: Path
) -> None:
    said = await from_blueprint(hass, tmp_path, "limit_ordered", home)
    await order(hass, limit_w=4200)
    await hass.async_block_till_done()
    assert len(said) == 1
    assert said[0].endswith("limits the import to 4200 W.")


@pytest.mark.parametrize(
    ("name", "event", "expected"),
    [
        (
            "near_limit",
            HomeEvent(
                "near_limit",
                {
                    "direction": "import",
                    "level": "warning",
                    "power_w": 8700,
                    "limit_w": 9200,
                },
            ),
            "8700 W now, the limit is 9200 W.",
        ),
        (
            "device_refuses",
            HomeEvent("device_not_obeying", {"name": "Wallbox"}),
            "Wallbox does not obey.",
        ),
        (
            "plan_changed",
            HomeEvent(
                "plan_changed",
                {
                    "moved": [
                        {"energy_kwh": -1.0, "text": "Less at noon."},
                        {"energy_kwh": 0.1, "text": "A little more."},
                        {"energy_kwh": 1.0, "text": "More at night."},
                    ]
                },
            ),
            "Less at noon. More at night.",
        ),
    ],
)
async def test_blueprints_say_what_happened(
    hass: HomeAssistant,
    home: Home,
    tmp_path: Path,
    *,
    name: str,
    event: HomeEvent,
    expected: str,
) -> None:
    said = await from_blueprint(hass, tmp_path, name, home)
    home.fire(event)
    await hass.async_block_till_done()
    assert said == [expected]


async def test_a_blueprint_leaves_small_moves_alone(
    hass: HomeAssistant, home: Home, tmp_path: Path
) -> None:
    said = await from_blueprint(hass, tmp_path, "plan_changed", home)
    home.fire(HomeEvent("plan_changed", {"moved": [{"energy_kwh": 0.1, "text": "."}]}))
    home.fire(HomeEvent("plan_changed", {"moved": []}))
    await hass.async_block_till_done()
    assert said == []


async def test_a_blueprint_tells_of_a_peak(
    hass: HomeAssistant, home: Home, tmp_path: Path
) -> None:
    hass.states.async_set("binary_sensor.home_new_peak_ahead", "off")
    said = await from_blueprint(hass, tmp_path, "new_peak_ahead", home)
    ahead = {
        "start": "2026-01-15T18:15:00+01:00",
        "mean_w": 5200,
        "peak_so_far_w": 4100,
    }
    hass.states.async_set("binary_sensor.home_new_peak_ahead", "on", ahead)
    await hass.async_block_till_done()
    assert said == ["At 18:15 the plan draws 5200 W; this month's peak is 4100 W."]


async def test_a_blueprint_runs_a_pump_while_it_is_cheap(
    hass: HomeAssistant, home: Home, tmp_path: Path
) -> None:
    calls: list[ServiceCall] = async_mock_service(hass, "homeassistant", "turn_on")
    ends: list[ServiceCall] = async_mock_service(hass, "homeassistant", "turn_off")
    hass.states.async_set("sensor.home_price_level", "dear")
    await from_blueprint(hass, tmp_path, "cheap_hours", home)
    hass.states.async_set("sensor.home_price_level", "cheap")
    await hass.async_block_till_done()
    assert [call.data["entity_id"] for call in calls] == [["switch.pump"]]
    limit_id = (await order(hass, limit_w=4200))["limit_id"]
    home.notify()
    await hass.async_block_till_done()
    assert len(ends) == 1
    await end(hass, limit_id)
    await hass.async_block_till_done()
    assert len(calls) == 2


async def test_a_blueprint_runs_a_pump_on_surplus(
    hass: HomeAssistant, home: Home, tmp_path: Path, freezer: Any
) -> None:
    calls = async_mock_service(hass, "homeassistant", "turn_on")
    ends = async_mock_service(hass, "homeassistant", "turn_off")

    async def minutes_of(surplus_w: int) -> None:
        hass.states.async_set("sensor.home_solar_surplus", str(surplus_w))
        await hass.async_block_till_done()
        freezer.tick(61)
        async_fire_time_changed(hass)
        await hass.async_block_till_done()

    hass.states.async_set("sensor.home_solar_surplus", "500")
    await from_blueprint(hass, tmp_path, "surplus", home)
    await minutes_of(800)
    assert not calls
    await minutes_of(2000)
    assert [call.data["entity_id"] for call in calls] == [["switch.pump"]]
    await minutes_of(0)
    assert len(ends) == 1
