"""Near-real-time data out, and load curves in many formats. Pure."""

from cem_core.exchange.curve import (
    MID_REGISTER,
    NOT_FOR_BILLING,
    CurveError,
    Interval,
    LoadCurve,
    Status,
    coarser,
)

__all__ = [
    "MID_REGISTER",
    "NOT_FOR_BILLING",
    "CurveError",
    "Interval",
    "LoadCurve",
    "Status",
    "coarser",
]
