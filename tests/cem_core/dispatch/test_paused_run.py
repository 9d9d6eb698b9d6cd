"""A run that a limit paused goes on once the limit is over."""

from itertools import pairwise

import pytest

from cem_core.model import Action, Cause, Device, DeviceKind, LimitsInForce
from cem_core.model.plan import PlanStep
from tests.cem_core.dispatch.home import HEAT_PUMP, Home, Machine, limit
from tests.cem_core.dispatch.test_rows import planned

DISHWASHER = Device(
    device_id="dishwasher",
    name="Dishwasher",
    kind=DeviceKind.APPLIANCE,
    rated_power_w=2000,
    counts_as_controllable=False,
)
PEAK_W = 2600


def paused() -> Home:
    """Return a home whose limit has turned the run down for a minute."""
    home = Home(
        [Machine(DISHWASHER, 2000, own_w=2000)], limits=limit(500), load=lambda _: 400
    )
    home.run(60)
    assert home.ordered("dishwasher")[-1] == 50
    home.limits = LimitsInForce()
    return home


@pytest.mark.parametrize("silent", [False, True])
@pytest.mark.parametrize(("chance", "back_s"), [(0, 60), (0.5, 120), (1, 180)])
def test_it_is_handed_back_as_power_returns_after_an_operators_limit(
    chance: float, back_s: int, *, silent: bool
) -> None:
    home = paused()
    home.chance, home.silent = chance, silent
    home.run(back_s - 2)
    assert home.ordered("dishwasher")[-1] is not None
    home.run(4)
    assert home.ordered("dishwasher")[-1] is None
    assert home.orders[-1][0].cause is not Cause.GIVE_BACK


def test_a_meter_that_falls_silent_lets_nothing_come_back_at_once() -> None:
    # Else a whole street would, as its meters' gateway fails.
    home = paused()
    home.silent = True
    home.run(30)
    ordered = home.ordered("dishwasher")[-30:]
    rises = [b - a for a, b in pairwise(ordered) if a and b]
    assert len(rises) == 29
    assert max(rises) <= 50


@pytest.mark.parametrize("order_w", [None, 0])
def test_a_pause_that_is_planned_is_ordered_and_what_is_over_is_let_be(
    order_w: int | None,
) -> None:
    home = Home([Machine(DISHWASHER, 2000, own_w=2000)], load=lambda _: 400)
    step = PlanStep(action=Action.OFF, power_w=0, order_w=order_w)
    home.plan = planned(dishwasher=step)
    home.run(10)
    assert home.ordered("dishwasher")[-1] == order_w


def test_what_starts_is_ordered_what_it_starts_for() -> None:
    home = Home([Machine(HEAT_PUMP, 2000, own_w=0)], load=lambda _: 400)
    step = PlanStep(action=Action.RUN, power_w=300, order_w=2000)
    home.plan = planned(heat_pump=step)
    home.run(10)
    assert home.ordered("heat_pump")[-1] == 2000


class Run(Machine):
    """A run of 2.6 kW at its peak: it is paused where less is ordered."""

    def step(self, order_w: int | None) -> None:
        super().step(order_w if order_w is None or order_w >= PEAK_W else 0)


def above_its_form(limit_w: int) -> Home:
    return Home(
        [Run(DISHWASHER, PEAK_W, own_w=PEAK_W)],
        limits=limit(limit_w),
        load=lambda _: 400,
    )


def test_one_that_draws_more_than_its_form_says_is_paused_once() -> None:
    # What is left would do for the 2 kW of the form, and not for the run.
    home = above_its_form(2700).run(900)
    powers = [round(power_w) for power_w in home.machines[0].powers]
    assert sum(a != b for a, b in pairwise(powers)) == 1
    assert powers[-1] == 0
    home.limits = limit(3200)
    home.run(60)
    assert home.machines[0].power_w == PEAK_W
    assert home.ordered("dishwasher")[-1] is None


def test_no_more_than_its_form_says_is_ordered() -> None:
    ordered = above_its_form(2700).run(300).ordered("dishwasher")
    assert max(power_w or 0 for power_w in ordered) <= DISHWASHER.rated_power_w


def test_its_peak_is_forgotten_an_hour_after_it_was_seen() -> None:
    home = above_its_form(2700).run(60)
    home.limits = limit(4000)
    home.run(300)
    [machine] = home.machines
    machine.own_w = 1500
    home.run(3600)
    home.limits = limit(500)
    home.run(60)
    assert machine.power_w == 0
    home.limits = limit(2700)
    home.run(120)
    assert machine.power_w == 1500


def test_it_gets_its_power_back_after_an_operators_limit_too() -> None:
    home = above_its_form(500).run(60)
    home.limits = LimitsInForce()
    home.run(118)
    assert home.machines[0].power_w == 0
    home.run(10)
    assert home.machines[0].power_w == PEAK_W
