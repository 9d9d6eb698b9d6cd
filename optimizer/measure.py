"""How long plans take, against HiGHS on the same matrices in the same run.

``first`` begins without anything compiled. ``again`` has the same home with the
next seed's prices, load, weather and battery: a plan on new data. The baselines
are HiGHS' own branch and bound at the same gap, and its linear relaxation started
from the last basis; neither includes building the matrices.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Final

import highspy
import numpy as np

from optimizer.align import align, horizon_of
from optimizer.assemble import assemble
from optimizer.home import Battery, Home
from optimizer.instance import Instance
from optimizer.matrices import Compiled
from optimizer.optimize import Options, optimize
from optimizer.series import Table
from optimizer.standard import Standard, standard_home, standard_series
from optimizer.structures import Structures

GAP: Final = 1e-3
_LIMIT_S: Final = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Seconds and gaps of one home."""

    first: float
    again: float
    relaxed: float  # the linear relaxation of `again`
    searched: float  # HiGHS alone on `again`
    gap: float  # of `again`
    searched_gap: float
    cost: float  # of `again`
    searched_cost: float


def measure(problem: Standard, gap: float = GAP) -> Iterator[Measured]:
    """Yield what each home of ``problem`` takes."""
    for seed in range(problem.homes):
        yield _home(problem, seed, gap)


def _home(problem: Standard, seed: int, gap: float) -> Measured:
    home = standard_home(problem, seed)
    options = Options(gap=gap, time_limit_s=_LIMIT_S)
    structures = Structures()
    plan = optimize(home, standard_series(problem, seed), options, structures)
    first = plan["build_seconds"] + plan["solve_seconds"]
    later, series = _later(home), standard_series(problem, seed + problem.homes)
    matrices = _matrices(home, standard_series(problem, seed))
    relaxed = Instance(matrices.closed.form)
    _relax(matrices, relaxed)
    plan = optimize(later, series, options, structures)
    matrices = _matrices(later, series)
    alone = _searched(matrices, gap)
    return Measured(
        first=first,
        again=plan["build_seconds"] + plan["solve_seconds"],
        relaxed=_timed(lambda: _relax(matrices, relaxed)),
        searched=alone[0],
        gap=plan["gap"],
        searched_gap=alone[2],
        cost=plan["objective"],
        searched_cost=alone[1],
    )


def _later(home: Home) -> Home:
    """Return the home with another energy in its battery."""
    devices = tuple(
        replace(device, initial_energy_kwh=0.6 * device.capacity_kwh)
        if isinstance(device, Battery)
        else device
        for device in home.devices
    )
    return replace(home, devices=devices)


def _matrices(home: Home, series: Table) -> Compiled:
    horizon = horizon_of(home, series)
    parts = assemble(home, align(home, series, horizon), horizon)
    return Structures().compiled(parts, horizon)


def _timed(run: Callable[[], object]) -> float:
    began = perf_counter()
    run()
    return perf_counter() - began


def _relax(matrices: Compiled, instance: Instance) -> None:
    if matrices.closed.form.columns.shape != instance.form.columns.shape:
        instance = Instance(matrices.closed.form)  # prices changed the structure
    instance.give(matrices.entries)
    instance.cost(matrices.entries.cost)
    instance.highs.setOptionValue("presolve", "off")
    instance.highs.run()


def _searched(matrices: Compiled, gap: float) -> tuple[float, float, float]:
    """Return seconds, cost and gap of HiGHS alone, with its own defaults."""
    form = matrices.closed.form
    instance = Instance(form)
    instance.give(matrices.entries)
    lp = instance.lp(matrices.entries)
    lp.col_cost_, lp.offset_ = matrices.entries.cost[form.columns], matrices.offset
    kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
    whole = np.isin(form.columns, matrices.integers)
    lp.integrality_ = [kinds[int(integer)] for integer in whole]
    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    highs.setOptionValue("threads", 1)
    highs.setOptionValue("mip_rel_gap", gap)
    highs.setOptionValue("time_limit", _LIMIT_S)
    began = perf_counter()
    highs.passModel(lp)
    highs.run()
    seconds, info = perf_counter() - began, highs.getInfo()
    return seconds, info.objective_function_value, info.mip_gap
