"""The rules' words: what they write, and what they refuse."""

import subprocess
import sys
from typing import Any

from hypothesis import given, strategies as st
import pytest

from optimizer import words as pyo
from optimizer.algebra import DATUM, SHIFT, Column, Datum, Relation, Terms, quicksum

numbers = st.floats(-1e3, 1e3).map(lambda number: round(number, 3))
columns = st.integers(0, 20).map(Column)
leaves = st.one_of(columns, st.integers(0, 20).map(Datum), numbers)


def value(sum_: Terms | float, column: list[float], datum: list[float]) -> float:
    """Return what ``sum_`` comes to where columns and data are these numbers."""
    if not isinstance(sum_, Terms):
        return sum_
    total = 0.0
    for key, factor in zip(sum_.keys, sum_.factors, strict=True):
        place, data = key >> SHIFT, key & DATUM
        total += (
            factor
            * (column[place - 1] if place else 1.0)
            * (datum[data - 1] if data else 1.0)
        )
    return total


COLUMN = [0.5 * n + 1 for n in range(21)]
DATA = [3.0 - n for n in range(21)]


@given(leaves, leaves, numbers, st.integers(0, 20), st.integers(0, 20))
def test_expressions_are_worth_what_they_say(
    a: Terms | float, b: Terms | float, c: float, column: int, datum: int
) -> None:
    x, y = (value(each, COLUMN, DATA) for each in (a, b))
    factor, times = Datum(datum), Column(column)
    u, v = DATA[datum], COLUMN[column]
    for found, expected in (
        (a + b, x + y),
        (a - b, x - y),
        (c - (a + b) * 2, c - (x + y) * 2),
        (-(a - b) / 4, -(x - y) / 4),
        (factor * times + a, u * v + x),
        (times * factor - b, u * v - y),
        ((factor + c) * (times - c), (u + c) * (v - c)),
        (quicksum([a, b, c, factor * times]), x + y + c + u * v),
    ):
        assert value(found, COLUMN, DATA) == pytest.approx(expected)


def test_the_sum_of_numbers_is_a_number() -> None:
    assert quicksum([]) == 0.0
    assert isinstance(quicksum([1, 2.5]), float)


def test_what_is_not_affine_is_refused() -> None:
    for one, other in ((Column(0), Column(1)), (Datum(0), Datum(1))):
        with pytest.raises(ValueError, match="not affine"):
            one * other
    with pytest.raises(ValueError, match="not affine"):
        (Datum(0) * Column(0)) * (Datum(1) + 1)


def test_a_row_has_no_truth() -> None:
    with pytest.raises(TypeError, match="neither true nor false"):
        bool(Column(0) == Column(1))


def test_more_is_written_as_less() -> None:
    row = Column(0) >= Datum(0)
    assert isinstance(row, Relation)
    assert isinstance(row.left, Datum)
    assert isinstance(row.right, Column)
    assert not row.equal


def test_names_stand_on_their_blocks() -> None:
    model: Any = pyo.ConcreteModel()
    model.part = pyo.Block(["a", "b"])
    model.part["a"].flow = pyo.Var([3, 4], [0, 1], bounds=(0, 2))
    model.part["b"].on = pyo.Var([7], domain=pyo.Binary)
    model.part["b"].single = pyo.Var()
    model.inner = pyo.Block()

    @model.Constraint([3, 4], [0, 1])
    def held(m: Any, t: int, s: int) -> object:
        return pyo.Constraint.Skip if s else m.part["a"].flow[t, s] <= 1

    assert list(model.part["a"].flow) == [(3, 0), (3, 1), (4, 0), (4, 1)]
    assert [column.column for column in model.part["a"].flow.values()] == [0, 1, 2, 3]
    assert model.part["b"].single.column == 5
    assert model.draft.integers == [range(4, 5)]
    assert model.held == {(3, 0): 0, (4, 0): 1}
    assert model.inner.parent_block() is model


def test_a_name_is_used_once() -> None:
    model: Any = pyo.ConcreteModel()
    model.flow = pyo.Var([0])
    with pytest.raises(ValueError, match="flow stands on the block already"):
        model.flow = pyo.Var([0])


def test_a_rule_returns_a_row() -> None:
    model: Any = pyo.ConcreteModel()
    with pytest.raises(TypeError, match="no row but True"):
        model.always = pyo.Constraint([0], rule=lambda _, t: t == 0)


def test_a_plan_needs_no_pyomo() -> None:
    code = "import optimizer.optimize, sys; sys.exit('pyomo' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_data_are_numbered_in_order() -> None:
    model: Any = pyo.ConcreteModel()
    model.single, model.series = pyo.Data(), pyo.Data(3)
    assert model.single.datum == 0
    assert [datum.datum for datum in model.series.values()] == [1, 2, 3]
    assert dict(model.series)[2].datum == len(model.series) == 3
    with pytest.raises(KeyError):
        model.series[3]
