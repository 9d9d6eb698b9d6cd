"""Sampled values of both OCPP versions -> `Measured`.

OCPP 1.6 (7.43 SampledValue) says values as text with a unit; 2.0.1 as numbers with a
unit of measure and a power of ten. A value of a phase counts for that phase; a total is
the value without a phase, or else the sum of the phases.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
import math
from typing import Any, Final

from cem_core.ocpp.station import Measured

_POWER: Final = "Power.Active.Import"
_EXPORT: Final = "Power.Active.Export"
_ENERGY: Final = "Energy.Active.Import.Register"
_CURRENT: Final = "Current.Import"
_OFFERED: Final = "Current.Offered"
_VOLTAGE: Final = "Voltage"
_CHARGE: Final = "SoC"
_KILO: Final = frozenset(("kW", "kWh"))
_PHASES: Final = {"L1": 0, "L2": 1, "L3": 2, "L1-N": 0, "L2-N": 1, "L3-N": 2}
_WHOLE: Final = frozenset((None, "Inlet", "Outlet"))
_HIGHEST: Final = 1e9  # no connector measures more of anything


def measured(values: Iterable[Mapping[str, Any]]) -> Measured:
    """Return what meter values say, keys in snake_case; later ones count.

    What is no number, or impossible, is left out: a station is not refused for it.
    """
    totals: dict[str, float] = {}
    phases: dict[str, list[float | None]] = {}
    at: datetime | None = None
    for each in values:
        at = _time(each.get("timestamp")) or at
        for sample in each.get("sampled_value", ()):
            number = _number(sample)
            if number is None:
                continue
            name = sample.get("measurand") or _ENERGY
            phase = sample.get("phase")
            if phase in _PHASES:
                known = phases.setdefault(name, [None, None, None])
                known[_PHASES[phase]] = number
            elif phase is None:
                totals[name] = number
    charge = totals.get(_CHARGE)
    return Measured(
        power_w=_power(totals, phases),
        energy_wh=_total(_ENERGY, totals, phases),
        current_a=_each(phases.get(_CURRENT), totals.get(_CURRENT)),
        voltage_v=_each(phases.get(_VOLTAGE), totals.get(_VOLTAGE)),
        state_of_charge=None if charge is None else min(1.0, max(0.0, charge / 100)),
        offered_a=totals.get(_OFFERED),
        at=at,
    )


def _power(
    totals: Mapping[str, float], phases: Mapping[str, list[float | None]]
) -> float | None:
    drawn, given = _total(_POWER, totals, phases), _total(_EXPORT, totals, phases)
    if drawn is None and given is None:
        return None
    return (drawn or 0.0) - (given or 0.0)


def _total(
    name: str, totals: Mapping[str, float], phases: Mapping[str, list[float | None]]
) -> float | None:
    if name in totals:
        return totals[name]
    found = [value for value in phases.get(name, ()) if value is not None]
    return sum(found) if found else None


def _each(
    phases: list[float | None] | None, whole: float | None
) -> tuple[float | None, float | None, float | None]:
    if phases is not None:
        first, second, third = phases
        return first, second, third
    return whole, None, None


def _number(sample: Mapping[str, Any]) -> float | None:
    """Return a value in W, Wh, A, V or percent."""
    try:
        value = float(sample["value"])
    except KeyError, TypeError, ValueError:
        return None
    unit = sample.get("unit")
    measure = sample.get("unit_of_measure") or {}
    unit = measure.get("unit", unit)
    if unit in _KILO:
        value *= 1000
    exponent = measure.get("multiplier", 0)
    if isinstance(exponent, int) and abs(exponent) <= 9:  # noqa: PLR2004 - giga, nano
        value *= 10.0**exponent
    return value if math.isfinite(value) and abs(value) < _HIGHEST else None


def _time(said: object) -> datetime | None:
    if not isinstance(said, str):
        return None
    try:
        found = datetime.fromisoformat(said)
    except ValueError:
        return None
    return found if found.tzinfo is not None else None
