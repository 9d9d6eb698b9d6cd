"""UC2: a feed-in cap is kept under passing clouds, on the simulated home."""

from itertools import pairwise

from cem_core.limits import Contract
from tests.use_cases.closed_loop import SUNNY_NOON, ClosedLoop, demo_home

CAP_W = 1500


def capped() -> ClosedLoop:
    """Return a sunny home in which nothing more fits in, ten minutes into its cap."""
    loop = ClosedLoop(home=demo_home(SUNNY_NOON))
    home = loop.home
    assert home.battery is not None
    assert home.charger is not None
    home.battery.energy_wh = home.battery.parameters.capacity_wh
    home.charger.car.energy_wh = home.charger.car.capacity_wh
    loop.limits = Contract(export_w=CAP_W).limits()
    return loop.run(60)


def test_no_minute_passes_the_cap_and_the_inverter_is_not_chased() -> None:
    loop = capped()
    start, limits_w = len(loop.grid_w), list[float]()

    def noted(loop: ClosedLoop) -> bool:
        assert loop.home.solar is not None
        limits_w.append(loop.home.solar.limit_w)
        return False

    loop.run(20 * 60, noted)

    exported = [-power_w for power_w in loop.grid_w[start:]]
    means = [sum(exported[s : s + 60]) / 60 for s in range(len(exported) - 60)]
    assert max(means) <= 1.02 * CAP_W
    assert max(means) >= 0.8 * CAP_W, "the sun should shine"
    moves = [b - a for a, b in pairwise(limits_w) if a != b]
    turns = sum(a * b < 0 for a, b in pairwise(moves))
    assert turns <= 3 * 20
