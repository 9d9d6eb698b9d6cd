"""A car that gives back behind a number of another integration, and a meter.

A second passes when the test says so. The car takes its time and rounds, as one does.
"""

from collections import deque
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final
from unittest.mock import patch

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest

from cem_core.model import Action, DevicePlan, Plan, PlanStatus, PlanStep
from custom_components.cem.const import Kind, Mode
from custom_components.cem.home import Home
from custom_components.cem.wishes import async_set_mode
from tests.custom_components.conftest import SetUp
from tests.custom_components.house import DATA, PERCENT, W
from tests.custom_components.test_control import obedient, settle
from tests.custom_components.test_gives_back import GIVES, TWO_WAY

LOAD_W: Final = 2000
PHASES_W: Final = 690
CAPACITY_WH: Final = 60_000
EXPORT_W: Final = 5000  # what the contract lets out
LATE_S: Final = 5
SETTLES_S: Final = 30


@dataclass
class Loop:
    """The car, the meter and the CEM."""

    hass: HomeAssistant
    freezer: FrozenDateTimeFactory
    home: Home
    held_wh: float
    car_w: float = 0.0
    load_w: float = LOAD_W
    grid_w: list[float] = field(default_factory=list)
    orders: deque[float] = field(
        default_factory=lambda: deque([0.0] * LATE_S, maxlen=LATE_S)
    )

    def plan(self, power_w: int) -> None:
        """Have the car do one thing for four hours."""
        now = dt_util.utcnow()
        action = Action.DISCHARGE if power_w < 0 else Action.CHARGE
        step = PlanStep(action=action, power_w=power_w)
        self.home.plan = Plan(
            created_at=now,
            edges=(now, now + timedelta(hours=4)),
            status=PlanStatus.OPTIMAL,
            devices={"wallbox": DevicePlan(steps=(step,))},
            export_w=(9000,),
        )

    async def run(self, seconds: int) -> None:
        """Let time pass."""
        for _ in range(seconds):
            number = self.hass.states.get("number.charger")
            switch = self.hass.states.get("switch.charger")
            assert number is not None
            assert switch is not None
            on = switch.state == "on"
            self.orders.append(float(number.state) * PHASES_W if on else 0.0)
            self.car_w += max(-1500, min(1500, self.orders[0] - self.car_w))
            self.held_wh += self.car_w / 3600
            self.grid_w.append(self.load_w + self.car_w)
            percent = int(100 * self.held_wh / CAPACITY_WH)
            self.hass.states.async_set("sensor.car_charge", str(percent), PERCENT)
            self.hass.states.async_set("sensor.charger", str(round(self.car_w)), W)
            self.hass.states.async_set("sensor.grid", str(round(self.grid_w[-1])), W)
            self.home.cycle()
            await settle(self.home)
            self.freezer.tick(1)


@pytest.fixture
async def loop(
    hass: HomeAssistant, set_up: SetUp, freezer: FrozenDateTimeFactory
) -> Loop:
    with patch.dict(DATA, {Kind.EV_CHARGER: GIVES}):
        home = await set_up(Kind.METER, Kind.EV_CHARGER)
    hass.states.async_set("number.charger", "6", TWO_WAY)
    obedient(hass)
    it = Loop(hass, freezer, home, held_wh=0.355 * CAPACITY_WH)
    it.plan(0)
    await async_set_mode(home, Mode.CONTROL)
    await it.run(5)
    return it


async def test_it_gives_as_planned_within_the_contract_and_then_charges(
    loop: Loop,
) -> None:
    loop.plan(-4140)
    await loop.run(SETTLES_S)
    assert loop.car_w == -4140
    loop.load_w = 0.0
    loop.plan(-6900)
    await loop.run(SETTLES_S)
    assert loop.car_w == -7 * PHASES_W  # 8 A would be 5520 W
    assert -loop.grid_w[-1] <= EXPORT_W
    loop.plan(4140)
    await loop.run(SETTLES_S)
    assert loop.car_w == 4140


async def test_it_stops_at_what_it_keeps(loop: Loop) -> None:
    loop.held_wh = 0.31 * CAPACITY_WH + 60  # a minute's worth, then it says 30 %
    loop.plan(-4140)
    await loop.run(SETTLES_S)
    assert loop.car_w == -4140
    await loop.run(2 * SETTLES_S)
    assert loop.car_w == 0
    assert loop.held_wh >= 0.30 * CAPACITY_WH
    loop.held_wh = 0.325 * CAPACITY_WH
    await loop.run(SETTLES_S)
    assert loop.car_w == -4140
