"""The vocabulary: frozen dataclasses with arithmetic and nothing else.

Power is in W, energy in Wh. Power is positive when it flows into the thing
named: into the house (import), into a battery (charging). A solar device
reports what it produces, >= 0. Times are aware and in UTC.
"""

from cem_core.model.device import (
    HEATING,
    OPERATOR_REACTION_S,
    CarNeed,
    Device,
    DeviceKind,
    DeviceState,
    Owner,
    Protection,
)
from cem_core.model.limit import (
    Basis,
    Direction,
    LimitsInForce,
    LimitSource,
    PowerLimit,
    Priority,
    Scope,
)
from cem_core.model.message import Message
from cem_core.model.plan import (
    Action,
    Balance,
    DevicePlan,
    HeatUse,
    Plan,
    PlanStatus,
    PlanStep,
    Reason,
    Relaxation,
)
from cem_core.model.reading import (
    Breaker,
    Peak,
    PhaseReading,
    PowerFailure,
    PowerFailures,
    Quality,
    RawValue,
    Reading,
    Submeter,
    SubmeterKind,
)
from cem_core.model.series import Interval, Series, SeriesError
from cem_core.model.setpoint import Cause, Setpoint

__all__ = [
    "HEATING",
    "OPERATOR_REACTION_S",
    "Action",
    "Balance",
    "Basis",
    "Breaker",
    "CarNeed",
    "Cause",
    "Device",
    "DeviceKind",
    "DevicePlan",
    "DeviceState",
    "Direction",
    "HeatUse",
    "Interval",
    "LimitSource",
    "LimitsInForce",
    "Message",
    "Owner",
    "Peak",
    "PhaseReading",
    "Plan",
    "PlanStatus",
    "PlanStep",
    "PowerFailure",
    "PowerFailures",
    "PowerLimit",
    "Priority",
    "Protection",
    "Quality",
    "RawValue",
    "Reading",
    "Reason",
    "Relaxation",
    "Scope",
    "Series",
    "SeriesError",
    "Setpoint",
    "Submeter",
    "SubmeterKind",
]
