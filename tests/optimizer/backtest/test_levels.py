from math import inf

from hypothesis import given, strategies as st
import pytest

from optimizer.backtest.levels import Levels, PlannedStep
from optimizer.home import Battery

BATTERY = Battery(
    id="battery",
    capacity_kwh=8.0,
    min_energy_kwh=1.0,
    initial_energy_kwh=4.0,
    charge_limit_kw=3.0,
    discharge_limit_kw=2.0,
    charge_efficiency=0.9,
    discharge_efficiency=0.8,
)


def power(levels: Levels, energy_kwh: float, net_kw: float) -> float:
    return float(levels.power_kw(BATTERY, energy_kwh, net_kw, 0.5))


@pytest.mark.parametrize(
    ("levels", "net_kw", "expected"),
    [
        (Levels.balance(BATTERY), 1.5, -1.5),
        (Levels.balance(BATTERY), 9.0, -2.0),
        (Levels.balance(BATTERY), -1.5, 1.5),
        (Levels.balance(BATTERY), -9.0, 3.0),
        (Levels(), 1.5, 0.0),
        (Levels(), -1.5, 0.0),
        (Levels(buy_kwh=4.9, store_kwh=4.9), 1.5, 2.0),
        (Levels(buy_kwh=4.9, store_kwh=8.0), -2.5, 2.5),
        (Levels(cover_kwh=3.5, sell_kwh=3.5), 0.0, -0.8),
        (Levels(cover_kwh=1.0, sell_kwh=3.5), 1.2, -1.2),
        (
            Levels(buy_kwh=8.0, store_kwh=8.0, peaks_kw=(4.0,), shave_kwh=(inf,)),
            3.0,
            1.0,
        ),
        (Levels(peaks_kw=(4.0,), shave_kwh=(1.0,)), 5.5, -1.5),
        (Levels(peaks_kw=(4.0,), shave_kwh=(inf,)), 5.5, 0.0),
        (Levels(cover_kwh=1.0, sell_kwh=1.0, export_limit_kw=1.5), -0.5, -1.0),
    ],
)
def test_what_a_battery_does(levels: Levels, net_kw: float, expected: float) -> None:
    assert power(levels, 4.0, net_kw) == pytest.approx(expected)


energies = st.floats(1.0, 8.0)
powers = st.floats(-8.0, 8.0)


@given(energies, powers, st.lists(energies, min_size=5, max_size=5), st.floats(0, 6))
def test_bounds_are_kept_whatever_the_levels(
    energy_kwh: float, net_kw: float, drawn: list[float], peak_kw: float
) -> None:
    low, high, lower, higher, shave = drawn
    levels = Levels(
        buy_kwh=min(low, high),
        store_kwh=max(low, high),
        cover_kwh=min(lower, higher),
        sell_kwh=max(lower, higher),
        peaks_kw=(peak_kw,),
        shave_kwh=(shave,),
    )
    found = power(levels, energy_kwh, net_kw)
    assert -2.0 - 1e-9 <= found <= 3.0 + 1e-9
    gained = 0.9 * found if found > 0 else found / 0.8
    assert 1.0 - 1e-9 <= energy_kwh + 0.5 * gained <= 8.0 + 1e-9


@given(energies, powers)
def test_balancing_never_crosses_zero(energy_kwh: float, net_kw: float) -> None:
    grid_kw = net_kw + power(Levels.balance(BATTERY), energy_kwh, net_kw)
    assert abs(grid_kw) <= abs(net_kw) + 1e-9
    assert grid_kw * net_kw >= -1e-9


@pytest.mark.parametrize(
    ("step", "net_kw", "expected"),
    [
        (PlannedStep(action="charge", side=None, power_kw=1.2), 0.7, 1.2),
        (PlannedStep(action="discharge", side=None, power_kw=-1.2), 0.7, -1.2),
        (PlannedStep(action="balance", side="cover", power_kw=0.0), -2.0, 0.0),
        (PlannedStep(action="balance", side="cover", power_kw=0.0), 1.0, -1.0),
        (PlannedStep(action="balance", side="store", power_kw=0.0), 1.0, 0.0),
        (PlannedStep(action="balance", side="both", power_kw=0.0), -1.0, 1.0),
        (PlannedStep(action="hold", side=None, power_kw=0.0), 1.0, 0.0),
    ],
)
def test_a_planned_action_as_levels(
    step: PlannedStep, net_kw: float, expected: float
) -> None:
    levels = step.levels(BATTERY, 4.0, 0.5)
    assert power(levels, 4.0, net_kw) == pytest.approx(expected)
