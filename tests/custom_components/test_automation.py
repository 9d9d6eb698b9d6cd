"""What automations start from: triggers, conditions, sensors, the calendar, blueprints."""

from datetime import timedelta
from pathlib import Path
import re
from typing import Any, Final

from homeassistant.components.automation.config import (
    ValidationStatus,
    async_validate_config_item,
)
from homeassistant.components.calendar import DOMAIN as CALENDAR_DOMAIN
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.helpers.entity_component import DATA_INSTANCES
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from homeassistant.util.yaml import parse_yaml
import pytest

from cem_core.model import Interval, Reading, Series
from custom_components.cem.calendar import PlanCalendar
from custom_components.cem.const import DOMAIN, Kind
from custom_components.cem.home import Home
from custom_components.cem.planning.prices import Prices
from tests.custom_components.conftest import SetUp
from tests.custom_components.house import W
from tests.custom_components.test_limits import end, order
from tests.custom_components.test_sentences import NOON, home, solve

__all__ = ("home",)  # a fixture

BLUEPRINTS: Final = Path(__file__).parents[2] / "blueprints" / "automation" / "cem"
HOUR: Final = timedelta(hours=1)


def dear_then_cheap() -> Prices:
    """Return a day whose second half costs a third."""
    midnight = dt_util.start_of_local_day()
    hours = (
        Interval(
            start=midnight + n * HOUR,
            end=midnight + (n + 1) * HOUR,
            value=0.3 if n < 16 else 0.1,
        )
        for n in range(24)
    )
    return Prices(imported=Series.of(hours), exported=Series(()), fixed_export=0.05)


def device_of(hass: HomeAssistant, home: Home) -> str:
    """Return the id of the home's device."""
    (device,) = [
        device
        for device in dr.async_entries_for_config_entry(
            dr.async_get(hass), home.entry.entry_id
        )
        if (DOMAIN, home.entry.entry_id) in device.identifiers
    ]
    return device.id


async def listens(
    hass: HomeAssistant, automation: dict[str, Any], what: str = "{{ said }}"
) -> list[Any]:
    """Set up an automation and return what it will have said."""
    said: list[Any] = []

    @callback
    def noted(event: Event) -> None:
        said.append(event.data["what"])

    hass.bus.async_listen("noted", noted)
    if "use_blueprint" not in automation:
        noting = [{"event": "noted", "event_data": {"what": what}}]
        automation = {"actions": noting} | automation
    assert await async_setup_component(hass, "automation", {"automation": automation})
    await hass.async_block_till_done()
    assert len(hass.states.async_entity_ids("automation")) == 1
    (name,) = hass.states.async_entity_ids("automation")
    state = hass.states.get(name)
    assert state is not None
    assert state.state == "on"
    return said


async def test_orders_and_their_end_start_automations(
    hass: HomeAssistant, home: Home
) -> None:
    target = {"entity_id": "event.home_limits"}
    said = await listens(
        hass,
        {
            "triggers": [
                {"trigger": "cem.limit_ordered", "target": target},
                {
                    "trigger": "cem.limit_ended",
                    "target": target,
                    "options": {"direction": ["import"]},
                },
                {"trigger": "cem.device_not_obeying", "target": target},
            ]
        },
        "{{ trigger.to_state.attributes.event_type }}",
    )
    limit_id = (await order(hass, limit_w=4200))["limit_id"]
    await hass.async_block_till_done()
    assert said == ["limit_ordered"]
    await end(hass, limit_id)
    await hass.async_block_till_done()
    assert said == ["limit_ordered", "limit_ended"]


async def test_a_new_plan_starts_automations(hass: HomeAssistant, home: Home) -> None:
    said = await listens(
        hass,
        {
            "triggers": [
                {
                    "trigger": "cem.plan_changed",
                    # Of a device's events only those of the plan count.
                    "target": {"entity_id": ["event.home_plan", "event.home_limits"]},
                }
            ]
        },
        "{{ trigger.to_state.attributes.status }}",
    )
    await order(hass, limit_w=4200)
    await hass.async_block_till_done()
    said.clear()
    solve(home)
    await hass.async_block_till_done()
    assert said == ["optimal"]


@pytest.mark.parametrize(
    ("condition", "options", "passes"),
    [
        ("price_is", {"level": "cheap"}, {"cheap"}),
        ("price_is", {"level": ["cheap", "dear"]}, {"cheap", "dear"}),
        ("surplus_above", {"power_w": 1000}, {"sunny"}),
        ("limit_in_force", {}, {"limited"}),
    ],
)
async def test_conditions_pass_when_they_should(
    hass: HomeAssistant,
    set_up: SetUp,
    freezer: Any,
    *,
    condition: str,
    options: dict[str, Any],
    passes: set[str],
) -> None:
    freezer.move_to(NOON)
    await hass.config.async_set_time_zone("Europe/Brussels")
    home = await set_up(Kind.METER, Kind.TARIFF, Kind.SOLAR)
    target = device_of(hass, home)
    automation = {
        "triggers": [{"trigger": "event", "event_type": "look"}],
        "conditions": [
            {
                "condition": f"cem.{condition}",
                "target": {"device_id": target},
                "options": options,
            }
        ],
    }
    said = await listens(hass, automation, "{{ trigger.event.data.at }}")

    async def look(at: str) -> None:
        home.notify()
        await hass.async_block_till_done()
        hass.bus.async_fire("look", {"at": at})
        await hass.async_block_till_done()

    home.take_prices(dear_then_cheap())
    await look("dear")
    freezer.move_to(NOON + 6 * HOUR)
    home.on_reading(Reading(format="p1", import_power_w=0, export_power_w=100))
    await look("cheap")
    freezer.move_to(NOON + 18 * HOUR)  # of the next day no price is known
    home.on_reading(Reading(format="p1", import_power_w=900, export_power_w=0))
    await order(hass, limit_w=4200)
    await look("limited")
    hass.states.async_set("sensor.solar", "3000", W)
    home.on_reading(Reading(format="p1", import_power_w=0, export_power_w=2500))
    freezer.tick(60)
    home.on_reading(Reading(format="p1", import_power_w=0, export_power_w=2500))
    if condition != "limit_in_force":
        await look("sunny")
    assert set(said) == passes


async def test_a_price_that_becomes_another_starts_automations(
    hass: HomeAssistant, set_up: SetUp, freezer: Any
) -> None:
    freezer.move_to(NOON)
    await hass.config.async_set_time_zone("Europe/Brussels")
    home = await set_up(Kind.METER, Kind.TARIFF)
    home.take_prices(dear_then_cheap())
    home.notify()
    await hass.async_block_till_done()
    automation = {
        "triggers": [
            {
                "trigger": "cem.price_becomes",
                "target": {"device_id": device_of(hass, home)},
                "options": {"level": ["cheap", "normal"]},
            }
        ]
    }
    said = await listens(hass, automation, "{{ trigger.to_state.state }}")
    home.notify()
    await hass.async_block_till_done()
    assert said == []
    freezer.move_to(NOON + 6 * HOUR)
    home.notify()
    await hass.async_block_till_done()
    assert said == ["cheap"]


@pytest.mark.parametrize(("lasts", "starts"), [("00:00:00", 2), ("00:05:00", 0)])
async def test_a_surplus_that_rises_starts_automations(
    hass: HomeAssistant, home: Home, *, lasts: str, starts: int
) -> None:
    automation = {
        "triggers": [
            {
                "trigger": "cem.surplus_rises",
                "target": {"entity_id": "sensor.home_solar_surplus"},
                "options": {"power_w": 1000, "for": lasts},
            }
        ]
    }
    hass.states.async_set("sensor.home_solar_surplus", "200")
    said = await listens(hass, automation, "{{ trigger.to_state.state }}")
    for surplus_w in (1000, 1001, 3000, 900, 2000):
        hass.states.async_set("sensor.home_solar_surplus", str(surplus_w))
        await hass.async_block_till_done()
    assert said == [1001, 2000][:starts]


async def test_a_peak_ahead_starts_automations(hass: HomeAssistant, home: Home) -> None:
    er.async_get(hass).async_get_or_create(
        "binary_sensor",
        DOMAIN,
        f"{home.entry.entry_id}_new_peak_ahead",
        suggested_object_id="home_new_peak_ahead",
        translation_key="new_peak_ahead",
        config_entry=home.entry,
    )
    peak, limit = "binary_sensor.home_new_peak_ahead", "binary_sensor.home_near_limit"
    automation = {
        "triggers": [
            # Of the home's binary sensors only that one counts.
            {"trigger": "cem.new_peak_ahead", "target": {"entity_id": [peak, limit]}}
        ]
    }
    for sensor in (peak, limit):
        hass.states.async_set(sensor, "off")
    said = await listens(hass, automation, "{{ trigger.to_state.entity_id }}")
    for sensor in (limit, peak, peak):
        hass.states.async_set(sensor, "on")
        await hass.async_block_till_done()
    assert said == [peak]


@pytest.mark.parametrize(
    "example",
    re.findall(
        r"```yaml\n(.*?)```",
        (BLUEPRINTS.parents[2] / "docs" / "automation.md").read_text(encoding="utf-8"),
        re.DOTALL,
    ),
)
async def test_each_example_of_the_docs_is_taken(
    hass: HomeAssistant, home: Home, example: str
) -> None:
    await async_setup_component(hass, "automation", {})
    config = parse_yaml(example)
    assert isinstance(config, dict)
    taken = await async_validate_config_item(
        hass, "example", config | {"alias": "an example"}
    )
    assert taken is not None
    assert taken.validation_status is ValidationStatus.OK


async def test_prices_are_shown_with_what_is_ahead(
    hass: HomeAssistant, set_up: SetUp, freezer: Any
) -> None:
    freezer.move_to(NOON)
    await hass.config.async_set_time_zone("Europe/Brussels")
    home = await set_up(Kind.METER, Kind.TARIFF)
    home.take_prices(dear_then_cheap())
    home.notify()
    await hass.async_block_till_done()
    price = hass.states.get("sensor.home_import_price")
    level = hass.states.get("sensor.home_price_level")
    assert price is not None
    assert level is not None
    assert float(price.state) == 0.3
    assert price.attributes["unit_of_measurement"] == "EUR/kWh"
    assert level.state == "dear"
    assert level.attributes["cheap_from"] == "2026-01-15T16:00:00+01:00"
    assert level.attributes["cheap_until"] == "2026-01-16T00:00:00+01:00"
    export = hass.states.get("sensor.home_export_price")
    assert export is not None
    assert float(export.state) == 0.05


async def test_the_plan_is_a_calendar(hass: HomeAssistant, home: Home) -> None:
    shown = solve(home)
    home.notify()
    await hass.async_block_till_done()
    (entity_id,) = hass.states.async_entity_ids(CALENDAR_DOMAIN)
    calendar = hass.data[DATA_INSTANCES][CALENDAR_DOMAIN].get_entity(entity_id)
    assert isinstance(calendar, PlanCalendar)
    events = await calendar.async_get_events(hass, NOON, NOON + 24 * HOUR)
    texts = {reason["text"] for reason in shown["reasons"]}
    assert events
    assert {event.description for event in events} <= texts
    names = {home.entry.title, *(d.model.name for d in home.devices.values())}
    assert {event.summary for event in events} <= names
    assert events == sorted(events, key=lambda event: event.start)
    state = hass.states.get(entity_id)
    assert state is not None
    assert state.state == ("on" if events[0].start <= NOON else "off")
    long_ago = await calendar.async_get_events(hass, NOON - 48 * HOUR, NOON - 24 * HOUR)
    assert long_ago == []
