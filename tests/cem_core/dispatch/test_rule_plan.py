from datetime import timedelta

from cem_core.dispatch import rule_plan
from cem_core.model import (
    Action,
    Balance,
    Device,
    DeviceKind,
    DeviceState,
    Message,
    PlanStatus,
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

DISHWASHER = Device(
    device_id="dishwasher",
    name="Dishwasher",
    kind=DeviceKind.APPLIANCE,
    rated_power_w=2000,
    counts_as_controllable=False,
    interruptible=False,
)
NOW = START + timedelta(minutes=7, seconds=3)


def state(connected: bool | None) -> dict[str, DeviceState]:
    return {"car": DeviceState(device_id="car", time=NOW, connected=connected)}


def test_it_says_what_the_rule_does() -> None:
    plan = rule_plan(
        now=NOW, devices=[BATTERY, CAR, HEAT_PUMP, SOLAR], states=state(None)
    )
    first = {name: device.steps[0] for name, device in plan.devices.items()}
    assert plan.status is PlanStatus.RULE
    assert (plan.start, plan.steps) == (START, 96)
    assert (first["battery"].action, first["battery"].balance) == (
        Action.BALANCE,
        Balance.BOTH,
    )
    assert (first["car"].action, first["car"].power_w) == (Action.CHARGE, 11_040)
    assert first["heat_pump"].action is Action.RUN
    assert {reason.device_id for reason in plan.reasons} == set(plan.devices)
    assert all(reason.saving is None for reason in plan.reasons)


def test_no_session_is_invented_for_a_car_that_is_away() -> None:
    plan = rule_plan(now=NOW, devices=[CAR], states=state(connected=False))
    assert {step.power_w for step in plan.devices["car"].steps} == {0}


def test_an_appliance_runs_once_from_its_earliest_start() -> None:
    plan = rule_plan(
        now=NOW,
        devices=[DISHWASHER],
        states={},
        earliest_starts={"dishwasher": START + timedelta(hours=2)},
        run_times={"dishwasher": timedelta(minutes=90)},
    )
    running = [
        index
        for index, step in enumerate(plan.devices["dishwasher"].steps)
        if step.action is Action.RUN
    ]
    assert running == list(range(8, 14))
    assert plan.devices["dishwasher"].run_start == START + timedelta(hours=2)
    (reason,) = plan.reasons
    assert reason.start == START + timedelta(hours=2)
    assert reason.end == START + timedelta(hours=3, minutes=30)
    assert reason.message == Message.of("rule_appliance", device="Dishwasher")


def test_an_appliance_without_a_start_waits() -> None:
    plan = rule_plan(now=NOW, devices=[DISHWASHER], states={})
    assert {x.action for x in plan.devices["dishwasher"].steps} == {Action.HOLD}
    assert plan.reasons == ()


def test_dispatch_takes_it_for_what_it_does_by_itself() -> None:
    machines = [Machine(BATTERY), Machine(CAR), Machine(HEAT_PUMP, 900, own_w=900)]
    plan = rule_plan(now=START, devices=[m.device for m in machines], states={})
    home = Home(machines, plan=plan, limits=limit(9000))
    home.run(30)
    assert home.ordered("heat_pump")[-1] is None
    assert home.ordered("battery")[-1] == -1400
    assert home.grid[-1] <= 9000


def test_dispatch_starts_the_appliances_of_a_plan_by_rule() -> None:
    plan = rule_plan(
        now=START,
        devices=[DISHWASHER],
        states={},
        earliest_starts={"dishwasher": START},
    )
    home = Home([Machine(DISHWASHER)], plan=plan).run(1)
    assert home.orders[0][0].action is Action.RUN
