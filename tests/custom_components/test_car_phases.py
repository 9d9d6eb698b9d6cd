"""A single-phase car is told by the share that it draws of what it is offered."""

import pytest

from custom_components.cem.car_phases import CarPhases

OFFERED_W = 11_040


def look(
    phases: CarPhases, power_w: int | None, seconds: int, *, begin_s: int = 0
) -> int:
    for second in range(begin_s, begin_s + seconds):
        offered_w = OFFERED_W // 3 * phases.count
        phases.update(second, offered_w=offered_w, power_w=power_w, connected=True)
    return phases.count


@pytest.mark.parametrize(
    ("power_w", "count"), [(3600, 1), (7300, 2), (11_000, 3), (5500, 3), (300, 3)]
)
def test_a_share_that_fits_for_a_minute_tells(power_w: int, count: int) -> None:
    phases = CarPhases(3)
    assert look(phases, power_w, 60) == 3
    assert look(phases, power_w, 2, begin_s=60) == count


def test_one_that_draws_more_again_counts_on_all() -> None:
    phases = CarPhases(3)
    look(phases, 3600, 62)
    assert look(phases, 9000, 1, begin_s=62) == 3


def test_the_next_car_is_another() -> None:
    phases = CarPhases(3)
    look(phases, 3600, 62)
    assert phases.update(63, offered_w=3680, power_w=0, connected=False)
    assert phases.count == 3


def test_a_pause_breaks_the_minute() -> None:
    phases = CarPhases(3)
    look(phases, 3600, 50)
    look(phases, None, 1, begin_s=50)
    assert look(phases, 3600, 50, begin_s=51) == 3


def test_what_the_charger_says_goes_first() -> None:
    phases = CarPhases(3)
    assert phases.update(0, offered_w=OFFERED_W, power_w=11_000, connected=True, said=1)
    assert phases.count == 1


def test_a_charger_on_one_phase_stays_so() -> None:
    assert look(CarPhases(1), 1200, 100) == 1
