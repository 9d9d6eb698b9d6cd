"""Every device says in a sentence why it does what it does."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

from homeassistant.auth.models import User
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockUser

from cem_core.model import (
    Action,
    Balance,
    Cause,
    DevicePlan,
    Direction,
    LimitSource,
    Plan,
    PlanStatus,
    PlanStep,
    PowerLimit,
    Priority,
    Scope,
    Setpoint,
)
from cem_core.model.plan_json import plan_from_json
from custom_components.cem.const import Charging, Mode
from custom_components.cem.controlled import ControlledDevice
from custom_components.cem.home import Home
from custom_components.cem.language import renderer
from custom_components.cem.limit_names import turned_up
from custom_components.cem.live import LiveView
from custom_components.cem.planning.document import request
from custom_components.cem.planning.show import show_plan, with_names
from custom_components.cem.sentences import reason_for
from custom_components.cem.wishes import async_set_mode
from optimizer.optimize import Options, optimize
from optimizer.read_home import home_from_json
from optimizer.series import table
from tests.custom_components.conftest import SetUp
from tests.custom_components.house import DEVICES, W
from tests.custom_components.test_control import obedient, settle
from tests.custom_components.test_limits import order
from tests.custom_components.test_planner import outlook

NOON = datetime(2026, 1, 15, 11, 0, tzinfo=UTC)  # 12:00 in Brussels
OFF = PlanStep(action=Action.OFF, power_w=0)
HOLD = PlanStep(action=Action.HOLD, power_w=0)
RUN = PlanStep(action=Action.RUN, power_w=2000)


def plan(**steps: tuple[PlanStep, ...]) -> Plan:
    """Return a plan from noon on whose devices do ``steps``."""
    count = max(map(len, steps.values()), default=0)
    return Plan(
        created_at=NOON,
        edges=tuple(NOON + n * timedelta(minutes=15) for n in range(count + 1)),
        status=PlanStatus.OPTIMAL,
        devices={name: DevicePlan(steps=course) for name, course in steps.items()},
    )


def say(home: Home, device_id: str) -> str:
    """Return why a device does what it does."""
    return renderer(home.hass).text(reason_for(home, home.devices[device_id]))


@pytest.fixture
async def home(hass: HomeAssistant, set_up: SetUp, freezer: Any) -> Home:
    """Return a whole home in Brussels at noon, advising."""
    freezer.move_to(NOON)
    await hass.config.async_set_time_zone("Europe/Brussels")
    made = await set_up(*DEVICES)
    made.store.mode = Mode.ADVISE
    return made


async def test_who_is_turned_down_for_a_silent_meter_is_told_of_it(
    home: Home, freezer: Any
) -> None:
    await async_set_mode(home, Mode.CONTROL)
    home.plan = plan(heat_pump=(RUN,) * 8, cellar_battery=(HOLD,) * 8)
    home.cycle()
    freezer.tick(120)
    home.cycle()
    assert home.snapshot.meter_silent
    said = say(home, "heat_pump")
    assert said.startswith("The meter is silent: only what certainly fits is allowed.")
    assert "Turned down: the limit of your contract holds the import" in said


async def test_without_a_reason_of_the_plan_its_steps_tell(home: Home) -> None:
    home.plan = plan(
        heat_pump=(OFF, OFF, RUN),
        dishwasher=(OFF, OFF, OFF, RUN),
        roof=(RUN,) * 4,
        cellar_battery=(replace(HOLD, action=Action.BALANCE, balance=Balance.COVER),),
        wallbox=(HOLD, HOLD, HOLD, replace(RUN, action=Action.CHARGE)),
    )
    home.cycle()
    said = {name: say(home, name) for name in home.devices}
    assert said == {
        "heat_pump": "Off until 12:30, the next planned run.",
        "dishwasher": "Starts at 12:45.",
        "roof": "Produces all it can.",
        "cellar_battery": ("Covers what the house draws, so that nothing is bought."),
        "wallbox": "Waits until 12:45, the next planned run.",
        "boiler": "Need not heat water before 13:00.",
    }


async def test_where_nothing_is_planned_it_says_until_when(home: Home) -> None:
    home.plan = plan(heat_pump=(OFF,) * 8, dishwasher=(OFF,) * 8, wallbox=(HOLD,) * 8)
    home.cycle()
    assert say(home, "heat_pump") == "Off: nothing is planned before 14:00."
    assert say(home, "dishwasher") == "No run fits before 14:00."
    home.devices["wallbox"].charging = Charging.NOT_TONIGHT
    assert say(home, "wallbox").startswith("Not tonight")
    home.hass.states.async_set("sensor.dishwasher_state", "done")
    assert say(home, "dishwasher") == "Waits until it is filled and ready."
    home.hass.states.async_set("binary_sensor.plugged", "off")
    await home.hass.async_block_till_done()
    assert say(home, "wallbox") == "No car is plugged in."
    home.plan = None
    assert say(home, "heat_pump") == "There is no plan yet: simple rules serve."


async def test_an_appliance_without_a_run_to_plan_says_why(home: Home) -> None:
    await async_set_mode(home, Mode.CONTROL)
    home.plan = plan(heat_pump=(RUN,) * 8)
    home.hass.states.async_set("sensor.dishwasher_state", "done")
    home.cycle()
    assert home.snapshot.setpoints["dishwasher"].cause is Cause.NO_PLAN
    assert say(home, "dishwasher") == "Waits until it is filled and ready."
    with patch.object(ControlledDevice, "running", new=True):
        assert say(home, "dishwasher") == "Runs; a run is never interrupted."


async def test_a_balancing_battery_shows_what_it_is_told(
    hass: HomeAssistant, home: Home, freezer: Any
) -> None:
    obedient(hass)
    balance = PlanStep(action=Action.BALANCE, power_w=0, balance=Balance.BOTH)
    home.plan = plan(cellar_battery=(balance,) * 4)
    home.cycle()
    assert device_of(home, "cellar_battery")["setpoint_w"] is None  # advised
    await async_set_mode(home, Mode.CONTROL)
    for _ in range(3):
        freezer.tick(1)  # it is moved gradually
        hass.states.async_set("sensor.grid", "3000", W, force_update=True)
        await settle(home)
    shown = device_of(home, "cellar_battery")["setpoint_w"]
    assert shown < 0
    held = hass.states.get("number.battery")
    assert held is not None
    assert float(held.state) == shown


def device_of(home: Home, device_id: str) -> Mapping[str, Any]:
    """Return a device as the dashboard sees it."""
    devices = LiveView(home).as_json()["devices"]
    (found,) = [device for device in devices if device["device_id"] == device_id]
    return dict(found)


def solve(home: Home) -> dict[str, Any]:
    """Plan for real, and let the home follow it."""
    asked = request(home, outlook(NOON))
    document = optimize(
        home_from_json(asked.home),
        table(asked.series),
        Options(time_limit_s=20, gap=0.01),
    )
    made = plan_from_json(document, created_at=NOON)
    made = with_names(home, made, asked.limit_names)
    shown = show_plan(home, made, document)
    # After a restart it is read from what was shown.
    assert plan_from_json(shown, created_at=NOON) == made
    home.take_plan(made, shown)
    return shown


async def test_a_limit_in_the_plan_is_called_by_who_ordered_it(
    hass: HomeAssistant, home: Home, freezer: Any
) -> None:
    operator: User = MockUser(id="demo", name="Demo", is_owner=True).add_to_hass(hass)
    end = (NOON + timedelta(hours=22)).isoformat()
    first = await order(hass, operator, limit_w=4200, end=end)
    await order(hass, operator, limit_w=9000, end=end)
    shown = solve(home)
    assert {limit["id"] for limit in shown["limits"]} == {
        limit.limit_id for limit in home.store.orders.limits
    }
    held = [r for r in shown["reasons"] if r["limited_by"] == first["limit_id"]]
    assert held
    for reason in held:
        assert "Limit ordered by Demo holds it to 4.2 kW until 10:00." in reason["text"]
        assert first["limit_id"] not in reason["text"]
    car = [r for r in held if r["device"] == "wallbox"]
    assert car
    # In that block the dashboard says who holds it back.
    freezer.move_to(datetime.fromisoformat(car[0]["start"]))
    home.cycle()
    assert device_of(home, "wallbox")["limited_by"] == first["limit_id"]
    limits = LiveView(home).as_json()["limits"]
    assert {limit["name"] for limit in limits} == {
        "of your contract for import",
        "of your contract for export",
        "ordered by Demo",
        "ordered by Demo (2)",
    }


async def test_a_limit_that_acts_now_is_called_by_who_ordered_it(
    hass: HomeAssistant, home: Home
) -> None:
    obedient(hass)
    hass.states.async_set("switch.charger", "on")
    hass.states.async_set("sensor.charger", "11000", W)
    hass.states.async_set("sensor.grid", "12000", W)
    limit = await order(hass, duration={"hours": 2}, limit_w=0)
    await settle(home)
    said = say(home, "wallbox")
    assert said == (
        "Turned down: the limit ordered by an automation holds the import of the "
        "controllable devices to 0 kW until 14:00."
    )
    found = " ".join(
        problem["text"] for problem in LiveView(home).as_json()["problems"]
    )
    assert limit["limit_id"] not in found
    assert "The limit of your contract for import of 9200 W is exceeded" in found


async def test_a_ceiling_that_the_sun_is_far_below_holds_nothing_back(
    hass: HomeAssistant, home: Home
) -> None:
    obedient(hass)
    hass.states.async_set("sensor.grid", "-100", W)
    hass.states.async_set("sensor.solar", "700", W)
    await order(hass, limit_w=3000, direction="export", scope="connection")
    await settle(home)
    roof = device_of(home, "roof")
    assert roof["setpoint_w"] is not None
    assert roof["limited_by"] is None
    assert say(home, "roof").startswith("Produces all it can. Up to ")
    hass.states.async_set("sensor.solar", str(roof["setpoint_w"] - 100), W)
    await settle(home)
    assert device_of(home, "roof")["limited_by"] is not None
    assert say(home, "roof").startswith("Turned down: ")


@pytest.mark.parametrize(
    ("direction", "action", "power_w", "key"),
    [
        (Direction.IMPORT, Action.BALANCE, -690, "discharges_for_limit"),
        (Direction.EXPORT, Action.CHARGE, 690, "charges_for_limit"),
        (Direction.IMPORT, Action.CHARGE, 690, None),
        (Direction.EXPORT, Action.CURTAIL, 690, None),
        (Direction.EXPORT, Action.DISCHARGE, -690, None),
    ],
)
def test_who_works_for_a_limit_is_not_turned_down(
    direction: Direction, action: Action, power_w: int, key: str | None
) -> None:
    limit = PowerLimit(
        limit_id="contract",
        source=LimitSource.CONTRACT,
        issuer="contract",
        direction=direction,
        scope=Scope.CONNECTION,
        limit_w=4029,
        priority=Priority.CONTRACT,
    )
    order = Setpoint(
        device_id="battery", action=action, power_w=power_w, cause=Cause.LIMIT
    )
    said = turned_up(limit, order)
    assert (said and said.key) == key
