"""Whether a home is heated, cooled or neither, by the weather of the last days.

A house with its sun and people needs no heat from a daily mean of about 15 °C on (the
heating limit of VDI 2067, before houses were insulated as now); whole days and a band
around each limit keep one warm or cold day from changing the season.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

DAYS: Final = 3
_HEATING_LIMIT_C: Final = 15.0
_COOLING_LIMIT_C: Final = 22.0
_BAND_K: Final = 2.0


# Below this outside an open window cools what the sun has heated.
_WARM_OUTSIDE_C: Final = 18.0
_TOO_WARM_K: Final = 0.5


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


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """Rooms as one resistance and one capacitance, and the band that is wished."""

    indoor_c: float
    resistance_k_per_kw: float
    capacitance_kwh_per_k: float
    lowest_c: float
    highest_c: float


def overheats(
    house: House,
    outdoor_c: Sequence[float],
    gains_kw: Sequence[float],
    step_h: float,
    *,
    cooled: bool,
) -> bool:
    """Tell whether rooms that are left alone get too warm before they get too cold.

    T[t+1] = T[t] + dt/C (gains[t] - (T[t] - T_out[t]) / R), with what is foretold. Half a
    kelvin keeps one who is ``cooled`` so, or not, from changing with each forecast.
    """
    apart_k = -_TOO_WARM_K if cooled else _TOO_WARM_K
    per_kw = step_h / house.capacitance_kwh_per_k
    warm_c = house.indoor_c
    for outside_c, free_kw in zip(outdoor_c, gains_kw, strict=True):
        lost_kw = (warm_c - outside_c) / house.resistance_k_per_kw
        warm_c += per_kw * (free_kw - lost_kw)
        if warm_c < house.lowest_c:
            return False
        if warm_c > house.highest_c + apart_k and outside_c >= _WARM_OUTSIDE_C:
            return True
    return False


@dataclass(slots=True)
class SeasonWatch:
    """The season as the weather has it; while nothing is known it is heated.

    ``hot_ahead`` are the devices whose rooms get too warm by what is foretold.
    """

    season: Season = Season.HEATING
    mean_c: float | None = None
    hot_ahead: set[str] = field(default_factory=set)

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
