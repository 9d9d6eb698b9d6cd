"""Power limits: where they come from, which one holds, how near they are."""

from cem_core.limits.arbitrate import arbitrate
from cem_core.limits.contract import Contract, FeedInCap
from cem_core.limits.host_clock import HostClock, Moment, Shift
from cem_core.limits.meter import meter_limits
from cem_core.limits.near_limit import NearLimitDetector
from cem_core.limits.notice import (
    AnySide,
    Level,
    NearLimit,
    NearLimitSettings,
    NoticeCause,
    Relief,
)
from cem_core.limits.order_book import LimitError, OrderBook
from cem_core.limits.peak_guard import PEAK_ISSUER, PeakGuard
from cem_core.limits.quarter_hour import QuarterHour, QuarterHourTracker
from cem_core.limits.trip_rules import TripRule, TripWatch, rule_of_country, trip_watch

__all__ = [
    "PEAK_ISSUER",
    "AnySide",
    "Contract",
    "FeedInCap",
    "HostClock",
    "Level",
    "LimitError",
    "Moment",
    "NearLimit",
    "NearLimitDetector",
    "NearLimitSettings",
    "NoticeCause",
    "OrderBook",
    "PeakGuard",
    "QuarterHour",
    "QuarterHourTracker",
    "Relief",
    "Shift",
    "TripRule",
    "TripWatch",
    "arbitrate",
    "meter_limits",
    "rule_of_country",
    "trip_watch",
]
