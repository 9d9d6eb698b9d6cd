from math import inf

from hypothesis import given, strategies as st

from cem_core.dispatch.give_back import ease
from cem_core.dispatch.memory import Held
from cem_core.dispatch.settings import DispatchSettings

SETTINGS = DispatchSettings()
DEMAND_W = 10_000


def play(*rooms_w: float) -> list[float]:
    """Return the budget at each second."""
    held: Held | None = None
    budgets_w = []
    for second, room_w in enumerate(rooms_w):
        budget_w, held = ease(
            room_w=room_w,
            demand_w=DEMAND_W,
            waits=False,
            clear_w=SETTINGS.give_back_hysteresis_w,
            held=held,
            at_s=second,
            elapsed_s=1,
            limit_id="dim",
            ordered=False,
            chance=0.5,
            settings=SETTINGS,
        )
        budgets_w.append(budget_w)
    return budgets_w


def test_power_is_taken_at_once() -> None:
    assert play(12_000, 3000, 1000)[1:] == [3000, 1000]


def test_it_comes_back_after_a_delay_at_a_ramp_and_stays_clear_of_the_limit() -> None:
    budgets_w = play(3000, *[4000] * 40)
    assert budgets_w[:10] == [3000] * 10
    assert budgets_w[10:14] == [3100, 3200, 3300, 3400]
    assert budgets_w[-1] == 3900


def test_it_comes_back_from_nothing_not_from_what_nobody_could_give() -> None:
    # A device that disobeyed was counted far above the limit; it obeys again.
    budgets_w = play(-14_000, *[4150] * 60)
    assert min(budgets_w[1:]) == 0
    assert budgets_w[-1] == 4050


def test_once_everything_is_given_back_nothing_is_held() -> None:
    budgets_w = play(9000, *[20_000] * 40)
    assert budgets_w[-1] == 20_000


def test_where_there_is_room_for_all_it_comes_back_within_half_a_minute() -> None:
    """A battery must not go on storing what nobody feeds in any more."""
    budgets_w = play(1400, *[18_000] * 40)
    assert budgets_w[:10] == [1400] * 10
    assert budgets_w[10] == 1400 + (DEMAND_W - 1400) / SETTINGS.give_back_all_s
    assert budgets_w[30] > 0.8 * DEMAND_W


def test_an_order_may_end_without_any_ramp() -> None:
    at_once = DispatchSettings(return_least_s=0, return_most_s=0)
    budget_w, held = ease(
        room_w=inf,
        demand_w=DEMAND_W,
        waits=False,
        clear_w=100,
        held=Held(4000, 0, "dim", ordered=True),
        at_s=1,
        elapsed_s=1,
        limit_id=None,
        ordered=False,
        chance=0.5,
        settings=at_once,
    )
    assert (budget_w, held) == (DEMAND_W, None)


@given(st.lists(st.integers(0, 9000), min_size=2, max_size=200))
def test_the_budget_never_exceeds_the_room_and_never_jumps_up(
    rooms_w: list[int],
) -> None:
    budgets_w = play(*rooms_w)
    for before, after, room_w in zip(
        budgets_w, budgets_w[1:], rooms_w[1:], strict=False
    ):
        assert after <= room_w
        assert after <= before + SETTINGS.give_back_w_per_s


@given(st.lists(st.integers(-49, 49), min_size=50, max_size=200))
def test_noise_moves_the_budget_in_one_direction_only(noise_w: list[int]) -> None:
    budgets_w = play(*(5000 + noise for noise in noise_w))
    assert budgets_w == sorted(budgets_w, reverse=True)
