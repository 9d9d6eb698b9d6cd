"""Dispatch against homes that answer late: it settles, inside and at rest."""

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from math import sin

from hypothesis import given, settings, strategies as st
import pytest

from cem_core.dispatch import Memory
from cem_core.model import Direction, LimitsInForce, Scope
from tests.cem_core.dispatch.home import (
    BATTERY,
    CAR,
    HEAT_PUMP,
    SOLAR,
    Home,
    Machine,
    both,
    limit,
)

# Delay of the device and of its report stay together within `settle_s`, with
# the time its ramp takes.
lags = st.integers(1, 10)
reports = st.integers(0, 3)
ramps = st.sampled_from([1e9, 5000.0, 3000.0])
measured = st.booleans()
seeds = st.integers(0, 999)


type Load = Callable[[int], float]


def noisy(seed: int, load_w: Load, noise_w: int = 24) -> Load:
    def load(second: int) -> float:
        # Even noise that needs no generator: the fraction of a steep sine. Its span
        # is below the margin, so that one cut is enough.
        share = sin(seed + 12.9898 * second) * 43758.5453 % 1
        return load_w(second) + noise_w * (2 * share - 1)

    return load


@settings(max_examples=60, deadline=None)
@given(
    lag_s=lags,
    report_s=reports,
    ramp=ramps,
    known=measured,
    seed=seeds,
    limit_w=st.integers(5000, 12_000),
)
def test_import_settles_inside_a_limit_and_stays_at_rest(
    *, lag_s: int, report_s: int, ramp: float, known: bool, seed: int, limit_w: int
) -> None:
    def machine(device: object, own_w: float) -> Machine:
        return Machine(
            device,  # type: ignore[arg-type]
            power_w=own_w,
            own_w=own_w,
            lag_s=lag_s,
            report_s=report_s,
            ramp_w_per_s=ramp,
            measured=known,
        )

    home = Home(
        [machine(CAR, 11_040), machine(HEAT_PUMP, 1500)],
        load=noisy(seed, lambda t: 800 if t < 150 else 2800),
    )
    home.run(20)
    home.limits = limit(limit_w)
    home.run(380)
    assert max(home.grid[45:150]) <= limit_w
    assert max(home.grid[190:]) <= limit_w
    assert home.changes("car", since=280) <= 2
    assert home.changes("heat_pump", since=280) <= 2


@settings(max_examples=60, deadline=None)
@given(lags, reports, measured, seeds)
def test_a_sum_over_devices_settles_inside_its_limit(
    lag_s: int, report_s: int, known: bool, seed: int
) -> None:
    home = Home(
        [
            Machine(CAR, 11_040, lag_s, report_s=report_s, measured=known),
            Machine(BATTERY, 0, 1),
        ],
        load=noisy(seed, lambda _: 500),
        limits=limit(4200, scope=Scope.CONTROLLABLE),
    )
    home.run(300)
    car, battery = home.machines
    sums = [a + max(0, b) for a, b in zip(car.powers, battery.powers, strict=True)]
    assert max(sums[lag_s + 2 :]) <= 4200
    # 6 A on three phases is what such a limit is made for: the car goes on.
    assert home.ordered("car")[-1] == 4140
    assert home.changes("car", since=20) == 0


@pytest.mark.parametrize("lag_s", [1, 3])
def test_a_quick_device_is_inside_two_telegrams_after_its_lag(lag_s: int) -> None:
    home = Home([Machine(CAR, 11_040, lag_s, own_w=11_040)])
    home.run(10)
    home.limits = limit(7000)
    home.run(30)
    assert max(home.grid[10 + lag_s + 2 :]) <= 7000


@settings(max_examples=60, deadline=None)
@given(
    lag_s=lags,
    report_s=reports,
    ramp=ramps,
    known=measured,
    seed=seeds,
    load_w=st.integers(-4000, 4000),
)
def test_a_battery_never_swings_about_the_target(
    *, lag_s: int, report_s: int, ramp: float, known: bool, seed: int, load_w: int
) -> None:
    battery = Machine(
        BATTERY,
        lag_s=lag_s,
        report_s=report_s,
        ramp_w_per_s=ramp,
        measured=known,
    )
    home = Home([battery], load=noisy(seed, lambda t: 300 if t < 60 else load_w, 15))
    home.run(260)
    settled = home.grid[120:]
    assert max(abs(grid_w) for grid_w in settled) <= 100
    assert home.changes("battery", since=120) <= 6
    # On its way it never goes past what was needed by more than the noise.
    low, high = sorted((-300, -load_w))
    assert all(low - 90 <= power_w <= high + 90 for power_w in battery.powers[40:])


@settings(max_examples=40, deadline=None)
@given(lags, reports, seeds, st.integers(0, 4000))
def test_export_settles_inside_a_limit(
    lag_s: int, report_s: int, seed: int, limit_w: int
) -> None:
    roof = Machine(SOLAR, 5500, lag_s, report_s=report_s, own_w=5500)
    home = Home(
        [roof],
        load=noisy(seed, lambda t: 600 if t < 200 else 300),
        limits=limit(limit_w, Direction.EXPORT),
    )
    home.run(400)
    assert min(home.grid[lag_s + 3 : 200]) >= -limit_w
    assert min(home.grid[240:]) >= -limit_w
    assert home.changes("roof", since=300) <= 4


def test_a_full_battery_does_not_swing_the_sun() -> None:
    home = Home(
        [Machine(BATTERY, available_w=1000), Machine(SOLAR, 5500, own_w=5500)],
        load=noisy(1, lambda _: 300, 20),
        limits=limit(2000, Direction.EXPORT),
    )
    home.run(200)
    assert min(home.grid[30:]) >= -2000
    assert home.changes("roof", since=60) <= 3


def test_power_comes_back_gradually_and_stays() -> None:
    home = Home([Machine(CAR, 11_040, own_w=11_040)], limits=limit(6000))
    home.run(60)
    home.limits = LimitsInForce()
    home.run(150)
    ordered = [power_w or 0 for power_w in home.ordered("car")[60:]]
    assert ordered == sorted(ordered)
    assert ordered[-1] == 11_040
    rises = [after - before for before, after in pairwise(ordered)]
    assert max(rises) <= CAR.step_w
    assert sum(rises[:10]) <= 690


def test_a_load_about_the_limit_does_not_switch_the_car_on_and_off() -> None:
    home = Home(
        [Machine(CAR, 11_040, own_w=11_040)],
        load=noisy(3, lambda t: 4700 + (200 if t // 20 % 2 else 0)),
        limits=limit(9000),
    )
    home.run(1200)
    ordered = home.ordered("car")
    stops = [t for t in range(1, 1200) if ordered[t] == 0 and ordered[t - 1]]
    starts = [t for t in range(1, 1200) if ordered[t] and not ordered[t - 1]]
    assert stops
    for stop, start in zip(stops, starts, strict=False):
        assert start - stop >= home.settings.restart_after_s


def test_the_loop_goes_on_after_it_lost_its_memory() -> None:
    home = Home([Machine(CAR, 11_040, 2, own_w=11_040)], limits=limit(7000))
    home.run(60)
    held_w = home.ordered("car")[-1]
    home.memory = Memory()
    home.states["car"] = {"setpoint_w": held_w}
    home.tick()
    assert home.ordered("car")[-1] == held_w
    home.states["car"] = {}
    home.run(60)
    assert max(home.grid[60:]) <= 7000


def test_all_limits_hold_together() -> None:
    home = Home(
        [
            Machine(CAR, 11_040, 3, own_w=11_040),
            Machine(HEAT_PUMP, 2000, 5, own_w=2000),
            Machine(BATTERY, 0, 2),
            Machine(SOLAR, 0, 2, own_w=0),
        ],
        load=noisy(5, lambda t: 900 if t < 200 else -7000),
        limits=both(
            limit(8000),
            limit(1500, Direction.EXPORT),
            limit(5000, scope=Scope.CONTROLLABLE),
        ),
    )
    home.run(200)
    assert max(home.grid[20:]) <= 8000
    assert home.last is not None
    assert home.last.counted_w[Direction.IMPORT, Scope.CONTROLLABLE] <= 5000


def test_a_car_and_a_heat_pump_under_an_order_of_7560_w() -> None:
    # A car comes down within 5 s (IEC 61851), a compressor at 800 W a second.
    heat_pump = replace(HEAT_PUMP, rated_power_w=6000, floor_w=0, min_power_w=1500)
    home = Home(
        [
            Machine(CAR, 11_040, 3, ramp_w_per_s=3450, report_s=1, own_w=11_040),
            Machine(heat_pump, 6000, 2, ramp_w_per_s=800, report_s=1, own_w=6000),
        ],
        load=noisy(7, lambda _: 3000),
    )
    home.run(20)
    home.limits = limit(7560, scope=Scope.CONTROLLABLE)
    home.run(15 * 60)
    car, pump = home.machines
    sums = [a + b for a, b in zip(car.powers, pump.powers, strict=True)]
    assert max(sums[:20]) > 17_000
    assert max(sums[30:]) <= 7560 + 100
    assert min(sums[60:]) >= 5500, "what the order leaves is used"
    assert home.changes("car", since=120) == home.changes("heat_pump", since=120) == 0
