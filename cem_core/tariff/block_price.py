"""Prices by the energy of a calendar month: the first kWh at one, the next at another."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from cem_core.tariff.integration import Powers
from cem_core.tariff.time_grid import TimeGrid


@dataclass(frozen=True, slots=True, kw_only=True)
class EnergyBlock:
    """A price for the kWh up to a total; above the last its price holds."""

    up_to_kwh: float | None
    price_per_kwh: float


def left(blocks: Sequence[EnergyBlock], used_kwh: float) -> Sequence[EnergyBlock]:
    """Return the blocks after ``used_kwh``, their ends counted from there."""
    found = []
    for place, block in enumerate(blocks):
        end_kwh = block.up_to_kwh if place < len(blocks) - 1 else None
        if end_kwh is None or end_kwh > used_kwh:
            rest = None if end_kwh is None else end_kwh - used_kwh
            found.append(EnergyBlock(up_to_kwh=rest, price_per_kwh=block.price_per_kwh))
    return found


def block_charge(blocks: Sequence[EnergyBlock], energy_kwh: float) -> float:
    """Return what ``energy_kwh`` of one month cost."""
    charge = begin_kwh = 0.0
    for block in left(blocks, 0.0):
        end_kwh = energy_kwh if block.up_to_kwh is None else block.up_to_kwh
        inside_kwh = max(min(energy_kwh, end_kwh) - begin_kwh, 0.0)
        charge += block.price_per_kwh * inside_kwh
        begin_kwh = end_kwh
    return charge


def steps_by_month(grid: TimeGrid) -> Mapping[date, Sequence[int]]:
    """Return the steps that begin in each calendar month, in order."""
    months: dict[date, list[int]] = {}
    for t in range(grid.steps):
        months.setdefault(grid.local(t).date().replace(day=1), []).append(t)
    return months


def block_cost(
    blocks: Sequence[EnergyBlock],
    grid: TimeGrid,
    import_kw: Powers,
    so_far_kwh: float,
) -> float:
    """Return what imports cost beyond the first month's ``so_far_kwh``."""
    cost, hours = 0.0, grid.hours
    for place, steps in enumerate(steps_by_month(grid).values()):
        energy_kwh = sum(import_kw[t] * hours[t] for t in steps)
        used_kwh = so_far_kwh if place == 0 else 0.0
        cost += block_charge(left(blocks, used_kwh), energy_kwh)
    return cost
