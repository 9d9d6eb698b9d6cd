"""What the charging profiles that a station keeps come to, now. Pure.

Of profiles of one purpose the highest stack level that is valid counts; a profile of
the transaction overrules the default, and the station's own maximum bounds both.
Source: OCPP 1.6, 3.13.2 and 3.13.3; OCPP 2.0.1, K01.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

_PHASE_V: Final = 230.0
_DEFAULT: Final = "TxDefaultProfile"
_TRANSACTION: Final = "TxProfile"
_MAXIMA: Final = ("ChargePointMaxProfile", "ChargingStationMaxProfile")

type Profile = Mapping[str, Any]


class ChargingProfiles:
    """The profiles of one connector, keys in snake_case as the package ocpp has them.

    Those of OCPP 2.0.1 differ in the name of the identifier, and hold their schedule in
    a list.
    """

    def __init__(self) -> None:
        """Keep none."""
        self._kept: dict[int, Profile] = {}

    def keep(self, profile: Profile) -> None:
        """Take a profile; one of the same identifier, or place, goes."""
        number = _number(profile)
        place = _place(profile)
        self._kept = {n: p for n, p in self._kept.items() if _place(p) != place}
        self._kept[number] = profile

    def clear(self, number: int | None = None) -> bool:
        """Forget one profile, or all; False: there was none."""
        gone = [n for n in self._kept if number in (None, n)]
        for each in gone:
            del self._kept[each]
        return bool(gone)

    def session_over(self) -> None:
        """Forget what was given for a transaction that has ended."""
        self._kept = {
            n: p
            for n, p in self._kept.items()
            if p["charging_profile_purpose"] != _TRANSACTION
        }

    def current_a(
        self, now: datetime, *, began: datetime | None, phases: int
    ) -> float | None:
        """Return the bound on each phase's current, None: there is none.

        ``began`` is when the transaction began, None without one: relative profiles
        count from it.
        """

        def of(*purposes: str) -> float | None:
            found = [
                (p["stack_level"], limit_a)
                for p in self._kept.values()
                if p["charging_profile_purpose"] in purposes
                and (limit_a := _limit_a(p, now, began or now, phases)) is not None
            ]
            return max(found)[1] if found else None

        transaction_a = of(_TRANSACTION)
        if transaction_a is None:
            transaction_a = of(_DEFAULT)
        bounds = [a for a in (transaction_a, of(*_MAXIMA)) if a is not None]
        return min(bounds, default=None)


def _number(profile: Profile) -> int:
    number = profile.get("charging_profile_id")
    return int(profile["id"] if number is None else number)


def _place(profile: Profile) -> tuple[str, int]:
    return profile["charging_profile_purpose"], int(profile["stack_level"])


def _schedule(profile: Profile) -> Mapping[str, Any]:
    schedule = profile["charging_schedule"]
    found: Mapping[str, Any] = schedule[0] if isinstance(schedule, list) else schedule
    return found


def _limit_a(
    profile: Profile, now: datetime, began: datetime, phases: int
) -> float | None:
    """Return the limit of the period that holds at ``now``, None: it is over."""
    until, since = profile.get("valid_to"), profile.get("valid_from")
    if until is not None and now >= datetime.fromisoformat(until):
        return None
    if since is not None and now < datetime.fromisoformat(since):
        return None
    schedule = _schedule(profile)
    start = schedule.get("start_schedule")
    begins = began if start is None else datetime.fromisoformat(start)
    passed_s = (now - begins).total_seconds()
    lasts_s = schedule.get("duration")
    if passed_s < 0 or (lasts_s is not None and passed_s >= lasts_s):
        return None
    periods: Sequence[Mapping[str, Any]] = schedule["charging_schedule_period"]
    held = [each for each in periods if each["start_period"] <= passed_s]
    if not held:
        return None
    period = max(held, key=lambda each: each["start_period"])
    limit = float(period["limit"])
    if schedule["charging_rate_unit"] == "A":
        return limit
    return limit / (_PHASE_V * int(period.get("number_phases") or phases))
