"""How long devices take is told by the orders that they follow."""

from collections.abc import Sequence
from dataclasses import replace

from hypothesis import given, strategies as st
import pytest

from cem_core.devices import Followed, Reaction, ReactionWatch, trial_w
from cem_core.model import Device
from tests.cem_core.dispatch.home import BATTERY, CAR, HEAT_PUMP, SOLAR


def play(
    orders: Sequence[int | None],
    powers: Sequence[int | None],
    *,
    both_ways: bool = False,
) -> list[tuple[int, Followed]]:
    watch = ReactionWatch(both_ways=both_ways)
    seen = (
        (second, watch.update(100.0 + second, ordered_w, power_w))
        for second, (ordered_w, power_w) in enumerate(zip(orders, powers, strict=True))
    )
    return [(second, followed) for second, followed in seen if followed is not None]


@given(lag_s=st.integers(1, 120), to_w=st.integers(0, 10_000))
def test_a_jump_is_timed_from_the_order(lag_s: int, to_w: int) -> None:
    orders = [11_000] * 5 + [to_w] * 200
    powers = [11_000] * (5 + lag_s) + [to_w] * (200 - lag_s)
    ((second, followed),) = play(orders, powers)
    assert second == 5 + lag_s
    assert followed.after_s == lag_s
    assert followed.ramp_w_per_s == 0
    assert (followed.from_w, followed.ordered_w) == (11_000, to_w)


def test_a_ramp_is_told_from_a_delay() -> None:
    orders = [10_000] * 5 + [0] * 60
    powers = [10_000] * 10 + [max(0, 10_000 - 500 * n) for n in range(1, 56)]
    ((_, followed),) = play(orders, powers)
    assert followed.after_s == 22
    assert followed.ramp_w_per_s == pytest.approx(500, rel=0.1)


@pytest.mark.parametrize(
    ("orders", "powers"),
    [
        ([5000] * 5 + [8000] * 5, [5000] * 7 + [8000] * 3),  # to more
        ([5000] * 5 + [4900] * 5, [5000] * 7 + [4900] * 3),  # lost in noise
        ([5000] * 5 + [None] * 5, [5000] * 7 + [0] * 3),  # left alone
        ([5000] * 5 + [0] * 5, [5000] * 6 + [None] * 4),  # says nothing more
        ([5000] * 5 + [0] * 190, [5000] * 192 + [0] * 3),  # too late to be it
        ([5000] * 5 + [2000] * 2 + [5000] * 3, [5000] * 10),  # taken back
        ([2000] * 10, [5000] * 5 + [2000] * 5),  # not ordered just now
    ],
)
def test_what_tells_nothing(orders: list[int | None], powers: list[int | None]) -> None:
    assert play(orders, powers) == []


def test_a_battery_tells_both_ways() -> None:
    orders = [0] * 3 + [2000] * 5
    powers = [0] * 6 + [2000] * 2
    ((_, followed),) = play(orders, powers, both_ways=True)
    assert followed.after_s == 3


def test_lower_orders_meanwhile_do_not_start_anew() -> None:
    orders = [9000] * 3 + [6000] * 4 + [4200] * 9
    powers = [9000] * 12 + [4200] * 4
    ((_, followed),) = play(orders, powers)
    assert followed.after_s == 9


def test_the_latest_times_count_and_are_stored() -> None:
    reaction = Reaction()
    assert reaction.seconds is None
    for after_s in (100.0, *[30.0] * 3, *[4.0] * 9):
        reaction = reaction.with_one(
            Followed(from_w=9, ordered_w=0, power_w=0, after_s=after_s)
        )
    assert reaction.seconds == 4
    assert reaction.ramp_w_per_s == 0
    assert Reaction.from_json(reaction.to_json()) == reaction


@pytest.mark.parametrize(
    ("device", "power_w", "charge", "trial"),
    [
        (CAR, 11_040, None, 8280),
        (CAR, 4140, None, 0),  # lower it cannot, off it can
        (replace(CAR, min_on_s=600), 4140, None, None),
        (CAR, 0, None, None),
        (HEAT_PUMP, 2000, None, 1500),
        (SOLAR, 100, None, None),
        (SOLAR, 5000, None, 4000),
        (BATTERY, 0, 0.5, -500),
        (BATTERY, 0, 0.0, 500),
        (BATTERY, 3000, 0.0, 2500),
        (BATTERY, -5000, 0.5, -4500),
    ],
)
def test_a_test_order_is_small_and_within_what_the_device_can(
    device: Device, power_w: int, charge: float | None, trial: int | None
) -> None:
    assert trial_w(device, power_w, charge) == trial
