"""What a home is expected to consume before anything was measured."""

from enum import StrEnum
from typing import Final

import numpy as np

from cem_core.insight.distribution import Numbers

HOURS_PER_YEAR: Final = 8760.0

# Share of a mean day in each hour of the local clock: low at night, a small
# morning and a large evening peak, as every household load profile has them.
_SHAPE: Final = (
    *(0.55, 0.48, 0.45, 0.44, 0.46, 0.58, 0.88, 1.10, 1.08, 1.00, 0.98, 1.04),
    *(1.12, 1.02, 0.93, 0.92, 1.05, 1.35, 1.62, 1.70, 1.58, 1.36, 1.04, 0.75),
)


class Dwelling(StrEnum):
    """The kind of home, for start values."""

    FLAT = "flat"
    TERRACED = "terraced"
    DETACHED = "detached"


# kWh a year without heating and cars: rounded from the European means of two,
# three and four persons.
ANNUAL_KWH: Final = {
    Dwelling.FLAT: 2000.0,
    Dwelling.TERRACED: 3000.0,
    Dwelling.DETACHED: 4500.0,
}


def typical_load_kw(
    local_hours: Numbers, annual_kwh: float = ANNUAL_KWH[Dwelling.TERRACED]
) -> Numbers:
    """Return the mean power in kW at ``local_hours`` (0..24), shape kept."""
    shape = np.array(_SHAPE) / np.mean(_SHAPE)
    mean_kw = annual_kwh / HOURS_PER_YEAR
    return np.asarray(mean_kw * shape[np.floor(local_hours).astype(int) % 24])
