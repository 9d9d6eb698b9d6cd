"""One plan at a time: one for a limit goes first, a routine one gives way to a question."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
import math
from typing import Any, Final

from homeassistant.core import HomeAssistant

# A plan is begun at most 1 s after a limit came, changed or went.
_BURST_S: Final = 0.1  # limits that come together make one plan
_FLOOD_S: Final = 0.8  # and where they never cease, a plan has time to be made
_CALM_AFTER_S: Final = 5.0
_MOST_SUPERSEDED: Final = 3  # in a row; then a plan that knows less is let finish
_GIVES_WAY_S: Final = 60.0  # who drags a departure about asks again and again


class Turns[Made]:
    """Makes plans; `want` begins one within a second, and again what is under way.

    ``begin`` is called when nothing is under way, ``give_up`` when what is has to end,
    ``later`` when it is let finish, and another has to follow it.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        *,
        begin: Callable[[], None],
        give_up: Callable[[], None],
        later: Callable[[], None],
    ) -> None:
        """Make nothing yet."""
        self._hass = hass
        self._begin, self._give_up, self._later = begin, give_up, later
        self._making: asyncio.Task[Made] | None = None
        self._soon: asyncio.TimerHandle | None = None
        self._begun_s = -math.inf  # when a limit last asked for a plan
        self._superseded = 0
        self._at_once = False  # the next plan is made for a limit
        self._urgent = False  # the plan under way is
        self._anew = False  # the plan under way was broken off
        self._make_since_s = -math.inf
        self._questions = 0  # that are being answered
        self._go_on = asyncio.Event()  # nothing keeps a plan from being made

    def want(self) -> None:
        """Begin a plan within a second, with all limits that come until then."""
        if self._soon is None:
            loop = self._hass.loop
            calm = loop.time() - self._begun_s > _CALM_AFTER_S
            self._soon = loop.call_later(
                _BURST_S if calm else _FLOOD_S, self._supersede
            )

    def stop(self) -> None:
        """Begin nothing more by itself."""
        if self._soon is not None:
            self._soon.cancel()

    def take_at_once(self) -> bool:
        """Tell, once, whether the plan that begins is for a limit and cannot wait."""
        self._urgent, self._at_once = self._at_once, False
        return self._urgent

    @asynccontextmanager
    async def question(self) -> AsyncIterator[None]:
        """Answer a question inside, with nothing before it but a plan for a limit.

        A plan that nobody waits for is broken off and made anew afterwards.
        """
        self._questions += 1
        self._go_on.clear()
        making = self._making
        if making is None:
            self._give_up()
        elif not (self._urgent or self._at_once or self._is_late()):
            if not making.done():
                self._anew = True
                making.cancel()
            self._give_up()
        try:
            yield
        finally:
            self._questions -= 1
            if not self._questions:
                self._go_on.set()

    def _is_late(self) -> bool:
        return self._hass.loop.time() - self._make_since_s > _GIVES_WAY_S

    def _supersede(self) -> None:
        self._soon, self._begun_s = None, self._hass.loop.time()
        self._at_once = True
        if self._making is None:
            self._superseded = 0
            if self._questions:
                self._give_up()
            self._begin()
        elif self._superseded < _MOST_SUPERSEDED:
            self._superseded += 1
            self._anew = True
            self._making.cancel()
            self._give_up()
            self._go_on.set()
        else:
            self._later()

    async def make(self, plan: Callable[[], Coroutine[Any, Any, Made]]) -> Made:
        """Return what ``plan`` makes, begun anew where it was broken off.

        One at a time is made. Raises what ``plan`` raises.
        """
        self._make_since_s = self._hass.loop.time()
        try:
            while True:
                await self._questions_answered()
                self._anew = False
                making = self._hass.async_create_background_task(plan(), "cem solve")
                self._making = making
                try:
                    await asyncio.wait({making})
                finally:
                    making.cancel()
                if not self._anew:
                    return making.result()
                if not making.cancelled():
                    making.exception()  # whatever it was, it is made anew
        finally:
            self._making = None

    async def _questions_answered(self) -> None:
        """Wait until no question is being answered, or a limit cannot wait."""
        if self._questions and not self._at_once:
            with suppress(TimeoutError):
                async with asyncio.timeout_at(self._make_since_s + _GIVES_WAY_S):
                    await self._go_on.wait()
