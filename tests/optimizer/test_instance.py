"""HiGHS knows the numbers in force, although it is only told what changed."""

from collections.abc import Sequence

from hypothesis import given, strategies as st
import numpy as np

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
