"""Whether a home is heated, cooled or neither, by the weather of the last days.

A house with its sun and people needs no heat from a daily mean of about 15 °C on (the
heating limit of VDI 2067, before houses were insulated as now); whole days and a band
around each limit keep one warm or cold day from changing the season.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

DAYS: Final = 3
_HEATING_LIMIT_C: Final = 15.0
_COOLING_LIMIT_C: Final = 22.0
_BAND_K: Final = 2.0


class Season(StrEnum):
    """What rooms need."""

    HEATING = "heating"
    COOLING = "cooling"
    NONE = "none"


def season(mean_c: float, before: Season) -> Season:
    """Return the season at a mean of some days, which was ``before`` until now."""
    heats_below = _HEATING_LIMIT_C + (_BAND_K if before is Season.HEATING else 0.0)
    cools_above = _COOLING_LIMIT_C - (_BAND_K if before is Season.COOLING else 0.0)
    if mean_c < heats_below:
        return Season.HEATING
    return Season.COOLING if mean_c > cools_above else Season.NONE


@dataclass(slots=True)
class SeasonWatch:
    """The season as the weather has it; while nothing is known it is heated."""

    season: Season = Season.HEATING
    mean_c: float | None = None

    def look(self, daily_c: Sequence[float | None]) -> bool:
        """Take the means of the last `DAYS` whole days; tell whether it changed.

        With one that is missing it stays as it was.
        """
        known = [mean_c for mean_c in daily_c[-DAYS:] if mean_c is not None]
        if len(known) < DAYS:
            return False
        self.mean_c = round(sum(known) / DAYS, 1)
        before, self.season = self.season, season(self.mean_c, self.season)
        return self.season is not before
