"""Components -> one model: a block each, one balance, one cost to minimise."""

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from optimizer import words as pyo
from optimizer.assemble import Parts
from optimizer.component import Block, Data, Expression, Flows, Rank, Soft
from optimizer.horizon import Horizon

type Model = Any


def structure(parts: Parts, horizon: Horizon) -> Hashable:
    """Return what two problems share when one model serves both."""
    named = tuple(
        (name, type(part), part.structure(horizon))
        for name, part in parts.named().items()
    )
    return horizon.steps, horizon.step, named


def build(
    parts: Parts,
    horizon: Horizon,
    data: Mapping[str, Data],
    model: Model = None,
) -> Model:
    """Return the model; a component's block is ``model.part[name]``.

    ``model.violation[rank]`` sums, in kWh, what gives way in that rank; it and
    every slack are closed until `solve` opens them. ``model.numbers`` are the data
    in order: block, name and how many. Of ``data`` only names and lengths count. An
    empty ``model`` may be given, as `pyomo_model` does.
    """
    named = parts.named()
    model = pyo.ConcreteModel() if model is None else model
    model.part = pyo.Block(list(named))
    model.numbers = [
        number
        for name in named
        for number in _declare(model.part[name], name, data[name])
    ]
    for name, component in parts.components().items():
        component.build(model.part[name], horizon)
    taken = [model.part[name].power for name in parts.consumers()]
    grid = model.part[parts.grid.name]

    @model.Constraint(list(horizon.index))
    def balance(m: Model, t: int) -> Expression:
        del m
        # import[t] - export[t] = sum of power[t] into load and devices
        return grid.power[t] == pyo.quicksum(p[t] for p in taken if t in p)

    flows = Flows(
        imported=list(grid.imported.values()),
        exported=list(grid.exported.values()),
        net=list(grid.power.values()),
        drawn=_by_device(model, parts, "draw"),
        fed=_by_device(model, parts, "feed"),
        power=_by_device(model, parts, "power"),
        metered={},
        spare_kwh=_of_stores(model, parts, "spare_kwh"),
        room_kwh=_of_stores(model, parts, "room_kwh"),
        bought_kwh=_bought_kwh(grid, parts, horizon),
    )
    for meter in parts.meters:
        meter.build(model.part[meter.name], horizon, flows)
    blocks = {meter.id: model.part[meter.name] for meter in parts.meters}
    metered = {name: list(block.imported.values()) for name, block in blocks.items()}
    flows = replace(flows, metered=metered)
    for coupling in parts.couplings:
        coupling.build(model.part[coupling.name], horizon, flows)
    _let_give_way(model, softs(parts, model, horizon))
    return model


def _bought_kwh(
    grid: Block, parts: Parts, horizon: Horizon
) -> Mapping[int, Expression]:
    """Return what the connection's meter bills, of each step or netting period."""
    if parts.grid.netted:
        return {s[0]: grid.bought[n] for n, s in enumerate(parts.grid.netted)}
    hours = horizon.hours
    return {t: hours * imported for t, imported in grid.imported.items()}


def data_of(parts: Parts, horizon: Horizon) -> Mapping[str, Data]:
    """Return the numbers of every part by the name of its block."""
    return {name: part.data(horizon) for name, part in parts.named().items()}


def _declare(block: Block, part: str, data: Data) -> Iterator[tuple[str, str, int]]:
    """Put a placeholder on ``block`` for each number; name them in order."""
    block.given = pyo.Block()
    for name, values in data.items():
        single = np.ndim(values) == 0
        size = np.size(values)
        setattr(block.given, name, pyo.Data(None if single else size))
        yield part, name, size


def at(block: Block, name: str, t: int) -> Expression:
    """Return ``block.name[t]``, 0 where the block has none."""
    return getattr(block, name, {}).get(t, 0.0)


def _by_device(
    model: Model, parts: Parts, name: str
) -> Mapping[str, Mapping[int, Expression]]:
    return {
        d.name: getattr(model.part[f"device {d.name}"], name, {}) for d in parts.devices
    }


def _of_stores(
    model: Model, parts: Parts, name: str
) -> Mapping[str, Callable[[int], Expression]]:
    blocks = {d.name: model.part[f"device {d.name}"] for d in parts.devices}
    return {d: getattr(b, name) for d, b in blocks.items() if hasattr(b, name)}


def costs(model: Model) -> Mapping[str, Expression]:
    """Return the cost of all components by name."""
    total: dict[str, list[Expression]] = {}
    for block in model.part.values():
        for name, cost in getattr(block, "cost", {}).items():
            total.setdefault(name, []).append(cost)
    return {name: pyo.quicksum(parts) for name, parts in total.items()}


def softs(parts: Parts, model: Model, horizon: Horizon) -> list[Soft]:
    """Return everything that may give way."""
    return [
        soft
        for name, part in parts.named().items()
        for soft in part.softs(model.part[name], horizon)
    ]


def _let_give_way(model: Model, found: Sequence[Soft]) -> None:
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
