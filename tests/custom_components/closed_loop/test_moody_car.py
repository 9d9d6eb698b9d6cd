"""A car that takes less than it is offered holds no power that others could use."""

from typing import Final

import pytest

from cem_core.model import Action
from cem_core.simulation.faults import Fault, Order
from custom_components.cem.const import Kind
from tests.custom_components.closed_loop.conftest import Play
from tests.custom_components.closed_loop.played import Played, at
from tests.custom_components.test_listeners import order

LIMIT_W: Final = 9000
CAR_W: Final = 13 * 690  # what the limit leaves it
LEAST_W: Final = 6 * 690  # without which a car does not begin
OWN_LIMIT_A: Final = 8
BATTERY_W: Final = 3000
UNUSED_S: Final = 60  # how long it may leave power unused
COMES_BACK_S: Final = 60  # at 100 W a second
HOUR_S: Final = 3600


def plan(it: Played, car_w: int) -> None:
    action = Action.RUN if car_w else Action.OFF
    it.plan(ev_charger=at(action, car_w), battery=at(Action.CHARGE, BATTERY_W))


def offered_w(it: Played) -> int | None:
    return it.home.snapshot.setpoints["wallbox"].power_w


async def limited(it: Played) -> None:
    """Let a car charge with all that a limit leaves."""
    plan(it, 11_040)
    order(it.home, LIMIT_W)
    await it.until(lambda: it.draws("charger", CAR_W), within_s=60)
    await it.run(10)
    assert it.power_w["battery"][-1] <= LIMIT_W - CAR_W


@pytest.mark.parametrize("fault", [Fault.CAR_ASLEEP, Fault.CAR_TIMER])
async def test_one_that_sleeps_or_waits_leaves_its_share_until_it_wakes(
    play: Play, fault: Fault
) -> None:
    async with play({Kind.EV_CHARGER: "ocpp 1.6", Kind.BATTERY: "s2"}) as it:
        await limited(it)
        it.befall(fault, "charger", HOUR_S)
        plan(it, 0)
        await it.run(30)
        plan(it, 11_040)
        await it.run(UNUSED_S + COMES_BACK_S)
        assert it.power_w["charger"][-1] == 0
        assert it.power_w["battery"][-1] == pytest.approx(BATTERY_W, rel=0.05)
        assert offered_w(it) == LEAST_W  # with which it can begin at any time
        it.befall(fault, "charger", 0)
        for moment in (Fault.UNPLUG, Fault.PLUG_IN):
            it.simulated.befall(Order(fault=moment, device="charger"))
            await it.run(5)
        await it.until(lambda: it.draws("charger", CAR_W), within_s=150)
        await it.run(10)
        assert it.power_w["charger"][-1] + it.power_w["battery"][-1] <= LIMIT_W


async def test_one_with_a_limit_of_its_own_leaves_the_rest_to_others(
    play: Play,
) -> None:
    async with play({Kind.EV_CHARGER: "ocpp 1.6", Kind.BATTERY: "s2"}) as it:
        await limited(it)
        own = Order(
            fault=Fault.CAR_LIMIT, device="charger", seconds=HOUR_S, by=OWN_LIMIT_A
        )
        it.simulated.befall(own)
        await it.run(UNUSED_S + COMES_BACK_S)
        car_w = it.power_w["charger"][-1]
        assert car_w == pytest.approx(OWN_LIMIT_A * 690, rel=0.05)
        # A tenth more than it draws is kept for it.
        assert it.mean_w("battery", 10) >= 0.9 * (LIMIT_W - 1.1 * car_w - 200)
        assert car_w + it.power_w["battery"][-1] <= LIMIT_W
