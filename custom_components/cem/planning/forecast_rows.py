"""Forecasts as entities carry them in their attributes -> Series.

The usual form is a list of rows with a start, perhaps an end, and a value.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import State
from homeassistant.util import dt as dt_util

from cem_core.model import Interval, Message, Series, SeriesError
from custom_components.cem.numbers import finite

_LISTS: Final = (
    ("forecast",),
    ("raw_today", "raw_tomorrow"),
    ("prices_today", "prices_tomorrow"),
    ("prices",),
)
_STARTS: Final = (
    *("start", "datetime", "from", "time", "start_time", "start_date"),
    "timestamp",
)
_ENDS: Final = ("end", "till", "to", "end_time", "end_date")
_VALUES: Final = ("value", "price", "temperature", "power", "total")
_LONGEST_STEP: Final = timedelta(hours=3)


class EntityAwayError(SeriesError):
    """An entity that would tell is not there just now."""

    def __init__(self, entity_id: str) -> None:
        """Name it."""
        self.message = Message.of("entity_away", entity=entity_id)
        super().__init__(f"{entity_id} is not available")


def forecast_of(state: State, factor: float = 1.0) -> Series:
    """Return the forecast in the attributes of ``state``, times ``factor``.

    Raises `SeriesError` when there is none or it cannot be read without
    guessing, `EntityAwayError` when the entity is not available.
    """
    for names in _LISTS:
        lists = [state.attributes.get(name) for name in names]
        if isinstance(lists[0], list):
            rows = [row for part in lists if isinstance(part, list) for row in part]
            return series_of(rows, factor)
    if state.state == STATE_UNAVAILABLE:
        raise EntityAwayError(state.entity_id)
    raise SeriesError(f"{state.entity_id} has no forecast attribute")


def series_of(rows: Iterable[Any], factor: float = 1.0) -> Series:
    """Return the series in ``rows``; rows without a value are gaps."""
    read = []
    for row in rows:
        if not isinstance(row, Mapping):
            raise SeriesError(f"{row!r} is no row of a forecast")
        value = _first(row, _VALUES)
        if value is None:
            continue
        start = _time(_first(row, _STARTS))
        end = _first(row, _ENDS)
        number = finite(value)
        if number is None:
            raise SeriesError(f"{value!r} is no number")
        read.append((start, _time(end) if end else None, number * factor))
    return Series.of(_closed(sorted(read, key=lambda row: row[0])))


def _closed(rows: list[tuple[datetime, datetime | None, float]]) -> list[Interval]:
    """Give each row without an end the start of the next, the last the usual step."""
    intervals = []
    step = timedelta(hours=1)
    for place, (start, end, value) in enumerate(rows):
        stop = end
        if stop is None and place + 1 < len(rows):
            step = min(rows[place + 1][0] - start, _LONGEST_STEP) or step
            stop = start + step
        intervals.append(Interval(start=start, end=stop or start + step, value=value))
    return intervals


def _first(row: Mapping[str, Any], names: Iterable[str]) -> Any:  # noqa: ANN401 - JSON
    return next((row[name] for name in names if row.get(name) is not None), None)


def _time(value: Any) -> datetime:  # noqa: ANN401 - JSON
    """Return an aware UTC time; without an offset it is the home's local time."""
    parsed = (
        value if isinstance(value, datetime) else dt_util.parse_datetime(str(value))
    )
    if parsed is None:
        raise SeriesError(f"{value!r} is no time")
    return dt_util.as_utc(parsed)
