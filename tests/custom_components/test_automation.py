"""What automations start from: triggers, conditions, sensors, the calendar, blueprints."""

from datetime import datetime, timedelta
from pathlib import Path
import re
import shutil
from typing import Any, Final

from homeassistant.components.automation.config import (
    ValidationStatus,
    async_validate_config_item,
)
from homeassistant.components.calendar import DOMAIN as CALENDAR_DOMAIN
from homeassistant.core import Event, HomeAssistant, ServiceCall, callback
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.helpers.entity_component import DATA_INSTANCES
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from homeassistant.util.yaml import parse_yaml
import pytest
from pytest_homeassistant_custom_component.common import (
    async_fire_time_changed,
    async_mock_service,
)

from cem_core.model import Interval, Reading, Series
from custom_components.cem.calendar import PlanCalendar
from custom_components.cem.const import DOMAIN, Kind
from custom_components.cem.events import HomeEvent
from custom_components.cem.home import Home
from custom_components.cem.peak_ahead import PeakAhead, peak_ahead
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


def planned(
    *import_kw: float, minutes: int = 15, start: datetime = NOON
) -> dict[str, Any]:
    """Return the part of PLAN that a peak shows in."""
    step = timedelta(minutes=minutes)
    return {
        "times": [(start + n * step).isoformat() for n in range(len(import_kw))],
        "minutes": [minutes] * len(import_kw),
        "grid": {"import_kw": list(import_kw)},
    }


def test_a_peak_ahead_is_the_first_quarter_hour_above_the_month() -> None:
    plan = planned(1.0, 3.2, 5.0)
    assert peak_ahead(plan, 3000) == PeakAhead(
        start=NOON + timedelta(minutes=15), mean_w=3200, peak_so_far_w=3000
    )
    assert peak_ahead(plan, 5000) is None
    assert peak_ahead(plan, None) is None
    assert peak_ahead(None, 3000) is None
    assert peak_ahead(plan | {"grid": {"import_kw": []}}, 3000) is None


def test_a_peak_ahead_is_a_mean_by_the_clock() -> None:
    # 9 kW for 5 minutes are 3 kW in a quarter hour.
    assert peak_ahead(planned(9.0, 0.0, 0.0, minutes=5), 3000) is None
    assert peak_ahead(planned(9.0, 1.0, 0.0, minutes=5), 3000) is not None
    hour = peak_ahead(planned(4.0, minutes=60), 3000)
    assert hour is not None
    assert hour.mean_w == 4000


def test_a_peak_of_the_next_month_is_not_this_ones() -> None:
    late = datetime.fromisoformat("2026-01-31T23:45:00+01:00")
    assert peak_ahead(planned(1.0, 9.0, start=late), 3000) is None


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
