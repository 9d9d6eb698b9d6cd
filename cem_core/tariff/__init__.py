"""What energy and power cost: price components and capacity charges, pure.

The optimiser plans with these, settlement bills with the same.
"""

from cem_core.tariff.capacity import (
    CapacityWindow,
    capacity_charge,
    capacity_windows,
    month_peaks,
)
from cem_core.tariff.energy import EnergyPrice

__all__ = [
    "CapacityWindow",
    "EnergyPrice",
    "capacity_charge",
    "capacity_windows",
    "month_peaks",
]
