"""A home and a table in, PLAN out: the whole slow loop in one function."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
import time

import numpy as np

from optimizer.align import Columns, align, horizon_of
from optimizer.assemble import Parts, assemble
from optimizer.compile import Compiled
from optimizer.home import Battery, Home
from optimizer.horizon import Horizon
from optimizer.losses import out_of_order
from optimizer.marginal import with_marginal_prices
from optimizer.outcome import Outcome
from optimizer.plan_document import Json, plan_document
from optimizer.problem import softs
from optimizer.series import Table
from optimizer.solve import Giving, solve
from optimizer.structures import Structures

_AT_ONCE_KW = 1e-5


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How long to look, and how good a plan has to be."""

    time_limit_s: float = 30.0
    gap: float = 1e-3


def optimize(
    home: Home,
    table: Table,
    options: Options | None = None,
    structures: Structures | None = None,
) -> Json:
    """Return PLAN. Raises `InputError` or `SolverError`.

    Who asks again and again passes the same ``structures``.
    """
    started = time.perf_counter()
    horizon = horizon_of(home, table)
    columns = align(home, table, horizon)
    if structures is None:
        structures = Structures()
    outcome, solve_seconds = solved(
        home, horizon, columns, options or Options(), structures
    )
    build_seconds = time.perf_counter() - started - solve_seconds
    return plan_document(outcome, build_seconds, solve_seconds)


def solved(
    home: Home,
    horizon: Horizon,
    columns: Columns,
    options: Options,
    structures: Structures,
    *,
    change: Callable[[Parts], Parts] | None = None,
) -> tuple[Outcome, float]:
    """Return the outcome and the solver's seconds. Raises `SolverError`.

    ``change`` bounds parts further; then marginal prices are those of the solver.
    """
    deadline = time.perf_counter() + options.time_limit_s
    exclusive: frozenset[int] = frozenset()
    spent = 0.0
    while True:
        parts = assemble(home, columns, horizon, exclusive)
        meant = parts if change is None else change(parts)
        compiled = structures.compiled(meant, horizon)
        before = time.perf_counter()
        solution = solve(
            compiled,
            _giving(meant, compiled, horizon),
            gap=options.gap,
            time_limit_s=max(deadline - before, 0.2),
            prefer=_preferences(compiled, horizon),
        )
        outcome = Outcome(
            home=home,
            horizon=horizon,
            columns=columns,
            parts=parts,
            compiled=compiled,
            solution=solution,
        )
        at_once = _at_once(outcome)
        if not at_once - exclusive:
            if change is None:
                solution = with_marginal_prices(compiled, parts, horizon, solution)
            spent += time.perf_counter() - before
            return replace(outcome, solution=solution), spent
        spent += time.perf_counter() - before
        exclusive |= at_once


def _giving(parts: Parts, compiled: Compiled, horizon: Horizon) -> list[Giving]:
    model = compiled.model
    found = softs(parts, model, horizon)
    return [
        Giving(
            rank=rank,
            violation=int(compiled.columns([violation])[0]),
            slacks=compiled.columns(
                v for soft in found if soft.rank == rank for v in soft.slack
            ),
        )
        for rank, violation in model.violation.items()
    ]


def _preferences(compiled: Compiled, horizon: Horizon) -> Mapping[int, float]:
    """Among equally cheap plans: sooner, and with fewer cycles."""
    weights: dict[int, float] = {}
    for block in compiled.model.part.values():
        for t, variable in getattr(block, "draw", {}).items():
            if id(variable) in compiled.column:  # an appliance has only its start
                weights[compiled.column[id(variable)]] = 1.0 + t / horizon.steps
        for variable in getattr(block, "feed", {}).values():
            # Producing is better than curtailing for nothing, resting than cycling.
            column = compiled.column[id(variable)]
            weights[column] = 0.5 if hasattr(block, "energy") else -0.5
    return weights


def _at_once(outcome: Outcome) -> frozenset[int]:
    """Return the steps in which a store charges and discharges at once.

    Or in which it fills a part of its power before the one below it.
    """
    steps: set[int] = set()
    for device in outcome.home.devices:
        block = outcome.block(device.id)
        if hasattr(block, "charge") and hasattr(block, "discharge"):
            both = np.minimum(
                outcome.values(block.charge), outcome.values(block.discharge)
            )
            steps |= {int(t) for t in np.flatnonzero(both > _AT_ONCE_KW)}
        if isinstance(device, Battery):
            steps |= _parts_out_of_order(device, outcome)
    return frozenset(steps)


def _parts_out_of_order(device: Battery, outcome: Outcome) -> frozenset[int]:
    steps: frozenset[int] = frozenset()
    block = outcome.block(device.id)
    for name, losses in (
        ("charge_parts", device.charge_losses),
        ("discharge_parts", device.discharge_losses),
    ):
        if losses:
            part, tops = getattr(block, name).part, [loss.up_to_kw for loss in losses]
            parts = [
                outcome.values({t: part[t, s] for t in outcome.horizon.index})
                for s in range(len(losses))
            ]
            steps |= out_of_order(parts, list(np.diff([0.0, *tops])))
    return steps
