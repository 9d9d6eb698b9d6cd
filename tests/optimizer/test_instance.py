"""HiGHS knows the numbers in force, although it is only told what changed."""

from collections.abc import Sequence

import highspy
from hypothesis import given, strategies as st
import numpy as np

from optimizer.algebra import column_numbers
from optimizer.cuts import Cuts
from optimizer.form import Form
from optimizer.instance import Instance
from optimizer.matrices import Compiled
from optimizer.series import Numbers
from tests.optimizer.homes import BATTERY, CAR, ROOF, at, home, series
from tests.optimizer.test_solve import compiled

_SESSION = {"arrive": at(0), "depart": at(4), "energy_kwh": 6}
_GIVEN = home(BATTERY, ROOF, {**CAR, "min_power_kw": 2.0, "sessions": [_SESSION]})


def problem(prices: Sequence[float], pv_kw: float) -> Compiled:
    rows = series(list(prices), pv_kw=[pv_kw] * len(prices))
    return compiled(_GIVEN, rows)[1]


def known(instance: Instance) -> list[Numbers]:
    """Return all numbers that HiGHS has, the matrix as it orders it."""
    lp = instance.highs.getLp()
    numbers = lp.col_cost_, lp.col_lower_, lp.col_upper_, lp.row_lower_, lp.row_upper_
    return [np.array(each) for each in (*numbers, lp.a_matrix_.value_)]


@given(
    first=st.lists(st.sampled_from([0.1, 0.2, 0.3]), min_size=4, max_size=4),
    second=st.lists(st.sampled_from([0.1, 0.2, 0.3]), min_size=4, max_size=4),
    pv_kw=st.sampled_from([0.0, 1.0, 2.5]),
    held=st.lists(st.sampled_from([0.0, 1.0]), max_size=4),
)
def test_a_used_instance_knows_what_a_new_one_does(
    first: list[float], second: list[float], pv_kw: float, held: list[float]
) -> None:
    before, after = problem(first, 1.0), problem(second, pv_kw)
    used, new = Instance(before.closed.form), Instance(before.closed.form)
    used.give(before.entries)
    used.cost(before.entries.cost)
    integers = before.integers[: len(held)]
    used.hold(integers, np.array(held[: len(integers)]))
    for instance in (used, new):
        instance.give(after.entries)
        instance.cost(after.entries.cost)
    for told, anew in zip(known(used), known(new), strict=True):
        assert (told == anew).all()


def test_freed_columns_have_their_own_bounds_again() -> None:
    matrices = problem([0.1, 0.2, 0.3, 0.1], 1.0)
    instance = Instance(matrices.closed.form)
    instance.give(matrices.entries)
    kept = known(instance)
    instance.hold(matrices.integers, np.ones(len(matrices.integers)))
    assert any((a != b).any() for a, b in zip(kept, known(instance), strict=True))
    instance.bound(matrices.integers, instance.lower, instance.upper)
    for own, freed in zip(kept, known(instance), strict=True):
        assert (own == freed).all()


def test_a_first_run_begins_with_every_equation_solved_for_its_unknown() -> None:
    matrices = problem([0.1, 0.2, 0.3, 0.1], 1.0)
    instance = Instance(matrices.closed.form)
    instance.give(matrices.entries)
    status, basis = highspy.HighsBasisStatus, instance.highs.getBasis()
    model, basic = matrices.model, set()
    for part in ("grid connection", "device battery"):
        block = model.part[part]
        basic |= {*column_numbers(getattr(block, "imported", {}).values())}
        basic |= {*column_numbers(getattr(block, "energy", {}).values())}
    for column, found in zip(instance.form.columns, basis.col_status, strict=True):
        assert (found == status.kBasic) == (int(column) in basic)
    of_equations = [
        *model.balance.values(),
        *model.part["device battery"].storage.values(),
    ]
    for row, found in zip(instance.form.rows, basis.row_status, strict=True):
        assert (found != status.kBasic) == (int(row) in of_equations)


def test_no_column_is_the_unknown_of_two_rows_or_while_it_is_shut() -> None:
    # Written for x, x, y and, being no equation, for nothing; y is shut.
    starts, indices = np.array([0, 2, 4, 6, 8]), np.array([0, 1, 0, 2, 1, 0, 2, 0])
    unknowns, shut = np.array([0, 0, 1, -1]), np.array([False, True, False])
    form = Form.without(starts, indices, unknowns, shut, 1)
    assert form.unknowns.tolist() == [0, -1, -1, -1]


def test_the_solver_keeps_the_rows_of_cuts() -> None:
    matrices = problem([0.1, 0.2, 0.3, 0.1], 1.0)
    instance = Instance(matrices.closed.form)
    instance.give(matrices.entries)
    assert len(matrices.integers)
    for most in (2.0, 1.0):
        instance = instance.cut(matrices.entries, at_most(matrices, most))
        instance.cost(_asked_for(matrices))
        instance.highs.run()
        assert -instance.highs.getObjectiveValue() == most
    assert instance.highs.getNumRow() == len(instance.form.rows) + 2
    assert instance.lp(matrices.entries).num_row_ == instance.highs.getNumRow()


def at_most(matrices: Compiled, most: float) -> Cuts:
    """Return the row: no more than ``most`` of the integers are 1."""
    places = np.searchsorted(matrices.closed.form.columns, matrices.integers)
    return Cuts(
        starts=np.array([0, len(places)], np.int32),
        indices=places.astype(np.int32),
        values=np.ones(len(places)),
        lower=np.array([-np.inf]),
        upper=np.array([most]),
    )


def _asked_for(matrices: Compiled) -> Numbers:
    cost = np.zeros(matrices.column_count)
    cost[matrices.integers] = -1.0
    return cost
