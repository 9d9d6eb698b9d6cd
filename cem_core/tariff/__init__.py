"""What energy and power cost: price components and capacity charges, pure.

The optimiser plans with these, settlement bills with the same.
"""

from cem_core.tariff.block_price import (
    EnergyBlock,
    block_charge,
    block_cost,
    left as blocks_left,
    steps_by_month,
)
from cem_core.tariff.calendar import HourSpan, MonthSpan, WeekdaySpan, When, YearDay
from cem_core.tariff.capacity import (
    ON_A_LEVEL_KW,
    BillingWindow,
    CapacityTariff,
    PeakLevel,
    PeakMask,
)
from cem_core.tariff.energy_price import (
    ByPart,
    EnergyTariff,
    energy_bill,
    energy_prices,
    net_metered,
)
from cem_core.tariff.flexibility import (
    Deviation,
    FlexibilityPrice,
    covered_hours,
    delivered_kw,
)
from cem_core.tariff.headroom import free_kw
from cem_core.tariff.integration import IntegrationPeriod, integration_periods
from cem_core.tariff.metering import Prices, cascade_bill, each_step, meter_bill
from cem_core.tariff.netting import netted_kwh, netting_periods
from cem_core.tariff.settlement import (
    PeaksSoFar,
    WeighedPeriod,
    WindowBill,
    capacity_cost,
    charge_before,
    peaks_so_far,
    settle,
    weigh,
)
from cem_core.tariff.time_grid import TimeGrid, into_hour
from cem_core.tariff.time_of_use import Calendar, NoPriceError, Period, TimeOfUse

__all__ = [
    "ON_A_LEVEL_KW",
    "BillingWindow",
    "ByPart",
    "Calendar",
    "CapacityTariff",
    "Deviation",
    "EnergyBlock",
    "EnergyTariff",
    "FlexibilityPrice",
    "HourSpan",
    "IntegrationPeriod",
    "MonthSpan",
    "NoPriceError",
    "PeakLevel",
    "PeakMask",
    "PeaksSoFar",
    "Period",
    "Prices",
    "TimeGrid",
    "TimeOfUse",
    "WeekdaySpan",
    "WeighedPeriod",
    "When",
    "WindowBill",
    "YearDay",
    "block_charge",
    "block_cost",
    "blocks_left",
    "capacity_cost",
    "cascade_bill",
    "charge_before",
    "covered_hours",
    "delivered_kw",
    "each_step",
    "energy_bill",
    "energy_prices",
    "free_kw",
    "integration_periods",
    "into_hour",
    "meter_bill",
    "net_metered",
    "netted_kwh",
    "netting_periods",
    "peaks_so_far",
    "settle",
    "steps_by_month",
    "weigh",
]
