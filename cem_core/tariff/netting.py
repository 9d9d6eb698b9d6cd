"""What a meter or a contract nets before it bills: import and export of a period.

Phases are summed first; a period is aligned to the local clock.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from cem_core.tariff.integration import Powers
from cem_core.tariff.time_grid import TimeGrid


def netting_periods(grid: TimeGrid, minutes: int) -> Sequence[Sequence[int]]:
    """Return the steps of each period of ``minutes``, by where they start."""
    length = timedelta(minutes=minutes)
    periods: dict[datetime, list[int]] = {}
    for t in range(grid.steps):
        local = grid.local(t)
        into = timedelta(minutes=local.minute, seconds=local.second) % length
        # In UTC, where no hour comes twice.
        periods.setdefault(local.astimezone(UTC) - into, []).append(t)
    return list(periods.values())


def netted_kwh(
    periods: Sequence[Sequence[int]], net_kw: Powers, hours: float
) -> Sequence[float]:
    """Return the energy of each period in kWh, import less export."""
    return [hours * sum(net_kw[t] for t in steps) for steps in periods]
