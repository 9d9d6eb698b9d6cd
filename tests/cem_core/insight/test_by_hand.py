"""When charging a battery or heating water by hand pays."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, strategies as st
import pytest

from cem_core.insight.by_hand import (
    Battery,
    Course,
    Tank,
    best_charge,
    best_heating,
    own_rule,
)

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
NOON = datetime(2026, 3, 12, 12, tzinfo=UTC)
BATTERY = Battery(
    energy_kwh=1.0,
    least_kwh=1.0,
    capacity_kwh=10.0,
    charge_kw=3.0,
    discharge_kw=3.0,
    charge_efficiency=1.0,
    discharge_efficiency=1.0,
    wear_per_kwh=0.0,
)
TANK = Tank(
    room_kwh=4.0,
    draw_kw=[0.0] * 12 + [2.0] * 12,
    power_kw=2.0,
    cop=1.0,
    lost_per_hour=0,
)


def course(
    net_kw: list[float], prices: list[float], sells: float = 0.05, most_kw: float = 9.0
) -> Course:
    return Course(
        start=NOON,
        step=HOUR,
        net_kw=net_kw,
        import_price=prices,
        export_price=[sells] * len(prices),
        most_kw=most_kw,
    )


def test_a_battery_is_charged_in_the_cheap_hours_for_the_dear_ones() -> None:
    """9 kWh fit in, 8 are used at 0.40: 3 h at 3 kW would leave one over."""
    prices = [0.20] * 4 + [0.10] * 4 + [0.40] * 4
    found = best_charge(course([0.0] * 8 + [2.0] * 4, prices), BATTERY, NOON, DAY)
    assert found is not None
    assert (found.start, found.power_kw) == (NOON + 4 * HOUR, 3.0)
    assert found.end == NOON + 7 * HOUR
    # The ninth kWh is left, at what it cost.
    assert found.saving == pytest.approx(8 * 0.30)


def test_losses_and_wear_may_cost_more_than_the_price_differs() -> None:
    tired = replace(BATTERY, charge_efficiency=0.9, wear_per_kwh=0.25)
    prices = [0.10] * 4 + [0.34] * 4
    assert best_charge(course([1.0] * 8, prices), tired, NOON, DAY) is None


def test_what_the_sun_would_fill_anyway_saves_nothing() -> None:
    net_kw = [0.0] * 4 + [-9.0] * 4 + [2.0] * 4
    prices = [0.10] * 4 + [0.30] * 8
    found = best_charge(course(net_kw, prices, sells=0.10), BATTERY, NOON, DAY)
    assert found is None


def test_the_connection_leaves_only_so_much_power() -> None:
    prices = [0.10] * 4 + [0.40] * 8
    net_kw = [1.5] * 4 + [2.0] * 8
    found = best_charge(course(net_kw, prices, most_kw=3.0), BATTERY, NOON, DAY)
    assert found is not None
    assert found.power_kw == pytest.approx(1.5)
    assert best_charge(course(net_kw, prices, most_kw=1.5), BATTERY, NOON, DAY) is None


def test_what_is_over_is_not_advised() -> None:
    """It is a quarter past one: the hour has begun, those before it are gone."""
    prices = [0.05, 0.10, 0.40, 0.40]
    now = NOON + 1.25 * HOUR
    found = best_charge(course([0.0, 0.0, 2.0, 2.0], prices), BATTERY, now, DAY)
    assert found is not None
    assert (found.start, found.end) == (now, NOON + 2 * HOUR)


@given(
    net_kw=st.lists(st.floats(-5, 5), min_size=12, max_size=12),
    prices=st.lists(st.floats(0.01, 0.6), min_size=12, max_size=12),
    energy=st.floats(1, 10),
)
def test_its_own_rule_never_draws_for_it_nor_feeds_in_from_it(
    net_kw: list[float], prices: list[float], energy: float
) -> None:
    battery = replace(BATTERY, energy_kwh=energy)
    grid, held = own_rule(course(net_kw, prices), battery)
    for net, drawn, before, after in zip(net_kw, grid, held, held[1:], strict=False):
        assert min(net, 0) - 1e-9 <= drawn <= max(net, 0) + 1e-9
        assert net + (after - before) == pytest.approx(drawn, abs=1e-9)
    assert all(1 - 1e-9 <= each <= 10 + 1e-9 for each in held)


@given(
    net_kw=st.lists(st.floats(-3, 3), min_size=12, max_size=12),
    prices=st.lists(st.floats(0.01, 0.6), min_size=12, max_size=12),
)
def test_what_it_is_said_to_save_is_the_difference_of_two_bills(
    net_kw: list[float], prices: list[float]
) -> None:
    asked = course(net_kw, prices, sells=0.0)
    found = best_charge(asked, BATTERY, NOON, DAY)
    if found is None:
        return
    first, after = ((t - NOON) // HOUR for t in (found.start, found.end))
    energy, bill, grid = BATTERY.energy_kwh, 0.0, own_rule(asked, BATTERY)
    for place, (net, price) in enumerate(zip(net_kw, prices, strict=True)):
        if first <= place < after:
            power = min(found.power_kw, 10 - energy)
        elif net < 0:
            power = min(-net, 3, 10 - energy)
        else:
            power = -min(net, 3, energy - 1)
        energy += power
        bill += max(0.0, net + power) * price
    without = sum(max(0, d) * p for d, p in zip(grid[0], prices, strict=True))
    left = (energy - grid[1][-1]) * min(prices)
    assert found.saving == pytest.approx(without - bill + left, abs=1e-6)


def test_water_is_heated_on_what_the_sun_leaves_over() -> None:
    grid_kw = [0.5] * 3 + [-2.5] * 3 + [0.5] * 18
    asked = course(grid_kw, [0.30] * 24)
    found = best_heating(asked, grid_kw, TANK, NOON, DAY)
    assert found is not None
    assert (found.start, found.end) == (NOON + 3 * HOUR, NOON + 5 * HOUR)
    assert found.in_sun
    assert found.saving == pytest.approx(4 * (0.30 - 0.05))


def test_water_cools_down_before_it_is_drawn() -> None:
    grid_kw = [-2.5] * 2 + [0.5] * 22
    asked = course(grid_kw, [0.30] * 24, sells=0.25)
    kept = best_heating(asked, grid_kw, TANK, NOON, DAY)
    assert kept is not None
    assert (
        best_heating(asked, grid_kw, replace(TANK, lost_per_hour=0.05), NOON, DAY)
        is None
    )


def test_a_hot_tank_or_a_full_connection_is_not_heated() -> None:
    grid_kw = [0.5] * 24
    asked = course(grid_kw, [0.10] * 12 + [0.40] * 12, most_kw=2.0)
    assert best_heating(asked, grid_kw, TANK, NOON, DAY) is None
    roomy = replace(asked, most_kw=9.0)
    found = best_heating(roomy, grid_kw, TANK, NOON, DAY)
    assert found is not None
    assert not found.in_sun
    assert best_heating(roomy, grid_kw, replace(TANK, room_kwh=0.0), NOON, DAY) is None
