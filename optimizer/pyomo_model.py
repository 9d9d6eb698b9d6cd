"""A home's plan as a model of Pyomo: to print, to write to a file, to solve elsewhere.

The components' own rules build it, on blocks that take the declarations of `words`
and make Pyomo's of them. What a plan is made from are the matrices of `compile`;
the tests compare both for every home that their generator draws.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyomo.environ as pyo

from optimizer import words
from optimizer.align import align, horizon_of
from optimizer.assemble import Parts, assemble
from optimizer.home import Home
from optimizer.horizon import Horizon
from optimizer.problem import build, costs, data_of
from optimizer.series import Table

type PyomoModel = Any
type PyomoBlock = Any

_DOMAINS: Final = {
    words.Domain.REALS: pyo.Reals,
    words.Domain.NON_NEGATIVE_REALS: pyo.NonNegativeReals,
    words.Domain.BINARY: pyo.Binary,
}


def pyomo_model(parts: Parts, horizon: Horizon) -> PyomoModel:
    """Return the model, its data fixed; powers in kW, energies in kWh.

    ``model.part[name].given`` holds the data: variables, as a product of a fixed
    one and a free one is linear. What may give way is held at 0.
    """
    model = pyo.ConcreteModel()
    data = data_of(parts, horizon)
    written = build(parts, horizon, data, _Block(model))
    for name, named in data.items():
        given = model.part[name].given
        for datum, numbers in named.items():
            variable = getattr(given, datum)
            for each, number in zip(
                variable.values(), np.atleast_1d(numbers), strict=True
            ):
                each.fix(float(number))
    for variable in model.component_objects(pyo.Var):
        _bound(variable)
    total = words.quicksum(costs(written).values())
    model.objective = pyo.Objective(expr=total)
    return model


def write_model(home: Home, table: Table, path: Path) -> None:
    """Write the model in the format of ``path``'s ending, with its names."""
    horizon = horizon_of(home, table)
    parts = assemble(home, align(home, table, horizon), horizon)
    names = {"symbolic_solver_labels": True}
    pyomo_model(parts, horizon).write(str(path), io_options=names)


def _bound(variable: Any) -> None:  # noqa: ANN401 - Pyomo
    for set_bound, bound in zip(
        ("setlb", "setub"), getattr(variable, "given_bounds", ()), strict=False
    ):
        for index, each in variable.items():
            getattr(each, set_bound)(_number(bound, index))


def _number(bound: Any, index: object) -> float | None:  # noqa: ANN401 - Pyomo
    if bound is None or isinstance(bound, int | float):
        return bound
    datum = bound[index] if isinstance(bound, Mapping) or bound.is_indexed() else bound
    return float(pyo.value(datum))


class _Block:
    """One of Pyomo's blocks, on which declarations become Pyomo's."""

    def __init__(self, block: PyomoBlock) -> None:
        vars(self)["_block"] = block

    def __setattr__(self, name: str, value: object) -> None:
        match value:
            case words.Var():
                variable = pyo.Var(*value.index, domain=_DOMAINS[value.domain])
                setattr(self._block, name, variable)
                if value.bounds is not words.BOUNDS[value.domain]:
                    variable.given_bounds = value.bounds
            case words.Data():
                size = value.size
                data = pyo.Var() if size is None else pyo.Var(range(size))
                setattr(self._block, name, data)
            case words.Block():
                setattr(self._block, name, pyo.Block(*value.index))
            case words.Constraint():
                rule = self._rule(value)
                setattr(self._block, name, pyo.Constraint(*value.index, rule=rule))
            case _:
                setattr(self._block, name, value)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - Pyomo
        found = getattr(self._block, name)
        if getattr(found, "ctype", None) is not pyo.Block:
            return found
        if found.is_indexed():
            return {place: _Block(block) for place, block in found.items()}
        return _Block(found)

    def parent_block(self) -> _Block:
        return _Block(self._block.parent_block())

    def Constraint(self, *index: words.Index) -> Callable[[words.Rule], words.Rule]:  # noqa: N802 - Pyomo's
        def put(rule: words.Rule) -> words.Rule:
            setattr(self, rule.__name__, words.Constraint(*index, rule=rule))
            return rule

        return put

    def _rule(self, constraint: words.Constraint) -> words.Rule:
        def relation(_: PyomoBlock, *place: object) -> object:
            row = constraint.rule(self, *place)
            return pyo.Constraint.Skip if row is words.Constraint.Skip else row

        def single(block: PyomoBlock) -> object:
            return relation(block)

        # Pyomo gives a rule of any number of arguments an index even where none is.
        return relation if constraint.index else single
