"""How a home is lived in for a while, and what that changes in its plans."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, Self

# Colder than this, rooms that nobody airs get damp; it is far from frost.
VACATION_C: Final = 15.0
# Nobody draws it: far from frost, and heated against legionella all the same.
VACATION_WATER_C: Final = 15.0
_AWAY_COOLER_K: Final = 2.0
# Warmer than this, rooms and what is in them suffer though nobody is there.
VACATION_COOLED_C: Final = 28.0


class Profile(StrEnum):
    """What a person says of the days to come."""

    HOME = "home"
    AWAY = "away"
    VACATION = "vacation"
    PARTY = "party"
    GUEST_CAR = "guest_car"

    @property
    def nobody_home(self) -> bool:
        """Whether such days tell nothing of how the home is usually lived in."""
        return self in {Profile.AWAY, Profile.VACATION}

    def room_c(self, lowest_c: float, highest_c: float) -> tuple[float, float]:
        """Return the band of room temperature instead of the usual one.

        It stays within ``lowest_c`` and ``highest_c`` but for what nobody feels, and
        is never lowered below `VACATION_C`.
        """
        match self:
            case Profile.AWAY:
                cooler_c = max(lowest_c - _AWAY_COOLER_K, VACATION_C)
                return min(lowest_c, cooler_c), highest_c
            case Profile.VACATION:
                return min(lowest_c, VACATION_C), highest_c
            case Profile.PARTY:
                return (lowest_c + highest_c) / 2, highest_c
            case Profile.HOME | Profile.GUEST_CAR:
                return lowest_c, highest_c

    def cooled_c(self, lowest_c: float, highest_c: float) -> tuple[float, float]:
        """Return the band instead of the usual one while rooms are cooled.

        It is `room_c` in a mirror: nobody is missed by rooms that get warmer.
        """
        match self:
            case Profile.AWAY:
                warmer_c = min(highest_c + _AWAY_COOLER_K, VACATION_COOLED_C)
                return lowest_c, max(highest_c, warmer_c)
            case Profile.VACATION:
                return lowest_c, max(highest_c, VACATION_COOLED_C)
            case Profile.PARTY:
                return lowest_c, (lowest_c + highest_c) / 2
            case Profile.HOME | Profile.GUEST_CAR:
                return lowest_c, highest_c

    def water_c(self, lowest_c: float) -> float:
        """Return how cold hot water may get instead of ``lowest_c``.

        The cycle against legionella stays as it is.
        """
        if self is Profile.VACATION:
            return min(lowest_c, VACATION_WATER_C)
        return lowest_c


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileChoice:
    """A profile and when the usual one is back; None: when somebody says so."""

    profile: Profile = Profile.HOME
    until: datetime | None = None

    def at(self, time: datetime) -> Profile:
        """Return the profile that holds at ``time``."""
        over = self.until is not None and time >= self.until
        return Profile.HOME if over else self.profile

    def to_json(self) -> dict[str, Any]:
        """Return it as it is stored."""
        until = None if self.until is None else self.until.isoformat()
        return {"profile": self.profile.value, "until": until}

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        """Return what `to_json` made."""
        until = document["until"]
        return cls(
            profile=Profile(document["profile"]),
            until=None if until is None else datetime.fromisoformat(until),
        )
