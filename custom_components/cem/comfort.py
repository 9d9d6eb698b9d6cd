"""Comfort by the week: what a schedule, or times in a form, say of a heat pump's rooms.

A block's own data may say `comfort_min`, `comfort_max` (°C) or `temperature`, which
is the least. Plans know the whole week, not only what the schedule is now. While there
is no such schedule the form's times hold, if it has any.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, time, timedelta
from itertools import chain
import logging
from typing import Any, Final

from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.event import (
    async_track_state_change_event,
    async_track_time_change,
    async_track_time_interval,
)
from homeassistant.util import dt as dt_util
import probatio

from cem_core.model.comfort_week import ComfortBlock, ComfortWeek
from custom_components.cem.const import Kind
from custom_components.cem.controlled import ControlledDevice
from custom_components.cem.home import Home
from custom_components.cem.home_profile import tell
from custom_components.cem.numbers import finite

_LOGGER = logging.getLogger(__name__)
_LOOKED_EVERY: Final = timedelta(minutes=15)  # a schedule that is edited says nothing
_TIMED: Final = frozenset({"comfort_schedule", "weekday_from", "weekend_from"})
_WEEKDAYS: Final = 5
_DAYS: Final = (
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
)


def follow_comfort(home: Home) -> Callable[[], None]:
    """Follow the schedules of the home's heat pumps, until what is returned is called."""
    followed = [
        device
        for device in home.devices.values()
        if device.kind is Kind.HEAT_PUMP and _TIMED & device.form.keys()
    ]
    if not followed:
        return lambda: None

    async def look() -> None:
        for device in followed:
            await async_look(home, device)

    @callback
    def changed(_: Event[EventStateChangedData]) -> None:
        home.entry.async_create_task(home.hass, look(), "cem comfort")

    @callback
    def due(_: datetime) -> None:
        home.entry.async_create_task(home.hass, look(), "cem comfort")

    due(dt_util.utcnow())
    entities = [
        device.form["comfort_schedule"]
        for device in followed
        if "comfort_schedule" in device.form
    ]
    stops = (
        async_track_state_change_event(home.hass, entities, changed),
        async_track_time_interval(home.hass, due, _LOOKED_EVERY),
        *_at_their_times(home, followed, due),
    )

    def stop() -> None:
        for each in stops:
            each()

    return stop


def _at_their_times(
    home: Home, followed: Iterable[ControlledDevice], due: Callable[[datetime], None]
) -> Iterator[Callable[[], None]]:
    """Look when a time of a form begins or ends, or the next day does."""
    clocks = {time.min}
    for device in followed:
        week = week_of_form(device.form)
        for block in () if week is None else chain.from_iterable(week.days):
            clocks |= {block.start, block.end}
    for clock in clocks - {time.max}:
        yield async_track_time_change(
            home.hass, due, hour=clock.hour, minute=clock.minute, second=clock.second
        )


def week_of_form(form: Mapping[str, Any]) -> ComfortWeek | None:
    """Return the week by the form's own times; None: it has none.

    Where only weekdays or only weekends have times, they hold all week. What goes
    past midnight is the next day's.
    """
    said = [days for days in ("weekday", "weekend") if f"{days}_from" in form]
    if not said:
        return None
    days: list[list[ComfortBlock]] = [[] for _ in _DAYS]
    for day, blocks in enumerate(days):
        name = said[0] if day < _WEEKDAYS else said[-1]
        begins, ends = (_clock(form[f"{name}_{end}"]) for end in ("from", "to"))
        lowest_c = form.get(f"{name}_temperature")
        if begins < ends:
            blocks.append(ComfortBlock(start=begins, end=ends, lowest_c=lowest_c))
            continue
        blocks.append(ComfortBlock(start=begins, end=time.max, lowest_c=lowest_c))
        tomorrow = days[(day + 1) % len(days)]
        tomorrow.append(ComfortBlock(start=time.min, end=ends, lowest_c=lowest_c))
    return ComfortWeek(
        days=tuple(tuple(blocks) for blocks in days),
        setback_k=form.get("setback", 0.0),
    )


async def async_look(home: Home, device: ControlledDevice) -> None:
    """Let a heat pump and its plans know what its schedule says."""
    week = await _week(home.hass, device)
    before = dict(device.instead)
    planned_otherwise = week != device.comfort_week
    device.comfort_week = week
    tell(device, home.profile)
    if planned_otherwise or device.instead != before:
        home.replan_wanted("comfort")
        home.cycle()


async def _week(hass: HomeAssistant, device: ControlledDevice) -> ComfortWeek | None:
    """Return the week of the schedule, else of the form; None: neither says one."""
    by_form = week_of_form(device.form)
    schedule: str | None = device.form.get("comfort_schedule")
    if schedule is None or hass.states.get(schedule) is None:
        return by_form
    try:
        answer = await hass.services.async_call(
            "schedule",
            "get_schedule",
            {"entity_id": schedule},
            blocking=True,
            return_response=True,
        )
    except (HomeAssistantError, probatio.Invalid) as error:
        _LOGGER.warning("%s does not tell its week: %s", schedule, error)
        return by_form
    said: Any = (answer or {}).get(schedule, {})
    return ComfortWeek(
        days=tuple(
            tuple(_block(block) for block in said.get(day, ())) for day in _DAYS
        ),
        setback_k=device.form.get("setback", 0.0),
    )


def _block(said: Mapping[str, Any]) -> ComfortBlock:
    data: Mapping[str, Any] = said.get("data", {})
    lowest_c = finite(data.get("comfort_min", data.get("temperature")))
    return ComfortBlock(
        start=_clock(said["from"]),
        end=_clock(said["to"]),
        lowest_c=lowest_c,
        highest_c=finite(data.get("comfort_max")),
    )


def _clock(said: time | str) -> time:
    """Return a time of day; the end of the day is `time.max` where it is written."""
    if isinstance(said, time):
        return said
    return time.max if said.startswith("24") else time.fromisoformat(said)
