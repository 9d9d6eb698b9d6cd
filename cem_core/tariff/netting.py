"""What a meter or a contract nets before it bills: import and export of a period.

Phases are summed first; a period is aligned to the local clock.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from cem_core.tariff.integration import Powers
from cem_core.tariff.time_grid import TimeGrid, into_hour


def netting_periods(grid: TimeGrid, minutes: int) -> Sequence[Sequence[int]]:
    """Return the steps of each period of ``minutes``, by where they start."""
    length = timedelta(minutes=minutes)
    periods: dict[datetime, list[int]] = {}
    for t in range(grid.steps):
        begin = grid.edges[t]  # in UTC, where no hour comes twice
        into = into_hour(begin, grid.zone) % length
        periods.setdefault(begin - into, []).append(t)
    return list(periods.values())


def netted_kwh(
    periods: Sequence[Sequence[int]], net_kw: Powers, hours: Powers
) -> Sequence[float]:
    """Return the energy of each period in kWh, import less export.

    ``hours`` are the lengths of the steps.
    """
    return [sum(net_kw[t] * hours[t] for t in steps) for steps in periods]
