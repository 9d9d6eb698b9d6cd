"""Messages as text in Home Assistant's language."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.translation import (
    async_get_cached_translations,
    async_get_translations,
)
from homeassistant.util import dt as dt_util

from cem_core.model import Message
from cem_core.model.english import ENGLISH
from cem_core.model.render import Renderer
from custom_components.cem.const import DOMAIN

_PREFIX: Final = f"component.{DOMAIN}.common."
_DAY: Final = timedelta(days=1)
_MONTHS: Final = (
    Message.of("january"),
    Message.of("february"),
    Message.of("march"),
    Message.of("april"),
    Message.of("may"),
    Message.of("june"),
    Message.of("july"),
    Message.of("august"),
    Message.of("september"),
    Message.of("october"),
    Message.of("november"),
    Message.of("december"),
)

type Clock = Callable[[datetime], str | Message]


def home_clock(time: datetime) -> str:
    """Return ``time`` as a clock in the home shows it."""
    return f"{dt_util.as_local(time):%H:%M}"


def dated_clock(time: datetime) -> str | Message:
    """Return ``time`` as a clock in the home shows it, a later day by its name."""
    local, today = dt_util.as_local(time), dt_util.now().date()
    clock = home_clock(time)
    if local.date() == today:
        return clock
    if local.date() == today + _DAY:
        return Message.of("clock_tomorrow", clock=clock)
    month = _MONTHS[local.month - 1]
    return Message.of("clock_on_day", clock=clock, day=local.day, month=month)


@callback
def renderer(hass: HomeAssistant, clock: Clock = dated_clock) -> Renderer:
    """Return what renders messages; what is not translated stays English.

    Home Assistant has loaded the integration's translations with it.
    """
    return _renderer(
        async_get_cached_translations(hass, hass.config.language, "common", DOMAIN),
        clock,
    )


async def async_renderer(hass: HomeAssistant, language: str) -> Renderer:
    """Return what renders messages in ``language``, a tag such as de or de-CH.

    The translations are by language alone; another one's messages are English.
    """
    base = language.partition("-")[0]
    return _renderer(
        await async_get_translations(hass, base, "common", [DOMAIN]), dated_clock
    )


def _renderer(translations: Mapping[str, str], clock: Clock) -> Renderer:
    def sentence(key: str) -> str:
        return translations.get(f"{_PREFIX}{key}", ENGLISH[key])

    return Renderer(sentence=sentence, clock=clock)
