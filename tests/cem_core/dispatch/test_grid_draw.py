"""A limit by grid draw: own production that nobody else uses is free."""

from dataclasses import replace

from hypothesis import given, settings, strategies as st
import pytest

from cem_core.dispatch import WarningCode
from cem_core.limits import arbitrate
from cem_core.model import (
    Action,
    Basis,
    Device,
    DeviceKind,
    Direction,
    LimitsInForce,
    Plan,
    Scope,
)
from tests.cem_core.dispatch.home import (
    CAR,
    HEAT_PUMP,
    SOLAR,
    START,
    Home,
    Machine,
    limit,
)
from tests.cem_core.dispatch.test_rows import planned, step

SIDE = (Direction.IMPORT, Scope.CONTROLLABLE)
FREE_CAR = replace(CAR, step_w=1, guaranteed_w=4200)
SMALL_PUMP = replace(HEAT_PUMP, counts_as_controllable=False)
ROOF = replace(SOLAR, rated_power_w=8000)
STORE = Device(
    device_id="store",
    name="Store",
    kind=DeviceKind.BATTERY,
    rated_power_w=5000,
    rated_discharge_w=5000,
    capacity_wh=10_000,
    least_state_of_charge=0.1,
)


def by_grid_draw(limit_w: int = 4200) -> LimitsInForce:
    (given,) = limit(limit_w, scope=Scope.CONTROLLABLE).strictest.values()
    return LimitsInForce({SIDE: replace(given, basis=Basis.GRID_DRAW)})


def sunny(solar_w: float = 7000, load_w: float = 100, lag_s: int = 3) -> Home:
    return Home(
        [
            Machine(FREE_CAR, 11_040, lag_s, own_w=11_040),
            Machine(ROOF, solar_w, own_w=solar_w),
        ],
        limits=by_grid_draw(),
        load=lambda _: load_w,
    )


def test_with_7_kw_of_sun_and_a_limit_of_4_2_kw_a_car_draws_11_kw() -> None:
    home = sunny().run(120)
    assert min(home.machines[0].powers[20:]) == 11_040
    assert home.last is not None
    assert home.last.counted_w[SIDE] == pytest.approx(4140, abs=10)


@pytest.mark.parametrize("lag_s", [1, 3, 8])
@pytest.mark.parametrize("report_s", [0, 5])
def test_a_cloud_brings_the_car_back_within_10_s(lag_s: int, report_s: int) -> None:
    home = sunny(lag_s=lag_s)
    car, roof = home.machines
    roof.report_s = report_s
    home.run(60)
    roof.own_w = 0
    cloud = len(car.powers) + 1
    home.run(900)
    assert max(car.powers[cloud + 10 :]) <= 4200
    assert home.changes("car", since=cloud + 10) == 0


def test_the_car_comes_back_with_the_sun() -> None:
    home = sunny().run(20)
    roof = home.machines[1]
    roof.own_w = 0
    home.run(60)
    roof.own_w = 7000
    home.run(240)
    assert home.machines[0].power_w > 10_500


def test_other_load_uses_the_sun_first() -> None:
    home = sunny(load_w=5000).run(60)
    assert home.machines[0].power_w == pytest.approx(4150 + 2000, abs=5)


def test_a_silent_inverter_produces_nothing() -> None:
    home = sunny()
    home.machines[1].measured = False
    home.run(60)
    assert home.machines[0].power_w <= 4200


def test_while_the_meter_is_silent_nothing_is_left_out() -> None:
    home = sunny().run(20)
    home.silent = True
    home.run(60)
    assert home.machines[0].power_w <= 4200


def test_a_limit_by_consumption_leaves_nothing_out() -> None:
    home = sunny()
    home.limits = limit(4200, scope=Scope.CONTROLLABLE)
    home.run(60)
    assert home.machines[0].power_w <= 4200


def test_a_laxer_limit_on_all_consumption_holds_beside_it() -> None:
    home = sunny()
    by_draw = home.limits.strictest[SIDE]
    whole = limit(6000, scope=Scope.CONTROLLABLE).strictest[SIDE]
    home.limits = arbitrate([by_draw, whole], START)
    home.run(60)
    assert 5800 < home.machines[0].power_w <= 6000


def test_what_does_not_count_is_not_touched() -> None:
    home = Home(
        [
            Machine(FREE_CAR, 11_040, own_w=11_040),
            Machine(SMALL_PUMP, 2500, own_w=2500),
        ],
        limits=by_grid_draw(0),
    ).run(60)
    assert home.ordered("heat_pump")[-1] is None
    assert home.machines[1].power_w == 2500
    assert home.machines[0].power_w == 0


def stored(charge: float | None, load_w: float, plan: Plan | None = None) -> Home:
    home = Home(
        [Machine(FREE_CAR, 11_040, own_w=11_040), Machine(STORE, 0)],
        limits=by_grid_draw(),
        plan=plan,
        load=lambda _: load_w,
    )
    home.states["store"] = {"state_of_charge": charge}
    return home.run(60)


def test_a_discharge_covers_other_load_first() -> None:
    # Without a plan the battery covers the house alone: nothing is left for the car.
    home = stored(0.8, 2000)
    assert home.machines[1].power_w == pytest.approx(-2000, abs=50)
    assert home.machines[0].power_w == pytest.approx(4150, abs=5)


BOTH = planned(store=step(Action.DISCHARGE, -5000), car=step(Action.CHARGE, 11_040))


def test_a_planned_discharge_counts_as_production() -> None:
    home = stored(0.8, 100, BOTH)
    assert home.machines[1].power_w == -5000
    assert home.machines[0].power_w == pytest.approx(4150 + 4900, abs=110)


@pytest.mark.parametrize(
    ("charge", "lasting_w"),
    [(None, 0), (0.1, 0), (0.15, 2000)],  # 500 Wh last a quarter hour at 2 kW
)
def test_a_discharge_counts_as_far_as_it_can_last(
    charge: float | None, lasting_w: int
) -> None:
    home = stored(charge, 100, BOTH)
    assert home.machines[1].power_w == -5000
    more_w = max(0, lasting_w - 100)
    assert home.machines[0].power_w == pytest.approx(4150 + more_w, abs=110)


def test_a_discharge_that_nobody_asked_for_does_not_count() -> None:
    plan = planned(store=step(Action.HOLD), car=step(Action.CHARGE, 11_040))
    home = stored(0.8, 100, plan)
    home.machines[1].obeys = False
    home.machines[1].power_w = -5000
    home.run(60)
    assert home.machines[0].power_w <= 4200


def test_an_unmeasured_discharge_does_not_count() -> None:
    home = stored(0.8, 100, BOTH)
    home.machines[1].measured = False
    home.run(60)
    assert home.machines[0].power_w <= 4200


def test_a_battery_that_counts_as_a_source_does_not_charge() -> None:
    home = stored(0.8, 100, BOTH)
    home.limits = LimitsInForce(
        {**by_grid_draw().strictest, **limit(0, Direction.EXPORT).strictest}
    )
    home.run(60)
    assert max(home.machines[1].powers[70:]) <= 0


@settings(max_examples=80, deadline=None)
@given(
    solar_w=st.integers(0, 8000),
    load_w=st.integers(0, 9000),
    limit_w=st.integers(0, 12_000),
    lag_s=st.integers(1, 8),
    charge=st.none() | st.floats(0, 1),
)
def test_what_devices_cause_at_the_grid_settles_inside_the_limit(
    solar_w: int, load_w: int, limit_w: int, lag_s: int, charge: float | None
) -> None:
    home = Home(
        [
            Machine(FREE_CAR, 11_040, lag_s, own_w=11_040),
            Machine(ROOF, solar_w, own_w=solar_w),
            Machine(STORE, 0, lag_s),
            Machine(SMALL_PUMP, 1500, own_w=1500),
        ],
        limits=by_grid_draw(limit_w),
        load=lambda _: load_w,
    )
    home.states["store"] = {"state_of_charge": charge}
    home.run(90)
    for second in range(lag_s + 12, 90):
        car, _, store, _ = (m.powers[second] for m in home.machines)
        caused_w = min(max(0, home.grid[second]), car + max(0, store))
        assert caused_w <= limit_w + 1


def test_an_order_below_the_minimum_is_kept_and_said() -> None:
    home = sunny(0)
    home.limits = by_grid_draw(2000)
    home.run(60)
    assert home.machines[0].power_w <= 2000
    assert home.last is not None
    codes = [warning.code for warning in home.last.warnings]
    assert codes == [WarningCode.LIMIT_BELOW_MINIMUM]
    home.limits = by_grid_draw(4200)
    home.run(1)
    assert home.last.warnings == ()
