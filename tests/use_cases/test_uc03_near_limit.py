"""UC3: a warning with the telegram that comes near to a limit, once."""

from cem_core.limits import contract_limits
from cem_core.model import Direction, Scope
from tests.use_cases.closed_loop import ClosedLoop, without_battery


def test_the_telegram_that_crosses_is_the_one_that_warns() -> None:
    # 12 kW are near once the car and the heat pump run.
    loop = ClosedLoop(home=without_battery(), limits=contract_limits(import_w=12_000))

    loop.run(300)

    crossed = next(
        second for second, power_w in enumerate(loop.grid_w, 1) if power_w >= 10_800
    )
    [first, *_] = loop.near
    assert first[0] == crossed
    assert first[1].near
    assert first[1].direction is Direction.IMPORT
    assert first[1].scope is Scope.CONNECTION
    assert first[1].distance_w == 12_000 - first[1].power_w


def test_between_two_warnings_the_power_was_well_below() -> None:
    loop = ClosedLoop(home=without_battery(), limits=contract_limits(import_w=12_000))

    loop.run(15 * 60)

    states = [change.near for _, change in loop.near]
    assert states == [place % 2 == 0 for place in range(len(states))]
    for second, change in loop.near:
        power_w = loop.grid_w[second - 1]
        assert power_w >= 0.9 * 12_000 if change.near else power_w < 0.85 * 12_000


def test_far_from_a_limit_nothing_warns() -> None:
    loop = ClosedLoop(limits=contract_limits(import_w=40_000))

    assert loop.run(10 * 60).near == []
