"""Charging profiles: short ones that are renewed, over one that stays.

A station that hears no more of us keeps to the profile that stays (stack level 0), as
soon as the short one over it (level 1) has run out. Sources: OCPP 1.6, 3.13 Smart
Charging; OCPP 2.0.1, K Smart Charging; at least 6 A or nothing: IEC 61851-1.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
import math
from typing import Any, Final

LEAST_A: Final = 6.0
_PHASE_V: Final = 230.0
_STAYS: Final = 1  # the identifier of what stays
_STEP_A: Final = 0.1  # OCPP 1.6, 7.14: at most one digit behind the point


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """What a car may draw; ``power_w`` 0 pauses it, None sets no bound."""

    power_w: float | None
    phases: int = 3

    def ampere(self, most_a: float) -> float:
        """Return the current a phase, rounded down; 0 where it is below the least."""
        if self.power_w is None:
            return most_a
        current_a = min(most_a, self.power_w / (_PHASE_V * self.phases))
        current_a = math.floor(current_a / _STEP_A + 1e-6) * _STEP_A
        return round(current_a, 1) if current_a >= LEAST_A else 0.0

    def watt(self, most_a: float) -> float:
        """Return the power of that current."""
        return round(self.ampere(most_a) * _PHASE_V * self.phases, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wiring:
    """How a station is wired and what its schedules can say."""

    most_a: float = 16.0
    in_ampere: bool = True
    says_phases: bool = True


def short_id(connector: int) -> int:
    """Return the identifier of a connector's short profile, one of its own."""
    return 100 + connector


def lasting_id(connector: int) -> int:
    """Return the identifier of the profile that stays; 0: that of all connectors."""
    return _STAYS if connector == 0 else 200 + connector


def period(allowance: Allowance, wiring: Wiring) -> dict[str, Any]:
    """Return the one period of a schedule."""
    limit = (
        allowance.ampere(wiring.most_a)
        if wiring.in_ampere
        else allowance.watt(wiring.most_a)
    )
    found: dict[str, Any] = {"start_period": 0, "limit": limit}
    if wiring.says_phases:
        found["number_phases"] = allowance.phases
    return found


def profile_16(
    allowance: Allowance,
    wiring: Wiring,
    *,
    connector: int = 0,
    now: datetime | None = None,
    lasts: timedelta | None = None,
    transaction: int | None = None,
) -> dict[str, Any]:
    """Return a `ChargingProfile` of OCPP 1.6, keys in snake_case.

    With ``now`` and ``lasts`` a short one of a ``connector``, and of a ``transaction`` where there is one;
    without them the one that stays, of all connectors where ``connector`` is 0.
    """
    schedule: dict[str, Any] = {
        "charging_rate_unit": "A" if wiring.in_ampere else "W",
        "charging_schedule_period": [period(allowance, wiring)],
    }
    found: dict[str, Any] = {
        "charging_profile_id": lasting_id(connector),
        "stack_level": 0,
        "charging_profile_purpose": "TxDefaultProfile",
        "charging_profile_kind": "Relative",
        "charging_schedule": schedule,
    }
    if now is not None and lasts is not None:
        schedule["duration"] = round(lasts.total_seconds())
        schedule["start_schedule"] = _at(now)
        found |= {
            "charging_profile_id": short_id(connector),
            "stack_level": 1,
            "charging_profile_kind": "Absolute",
            "valid_to": _at(now + lasts),
        }
        if transaction is not None:
            found["charging_profile_purpose"] = "TxProfile"
            found["transaction_id"] = transaction
    return found


def profile_201(
    allowance: Allowance,
    wiring: Wiring,
    *,
    connector: int = 0,
    now: datetime | None = None,
    lasts: timedelta | None = None,
    transaction: str | None = None,
) -> dict[str, Any]:
    """Return a `ChargingProfileType` of OCPP 2.0.1; see `profile_16`."""
    found = profile_16(allowance, wiring, connector=connector, now=now, lasts=lasts)
    schedule = found["charging_schedule"]
    schedule["id"] = found["id"] = found.pop("charging_profile_id")
    found["charging_schedule"] = [schedule]
    if now is not None and transaction is not None:
        found["charging_profile_purpose"] = "TxProfile"
        found["transaction_id"] = transaction
    return found


def _at(when: datetime) -> str:
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")
