"""A car that gives back: its form, its plan, and a charger behind a number."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from unittest.mock import patch

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest

from cem_core.model import (
    Action,
    DevicePlan,
    Interval,
    Plan,
    PlanStatus,
    PlanStep,
    Series,
)
from custom_components.cem.const import Charging, Kind, Mode
from custom_components.cem.controlled import ControlledDevice
from custom_components.cem.forms import gives_back
from custom_components.cem.given_back import GivenBack
from custom_components.cem.home import Home
from custom_components.cem.planning.document import request
from custom_components.cem.planning.house_load import HouseLoad
from custom_components.cem.planning.outlook import Outlook
from custom_components.cem.planning.prices import Prices
from custom_components.cem.planning.steps import Steps
from custom_components.cem.wishes import async_set_mode
from optimizer.optimize import Options, optimize
from optimizer.read_home import home_from_json
from optimizer.series import table
from tests.custom_components.conftest import SetUp
from tests.custom_components.house import DATA, PERCENT, W
from tests.custom_components.test_control import obedient, settle
from tests.custom_components.test_planner import NOW, device, flat

TWO_WAY: Final = {"unit_of_measurement": "A", "min": -16, "max": 16, "step": 1}
GIVES: Final = {
    **DATA[Kind.EV_CHARGER],
    "car_state_of_charge": "sensor.car_charge",
    "car_capacity": 60,
    "discharge_limit": 7,
    "min_state_of_charge": 30,
    "round_trip_efficiency": 80,
}
PLANNED_W: Final = -5520  # the contract lets out 5 kW


@asynccontextmanager
async def two_way(
    hass: HomeAssistant, set_up: SetUp, **changes: Any
) -> AsyncGenerator[tuple[Home, ControlledDevice]]:
    """Set a home up with a charger whose number goes below 0."""
    with patch.dict(DATA, {Kind.EV_CHARGER: {**GIVES, **changes}}):
        home = await set_up(Kind.METER, Kind.EV_CHARGER)
        hass.states.async_set("number.charger", "16", TWO_WAY)
        yield home, home.devices["wallbox"]


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({}, None),
        ({"discharge_limit": None, "car_capacity": None}, None),
        ({"throttle": None}, "gives_back_no_way"),
        ({"station": "wall", "throttle": None}, "gives_back_no_way"),
        ({"ski": "1" * 40}, "gives_back_no_way"),
        ({"throttle": None, "s2_token": "0123456789abcdef"}, None),
        ({"phase_switch": "switch.phases"}, "gives_back_phases"),
        ({"car_state_of_charge": None}, "gives_back_needs_charge"),
        ({"car_capacity": None}, "gives_back_needs_charge"),
        ({"discharge_limit": 4}, "gives_back_too_little"),
        ({"round_trip_efficiency": 92}, "gives_back_efficiency"),
        ({"discharge_limit": 12}, "gives_back_range"),
        ({"throttle": "number.watts"}, "gives_back_range"),
    ],
)
def test_a_form_that_cannot_have_the_car_give_back_is_refused(
    hass: HomeAssistant, changes: dict[str, Any], error: str | None
) -> None:
    hass.states.async_set("number.charger", "16", TWO_WAY)
    hass.states.async_set("number.watts", "0", W | {"min": 0, "max": 11000, "step": 1})
    answers = {k: v for k, v in {**GIVES, **changes}.items() if v is not None}
    found = gives_back.refusals(hass, answers)
    assert found == ({} if error is None else {"base": error})


@pytest.mark.parametrize("gives", [True, False])
async def test_a_charger_is_told_a_current_below_0(
    hass: HomeAssistant, set_up: SetUp, gives: bool, freezer: FrozenDateTimeFactory
) -> None:
    """From the plan to the number; without the option the same plan stops it."""
    changes = {} if gives else {"discharge_limit": 0}
    async with two_way(hass, set_up, **changes) as (home, car):
        obedient(hass)
        await async_set_mode(home, Mode.CONTROL)
        await planned(home, PLANNED_W)
        number, switch = (
            hass.states.get(x) for x in ("number.charger", "switch.charger")
        )
        assert number is not None
        assert switch is not None
        if not gives:
            assert switch.state == "off"
            assert float(number.state) >= 0
            return
        assert (float(number.state), switch.state) == (-8.0, "on")
        assert car.driver.held_w() == PLANNED_W
        hass.states.async_set("sensor.charger", str(PLANNED_W), W)
        hass.states.async_set("sensor.car_charge", "30", PERCENT)
        freezer.tick(1)
        await planned(home, PLANNED_W)
        switch = hass.states.get("switch.charger")
        assert switch is not None
        assert switch.state == "off"
        # It may charge again, and is asked for no less.
        await planned(home, 4140)
        number = hass.states.get("number.charger")
        assert number is not None
        assert float(number.state) == 6.0


async def planned(home: Home, power_w: int) -> None:
    """Have the charger carry out a step of a plan."""
    now = dt_util.utcnow()
    action = Action.DISCHARGE if power_w < 0 else Action.CHARGE
    step = PlanStep(action=action, power_w=power_w)
    home.plan = Plan(
        created_at=now,
        edges=(now, now + timedelta(hours=1)),
        status=PlanStatus.OPTIMAL,
        devices={"wallbox": DevicePlan(steps=(step,))},
    )
    home.cycle()
    await settle(home)


async def test_what_a_silent_car_gave_is_taken_off(
    hass: HomeAssistant, set_up: SetUp, freezer: FrozenDateTimeFactory
) -> None:
    async with two_way(hass, set_up) as (home, car):
        hass.states.async_set("sensor.car_charge", "40", PERCENT)
        hass.states.async_set("sensor.charger", "-6000", W)
        home.cycle()
        for _ in range(60):
            freezer.tick(60)
            home.cycle()
        # 6 kWh given are 6.75 out of the battery: 11.25 % of 60 kWh.
        assert car.state_of_charge == pytest.approx(0.4 - 0.1125, abs=1e-6)
        hass.states.async_set("sensor.car_charge", "33", PERCENT)
        home.cycle()
        assert car.state_of_charge == pytest.approx(0.33)


def test_what_is_given_counts_from_each_change() -> None:
    begin, given = datetime(2026, 1, 15, tzinfo=UTC), GivenBack()
    for minute in range(31):
        now = begin + timedelta(minutes=minute)
        given.count(now, said_at=begin, power_w=-2000 if minute < 16 else 3000)
    assert given.energy_wh == pytest.approx(500)
    given.count(
        begin + timedelta(hours=1), said_at=begin + timedelta(hours=1), power_w=0
    )
    assert given.energy_wh == 0


def dear_evening() -> Outlook:
    """Return an outlook of cheap power, but for two hours from 19:00 (UTC)."""
    start = NOW - timedelta(hours=1, minutes=7)
    hours = [
        Interval(
            start=start + timedelta(hours=h),
            end=start + timedelta(hours=h + 1),
            value=0.9 if 2 <= h < 4 else 0.1,
        )
        for h in range(48)
    ]
    return Outlook(
        steps=Steps.from_now(NOW, None),
        prices=Prices(
            imported=Series.of(hours),
            exported=Series(()),
            fixed_import=0.1,
            fixed_export=0.05,
        ),
        load=HouseLoad(flat(5000, NOW), now=NOW),
        present_load_w=None,
    )


@pytest.mark.parametrize("percent", [50, 95])
async def test_the_plan_gives_what_is_dear_and_has_the_car_ready(
    hass: HomeAssistant,
    set_up: SetUp,
    freezer: FrozenDateTimeFactory,
    percent: int,
) -> None:
    freezer.move_to(NOW)
    await hass.config.async_set_time_zone("Europe/Brussels")
    async with two_way(hass, set_up) as (home, _):
        hass.states.async_set("sensor.car_charge", str(percent), PERCENT)
        asked = request(home, dear_evening())
        plan = optimize(
            home_from_json(asked.home),
            table(asked.series),
            Options(time_limit_s=20, gap=0.01),
        )
    assert plan["status"] == "optimal"
    times = [datetime.fromisoformat(at) for at in plan["times"]]
    minutes, car = plan["minutes"], plan["devices"]["wallbox"]
    given_kwh = sum(
        -power * length / 60
        for at, power, length in zip(times, car["power_kw"], minutes, strict=True)
        if power < 0 and 19 <= at.astimezone(UTC).hour < 21
    )
    assert given_kwh > 8
    assert "discharge" in car["action"]
    capacity_kwh, begins_kwh = 60, 60 * percent / 100
    depart = times[0].replace(hour=7, minute=0) + timedelta(days=1)
    held = [
        begins_kwh + e
        for at, e in zip(times, car["energy_kwh"], strict=True)
        if at < depart
    ]
    assert min(held) >= 0.3 * capacity_kwh - 0.01
    assert 0.8 * capacity_kwh - 0.05 <= held[-1] <= 0.8 * capacity_kwh + 1


@pytest.mark.parametrize(
    "without",
    ["charge", "guest", "now", "kept"],
)
async def test_a_car_that_may_not_give_is_planned_as_any_other(
    hass: HomeAssistant, set_up: SetUp, without: str
) -> None:
    async with two_way(hass, set_up) as (home, car):
        assert device(request(home, dear_evening()).home, Kind.EV_CHARGER)[
            "bidirectional"
        ]
        match without:
            case "charge":
                hass.states.async_set("sensor.car_charge", "unknown", PERCENT)
            case "guest":
                car.guest = True
            case "now":
                car.charging = Charging.NOW
            case "kept":
                hass.states.async_set("sensor.car_charge", "30", PERCENT)
        planned_car = device(request(home, dear_evening()).home, Kind.EV_CHARGER)
        assert "bidirectional" not in planned_car
        (session,) = planned_car["sessions"]
        assert "min_energy_kwh" not in session
        assert session["energy_kwh"] > 0
