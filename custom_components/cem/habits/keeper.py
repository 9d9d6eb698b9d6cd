"""Looks each morning at the days that are over, and tells of what is unlike them."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from homeassistant.core import HassJob, callback
from homeassistant.helpers.event import async_call_later, async_track_time_change
from homeassistant.util import dt as dt_util

from cem_core.insight.unusual import (
    LOOKS_BACK,
    Day,
    days_of,
    risen_standby,
    unusual_day,
)
from cem_core.model import Message
from cem_core.notification import Notification, Subject
from custom_components.cem.budgets.counted import async_recorded_prices
from custom_components.cem.habits.appliances import async_appliances
from custom_components.cem.habits.words import say_day, say_standby
from custom_components.cem.home import Home
from custom_components.cem.learning.statistics import HOUR
from custom_components.cem.messages import Answer, Button
from custom_components.cem.planning.energy_history import async_energy_history
from custom_components.cem.planning.house_load import async_load_history
from custom_components.cem.price_sensors import import_price

STANDBY: Final = "unusual:standby"
DAY: Final = "unusual:day"
_A_DAY: Final = timedelta(days=1)
_SOON: Final = timedelta(minutes=5)
_PRICES_OF: Final = timedelta(days=28)
_STANDBY_AGAIN: Final = timedelta(days=28)  # by then it is the habit
_LET_IT_BE_FOR: Final = timedelta(days=90)
_HALF_A_DAY: Final = timedelta(hours=12)


def keep_habits(home: Home) -> Callable[[], None]:
    """Look at ``home`` soon and each morning, until what is returned is called."""

    @callback
    def later(_: datetime) -> None:
        home.entry.async_create_background_task(
            home.hass, async_look(home), "cem habits"
        )

    # After a restart there is better to do than to look at what is over.
    stops = (
        async_call_later(home.hass, _SOON, HassJob(later, cancel_on_shutdown=True)),
        async_track_time_change(home.hass, later, hour=7, minute=30, second=0),
    )

    def stop() -> None:
        for each in stops:
            each()

    return stop


async def async_look(home: Home) -> None:
    """Look at the days until last midnight, and tell of what is unusual."""
    await _Look(home).async_look()


class _Look:
    """One look at a home's last days."""

    def __init__(self, home: Home) -> None:
        """Have seen nothing yet."""
        self._home = home

    async def async_look(self) -> None:
        """Judge what is known of them."""
        midnight = dt_util.start_of_local_day()
        start = dt_util.as_utc(midnight - LOOKS_BACK)
        rows = (dt_util.as_utc(midnight) - start) // HOUR
        yesterday = (midnight - _A_DAY / 2).date()
        days = await self._days(start, rows)
        if not days or days[-1].day != yesterday:
            days = ()  # nothing is known of it
        standby, day = risen_standby(days), unusual_day(days)
        found: dict[str, Message] = {}
        if standby is not None or day is not None:
            appliances = await self._appliances(start, rows)
            price = await self._price(midnight)
            currency = self._home.hass.config.currency
            if standby is not None:
                found[STANDBY] = say_standby(
                    standby, yesterday, appliances, price, currency
                )
            if day is not None:
                found[DAY] = say_day(day, appliances, price, currency)
        self._home.unusual = found
        self._tell(found, midnight)
        self._home.notify()

    async def _days(self, start: datetime, rows: int) -> Sequence[Day]:
        """Return the house load's days, without those on which nobody was there."""
        home = self._home
        devices, times = home.devices.values(), [start + n * HOUR for n in range(rows)]
        before = dict(await async_energy_history(home.hass, devices, start))
        load = await async_load_history(
            home.hass, home.load_statistic_id, before, times
        )
        away = frozenset(home.learned.away)
        days = days_of(start, load, dt_util.get_default_time_zone())
        return tuple(day for day in days if day.day.isoformat() not in away)

    async def _appliances(
        self, start: datetime, rows: int
    ) -> Mapping[str, Sequence[Day]]:
        columns = await async_appliances(self._home.hass, start, rows)
        zone = dt_util.get_default_time_zone()
        return {name: days_of(start, column, zone) for name, column in columns.items()}

    async def _price(self, midnight: datetime) -> float | None:
        """Return the mean of what a kWh cost in the last weeks, else what it costs."""
        prices = await async_recorded_prices(
            self._home, dt_util.as_utc(midnight - _PRICES_OF)
        )
        if prices:
            return sum(prices.values()) / len(prices)
        return import_price(self._home, dt_util.utcnow())

    def _tell(self, found: Mapping[str, Message], midnight: datetime) -> None:
        messages = self._home.messages
        if (text := found.get(STANDBY)) is not None:
            until = midnight + _LET_IT_BE_FOR
            messages.tell(
                Notification(
                    key=STANDBY,
                    subject=Subject.UNUSUAL,
                    title=Message.of("title_standby"),
                    text=text,
                    again_after=_STANDBY_AGAIN,
                ),
                {
                    Answer.ACCEPT: Button(
                        Message.of("answer_allow"),
                        lambda: messages.mute(STANDBY, until),
                    )
                },
                valid=_HALF_A_DAY,
            )
        else:
            messages.withdraw(STANDBY)
        if (text := found.get(DAY)) is not None:
            messages.tell(
                Notification(
                    key=f"{DAY}:{midnight:%Y-%m-%d}",
                    subject=Subject.UNUSUAL,
                    title=Message.of("title_unusual_day"),
                    text=text,
                    again_after=2 * _A_DAY,
                )
            )
