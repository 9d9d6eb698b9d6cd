"""Each device keeps its guaranteed minimum where the limit allows it."""

from dataclasses import replace
from itertools import pairwise

from hypothesis import given, settings, strategies as st
import pytest

from cem_core.dispatch.guarantee import leave_minimum
from cem_core.dispatch.live import Live
from cem_core.dispatch.memory import Memory
from cem_core.dispatch.shed import Claim, share
from cem_core.model import Device, DeviceKind, LimitsInForce, Scope
from tests.cem_core.dispatch.home import CAR, Home, Machine, limit

PUMP = Device(
    device_id="pump",
    name="Heat pump",
    kind=DeviceKind.HEAT_PUMP,
    rated_power_w=6000,
    shed_rank=20,
    guaranteed_w=3780,
)
OUR_CAR = replace(CAR, shed_rank=10, guaranteed_w=3780)


def allotted(limit_w: int, *devices: Device) -> list[float]:
    """Return what devices that want all they can draw end at."""
    home = Home(
        [Machine(d, d.rated_power_w, own_w=d.rated_power_w) for d in devices],
        limits=limit(limit_w, scope=Scope.CONTROLLABLE),
        load=lambda _: 3000,
    )
    home.run(200)
    return [machine.power_w for machine in home.machines]


def test_a_car_and_a_heat_pump_both_run_at_what_they_are_guaranteed() -> None:
    # 7.56 kW: the car cannot run at half of it, so the pump lends it the rest.
    assert allotted(7560, OUR_CAR, PUMP) == [4140, 7560 - 76 - 4140]


@pytest.mark.parametrize("lag_s", [1, 3, 8])
def test_a_car_a_heat_pump_and_a_base_load_are_inside_7_56_kw_within_10_s(
    lag_s: int,
) -> None:
    home = Home(
        [
            Machine(OUR_CAR, 11_040, lag_s, own_w=11_040),
            Machine(PUMP, 6000, lag_s, own_w=6000),
        ],
        load=lambda _: 3000,
    ).run(30)
    home.limits = limit(7560, scope=Scope.CONTROLLABLE)
    home.run(900)
    car, pump = home.machines
    sums = [a + b for a, b in zip(car.powers, pump.powers, strict=True)]
    assert max(sums[40:]) <= 7560
    assert min(car.powers[30:]) >= 4140
    assert min(pump.powers[30:]) >= 3000
    assert home.changes("car", since=45) == 0


def test_the_rest_goes_in_the_users_order() -> None:
    car_w, pump_w = allotted(11_000, OUR_CAR, PUMP)
    assert (car_w, pump_w) == (4830, 6000)
    first = replace(OUR_CAR, shed_rank=30)
    car_w, pump_w = allotted(11_000, first, PUMP)
    assert (car_w, pump_w) == (6900, 11_000 - 110 - 6900)


def test_below_the_minimum_the_one_that_is_kept_longest_has_it() -> None:
    assert allotted(4200, OUR_CAR, PUMP) == [0, 4150]
    assert allotted(4200, replace(OUR_CAR, shed_rank=30), PUMP) == [4140, 10]


def test_what_is_not_used_goes_to_the_others() -> None:
    home = Home(
        [Machine(OUR_CAR, 11_040, own_w=11_040), Machine(PUMP, 500, own_w=500)],
        limits=limit(7560, scope=Scope.CONTROLLABLE),
    ).run(400)
    assert home.machines[0].power_w == 6900


@settings(max_examples=60, deadline=None)
@given(
    limit_w=st.integers(0, 20_000),
    shares_w=st.lists(st.integers(0, 4200), min_size=1, max_size=5),
    ranks=st.permutations(range(5)),
    steps=st.lists(st.booleans(), min_size=5, max_size=5),
)
def test_no_guarantee_breaks_the_limit_and_each_is_kept_where_there_is_room(
    limit_w: int, shares_w: list[int], ranks: list[int], steps: list[bool]
) -> None:
    lives, claims = [], []
    for i, share_w in enumerate(shares_w):
        device = replace(
            OUR_CAR if steps[i] else PUMP,
            device_id=f"device {i}",
            shed_rank=ranks[i],
            guaranteed_w=share_w,
        )
        lives.append(Live(device, None, Memory(), 0))
        claims.append(
            Claim(
                i,
                demand_w=device.rated_power_w,
                min_w=device.min_power_w,
                step_w=device.step_w,
            )
        )
    leave_minimum(limit_w, claims, lives)
    over_w = share(limit_w, claims)
    assert over_w == 0
    assert sum(claim.granted_w for claim in claims) <= limit_w
    needs_w = [
        max(share_w, lives[i].device.min_power_w) if share_w else 0
        for i, share_w in enumerate(shares_w)
    ]
    if sum(needs_w) <= limit_w:
        for i, claim in enumerate(claims):
            assert claim.granted_w >= lives[i].rounded(needs_w[i])


@pytest.mark.parametrize(("chance", "seconds"), [(0.0, 60), (0.5, 120), (1.0, 180)])
def test_power_comes_back_over_a_minute_or_more_after_an_order(
    chance: float, seconds: int
) -> None:
    free = replace(CAR, step_w=1, min_power_w=0)
    home = Home(
        [Machine(free, 11_040, own_w=11_040)],
        limits=limit(4200, scope=Scope.CONTROLLABLE),
        chance=chance,
    ).run(60)
    home.limits = LimitsInForce()
    home.run(300)
    powers = home.machines[0].powers[60:]
    back = next(i for i, power_w in enumerate(powers) if power_w >= 11_040)
    assert back == pytest.approx(seconds, abs=3)
    steps = [after - before for before, after in pairwise(powers)]
    assert max(steps) <= 1.1 * (11_040 - 4150) / seconds
    assert min(steps) >= 0


def test_what_nobody_demanded_under_an_order_comes_back_gradually_too() -> None:
    # The plan kept the car off until the limit's end, and starts it then.
    free = replace(CAR, step_w=1, min_power_w=0)
    home = Home(
        [Machine(free, 0, own_w=11_040)],
        limits=limit(4200, scope=Scope.CONTROLLABLE),
        chance=0,
        states={"car": {"connected": False}},
    ).run(60)
    home.limits = LimitsInForce()
    home.states = {}
    home.run(20)
    assert home.machines[0].power_w < 4150 + 20 * (11_040 - 4150) / 60 + 200


@pytest.mark.parametrize(
    ("drawn_w", "runs"), [(4140, True), (4260, True), (4400, False)]
)
def test_6_a_at_a_higher_voltage_go_on_within_what_is_measured_as_kept(
    drawn_w: int, *, runs: bool
) -> None:
    class Charger(Machine):
        def step(self, order_w: int | None) -> None:
            super().step(order_w)
            self.power_w *= drawn_w / 4140

    home = Home(
        [Charger(CAR, 11_040, own_w=11_040)],
        limits=limit(4200, scope=Scope.CONTROLLABLE),
    ).run(100)
    assert (home.machines[0].power_w > 0) is runs
    assert max(home.machines[0].powers[20:]) <= 4300


def test_a_car_that_a_limit_of_4_2_kw_stopped_for_a_while_comes_back_under_it() -> None:
    home = Home(
        [Machine(CAR, 11_040, own_w=11_040)],
        limits=limit(0, scope=Scope.CONTROLLABLE),
    ).run(30)
    assert home.machines[0].power_w == 0
    home.limits = limit(4200, scope=Scope.CONTROLLABLE)
    home.run(300)
    assert home.machines[0].power_w == 4140
