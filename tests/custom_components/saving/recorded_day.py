"""A day as a recorder knows it, made up by tests."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

NOON: Final = datetime(2026, 1, 15, 12, tzinfo=UTC)
DAY: Final = timedelta(days=1)
BEGIN: Final = NOON - DAY
GRID: Final = "sensor.home_grid_power"
PUMP: Final = "sensor.heat_pump"
DISHWASHER: Final = "sensor.dishwasher"
BOILER: Final = "sensor.boiler"
PROFILE_W: Final = (2000, 300, 100, 2000, 400, 100)

# W or °C of each quarter hour, by entity.
type Columns = dict[str, Callable[[int], float | None]]


def runs_at(quarter: int) -> Callable[[int], float]:
    """Return the power of the dishwasher that is started in that quarter hour."""

    def power_w(now: int) -> float:
        place = now - quarter
        return PROFILE_W[place] if 0 <= place < len(PROFILE_W) else 0

    return power_w
