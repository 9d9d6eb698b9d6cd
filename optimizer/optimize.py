"""A home and a table in, PLAN out: the whole slow loop in one function."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
import time

from optimizer.align import Columns, align, horizon_of
from optimizer.assemble import Parts, assemble
from optimizer.at_once import at_once
from optimizer.garbage import uncollected
from optimizer.giving import giving
from optimizer.home import Home
from optimizer.horizon import Horizon
from optimizer.marginal import with_duals, with_marginal_prices
from optimizer.outcome import Outcome
from optimizer.plan_document import Json, plan_document
from optimizer.scenarios import scenarios
from optimizer.series import Table
from optimizer.solve import solve
from optimizer.structures import Structures
from optimizer.two_stage import solved_together, together_document


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
    options = options or Options()
    read = time.perf_counter() - started
    if home.uncertainty is not None:
        together = solved_together(
            home,
            home.uncertainty,
            horizon,
            scenarios(home, table, horizon, columns),
            structures,
            gap=options.gap,
            time_limit_s=options.time_limit_s,
        )
        return together_document(together, read)
    left = replace(options, time_limit_s=options.time_limit_s - read)
    outcome, seconds = solved(home, horizon, columns, left, structures)
    structures.remember(outcome)
    return plan_document(outcome, read + seconds.build, seconds.solve)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seconds:
    """How long it took until the plan was fixed."""

    build: float  # parts and matrices
    solve: float  # all runs of the solver


def planned(
    home: Home,
    horizon: Horizon,
    columns: Columns,
    options: Options,
    structures: Structures,
) -> tuple[Outcome, Seconds]:
    """Return the plan as `solved`, at once where it is the one that was made last."""
    if (known := structures.recall(home, horizon, columns)) is not None:
        return known, Seconds(build=0.0, solve=0.0)
    outcome, seconds = solved(home, horizon, columns, options, structures)
    structures.remember(outcome)
    return outcome, seconds


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
            partial(giving, meant, compiled, horizon),
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
        both = at_once(outcome)
        if not both - exclusive:
            # The plan is fixed: what follows only prices it.
            build = time.perf_counter() - started - spent
            if change is None:
                solution = with_marginal_prices(compiled, parts, horizon, solution)
            elif solution.compiled is not compiled:
                solution = with_duals(compiled, solution)
            seconds = Seconds(build=build, solve=spent)
            return replace(outcome, solution=solution), seconds
        exclusive |= both
