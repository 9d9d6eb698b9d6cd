"""Which rule a connection trips by, and what of a telegram it goes by."""

from collections.abc import Callable, Mapping
from datetime import date
from enum import StrEnum
import math
from typing import Final

from cem_core.limits.trip import (
    BREAKER_B,
    BREAKER_C,
    BreakerTrip,
    LinkyTrip,
    Trip,
    italy,
    spain,
)
from cem_core.model import Reading
from cem_core.model.units import w
from cem_core.tariff.country_rules import (
    TripAtOnce,
    TripByFilter,
    TripByTolerance,
    rules_in_force,
)

type Measure = Callable[[Reading], float | None]

# A longer time without a telegram is no time of known power.
_LONGEST_STEP_S: Final = 10.0
_PHASES_MEASURED: Final = 2  # of fewer, none is more loaded than the others


class TripRule(StrEnum):
    """What trips, as the settings name it."""

    NONE = "none"
    LINKY = "linky"
    ITALY = "italy"
    SPAIN = "spain"
    BREAKER_B = "breaker_b"
    BREAKER_C = "breaker_c"


# Where the meter itself cuts; elsewhere the main breaker does.
_OF_COUNTRY: Final[Mapping[str, TripRule]] = {
    "FR": TripRule.LINKY,
    "IT": TripRule.ITALY,
    "ES": TripRule.SPAIN,
}


def rule_of_country(country: str | None) -> TripRule:
    """Return the rule for an ISO 3166 country; the soonest breaker elsewhere."""
    return _OF_COUNTRY.get(country or "", TripRule.BREAKER_B)


class TripWatch:
    """Follows the power at the connection with the rule that it trips by."""

    def __init__(self, rule: Trip, measure: Measure) -> None:
        """Begin with a rule that remembers nothing."""
        self._rule = rule
        self._measure = measure
        self._at_s: float | None = None
        self._power_w = 0.0

    def update(self, reading: Reading | None, at_s: float) -> float | None:
        """Return the seconds until it trips, None where it does not or who knows.

        Without a reading (a silent meter) nothing is known; what the power was
        meanwhile is then taken for the higher of before and after.
        """
        power_w = None if reading is None else self._measure(reading)
        if power_w is None:
            return None
        if self._at_s is not None:
            elapsed_s = max(at_s - self._at_s, 0.0)
            known = elapsed_s <= _LONGEST_STEP_S
            meanwhile_w = power_w if known else max(power_w, self._power_w)
            self._rule = self._rule.after(meanwhile_w, elapsed_s)
        self._at_s, self._power_w = at_s, power_w
        return self._rule.left_s(power_w)


def trip_watch(rule: TripRule, subscribed_w: float, day: date) -> TripWatch | None:
    """Return what follows ``rule`` for a subscribed (France: VA) or rated power.

    What a country's meters do is what its rules say on ``day``; above the power up
    to which they cut, the main breaker does.
    """
    if rule is TripRule.NONE:
        return None
    if by_meter := _by_meter(rule, subscribed_w, day):
        return by_meter
    points = BREAKER_C if rule is TripRule.BREAKER_C else BREAKER_B
    return TripWatch(BreakerTrip(rated_w=subscribed_w, points=points), most_loaded_w)


def _by_meter(rule: TripRule, subscribed_w: float, day: date) -> TripWatch | None:
    match rule:
        case TripRule.LINKY if by_filter := _law("FR", TripByFilter, day):
            linky = LinkyTrip(subscribed_va=subscribed_w, law=by_filter)
            return TripWatch(linky, apparent_va)
        case TripRule.ITALY if tolerance := _law("IT", TripByTolerance, day):
            if subscribed_w <= w(tolerance.up_to_kw):
                return TripWatch(italy(subscribed_w, tolerance), import_w)
        case TripRule.SPAIN if at_once := _law("ES", TripAtOnce, day):
            if subscribed_w <= w(at_once.up_to_kw):
                return TripWatch(spain(subscribed_w, at_once), import_w)
    return None


def _law[T: (TripByFilter, TripByTolerance, TripAtOnce)](
    country: str, kind: type[T], day: date
) -> T | None:
    return next(iter(rules_in_force(country, kind, day)), None)


def import_w(reading: Reading) -> float | None:
    """Return the net power that flows in."""
    return None if reading.power_w is None else float(max(reading.power_w, 0))


def apparent_va(reading: Reading) -> float | None:
    """Return the apparent power that flows in, the active one where no more is told."""
    active_w = import_w(reading)
    if not active_w:
        return active_w
    reactive_var = (reading.reactive_import_power_var or 0) - (
        reading.reactive_export_power_var or 0
    )
    return math.hypot(active_w, reactive_var)


def most_loaded_w(reading: Reading) -> float | None:
    """Return what flows in if every phase carried what the most loaded one does.

    A breaker trips by its worst phase.
    """
    total_w = import_w(reading)
    phases = [x.import_power_w for x in reading.phases if x.import_power_w is not None]
    if total_w is None or len(phases) < _PHASES_MEASURED:
        return total_w
    return max(total_w, float(len(phases) * max(phases)))
