"""UC3: a notice with the telegram that comes near to a limit, each level once."""

from itertools import pairwise

from cem_core.limits import Contract, Level
from cem_core.model import Direction, Scope
from tests.use_cases.closed_loop import ClosedLoop, without_battery

LIMIT_W = 12_000  # near once the car and the heat pump run
FIVE_MINUTES_S = 300


def car_and_heat_pump() -> ClosedLoop:
    return ClosedLoop(
        home=without_battery(), limits=Contract(import_w=LIMIT_W).limits()
    )


def first_second(loop: ClosedLoop, share: float) -> int:
    """Return the second of the first telegram at this share of the limit."""
    return next(
        second
        for second, power_w in enumerate(loop.grid_w, 1)
        if power_w >= share * LIMIT_W
    )


def test_the_telegram_that_crosses_is_the_one_that_tells() -> None:
    loop = car_and_heat_pump()

    loop.run(300)

    told = {notice.level: second for second, notice in reversed(loop.near)}
    assert told[Level.WARNING] == first_second(loop, 0.95)
    second, first = loop.near[0]
    # From 80 % to 95 % it may be one leap: then it is one notice.
    assert second == first_second(loop, 0.80)
    assert first.near
    assert first.direction is Direction.IMPORT
    assert first.scope is Scope.CONNECTION
    assert first.distance_w == LIMIT_W - first.power_w


def test_each_level_is_told_at_most_once_in_five_minutes() -> None:
    loop = car_and_heat_pump()

    loop.run(15 * 60)

    assert any(notice.near for _, notice in loop.near)
    for level in (Level.CAUTION, Level.WARNING):
        told = [second for second, notice in loop.near if notice.level is level]
        assert all(later - one >= FIVE_MINUTES_S for one, later in pairwise(told))
    for second, notice in loop.near:
        power_w = loop.grid_w[second - 1]
        least_w = {Level.WARNING: 0.90, Level.CAUTION: 0.75}.get(notice.level, 0)
        assert power_w >= least_w * LIMIT_W
        assert notice.near or power_w < 0.75 * LIMIT_W


def test_far_from_a_limit_nothing_is_told() -> None:
    loop = ClosedLoop(limits=Contract(import_w=40_000).limits())

    assert loop.run(10 * 60).near == []
