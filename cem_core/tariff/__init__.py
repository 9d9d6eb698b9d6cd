"""What energy and power cost: price components and capacity charges, pure.

The optimiser plans with these, settlement bills with the same.
"""

from cem_core.tariff.calendar import HourSpan, MonthSpan, WeekdaySpan, When
from cem_core.tariff.capacity import (
    ON_A_LEVEL_KW,
    BillingWindow,
    CapacityTariff,
    PeakLevel,
    PeakMask,
)
from cem_core.tariff.energy import EnergyPrice
from cem_core.tariff.integration import IntegrationPeriod, integration_periods
from cem_core.tariff.settlement import (
    PeaksSoFar,
    WeighedPeriod,
    WindowBill,
    capacity_cost,
    charge_before,
    settle,
    weigh,
)

__all__ = [
    "ON_A_LEVEL_KW",
    "BillingWindow",
    "CapacityTariff",
    "EnergyPrice",
    "HourSpan",
    "IntegrationPeriod",
    "MonthSpan",
    "PeakLevel",
    "PeakMask",
    "PeaksSoFar",
    "WeekdaySpan",
    "WeighedPeriod",
    "When",
    "WindowBill",
    "capacity_cost",
    "charge_before",
    "integration_periods",
    "settle",
    "weigh",
]
