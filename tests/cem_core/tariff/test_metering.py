from hypothesis import given, strategies as st
import pytest

from cem_core.tariff import Prices, cascade_bill, meter_bill

STEPS = 4
powers = st.lists(st.integers(-5, 5).map(float), min_size=STEPS, max_size=STEPS)
cents = st.lists(
    st.integers(-10, 50).map(lambda c: c / 100), min_size=STEPS, max_size=STEPS
)
IN_PAIRS = [[0, 1], [2, 3]]


def prices(bought: list[float], sold: list[float]) -> Prices:
    return Prices(bought_per_kwh=bought, sold_per_kwh=sold)


def test_a_cascade_of_a_household_and_a_heat_pump() -> None:
    """The sheet of an operator: Z1 counts 7 kWh, Z2 of them 4; 3 kWh are heat."""
    heat = prices([0.25], [0.08])
    assert cascade_bill(heat, [0.40], [7.0], [4.0], hours=1) == pytest.approx(
        4 * 0.40 + 3 * 0.25
    )
    # 2 kWh flow back through Z2, the heat pump takes 3: 1 kWh comes from the grid.
    assert cascade_bill(heat, [0.40], [1.0], [-2.0], hours=1) == pytest.approx(0.25)
    # And with 5 kWh through Z2, 2 kWh leave.
    assert cascade_bill(heat, [0.40], [-2.0], [-5.0], hours=1) == pytest.approx(-0.16)


def test_periods_are_billed_at_the_price_of_their_first_step() -> None:
    both = prices([0.3, 0.3, 0.2, 0.2], [0.1, 0.1, 0.05, 0.05])
    net = [4.0, -2.0, 1.0, -3.0]
    bill = meter_bill(both, net, hours=0.5, periods=IN_PAIRS)
    assert bill == pytest.approx(1 * 0.3 - 1 * 0.05)


@given(powers, powers, cents, cents)
def test_with_one_price_the_inner_meter_does_not_matter(
    outer: list[float], inner: list[float], bought: list[float], sold: list[float]
) -> None:
    one = prices(bought, sold)
    bill = cascade_bill(one, bought, outer, inner, hours=0.25)
    assert bill == pytest.approx(meter_bill(one, outer, hours=0.25))


@given(powers, powers, cents, cents, cents)
def test_a_cascade_is_two_meters_the_inner_at_the_difference(
    outer: list[float],
    inner: list[float],
    bought: list[float],
    sold: list[float],
    own: list[float],
) -> None:
    """The form that the optimiser bills by."""
    more = prices([a - b for a, b in zip(own, bought, strict=True)], [0.0] * STEPS)
    bill = cascade_bill(
        prices(bought, sold), own, outer, inner, hours=1, periods=IN_PAIRS
    )
    first = meter_bill(prices(bought, sold), outer, hours=1, periods=IN_PAIRS)
    assert bill == pytest.approx(
        first + meter_bill(more, inner, hours=1, periods=IN_PAIRS)
    )


@given(st.lists(powers, min_size=3, max_size=3), cents, st.integers(0, 20))
def test_phases_apart_never_cost_less(
    phases: list[list[float]], sold: list[float], margin: int
) -> None:
    """As long as a kWh costs no less than it brings."""
    both = prices([price + margin / 100 for price in sold], sold)
    summed = [sum(each) for each in zip(*phases, strict=True)]
    apart = sum(meter_bill(both, phase, hours=1) for phase in phases)
    assert apart >= meter_bill(both, summed, hours=1) - 1e-9


@given(powers, cents, cents)
def test_a_day_in_parts_costs_the_same(
    net: list[float], bought: list[float], sold: list[float]
) -> None:
    whole = meter_bill(prices(bought, sold), net, hours=1)
    parts = [
        meter_bill(prices(bought[part], sold[part]), net[part], hours=1)
        for part in (slice(0, 2), slice(2, 4))
    ]
    assert sum(parts) == pytest.approx(whole)
