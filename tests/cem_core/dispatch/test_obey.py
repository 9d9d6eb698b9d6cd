"""Devices that take their time, and devices that do not obey."""

from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import pairwise

from hypothesis import given, settings, strategies as st
import pytest

from cem_core.dispatch import DispatchSettings, Insistence, Memory, Rung, WarningCode
from cem_core.dispatch.frame import Frame
from cem_core.dispatch.insist import insist
from cem_core.dispatch.keep import Kept
from cem_core.dispatch.live import Live
from cem_core.model import (
    Action,
    Cause,
    Device,
    DeviceState,
    Direction,
    LimitsInForce,
    LimitSource,
    PowerLimit,
    Scope,
)
from tests.cem_core.dispatch.home import (
    BATTERY,
    CAR,
    HEAT_PUMP,
    SOLAR,
    START,
    Home,
    Machine,
    limit,
)
from tests.cem_core.dispatch.test_rows import planned, step

CLOUD_CAR = replace(CAR, reaction_s=30)
WITH_CONTACTOR = replace(CLOUD_CAR, has_contactor=True)
DECLARED_S = 48  # of a device that takes 30 s: 1.5 times that and 3 s


@dataclass
class Wired(Home):
    """A home whose contactors act a second after they are told."""

    def state(self, machine: Machine) -> DeviceState:
        device_id = machine.device.device_id
        insistence = self.memory.insisted.get(device_id)
        cut = insistence is not None and insistence.cut
        return replace(super().state(machine), cut=cut)

    def tick(self) -> None:
        super().tick()
        for machine in self.machines:
            held = self.insistence(machine.device.device_id)
            if held is not None and held.cut:
                machine.power_w = 0

    def insistence(self, device_id: str) -> Insistence | None:
        return self.memory.insisted.get(device_id)

    def rungs(self, device_id: str, seconds: int) -> dict[Rung, int]:
        """Run, and tell after how many seconds each rung was reached."""
        reached: dict[Rung, int] = {}
        for second in range(seconds):
            self.tick()
            held = self.insistence(device_id)
            if held is not None and held.rung is not None:
                reached.setdefault(held.rung, second)
        return reached


def charging(device: Device, lag_s: int, *, obeys: bool = True) -> Machine:
    machine = Machine(device, 11_040, lag_s, own_w=11_040, obeys=obeys)
    machine.orders.append(11_040)
    return machine


def codes(home: Home) -> set[WarningCode]:
    assert home.last is not None
    return {warning.code for warning in home.last.warnings}


def test_a_quick_device_makes_up_for_a_slow_one_until_it_has_followed() -> None:
    home = Wired([charging(CLOUD_CAR, 30), Machine(BATTERY, 0, 1)])
    home.run(10)
    home.limits = limit(8000)
    home.run(120)
    assert max(home.grid[13:]) <= 8000
    # The slow one is ordered what it gets in the end, not all that is too much.
    assert home.ordered("car")[12] == 7590
    assert home.ordered("car")[-1] == 7590
    assert min(x or 0 for x in home.ordered("battery")[10:40]) <= -3500
    assert home.ordered("battery")[-1] == -500  # the house alone
    assert home.insistence("car") is None


def test_a_slow_device_is_cut_where_nobody_makes_up_for_it() -> None:
    car = charging(WITH_CONTACTOR, 30)
    home = Wired([car])
    home.run(10)
    home.limits = limit(4200, scope=Scope.CONTROLLABLE)
    home.run(16)
    assert car.powers[10 + 8] == 0  # 5 s after the order, and the contactor's second
    held = home.insistence("car")
    assert held is not None
    assert held.cut
    assert held.bridges
    assert WarningCode.DEVICE_CUT in codes(home)
    home.run(DECLARED_S)
    held = home.insistence("car")
    assert held is not None
    assert not held.cut
    home.run(300)
    assert max(car.powers[18:]) <= 4200
    assert car.powers[-1] == 4140
    assert WarningCode.DEVICE_NOT_OBEYING not in codes(home)


def test_a_slow_device_that_does_not_follow_is_cut_again_for_good() -> None:
    car = charging(WITH_CONTACTOR, 30, obeys=False)
    home = Wired([car])
    home.run(5)
    home.limits = limit(4200, scope=Scope.CONTROLLABLE)
    reconnected = False
    for _ in range(200):
        home.tick()
        held = home.insistence("car")
        if held is not None and not held.cut and held.bridges:
            reconnected = True
            car.power_w = 11_040  # it has its supply again and takes all
    assert reconnected
    held = home.insistence("car")
    assert held is not None
    assert held.cut
    assert not held.bridges


def test_the_ladder_of_a_device_that_does_not_obey() -> None:
    car = charging(replace(CAR, has_contactor=True, shed_rank=9), 1, obeys=False)
    # A quick one of lower rank is turned down first, so the car keeps an order.
    home = Wired([car, Machine(HEAT_PUMP, 2000, 1, own_w=2000)])
    home.run(5)
    home.limits = limit(9000)
    reached = home.rungs("car", 60)
    order = list(reached)
    assert order == sorted(order)
    assert order[0] is Rung.REPEAT
    assert order[-1] is Rung.CONTACTOR
    assert 14 <= reached[Rung.REPEAT] <= 17  # settle_s
    times = list(reached.values())
    assert all(b - a == 5 for a, b in pairwise(times))
    assert car.powers[-1] == 0
    assert max(home.grid[5 + 34 :]) <= 9000
    home.limits = LimitsInForce()
    home.run(2)
    assert home.insistence("car") is None  # it has its supply again


@pytest.mark.parametrize(
    ("device", "rungs"),
    [
        (CAR, [Rung.REPEAT, Rung.LOWER, Rung.STOP]),
        (replace(HEAT_PUMP, rated_power_w=8000), [Rung.REPEAT, Rung.STOP]),
    ],
)
def test_without_a_contactor_the_ladder_ends_at_off(
    device: Device, rungs: list[Rung]
) -> None:
    stubborn = Machine(device, 7500, own_w=7500, obeys=False)
    home = Wired([stubborn])
    home.run(5)
    home.limits = limit(7000)
    reached = home.rungs(device.device_id, 90)
    assert set(reached) <= set(rungs)
    assert Rung.REPEAT in reached
    setpoint = home.orders[-1][0]
    assert setpoint.power_w == 0
    assert WarningCode.DEVICE_NOT_OBEYING in codes(home)
    assert WarningCode.LIMIT_NOT_KEPT in codes(home)


def test_a_contract_cuts_nobody() -> None:
    car = charging(replace(CAR, has_contactor=True), 1, obeys=False)
    home = Wired([car], limits=limit(9000, source=LimitSource.CONTRACT))
    reached = home.rungs("car", 90)
    assert Rung.REPEAT in reached
    assert Rung.CONTACTOR not in reached


def test_one_that_obeys_in_the_end_is_forgiven() -> None:
    car = charging(CAR, 1, obeys=False)
    home = Wired([car], limits=limit(9000))
    assert Rung.REPEAT in home.rungs("car", 17)
    car.obeys = True
    home.run(10)
    assert home.insistence("car") is None
    assert max(home.grid[-5:]) <= 9000


@pytest.mark.parametrize(
    ("device", "own_w", "rungs"),
    [
        (CAR, 11_040, [(Rung.LOWER, 4140), (Rung.STOP, 0)]),
        (HEAT_PUMP, 2500, [(Rung.STOP, 0)]),  # its floor is no power it must run at
    ],
)
def test_each_rung_has_its_time_and_its_order(
    device: Device, own_w: int, rungs: list[tuple[Rung, int]]
) -> None:
    """Where sharing out leaves it an order, the ladder takes that away too."""
    asked_w = own_w - 1500
    memory = Memory(limited=frozenset({device.device_id}))
    kept, in_force = Kept(), limit(9000)
    (order,) = in_force.strictest.values()
    seen = []
    for second in range(40):
        state = DeviceState(
            device_id=device.device_id, time=START, power_w=own_w, setpoint_w=asked_w
        )
        live = Live(device, state, memory, second)
        live.power_w, live.limited, live.limit_id = asked_w, True, order.limit_id
        live.action, live.cause = Action.RUN, Cause.LIMIT
        frame = Frame(
            lives=(live,),
            protected_first=(live,),
            fixed=(),
            limits=in_force,
            settings=DispatchSettings(),
            memory=memory,
            at_s=second,
            elapsed_s=1,
            reading=None,
            reading_s=0,
            grid_w=None,
            guaranteed_w=0,
            chance=0.5,
        )
        memory = replace(memory, insisted=insist(frame, kept))
        rung = memory.insisted[device.device_id].rung
        if (rung, live.power_w) not in seen:
            seen.append((rung, live.power_w))
            assert second == 5 * (len(seen) - 1)
        assert (live.cause is Cause.LIMIT) is (rung is Rung.REPEAT)
        assert (live.action is Action.OFF) is (live.power_w == 0)
    assert seen == [(Rung.REPEAT, asked_w), *rungs]


def test_one_that_takes_no_orders_is_cut_after_its_declared_time() -> None:
    car = charging(replace(CAR, has_contactor=True), 1)
    home = Wired([car])
    home.run(5)
    home.states["car"] = {"available": False}
    home.limits = limit(4200, scope=Scope.CONTROLLABLE)
    assert home.rungs("car", 30) == {Rung.CONTACTOR: 15}
    assert WarningCode.DEVICE_CUT in codes(home)
    home.run(60)
    assert car.power_w == 0
    home.limits = LimitsInForce()
    home.run(1)
    assert home.insistence("car") is None


def test_a_battery_that_is_empty_does_not_disobey() -> None:
    battery = Machine(BATTERY, 0, 1, available_w=1e9)
    battery.obeys = False
    home = Wired([battery], load=lambda _: 9000, limits=limit(6000))
    assert home.rungs("battery", 60) == {}


def test_the_sun_that_is_not_turned_down_is_told_again_and_switched_off() -> None:
    roof = Machine(SOLAR, 6000, own_w=6000, obeys=False)
    home = Wired([roof], limits=limit(2000, Direction.EXPORT))
    reached = home.rungs("roof", 60)
    assert Rung.REPEAT in reached
    assert home.ordered("roof")[-1] == 0


@settings(max_examples=40, deadline=None)
@given(
    lag_s=st.integers(11, 40),
    report_s=st.integers(0, 3),
    limit_w=st.integers(5000, 11_000),
    load_w=st.integers(200, 2000),
)
def test_a_slow_device_that_obeys_is_never_hardened_and_settles(
    lag_s: int, report_s: int, limit_w: int, load_w: int
) -> None:
    car = charging(replace(CAR, reaction_s=lag_s + report_s), lag_s)
    car.report_s = report_s
    home = Wired([car, Machine(BATTERY, 0, 2)], load=lambda _: load_w)
    home.run(10)
    home.limits = limit(limit_w)
    assert home.rungs("car", 300) == {}
    assert home.changes("car", since=200) <= 1
    within = min(5000, 11_040 + load_w - limit_w + 200)
    assert max(home.grid[20:]) <= max(limit_w, 11_040 + load_w - within)
    assert max(home.grid[-60:]) <= limit_w


def test_a_slow_device_does_not_slow_the_others() -> None:
    # The heat pump takes 2 s: it is inside as soon as it is, whatever the car does.
    quick = replace(HEAT_PUMP, reaction_s=2, rated_power_w=8000, shed_rank=5)
    machines = [Machine(CLOUD_CAR, 0, 30, own_w=0), Machine(quick, 7000, 2, own_w=7000)]
    home = Wired(machines, limits=limit(7000, scope=Scope.CONTROLLABLE))
    home.states["car"] = {"connected": False}
    home.run(20)
    home.limits = limit(4000, scope=Scope.CONTROLLABLE)
    home.run(10)
    assert max(machines[1].powers[24:]) <= 4000


def test_a_slow_device_gets_its_power_last() -> None:
    slow = replace(HEAT_PUMP, device_id="slow", reaction_s=30, shed_rank=9)
    quick = replace(HEAT_PUMP, device_id="quick", shed_rank=1)
    machines = [Machine(x, 2500, 1, own_w=2500) for x in (slow, quick)]
    for source, first in ((LimitSource.ORDER, "quick"), (LimitSource.CONTRACT, "slow")):
        home = Wired(machines, load=lambda _: 0, limits=limit(3600, source=source))
        home.run(30)
        given_w = {x.device_id: x.power_w or 0 for x in home.orders[-1]}
        assert max(given_w, key=lambda x: given_w[x] or 2500) == first


def announced(limit_w: int, in_s: int) -> PowerLimit:
    return PowerLimit(
        limit_id="later",
        source=LimitSource.ORDER,
        issuer="grid operator",
        direction=Direction.IMPORT,
        scope=Scope.CONNECTION,
        limit_w=limit_w,
        start=START + timedelta(seconds=in_s),
    )


def test_a_slow_device_is_throttled_before_an_announced_limit() -> None:
    later = announced(6000, in_s=200)
    car, quick = charging(CLOUD_CAR, 30), Machine(HEAT_PUMP, 400, 1, own_w=400)
    home = Wired([car, quick])
    home.announced = (later,)
    home.run(200 - DECLARED_S - 12)
    assert set(home.ordered("car")) == {11_040}
    home.run(15)
    lowered_w = home.ordered("car")[-1]
    assert lowered_w is not None
    assert lowered_w <= 5520
    assert home.orders[-1][0].limit_id == "later"
    home.run(200 - home.second)
    home.announced, home.limits = (), limit(6000)
    home.run(60)
    assert max(home.grid[200:]) <= 6000
    assert home.ordered("heat_pump")[150] is None  # the quick one waits for it


def test_least_run_and_least_rest() -> None:
    pump = replace(HEAT_PUMP, min_power_w=500, min_on_s=120, min_off_s=60)
    home = Wired([Machine(pump, 2000, 1, own_w=2500)])

    def wish(power_w: int) -> None:
        action = Action.RUN if power_w else Action.OFF
        home.plan = planned(heat_pump=step(action, power_w))

    wish(2000)
    home.run(30)
    assert home.ordered("heat_pump")[-1] == 2000
    wish(0)
    home.run(80)
    assert home.ordered("heat_pump")[-1] == 500  # goes on at its least
    home.run(20)
    assert home.ordered("heat_pump")[-1] == 0
    wish(2000)
    home.run(40)
    assert home.ordered("heat_pump")[-1] == 0
    home.run(30)
    assert home.ordered("heat_pump")[-1] == 2000
    home.limits = limit(100, scope=Scope.CONTROLLABLE)
    home.run(2)
    assert home.ordered("heat_pump")[-1] == 500  # its floor: the limit does not wait


@pytest.mark.parametrize(
    ("device", "most_w"),
    [
        (replace(CLOUD_CAR, standing_limit_w=4200), 4140),
        (replace(WITH_CONTACTOR, standing_limit_w=4200), 11_040),
        (replace(CAR, reaction_s=3, standing_limit_w=4200), 11_040),
    ],
)
def test_a_standing_limit_is_for_the_slow_without_a_contactor(
    device: Device, most_w: int
) -> None:
    home = Wired([Machine(device, 0, 1)])
    home.run(5)
    assert home.ordered("car")[-1] == most_w


def test_a_test_order_stands_above_the_plan_and_below_a_limit() -> None:
    home = Wired([charging(CAR, 1)])
    home.states["car"] = {"test_w": 8280}
    home.run(5)
    (setpoint,) = home.orders[-1]
    assert setpoint.power_w == 8280
    assert setpoint.cause is Cause.TEST
    assert setpoint.action is Action.CHARGE
    home.limits = limit(6000)
    home.run(5)
    (limited,) = home.orders[-1]
    assert (limited.power_w or 0) <= 5520
    assert limited.cause is Cause.LIMIT
