"""A loadpoint of evcc: JSON of `GET /api/state` -> what is known of a charger.

Names and units are those of evcc's `core/keys/loadpoint.go`: A, W, percent.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from cem_core.evcc.error import EvccError

_FULL: Final = 100  # percent
_MOST: Final = 1e9  # W, A, percent: more is nonsense
_PHASES: Final = (1, 2, 3)


class ChargeMode(StrEnum):
    """What evcc does at a loadpoint (`api/chargemode.go`)."""

    OFF = "off"
    PV = "pv"
    MIN_PV = "minpv"
    NOW = "now"


@dataclass(frozen=True, slots=True, kw_only=True)
class Loadpoint:
    """What evcc says of one; None: it does not say, or not now.

    ``phases_configured`` 0: evcc chooses. ``phases_active`` counts what the car uses.
    """

    title: str
    mode: ChargeMode
    min_current_a: float
    max_current_a: float
    phases_configured: int
    phases_active: int | None
    switches_phases: bool
    connected: bool
    power_w: float | None
    state_of_charge: float | None


def loadpoint(said: object, number: int) -> Loadpoint:
    """Return loadpoint ``number``, from 1, of the list that evcc ``said``.

    Raises EvccError where there is none, or what it must say is missing.
    """
    if not isinstance(said, list):
        raise EvccError("evcc says no list of loadpoints")
    if not 1 <= number <= len(said):
        raise EvccError(f"evcc has {len(said)} loadpoints: there is no {number}")
    found = said[number - 1]
    if not isinstance(found, dict):
        raise EvccError(f"loadpoint {number} is no object")
    try:
        mode = ChargeMode(found.get("mode", ""))
    except ValueError as error:
        raise EvccError(f"mode {found.get('mode')!r} is not known") from error
    phases = _number(found, "phasesActive")
    return Loadpoint(
        title=str(found.get("title") or f"loadpoint {number}"),
        mode=mode,
        min_current_a=_needed(found, "minCurrent"),
        max_current_a=_needed(found, "maxCurrent"),
        phases_configured=round(_needed(found, "phasesConfigured")),
        phases_active=round(phases) if phases in _PHASES else None,
        switches_phases=found.get("chargerPhases1p3p") is True,
        connected=found.get("connected") is True,
        power_w=_number(found, "chargePower"),
        state_of_charge=_share(_number(found, "vehicleSoc")),
    )


def _number(found: Mapping[str, Any], key: str) -> float | None:
    value = found.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if abs(value) <= _MOST else None  # no NaN either


def _needed(found: Mapping[str, Any], key: str) -> float:
    value = _number(found, key)
    if value is None:
        raise EvccError(f"{key} is no number")
    return value


def _share(percent: float | None) -> float | None:
    """Return a state of charge from 0 to 1; of a car that left, evcc says 0."""
    return percent / _FULL if percent is not None and 0 < percent <= _FULL else None
