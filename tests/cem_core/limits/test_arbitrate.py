from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations
from random import Random

from hypothesis import given, strategies as st
import pytest

from cem_core.limits import Contract, arbitrate
from cem_core.model import Basis, Direction, LimitSource, PowerLimit, Priority, Scope

NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def limit(
    limit_id: str,
    limit_w: int,
    *,
    source: LimitSource = LimitSource.ORDER,
    direction: Direction = Direction.IMPORT,
    scope: Scope = Scope.CONNECTION,
    start: datetime | None = None,
    end: datetime | None = None,
    phase: int | None = None,
    priority: Priority = Priority.OBLIGATION,
) -> PowerLimit:
    return PowerLimit(
        limit_id=limit_id,
        source=source,
        issuer="someone",
        direction=direction,
        scope=scope,
        limit_w=limit_w,
        start=start,
        end=end,
        phase=phase,
        priority=priority,
    )


def test_the_strictest_wins_for_each_direction_and_scope() -> None:
    limits = [
        limit("a", 9000),
        limit("b", 4200),
        limit("c", 100, direction=Direction.EXPORT),
        limit("d", 7000, scope=Scope.CONTROLLABLE),
    ]
    in_force = arbitrate(limits, NOW)
    shown = {(d, s): x.limit_id for (d, s), x in in_force.strictest.items()}
    assert shown == {
        (Direction.IMPORT, Scope.CONNECTION): "b",
        (Direction.EXPORT, Scope.CONNECTION): "c",
        (Direction.IMPORT, Scope.CONTROLLABLE): "d",
    }


def test_of_equal_limits_the_same_one_is_shown_in_any_order() -> None:
    limits = [
        limit("z", 4200),
        limit("a", 4200, source=LimitSource.CONTRACT),
        limit("b", 4200),
        limit("c", 4200, source=LimitSource.METER),
    ]
    for order in permutations(limits):
        shown = arbitrate(order, NOW).get(Direction.IMPORT, Scope.CONNECTION)
        assert shown is not None
        assert shown.limit_id == "b"


@pytest.mark.parametrize(
    ("start", "end", "holds"),
    [
        (None, None, True),
        (NOW, None, True),
        (NOW + HOUR, None, False),
        (None, NOW + HOUR, True),
        (None, NOW, False),
        (NOW - HOUR, NOW + HOUR, True),
    ],
)
def test_a_limit_holds_from_its_start_until_before_its_end(
    start: datetime | None, end: datetime | None, holds: bool
) -> None:
    in_force = arbitrate([limit("a", 4200, start=start, end=end)], NOW)
    assert bool(in_force.strictest) is holds


def test_a_limit_of_zero_is_the_strictest() -> None:
    in_force = arbitrate([limit("zero", 0), limit("some", 1)], NOW)
    shown = in_force.get(Direction.IMPORT, Scope.CONNECTION)
    assert shown is not None
    assert shown.limit_w == 0


@given(st.lists(st.integers(0, 20_000), max_size=8))
def test_what_is_in_force_is_never_looser_than_any_limit(powers_w: list[int]) -> None:
    limits = [limit(f"limit {i}", power_w) for i, power_w in enumerate(powers_w)]
    shown = arbitrate(limits, NOW).get(Direction.IMPORT, Scope.CONNECTION)
    assert (None if shown is None else shown.limit_w) == min(powers_w, default=None)


def test_a_contract_limits_only_the_directions_it_names() -> None:
    assert Contract().limits() == ()
    (only,) = Contract(export_w=0).limits()
    assert (only.direction, only.limit_w) == (Direction.EXPORT, 0)
    assert only.source is LimitSource.CONTRACT
    assert len(Contract(import_w=9200, export_w=5000).limits()) == 2


@pytest.mark.parametrize("lower", [Priority.CONTRACT, Priority.MARKET])
def test_of_equal_limits_the_higher_priority_is_shown(lower: Priority) -> None:
    limits = [limit("a", 4200, priority=lower), limit("z", 4200)]
    for order in permutations(limits):
        shown = arbitrate(order, NOW).get(Direction.IMPORT, Scope.CONNECTION)
        assert shown is not None
        assert shown.limit_id == "z"


def test_phases_are_bounded_each_by_itself_and_apart_from_the_total() -> None:
    limits = [
        limit("total", 9000),
        limit("one", 5000, phase=1),
        limit("stricter", 4000, phase=1),
        limit("two", 5000, phase=2),
    ]
    in_force = arbitrate(limits, NOW)
    side = Direction.IMPORT, Scope.CONNECTION
    assert in_force.strictest[side].limit_id == "total"
    assert {phase: x.limit_id for (*_, phase), x in in_force.per_phase.items()} == {
        1: "stricter",
        2: "two",
    }
    assert [x in in_force for x in limits] == [True, False, True, True]


def test_a_stricter_contract_does_not_lift_an_order_from_devices_it_leaves_alone() -> (
    None
):
    contract = limit(
        "ours", 4000, source=LimitSource.CONTRACT, priority=Priority.CONTRACT
    )
    sold = limit("sold", 3000, source=LimitSource.MQTT, priority=Priority.MARKET)
    order = limit("order", 4200)
    side = Direction.IMPORT, Scope.CONNECTION
    in_force = arbitrate([contract, sold, order], NOW)
    assert in_force.strictest[side] is sold
    assert in_force.reaching_all[side] is order
    stricter = limit("strict", 2000)
    in_force = arbitrate([contract, sold, order, stricter], NOW)
    assert in_force.strictest[side] is stricter
    assert not in_force.reaching_all


@st.composite
def any_limits(draw: st.DrawFn) -> list[PowerLimit]:
    return [
        limit(
            f"limit {place}",
            draw(st.integers(0, 5)) * 1000,
            source=draw(st.sampled_from(LimitSource)),
            direction=draw(st.sampled_from(Direction)),
            scope=draw(st.sampled_from(Scope)),
            phase=draw(st.sampled_from([None, 1, 2, 3])),
            priority=draw(st.sampled_from(Priority)),
            start=draw(st.sampled_from([None, NOW, NOW + HOUR])),
        )
        for place in range(draw(st.integers(0, 8)))
    ]


@given(any_limits(), st.randoms())
def test_no_obligation_is_ever_lifted(
    limits: list[PowerLimit], shuffle: Random
) -> None:
    in_force = arbitrate(limits, NOW)
    for each in limits:
        if not each.in_force(NOW):
            continue
        side = each.direction, each.scope
        if each.phase is not None:
            assert in_force.per_phase[(*side, each.phase)].limit_w <= each.limit_w
            continue
        holds = in_force.strictest[side]
        assert holds.limit_w <= each.limit_w
        if each.reaches_all and not holds.reaches_all:
            assert in_force.reaching_all[side].limit_w <= each.limit_w
    shuffled = list(limits)
    shuffle.shuffle(shuffled)
    assert arbitrate(shuffled, NOW) == in_force


def drawn(limit_w: int, basis: Basis) -> PowerLimit:
    given = limit(basis.value, limit_w, scope=Scope.CONTROLLABLE)
    return replace(given, basis=basis)


def test_a_laxer_limit_on_all_consumption_is_kept_beside_one_by_grid_draw() -> None:
    draw, whole = drawn(4000, Basis.GRID_DRAW), drawn(6000, Basis.CONSUMPTION)
    in_force = arbitrate([whole, draw], NOW)
    assert in_force.get(Direction.IMPORT, Scope.CONTROLLABLE) is draw
    assert in_force.consumption is whole


def test_of_two_equal_powers_the_one_on_all_consumption_is_stricter() -> None:
    draw, whole = drawn(4000, Basis.GRID_DRAW), drawn(4000, Basis.CONSUMPTION)
    in_force = arbitrate([draw, whole], NOW)
    assert in_force.get(Direction.IMPORT, Scope.CONTROLLABLE) is whole
    assert in_force.consumption is None
