"""Rows of Home Assistant's statistics: one a step, None where nothing is recorded."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Final, Literal

from homeassistant.components.recorder.statistics import statistics_during_period
from homeassistant.core import HomeAssistant
from homeassistant.helpers.recorder import get_instance

HOUR: Final = timedelta(hours=1)
FIVE_MINUTES: Final = timedelta(minutes=5)
_UNITS: Final = {"power": "W", "temperature": "°C", "energy": "Wh"}

type Column = list[float | None]
type Period = Literal["5minute", "hour"]

_PERIODS: Final[Mapping[timedelta, Period]] = {FIVE_MINUTES: "5minute", HOUR: "hour"}


async def async_means(
    hass: HomeAssistant,
    statistic_ids: Iterable[str],
    start: datetime,
    rows: int,
    step: timedelta = HOUR,
) -> dict[str, Column]:
    """Return the means of ``rows`` steps from ``start`` on, in W and °C.

    The recorder's thread does all of it: the event loop only waits.
    """
    wanted = set(statistic_ids)
    if not wanted or not rows or "recorder" not in hass.config.components:
        return {name: [None] * rows for name in wanted}
    return await get_instance(hass).async_add_executor_job(
        partial(_means, hass, wanted, start, rows, step)
    )


def _means(
    hass: HomeAssistant, wanted: set[str], start: datetime, rows: int, step: timedelta
) -> dict[str, Column]:
    found = statistics_during_period(
        hass,
        start,
        start + rows * step,
        wanted,
        _PERIODS[step],
        _UNITS,
        {"mean"},
    )
    # Python code in a thread makes the event loop wait for the interpreter: for
    # thousands of rows each microsecond counts.
    start_s, step_s = start.timestamp(), step.total_seconds()
    columns: dict[str, Column] = {}
    for name in wanted:
        column: Column = [None] * rows
        for row in found.get(name, ()):
            place = round((row["start"] - start_s) / step_s)
            mean = row.get("mean")
            if mean is not None and 0 <= place < rows:
                column[place] = round(mean, 3)
        columns[name] = column
    return columns
