"""A meter's clock that jumps neither ends a limit early nor keeps it too long."""

from datetime import timedelta
from typing import Final

import pytest

from cem_core.model import Action, Direction, LimitSource, PowerLimit, Scope
from cem_core.simulation.faults import Fault, Order
from custom_components.cem.const import Kind
from tests.custom_components.closed_loop.conftest import Play
from tests.custom_components.closed_loop.played import at

LASTS_S: Final = 60
LIMIT_W: Final = 4200
FOLLOWS_S: Final = 10


@pytest.mark.parametrize("jump_s", [3600, -3600])
async def test_an_order_lasts_as_long_as_it_was_ordered_for(
    play: Play, jump_s: int
) -> None:
    async with play({Kind.EV_CHARGER: "ocpp 1.6"}) as it:
        it.plan(ev_charger=at(Action.RUN, 6900))
        await it.until(lambda: it.draws("charger", 6900), within_s=60)
        it.home.store.orders.order(
            PowerLimit(
                limit_id="operator",
                source=LimitSource.ORDER,
                issuer="operator",
                direction=Direction.IMPORT,
                scope=Scope.CONTROLLABLE,
                limit_w=LIMIT_W,
                end=it.simulated.now + timedelta(seconds=LASTS_S),
            )
        )
        await it.run(10)
        jump = Order(
            fault=Fault.CLOCK_JUMP, device="meter", seconds=3600, by=float(jump_s)
        )
        it.simulated.befall(jump)
        await it.run(LASTS_S - 20)
        told = it.home.snapshot.reading
        assert told is not None
        assert told.timestamp is not None
        assert abs((told.timestamp - it.simulated.now).total_seconds()) > 3000
        assert max(it.power_w["charger"][-FOLLOWS_S:]) <= LIMIT_W
        assert it.home.operator_limit is not None
        await it.run(20)
        assert it.home.operator_limit is None
