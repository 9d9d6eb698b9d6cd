"""How warm whole days were outside, or will be: measured, said or foretold."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from itertools import pairwise
from typing import Final

from homeassistant.components.recorder.history import get_significant_states
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers.recorder import get_instance
from homeassistant.util import dt as dt_util

from cem_core.model import Interval, Series, SeriesError
from custom_components.cem.learning.statistics import HOUR, Column, async_means
from custom_components.cem.numbers import finite
from custom_components.cem.planning.weather import (
    async_daily,
    async_outdoor,
    degrees_c,
    is_weather,
)

_HOURS: Final = 24
_DAY: Final = timedelta(days=1)
_LEAST_HOURS: Final = 18  # of a day, for its mean


async def async_measured(
    hass: HomeAssistant, thermometer: str, start: datetime, days: int
) -> Column:
    """Return the mean in °C of each of ``days`` from ``start``, by statistics."""
    means = await async_means(hass, [thermometer], start, days * _HOURS)
    return _by_day(means[thermometer])


async def async_said(
    hass: HomeAssistant, weather: str, start: datetime, days: int
) -> Column:
    """Return the mean in °C of each of ``days`` from ``start``, as it was said then.

    The recorder makes no statistics of a weather entity, but keeps what it said.
    """
    if "recorder" not in hass.config.components or not is_weather(weather):
        return [None] * days
    end = start + days * _DAY
    # All changes: of most the temperature, an attribute, is all that changed.
    found = await get_instance(hass).async_add_executor_job(
        partial(
            get_significant_states,
            hass,
            start,
            end,
            [weather],
            significant_changes_only=False,
        )
    )
    states = (s for s in found.get(weather, ()) if isinstance(s, State))
    return _by_day(_hourly(_temperatures(states, end), start, days))


async def async_foretold(
    hass: HomeAssistant, weather: str, start: datetime, days: int
) -> Column:
    """Return the mean in °C of each of ``days`` from ``start``, by its forecasts.

    It is the mean of the day's hours; without those, half way between its extremes.
    """
    hourly, daily = Series(()), {}
    with suppress(SeriesError):
        hourly = await async_outdoor(hass, weather)
    means = _by_day(_hourly(hourly, start, days))
    if None in means and is_weather(weather):
        with suppress(SeriesError):
            daily = await async_daily(hass, weather)
    first = dt_util.as_local(start + _DAY / 2).date()  # also as the clock changes
    return [
        daily.get(first + place * _DAY) if mean_c is None else mean_c
        for place, mean_c in enumerate(means)
    ]


def _temperatures(states: Iterable[State], end: datetime) -> Series:
    """Return the temperatures in °C that held until the next was said, or ``end``."""
    said = [(state.last_updated, _celsius(state)) for state in states]
    return Series.of(
        Interval(start=start, end=until, value=value_c)
        for (start, value_c), (until, _) in pairwise([*said, (end, None)])
        if value_c is not None and start < until
    )


def _celsius(state: State) -> float | None:
    value = finite(state.attributes.get("temperature"))
    unit = state.attributes.get("temperature_unit")
    return None if value is None else degrees_c(value, unit)


def _hourly(temperatures: Series, start: datetime, days: int) -> Column:
    times = [start + place * HOUR for place in range(days * _HOURS + 1)]
    return [temperatures.mean(hour, until) for hour, until in pairwise(times)]


def _by_day(hours: Sequence[float | None]) -> Column:
    return [
        _mean(hours[place : place + _HOURS]) for place in range(0, len(hours), _HOURS)
    ]


def _mean(hours: Sequence[float | None]) -> float | None:
    known = [mean_c for mean_c in hours if mean_c is not None]
    return sum(known) / len(known) if len(known) >= _LEAST_HOURS else None
