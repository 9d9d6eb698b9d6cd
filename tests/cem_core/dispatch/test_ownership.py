"""Who may command: a person is not fought, an operator's limit stands above."""

from dataclasses import replace

import pytest

from cem_core.limits import arbitrate
from cem_core.model import Action, Cause, LimitsInForce, LimitSource, Owner, Scope
from tests.cem_core.dispatch.home import (
    BATTERY,
    CAR,
    HEAT_PUMP,
    START,
    Home,
    Machine,
    limit,
)
from tests.cem_core.dispatch.test_rows import planned, step


@pytest.mark.parametrize(
    ("state", "cause"),
    [
        ({"owner": Owner.PERSON}, Cause.PERSON),
        ({"owner": Owner.DEVICE}, Cause.HANDED_BACK),
        ({"enabled": False}, Cause.HANDED_BACK),
    ],
)
def test_a_device_in_other_hands_is_left_alone(
    state: dict[str, object], cause: Cause
) -> None:
    home = Home(
        [Machine(CAR, 7000, own_w=7000)], plan=planned(car=step(Action.CHARGE, 11_040))
    )
    home.states["car"] = state
    home.run(5)
    assert home.ordered("car") == [None] * 5
    assert home.orders[-1][0].cause is cause


@pytest.mark.parametrize("state", [{"owner": Owner.PERSON}, {"enabled": False}])
@pytest.mark.parametrize("scope", list(Scope))
def test_an_order_limits_it_all_the_same_and_then_lets_go(
    state: dict[str, object], scope: Scope
) -> None:
    home = Home([Machine(CAR, 7590, own_w=7590)], limits=limit(6000, scope=scope))
    home.states["car"] = state
    home.run(5)
    ordered_w = home.ordered("car")[-1]
    assert ordered_w is not None
    assert ordered_w <= 6000
    assert home.orders[-1][0].cause is Cause.LIMIT
    home.limits = limit(20_000, scope=scope)
    home.run(120)
    assert home.ordered("car")[-1] is None


def test_a_contract_does_not_command_what_is_switched_off() -> None:
    home = Home(
        [Machine(CAR, 11_040, own_w=11_040)],
        limits=limit(6000, source=LimitSource.CONTRACT),
    )
    home.states["car"] = {"enabled": False}
    home.run(5)
    assert home.ordered("car") == [None] * 5


@pytest.mark.parametrize(
    ("scope", "left_w"), [(Scope.CONNECTION, 820), (Scope.CONTROLLABLE, 1320)]
)
def test_what_a_person_wants_gives_way_last(scope: Scope, left_w: int) -> None:
    home = Home(
        [Machine(CAR, 7590, own_w=7590), Machine(HEAT_PUMP, 2400, own_w=2400)],
        limits=limit(9000, scope=scope),
    )
    home.states["car"] = {"owner": Owner.PERSON}
    home.run(5)
    assert home.ordered("car")[-1] is None
    assert home.ordered("heat_pump")[-1] == left_w


def test_a_battery_in_other_hands_neither_balances_nor_helps() -> None:
    home = Home([Machine(BATTERY, 0)], load=lambda _: 3000, limits=limit(1000))
    home.states["battery"] = {"owner": Owner.PERSON}
    home.run(5)
    assert home.ordered("battery") == [None] * 5


def stricter_contract_beside_an_order(contract_w: int, order_w: int) -> LimitsInForce:
    """Return both limits on import at the connection, as arbitration leaves them."""
    (contract,) = limit(contract_w, source=LimitSource.CONTRACT).strictest.values()
    (order,) = limit(order_w).strictest.values()
    return arbitrate([contract, replace(order, limit_id="order")], START)


def test_a_stricter_contract_does_not_lift_an_order_from_what_it_leaves_alone() -> None:
    home = Home(
        [Machine(CAR, 11_040, own_w=11_040)],
        limits=stricter_contract_beside_an_order(4000, 6000),
    )
    home.states["car"] = {"enabled": False}
    home.run(5)
    ordered_w = home.ordered("car")[-1]
    assert ordered_w is not None
    assert 4000 < ordered_w <= 5500  # 500 W are the house's
    assert home.orders[-1][0].limit_id == "order"
    home.limits = limit(4000, source=LimitSource.CONTRACT)
    home.run(120)
    assert home.ordered("car")[-1] is None


def test_what_the_cem_commands_keeps_the_stricter_of_both() -> None:
    home = Home(
        [Machine(CAR, 7590, own_w=7590), Machine(HEAT_PUMP, 2400, own_w=2400)],
        plan=planned(car=step(Action.CHARGE, 7590)),
        limits=stricter_contract_beside_an_order(6000, 9000),
    )
    home.states["heat_pump"] = {"enabled": False}
    home.run(30)
    assert home.ordered("heat_pump") == [None] * 30  # it fits in the order
    assert home.grid[-1] <= 6000
