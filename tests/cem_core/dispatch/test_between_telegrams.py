"""What is balanced by a telegram stands until the next one."""

from dataclasses import replace
from itertools import pairwise

from cem_core.dispatch import DispatchSettings
from cem_core.model import Action
from tests.cem_core.dispatch.home import BATTERY, Home, Machine
from tests.cem_core.dispatch.test_rows import planned, step

TELEGRAM_EVERY_S = 5


def stuck(number: int, power_w: int) -> Machine:
    """A battery that does something of its own, whatever it is told."""
    device = replace(BATTERY, device_id=f"battery_{number}")
    return Machine(device, power_w, obeys=False)


def test_batteries_that_disobey_do_not_make_the_others_chase_them() -> None:
    machines = [stuck(1, -3000), stuck(2, 2100), stuck(3, 400), Machine(BATTERY)]
    plan = planned(**{m.device.device_id: step(Action.BALANCE) for m in machines})
    home = Home(machines, plan=plan, load=lambda s: 900 + 7 * s)
    home.every_s = TELEGRAM_EVERY_S
    home.run(100)
    assert home.changes("battery", 0)
    told = [[order.power_w for order in orders] for orders in home.orders]
    for second, (before, after) in enumerate(pairwise(told), start=1):
        if second % TELEGRAM_EVERY_S:
            assert before == after


def test_a_battery_that_fills_up_between_telegrams_stops() -> None:
    home = Home(
        [Machine(BATTERY)],
        plan=planned(battery=step(Action.BALANCE)),
        load=lambda _: -4000,
    )
    home.every_s = TELEGRAM_EVERY_S
    home.run(TELEGRAM_EVERY_S + 2)
    assert (home.ordered("battery")[-1] or 0) > 0
    home.states["battery"] = {"state_of_charge": 1.0}
    home.tick()
    assert home.ordered("battery")[-1] == 0


def test_the_ramp_counts_the_time_between_telegrams() -> None:
    """However often was looked in between."""
    home = Home(
        [Machine(BATTERY)],
        plan=planned(battery=step(Action.BALANCE)),
        load=lambda second: 0 if second < TELEGRAM_EVERY_S else 4000,
        settings=DispatchSettings(balance_ramp_w_per_s=500),
    )
    home.every_s = TELEGRAM_EVERY_S
    home.run(TELEGRAM_EVERY_S + 1)
    assert home.ordered("battery")[-1] == -500 * TELEGRAM_EVERY_S
