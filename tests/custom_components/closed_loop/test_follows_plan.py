"""What the plan says is what happens: one device of each kind, and five at once."""

from typing import Final

import pytest

from cem_core.model import Action, Balance, PlanStep
from custom_components.cem.const import Kind
from tests.custom_components.closed_loop.conftest import Play
from tests.custom_components.closed_loop.played import NAMES, Played, at

SETTLES_S: Final = 45
HOUR: Final = pytest.param(
    3600, marks=[pytest.mark.soak, pytest.mark.timeout(900)], id="hour"
)
FIVE: Final = {
    Kind.EV_CHARGER: "ocpp 1.6",
    Kind.BATTERY: "s2",
    Kind.HEAT_PUMP: "eebus",
    Kind.SOLAR: "modbus",
    Kind.APPLIANCE: "entities",
}


@pytest.mark.parametrize("seconds", [30, HOUR])
@pytest.mark.parametrize(
    ("kind", "how", "step"),
    [
        (Kind.EV_CHARGER, "ocpp 1.6", at(Action.RUN, 6900)),
        (Kind.EV_CHARGER, "ocpp 2.0.1", at(Action.RUN, 5520)),
        (Kind.EV_CHARGER, "eebus", at(Action.RUN, 6900)),
        (Kind.BATTERY, "s2", at(Action.DISCHARGE, -1500)),
        (Kind.BATTERY, "modbus", at(Action.DISCHARGE, -2000)),
        (Kind.HEAT_PUMP, "s2", at(Action.RUN, 1500)),
        (Kind.HEAT_PUMP, "eebus", at(Action.RUN, 1200)),
        (Kind.SOLAR, "modbus", at(Action.CURTAIL, 1000)),
    ],
)
async def test_a_fixed_power_is_kept_within_5_percent(
    play: Play, seconds: int, kind: Kind, how: str, step: PlanStep
) -> None:
    power_w = step.power_w
    async with play({kind: how}) as it:
        it.plan(**{kind.value: step})
        await it.run(SETTLES_S + seconds)
        assert it.device(kind).problem is None
        assert it.mean_w(NAMES[kind], seconds) == pytest.approx(power_w, rel=0.05)
        # What the CEM believes is what is so.
        assert it.device(kind).power_w == pytest.approx(power_w, rel=0.05)


@pytest.mark.parametrize("seconds", [120, HOUR])
@pytest.mark.parametrize("how", ["s2", "modbus"])
async def test_a_battery_balances_the_connection_point(
    play: Play, seconds: int, how: str
) -> None:
    async with play({Kind.BATTERY: how, Kind.EV_CHARGER: "ocpp 1.6"}) as it:
        it.plan(
            battery=at(Action.BALANCE, 0, Balance.BOTH),
            ev_charger=at(Action.RUN, 4140),
        )
        await it.run(SETTLES_S + seconds)
        assert_balanced(it, seconds)


@pytest.mark.parametrize("seconds", [120, HOUR])
async def test_five_devices_at_once_follow_the_plan(play: Play, seconds: int) -> None:
    async with play(FIVE) as it:
        it.plan(
            ev_charger=at(Action.RUN, 4140),
            battery=at(Action.BALANCE, 0, Balance.BOTH),
            heat_pump=at(Action.RUN, 1200),
            solar=at(Action.CURTAIL, 4000),
            appliance=at(Action.RUN, 2000),
        )
        await it.until(
            lambda: it.draws("charger", 4140) and it.draws("heat_pump", 1200),
            within_s=120,
        )
        await it.run(SETTLES_S + seconds)
        for device, power_w in (("charger", 4140), ("heat_pump", 1200)):
            assert it.mean_w(device, seconds) == pytest.approx(power_w, rel=0.05)
        assert max(it.power_w["solar"][-seconds:]) <= 4000 * 1.05
        assert it.simulated.appliance is not None
        assert it.simulated.appliance.state in {"running", "done"}
        assert_balanced(it, seconds)


def assert_balanced(it: Played, last_s: int) -> None:
    """Check the means of whole minutes in which the battery had power to spare."""
    assert it.simulated.battery is not None
    p = it.simulated.battery.parameters
    able = 0
    end = len(it.grid_w)
    for start in range(end - last_s, end - 59, 60):
        powers_w = it.power_w["battery"][start : start + 60]
        charge = it.charge[start : start + 60]
        spare = -p.discharge_limit_w + 200 < min(powers_w)
        spare = spare and min(charge) > 0.02 and max(charge) < 0.98
        if spare and max(powers_w) < p.charge_limit_w - 200:
            able += 1
            mean_w = sum(it.grid_w[start : start + 60]) / 60
            assert abs(mean_w) <= 50, f"{mean_w:.0f} W in the minute from {start} s"
    assert able >= 2
