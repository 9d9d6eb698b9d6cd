"""A home and a table in, PLAN out: the whole slow loop in one function."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
import time

import numpy as np

from optimizer.align import Columns, align, horizon_of
from optimizer.assemble import Parts, assemble
from optimizer.garbage import uncollected
from optimizer.home import Battery, Home
from optimizer.horizon import Horizon
from optimizer.losses import out_of_order
from optimizer.marginal import with_duals, with_marginal_prices
from optimizer.matrices import Compiled
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
    read = time.perf_counter() - started
    outcome, seconds = solved(home, horizon, columns, options or Options(), structures)
    return plan_document(outcome, read + seconds.build, seconds.solve)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seconds:
    """How long it took until the plan was fixed."""

    build: float  # parts and matrices
    solve: float  # all runs of the solver


@uncollected()
def solved(
    home: Home,
    horizon: Horizon,
    columns: Columns,
    options: Options,
    structures: Structures,
    *,
    change: Callable[[Parts], Parts] | None = None,
) -> tuple[Outcome, Seconds]:
    """Return the outcome and how long it took. Raises `SolverError`.

    ``change`` bounds parts further; then marginal prices are those of the solver.
    """
    started = time.perf_counter()
    deadline = started + options.time_limit_s
    exclusive: frozenset[int] = frozenset()
    spent = 0.0
    while True:
        parts = assemble(home, columns, horizon, exclusive)
        meant = parts if change is None else change(parts)
        compiled = structures.compiled(meant, horizon)
        before = time.perf_counter()
        solution = solve(
            compiled,
            partial(_giving, meant, compiled, horizon),
            gap=options.gap,
            time_limit_s=max(deadline - before, 0.2),
            tighter=partial(structures.compiled, meant, horizon, tight=True),
        )
        outcome = Outcome(
            home=home,
            horizon=horizon,
            columns=columns,
            parts=parts,
            compiled=compiled,
            solution=solution,
        )
        spent += time.perf_counter() - before
        at_once = _at_once(outcome)
        if not at_once - exclusive:
            # The plan is fixed: what follows only prices it.
            build = time.perf_counter() - started - spent
            if change is None:
                solution = with_marginal_prices(compiled, parts, horizon, solution)
            elif solution.compiled is not compiled:
                solution = with_duals(compiled, solution)
            seconds = Seconds(build=build, solve=spent)
            return replace(outcome, solution=solution), seconds
        exclusive |= at_once


def _giving(parts: Parts, compiled: Compiled, horizon: Horizon) -> list[Giving]:
    model = compiled.model
    found = softs(parts, model, horizon)
    return [
        Giving(
            rank=rank,
            violation=int(compiled.columns_of([violation])[0]),
            slacks=compiled.columns_of(
                v for soft in found if soft.rank == rank for v in soft.slack
            ),
        )
        for rank, violation in model.violation.items()
    ]


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
