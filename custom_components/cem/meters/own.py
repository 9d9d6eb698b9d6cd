"""A meter that the CEM reads by itself, by whatever method."""

import asyncio
from contextlib import aclosing
import logging
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.core import HomeAssistant

from cem_core.meter import TelegramError
from cem_core.model import Message
from cem_core.transport import LineState, LineStatus, MeterLine
from custom_components.cem.meters.meter import MeterListener
from custom_components.cem.meters.method import Method

_LOGGER = logging.getLogger(__name__)

SILENT_AFTER_S: Final = 10.0
_CLOSED_FOR_S: Final = 60.0  # a few damaged frames look like another key
_COMES: Final = (LineStatus.READING, LineStatus.WAITING)
_KEY_PROBLEMS: Final = {
    LineStatus.KEY_NEEDED: Message.of("meter_key_needed"),
    LineStatus.KEY_REFUSED: Message.of("meter_key_refused"),
}
_PROBLEMS: Final = {
    LineStatus.SILENT: Message.of("line_is_mute"),
    LineStatus.UNREADABLE: Message.of("line_is_unreadable"),
    **_KEY_PROBLEMS,
}


class OwnMeter:
    """Reads telegrams for as long as the entry is loaded."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        subentry: ConfigSubentry,
        method: Method[Any],
    ) -> None:
        """Read as ``subentry`` says; nothing happens before `start`."""
        self._hass = hass
        self._entry = entry
        self._subentry = subentry
        self._method = method
        self._task: asyncio.Task[None] | None = None
        self._listener: MeterListener | None = None
        self._line: MeterLine[Any] = MeterLine(
            method.reader(subentry.data),
            clock=hass.loop.time,
            on_change=self._changed,
            on_damage=self._damaged,
        )

    @property
    def source(self) -> str:
        """Where the readings come from."""
        return self._method.name

    @property
    def silent_after_s(self) -> float:
        """As the user set it, or as suits what the meter was found to be."""
        return float(self._subentry.data.get("silent_after", SILENT_AFTER_S))

    @property
    def line(self) -> LineState:
        """How the line is, for diagnostics."""
        return self._line.state

    def start(self, listener: MeterListener) -> None:
        """Connect, in the background, and again whenever it breaks."""
        self._listener = listener
        self._task = self._entry.async_create_background_task(
            self._hass, self._follow(listener), "cem meter"
        )

    async def stop(self) -> None:
        """Close the connection."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
            self._task = None

    async def _follow(self, listener: MeterListener) -> None:
        source = self._method.source(self._hass, self._subentry.data, self._line)
        async with aclosing(self._line.readings(source)) as readings:
            async for reading in readings:
                # By way of the loop: whatever comes of a reading, the next one
                # is read.
                self._hass.loop.call_soon(listener.reading, reading)

    def _changed(self, state: LineState) -> None:
        if self._listener is not None:
            cause = _PROBLEMS.get(state.status, state.cause)
            self._listener.connected(state.status in _COMES, cause)

    def _damaged(self, error: TelegramError) -> None:
        _LOGGER.debug("Damaged telegram: %s", error)
        state = self._line.state
        if state.status not in _KEY_PROBLEMS:
            return
        if state.data_age_s is None or state.data_age_s >= _CLOSED_FOR_S:
            asked = {"subentry_id": self._subentry.subentry_id}
            self._entry.async_start_reauth(self._hass, data=asked)
