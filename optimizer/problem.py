"""Components -> one model: a block each, one balance, one cost to minimise."""

from collections.abc import Mapping
from typing import Any

import pyomo.environ as pyo

from optimizer.assemble import Parts
from optimizer.component import Block, Expression, Flows, Rank, Soft
from optimizer.horizon import Horizon

type Model = Any


def build(parts: Parts, horizon: Horizon) -> Model:
    """Return the model; a component's block is ``model.part[name]``.

    ``model.violation[rank]`` sums, in kWh, what gives way in that rank; it and
    every slack are closed until `solve` opens them.
    """
    components = {c.name: c for c in (parts.grid, parts.load)}
    devices = {f"device {d.name}": d for d in parts.devices}
    couplings = {c.name: c for c in parts.couplings}
    model = pyo.ConcreteModel()
    model.part = pyo.Block([*components, *devices, *couplings])
    for name, component in (components | devices).items():
        component.build(model.part[name], horizon)
    consumers = [model.part[name] for name in (parts.load.name, *devices)]
    grid = model.part[parts.grid.name]

    @model.Constraint(list(horizon.index))
    def balance(m: Model, t: int) -> Expression:
        del m
        # import[t] - export[t] = sum of power[t] into load and devices
        return grid.power[t] == pyo.quicksum(at(b, "power", t) for b in consumers)

    flows = Flows(
        imported=list(grid.imported.values()),
        exported=list(grid.exported.values()),
        drawn=_by_device(model, parts, "draw"),
        fed=_by_device(model, parts, "feed"),
    )
    for name, coupling in couplings.items():
        coupling.build(model.part[name], horizon, flows)
    _let_give_way(model)
    model.cost = pyo.Objective(expr=pyo.quicksum(costs(model).values()))
    return model


def at(block: Block, name: str, t: int) -> Expression:
    """Return ``block.name[t]``, 0 where the block has none."""
    return getattr(block, name, {}).get(t, 0.0)


def _by_device(
    model: Model, parts: Parts, name: str
) -> Mapping[str, Mapping[int, Expression]]:
    return {
        d.name: getattr(model.part[f"device {d.name}"], name, {}) for d in parts.devices
    }


def costs(model: Model) -> Mapping[str, Expression]:
    """Return the cost of all components by name."""
    total: dict[str, Expression] = {}
    for block in model.part.values():
        for name, cost in getattr(block, "cost", {}).items():
            total[name] = total.get(name, 0.0) + cost
    return total


def softs(model: Model) -> list[Soft]:
    """Return everything that may give way."""
    return [soft for b in model.part.values() for soft in getattr(b, "soft", ())]


def _let_give_way(model: Model) -> None:
    found = softs(model)
    ranks = sorted({soft.rank for soft in found})
    model.violation = pyo.Var([int(rank) for rank in ranks], bounds=(0, 0))

    @model.Constraint([int(rank) for rank in ranks])
    def violated(m: Model, rank: int) -> Expression:
        return m.violation[rank] == pyo.quicksum(
            soft.kwh_per_slack * slack
            for soft in found
            if soft.rank is Rank(rank)
            for slack in soft.slack
        )
