"""The marginal prices of a plan: duals of its linear problem, integers held.

A bound that was tightened to make the solver faster says again what a limit says,
and the solver may put the price on either. So the bounds are taken back first:
the plan stays the best, and each limit gets the whole of its price.
"""

from dataclasses import dataclass, replace
import time
from typing import Final

import numpy as np

from optimizer.assemble import Parts
from optimizer.billing import Billing
from optimizer.component import Component
from optimizer.components.ev_charger import EvCharger
from optimizer.components.grid_connection import GridConnection
from optimizer.horizon import Horizon
from optimizer.instance import LARGE
from optimizer.linear import Linear, aim_at
from optimizer.matrices import Compiled
from optimizer.problem import data_of
from optimizer.series import Numbers
from optimizer.solve import Solution, Status

_LONGEST_S: Final = 5.0


def with_marginal_prices(
    compiled: Compiled, parts: Parts, horizon: Horizon, solution: Solution
) -> Solution:
    """Return ``solution`` with the duals of the bounds as they are meant.

    Where wishes gave way it stays as it is: what is allowed then is in `solve`. So do
    the duals of a large problem, which would take as long again as the plan.
    """
    if solution.status not in {Status.OPTIMAL, Status.FEASIBLE}:
        return solution
    if compiled.column_count > LARGE and solution.compiled is compiled:
        return solution
    loose = [_loosened(device, horizon) for device in parts.devices]
    meant = replace(
        parts,
        devices=loose,
        grid=_loosened_grid(parts.grid),
        meters=[replace(m, billing=_loosened_bill(m.billing)) for m in parts.meters],
    )
    compiled.give(data_of(meant, horizon))
    return with_duals(compiled, solution)


def with_duals(compiled: Compiled, solution: Solution) -> Solution:
    """Return ``solution`` with the duals of ``compiled``, which is not tightened."""
    found = held(compiled, solution.values)
    if found is not None:
        return replace(solution, duals=lambda: found.row_dual, compiled=compiled)
    if solution.compiled is compiled:
        return solution
    none = np.zeros(compiled.row_count)
    return replace(solution, duals=lambda: none, compiled=compiled)


def _loosened(device: Component, horizon: Horizon) -> Component:
    """Return a charger that only its own power bounds; all others as they are."""
    if not isinstance(device, EvCharger):
        return device
    most_kw = np.full(horizon.steps, device.device.max_power_kw)
    return replace(device, most_kw=most_kw)


def _loosened_grid(grid: GridConnection) -> GridConnection:
    """Return a connection that could carry a kW more than the home can reach."""
    return replace(
        grid,
        most_import_kw=np.asarray(grid.most_import_kw) + 1,
        most_export_kw=np.asarray(grid.most_export_kw) + 1,
        billing=None if grid.billing is None else _loosened_bill(grid.billing),
    )


def _loosened_bill(billing: Billing) -> Billing:
    sold_kw = 0 if billing.one_way else 1
    return replace(
        billing,
        most_import_kw=np.asarray(billing.most_import_kw) + 1,
        most_export_kw=np.asarray(billing.most_export_kw) + sold_kw,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """The linear problem with its integers held: its cost, and a dual for each row."""

    objective: float
    row_dual: Numbers


def held(compiled: Compiled, values: Numbers) -> Held | None:
    """Return the best of what the integers in ``values`` allow, None if nothing."""
    linear = Linear(compiled, compiled.opened, time.monotonic() + _LONGEST_S)
    linear.minimise(aim_at(linear.instance, compiled.entries.cost))
    integers = compiled.integers
    linear.hold(integers, np.round(values[integers]))
    run = linear.run()
    linear.free(integers)
    if run is None:
        return None
    cost = float(compiled.entries.cost @ run.values)
    return Held(objective=cost + compiled.offset, row_dual=run.row_dual())
