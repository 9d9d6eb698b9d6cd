"""A device that keeps its power under a limit is found in time, whatever it speaks."""

from typing import Final

import pytest

from cem_core.model import OPERATOR_REACTION_S, Action
from cem_core.simulation.faults import Fault
from custom_components.cem.const import Kind
from tests.custom_components.closed_loop.conftest import Play
from tests.custom_components.closed_loop.played import NAMES, at
from tests.custom_components.test_listeners import order

LATER_S: Final = 10.0


@pytest.mark.parametrize(
    ("kind", "how", "power_w", "limit_w"),
    [
        (Kind.EV_CHARGER, "ocpp 1.6", 9660, 4200),
        (Kind.EV_CHARGER, "ocpp 2.0.1", 9660, 4200),
        (Kind.EV_CHARGER, "eebus", 6900, 4200),
        (Kind.BATTERY, "s2", 3000, 1000),
        (Kind.BATTERY, "modbus", 3000, 1000),
        (Kind.HEAT_PUMP, "s2", 2400, 1000),
        (Kind.HEAT_PUMP, "eebus", 1800, 1000),
    ],
)
async def test_a_stuck_device_is_found_within_its_time_and_10_s(
    play: Play, kind: Kind, how: str, power_w: int, limit_w: int
) -> None:
    action = Action.CHARGE if kind is Kind.BATTERY else Action.RUN
    async with play({kind: how}) as it:
        it.plan(**{kind.value: at(action, power_w)})
        await it.run(30)
        device = it.device(kind)
        stated_s = device.model.reaction_s or OPERATOR_REACTION_S
        it.befall(Fault.STUCK, NAMES[kind], 300)
        order(it.home, limit_w)
        found_s = await it.until(
            lambda: device.device_id in it.home.snapshot.insisted, within_s=60
        )
        assert found_s <= stated_s + LATER_S
        # It is no longer stuck, and obeys.
        it.befall(Fault.STUCK, NAMES[kind], 0)
        await it.run(30)
        assert it.power_w[NAMES[kind]][-1] <= limit_w
        it.home.store.orders.end("operator", "operator", administrator=True)
