"""Power limits: where they come from, which one holds, how near they are."""

from cem_core.limits.arbitrate import arbitrate
from cem_core.limits.contract import Contract, FeedInCap, contract_limits
from cem_core.limits.host_clock import HostClock, Moment, Shift
from cem_core.limits.meter import meter_limits
from cem_core.limits.near_limit import NearLimit, NearLimitDetector
from cem_core.limits.order_book import LimitError, OrderBook
from cem_core.limits.peak_guard import PEAK_ISSUER, PeakGuard
from cem_core.limits.quarter_hour import QuarterHour, QuarterHourTracker

__all__ = [
    "PEAK_ISSUER",
    "Contract",
    "FeedInCap",
    "HostClock",
    "LimitError",
    "Moment",
    "NearLimit",
    "NearLimitDetector",
    "OrderBook",
    "PeakGuard",
    "QuarterHour",
    "QuarterHourTracker",
    "Shift",
    "arbitrate",
    "contract_limits",
    "meter_limits",
]
