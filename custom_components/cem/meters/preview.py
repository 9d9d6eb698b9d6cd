"""Wait for telegrams, for the form that asks for a meter."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from dataclasses import dataclass
from typing import Any, Final

from homeassistant.core import HomeAssistant

from cem_core.meter import TelegramError
from cem_core.meter.cipher import KEY_DOUBTED
from cem_core.model import Reading
from cem_core.transport import LineState, LineStatus, MeterLine
from custom_components.cem.meters.method import Answers, Method

# What stayed closed may have been damaged only: let one more come.
_ONE_MORE_S: Final = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What came of a line: a reading; else the ``error``, a key of strings.json.

    ``damaged`` are the telegrams that could not be read.
    """

    reading: Reading | None = None
    error: str | None = None
    cause: str = ""
    damaged: int = 0


class _Attempt:
    """One line, from opening it to its first reading."""

    def __init__(
        self, hass: HomeAssistant, method: Method[Any], answers: Answers
    ) -> None:
        self._within_s = method.first_within_s
        self._loop = hass.loop
        self._ends = asyncio.Event()
        self._doubt = False
        self._failure: str | None = None
        self._damage = ""
        self._reader = method.reader(answers)
        self._line: MeterLine[Any] = MeterLine(
            self._reader,
            clock=hass.loop.time,
            on_change=self._changed,
            on_damage=self._damaged,
        )
        self._source = method.source(hass, answers, self._line)

    async def result(self) -> Preview:
        """Return what came in time."""
        first = asyncio.ensure_future(self._first())
        first.add_done_callback(lambda _: self._ends.set())
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._within_s):
                    await self._ends.wait()
            # Before it is closed: what is cut off then is no damage.
            error, cause = self._why(self._line.state)
            damaged = sum(self._line.state.damaged.values())
        finally:
            first.cancel()
            await asyncio.wait((first,))
        if not first.cancelled() and (reading := first.result()) is not None:
            return Preview(reading=reading, damaged=damaged)
        return Preview(error=error, cause=cause, damaged=damaged)

    async def _first(self) -> Reading | None:
        async with aclosing(self._line.readings(self._source)) as readings:
            async for reading in readings:
                return reading
        return None

    def _why(self, state: LineState) -> tuple[str, str]:
        if state.status is LineStatus.KEY_NEEDED:
            return "key_needed", ""
        if self._doubt:
            return "key_refused", ""
        if self._failure is not None:
            return "cannot_connect", self._failure
        if state.status is LineStatus.SEARCHING:
            return "no_telegram", state.cause
        if not state.bytes:
            return "no_bytes", ""
        return "no_telegram", self._damage or self._reader.hint()

    def _changed(self, state: LineState) -> None:
        if state.status is LineStatus.DISCONNECTED:
            self._failure = state.cause
            self._ends.set()
        elif state.status is LineStatus.KEY_NEEDED:
            self._loop.call_later(_ONE_MORE_S, self._ends.set)

    def _damaged(self, error: TelegramError) -> None:
        self._damage = error.cause
        if any(doubt in error.cause for doubt in KEY_DOUBTED):
            self._doubt = True
            self._loop.call_later(_ONE_MORE_S, self._ends.set)


async def preview(
    hass: HomeAssistant, method: Method[Any], answers: Answers
) -> Preview:
    """Return the first reading of the meter that ``answers`` describe, or why none."""
    return await _Attempt(hass, method, answers).result()


async def follow(
    hass: HomeAssistant, method: Method[Any], answers: Answers
) -> AsyncGenerator[Preview]:
    """Yield each reading of the meter that ``answers`` describe, as it comes."""
    line: MeterLine[Any] = MeterLine(method.reader(answers), clock=hass.loop.time)
    source = method.source(hass, answers, line)
    async with aclosing(line.readings(source)) as readings:
        async for reading in readings:
            yield Preview(reading=reading, damaged=sum(line.state.damaged.values()))
