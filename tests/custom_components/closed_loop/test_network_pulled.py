"""Without a network each device falls to the state that its driver states, and is back."""

from functools import partial
import random
from typing import Final

import pytest

from cem_core.model import Action, Balance
from cem_core.simulation.battery import BatteryMode
from cem_core.simulation.faults import Fault
from cem_core.simulation.home import Home as SimulatedHome
from custom_components.cem.const import Kind
from custom_components.cem.drivers import (
    EebusDriver,
    ModbusDriver,
    OcppDriver,
    S2Driver,
)
from tests.custom_components.closed_loop.conftest import Play
from tests.custom_components.closed_loop.played import FAILSAFE_KW, STRIDE_S, Played, at
from tests.custom_components.closed_loop.test_follows_plan import FIVE

SEED: Final = 20
# What the drivers state, in seconds.
OCPP_S: Final = 600
EEBUS_S: Final = 120
MODBUS_S: Final = 60
SLACK_S: Final = 10  # until a device has moved
BACK_S: Final = 15  # from its first word to what is ordered: a car ramps
# Of the 9.2 kW of the contract: less by its margin and by what is given back later.
CARRIES_W: Final = 8500
CAR_WH: Final = 30_000  # half full
# Where the contract held it for a moment; a car that was stopped for it waits 120 s.
GIVEN_BACK_S: Final = 60
DEVICES: Final = ("charger", "battery", "heat_pump", "solar")


@pytest.mark.parametrize(
    "moments",
    [
        pytest.param(20, marks=pytest.mark.timeout(300)),
        pytest.param(200, marks=[pytest.mark.soak, pytest.mark.timeout(1800)]),
    ],
)
async def test_pulls_of_the_network_leave_each_device_safe(
    play: Play, moments: int
) -> None:
    draw = random.Random(SEED)  # noqa: S311 (no secret)
    async with play(FIVE) as it:
        check_what_is_stated(it)
        assert it.simulated.charger is not None
        charger_w = 0
        for _ in range(moments):
            charger_w = draw.choice((4830, 5520, 6900))
            # 200 pulls take 15 hours, in which it would be full.
            it.simulated.charger.car.energy_wh = CAR_WH
            it.plan(
                ev_charger=at(Action.RUN, charger_w),
                battery=at(Action.BALANCE, 0, Balance.BOTH),
                heat_pump=at(Action.RUN, 1200),
                solar=at(Action.CURTAIL, 1000),
            )
            await it.run(draw.randrange(3, 15))
            pulled_s = draw.choice((MODBUS_S, EEBUS_S, OCPP_S)) + SLACK_S
            for device in DEVICES:
                it.befall(Fault.DISCONNECT, device, pulled_s + STRIDE_S)
            await it.run(1)
            await it.leap(pulled_s)
            assert_safe(it.simulated, pulled_s)
            await it.until(
                lambda: all(d.available for d in it.home.devices.values()), within_s=60
            )
            await it.until(partial(is_back, it, charger_w), within_s=GIVEN_BACK_S)
        await it.until(lambda: it.draws("charger", charger_w), within_s=BACK_S)
        await it.run(40)
        # It is followed again. The profile of before is none of the new session.
        assert it.mean_w("charger", 20) == pytest.approx(charger_w, rel=0.05)
        assert it.mean_w("heat_pump", 20) == pytest.approx(1200, rel=0.05)
        assert it.mean_w("solar", 20) <= 1000


def is_back(it: Played, charger_w: int) -> bool:
    """Tell whether the car draws what it is ordered: the plan's power, if that fits.

    Some hours into the night the battery is empty, and the house alone leaves less.
    """
    others_w = it.grid_w[-1] - it.power_w["charger"][-1]
    fits = others_w + charger_w <= CARRIES_W
    ordered_w = it.device(Kind.EV_CHARGER).ordered_w or 0
    return it.draws("charger", charger_w if fits else ordered_w) and ordered_w > 0


def check_what_is_stated(it: Played) -> None:
    """Hold the times of this test against what the drivers say."""
    stated = {type(d.driver): d.driver.fallback for d in it.home.devices.values()}
    assert stated[OcppDriver] == "falls to its fallback current within 10 min"
    assert stated[S2Driver] == "does again what it does by itself"
    assert stated[EebusDriver] == "keeps to its failsafe limit from 2 min on"
    assert stated[ModbusDriver] == "ends the limit by itself within 60 s"


def assert_safe(home: SimulatedHome, pulled_s: int) -> None:
    """Check the devices' own states, ``pulled_s`` after they were left alone."""
    assert home.charger is not None
    assert home.battery is not None
    assert home.heat_pump is not None
    assert home.solar is not None
    assert home.battery.mode is BatteryMode.SELF_CONSUMPTION
    assert home.solar.limit_w == home.solar.parameters.rated_w
    if pulled_s >= EEBUS_S:
        assert home.heat_pump.power_w <= FAILSAFE_KW * 1000
        assert home.heat_pump.power_limit_w > 1200  # the failsafe, not the last order
    if pulled_s >= OCPP_S:
        assert home.charger.current_limit_a == 6
        assert home.charger.current_a <= 6
