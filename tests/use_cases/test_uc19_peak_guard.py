"""UC19: between two plans the quarter hour itself is kept below the month's peak."""

from itertools import pairwise

import pytest

from cem_core.limits import PeakGuard
from cem_core.tariff import PeaksSoFar
from cem_core.tariff.capacity_presets import CAPACITY_PRESETS
from tests.use_cases.closed_loop import BRUSSELS, ClosedLoop, without_battery

FLANDERS = CAPACITY_PRESETS["belgium_flanders"].tariff
QUARTER_S = 900


def guarded(peak_kw: float) -> ClosedLoop:
    """Return a home whose empty car wants 11 kW without a plan, from 12:00 on."""
    return ClosedLoop(
        home=without_battery(),
        guard=PeakGuard(FLANDERS, BRUSSELS),
        peaks=PeaksSoFar(peaks_kw=(peak_kw,)),
    )


def means_w(loop: ClosedLoop) -> list[float]:
    """Return the mean import of each quarter hour, as it is billed."""
    imports = [max(0, power_w) for power_w in loop.grid_w]
    return [
        sum(imports[start : start + QUARTER_S]) / QUARTER_S
        for start in range(0, len(imports) - QUARTER_S + 1, QUARTER_S)
    ]


def test_no_quarter_hour_passes_the_peak_that_is_billed() -> None:
    found_w = means_w(guarded(4.0).run(3600))

    assert max(found_w) <= 4080
    assert min(found_w) >= 3600, "what is free is used"


@pytest.mark.soak
@pytest.mark.timeout(900)
@pytest.mark.parametrize("peak_kw", [2.5, 4.0, 6.0])
def test_no_quarter_hour_of_a_day_does(peak_kw: float) -> None:
    assert max(means_w(guarded(peak_kw).run(24 * 3600))) <= 1.02 * 1000 * peak_kw


def test_a_car_that_fits_in_is_throttled_and_never_switched() -> None:
    loop = guarded(6.0).run(2 * QUARTER_S)
    amperes: list[float] = []

    def noted(loop: ClosedLoop) -> bool:
        assert loop.home.charger is not None
        amperes.append(loop.home.charger.current_limit_a)
        return not loop.home.charger.enabled

    loop.run(3 * QUARTER_S, noted)

    assert len(amperes) == 3 * QUARTER_S, "the car was switched off"
    changes = [b - a for a, b in pairwise(amperes) if a != b]
    reversals = sum(a * b < 0 for a, b in pairwise(changes))
    assert reversals <= 3 * 45, "at most three a minute, as under any limit"


def test_without_the_guard_the_peak_is_passed() -> None:
    loop = ClosedLoop(home=without_battery())
    assert max(means_w(loop.run(2 * QUARTER_S))) > 8000
