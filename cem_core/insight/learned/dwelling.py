"""What is asked of a person about the dwelling: enough for start values."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class DwellingKind(StrEnum):
    """How much of the dwelling's surface meets the weather."""

    DETACHED = "detached"
    SEMI_DETACHED = "semi_detached"
    TERRACED = "terraced"
    APARTMENT = "apartment"


# W/(m2 K) of floor area, transmission and ventilation, of a detached house that
# was built before the year. Orders of magnitude after the age classes of TABULA /
# EPISCOPE (single-family houses, Germany and the Low Countries, windows renewed).
_LOSS_BEFORE: Final[Sequence[tuple[int, float]]] = (
    (1950, 3.2),
    (1979, 2.8),
    (1995, 2.2),
    (2002, 1.6),
    (2010, 1.25),
    (2016, 1.0),
)
_LOSS_SINCE: Final = 0.8
_EXPOSED: Final = {
    DwellingKind.DETACHED: 1.0,
    DwellingKind.SEMI_DETACHED: 0.85,
    DwellingKind.TERRACED: 0.75,
    DwellingKind.APARTMENT: 0.6,
}
# ISO 13790:2008 table 12, class "medium": 165 kJ/(m2 K).
_CAPACITANCE_WH_PER_M2K: Final = 165 / 3.6
# Windows of a sixth of the floor, g 0.6, frame 0.7, shade and orientation 0.55.
_APERTURE_PER_M2: Final = 0.04
# ISO 13790:2008 annex G gives 2 to 9 W/m2 by room and hour; a day's mean is 3.
_GAINS_W_PER_M2: Final = 3.0
_HOURS_PER_YEAR: Final = 8760
_WH_PER_KWH: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Dwelling:
    """A dwelling as a form describes it; ``floor_area_m2`` is what is heated."""

    kind: DwellingKind
    floor_area_m2: float
    building_year: int

    @property
    def loss_w_per_k(self) -> float:
        """Heat lost for each degree between indoors and outdoors."""
        per_m2 = next(
            (loss for year, loss in _LOSS_BEFORE if self.building_year < year),
            _LOSS_SINCE,
        )
        return per_m2 * _EXPOSED[self.kind] * self.floor_area_m2

    @property
    def capacitance_wh_per_k(self) -> float:
        """Heat stored for each degree, in what follows a day's rhythm."""
        return _CAPACITANCE_WH_PER_M2K * self.floor_area_m2

    @property
    def solar_aperture_m2(self) -> float:
        """Horizontal area that would take as much sun as the windows do."""
        return _APERTURE_PER_M2 * self.floor_area_m2

    @property
    def internal_gains_w(self) -> float:
        """Heat from people and what they use, mean of a day."""
        return _GAINS_W_PER_M2 * self.floor_area_m2

    @property
    def hot_water_wh_per_day(self) -> float:
        """Heat drawn as hot water a day (DIN V 18599-10:2018, 16.5 - 0.05 A)."""
        kwh_per_m2_year = max(8.5, 16.5 - 0.05 * self.floor_area_m2)
        per_year_wh = _WH_PER_KWH * kwh_per_m2_year * self.floor_area_m2
        return per_year_wh / _HOURS_PER_YEAR * 24
