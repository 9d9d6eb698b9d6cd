"""UC1: an ordered limit on consumption is reached in 10 s and kept."""

from datetime import timedelta

import pytest

from cem_core.limits import LimitError, OrderBook
from cem_core.model import Direction, LimitSource, PowerLimit, Scope
from tests.use_cases.closed_loop import ClosedLoop

LIMIT_W = 4200


def ordered(
    loop: ClosedLoop, minutes: float | None = None, limit_w: int = LIMIT_W
) -> PowerLimit:
    now = loop.home.now
    return PowerLimit(
        limit_id="dso",
        source=LimitSource.ORDER,
        issuer="grid operator",
        direction=Direction.IMPORT,
        scope=Scope.CONTROLLABLE,
        limit_w=limit_w,
        start=now,
        end=None if minutes is None else now + timedelta(minutes=minutes),
    )


def charging_at_full_power() -> ClosedLoop:
    loop = ClosedLoop().run(60)
    assert loop.controllable_w[-1] > 10_000, "the car should charge at 11 kW"
    return loop


@pytest.mark.parametrize("limit_w", [0, LIMIT_W, 7560])
def test_what_is_measured_is_inside_the_limit_within_10_s_and_stays(
    limit_w: int,
) -> None:
    loop = charging_at_full_power()
    before = loop.seconds
    loop.limits = [ordered(loop, limit_w=limit_w)]

    loop.run(15 * 60)

    standby_w = 12  # of the heat pump, which no order takes away
    assert max(loop.controllable_w[before + 10 :]) <= max(limit_w, standby_w)


def test_a_limit_turns_down_and_does_not_switch_off() -> None:
    loop = charging_at_full_power()
    loop.limits = [ordered(loop, limit_w=7560)]

    loop.run(15 * 60)

    # 7560 W leave 5 kW beside the heat pump, which is more than 3 x 6 A.
    assert loop.controllable_w[-1] >= 6 * 3 * 230


def test_power_comes_back_gradually_when_the_limit_ends() -> None:
    loop = charging_at_full_power()
    loop.limits = [ordered(loop, minutes=5)]
    loop.run(5 * 60 - 1)
    at_the_end = loop.seconds

    loop.run(15 * 60)

    back = loop.controllable_w[at_the_end:]
    assert max(back[:5]) < LIMIT_W + 2000, "all at once would be the next problem"
    assert back[-1] > 10_000


def test_the_strictest_of_two_orders_holds_until_it_ends() -> None:
    loop = charging_at_full_power()
    loose, strict = ordered(loop), ordered(loop, minutes=3)
    loop.limits = [
        PowerLimit(
            limit_id="loose",
            source=loose.source,
            issuer=loose.issuer,
            direction=loose.direction,
            scope=loose.scope,
            limit_w=8000,
        ),
        strict,
    ]

    loop.run(12)
    assert loop.controllable_w[-1] <= LIMIT_W
    loop.run(15 * 60)
    assert LIMIT_W < loop.controllable_w[-1] <= 8000


def test_nobody_ends_a_limit_of_another() -> None:
    loop = ClosedLoop()
    book = OrderBook()
    book.order(ordered(loop))

    with pytest.raises(LimitError):
        book.end("dso", "somebody else", administrator=False)

    assert [limit.limit_id for limit in book.active(loop.home.now)] == ["dso"]
