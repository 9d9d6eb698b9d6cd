"""One plan at a time, and how one for a limit supersedes that which is being made."""

import asyncio
from collections.abc import Callable, Coroutine
import math
from typing import Any, Final

from homeassistant.core import HomeAssistant

# A plan is begun at most 1 s after a limit came, changed or went.
_BURST_S: Final = 0.1  # limits that come together make one plan
_FLOOD_S: Final = 0.8  # and where they never cease, a plan has time to be made
_CALM_AFTER_S: Final = 5.0
_MOST_SUPERSEDED: Final = 3  # in a row; then a plan that knows less is let finish


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
        at_once, self._at_once = self._at_once, False
        return at_once

    def _supersede(self) -> None:
        self._soon, self._begun_s = None, self._hass.loop.time()
        self._at_once = True
        if self._making is None:
            self._superseded = 0
            self._begin()
        elif self._superseded < _MOST_SUPERSEDED:
            self._superseded += 1
            self._making.cancel()
            self._give_up()
        else:
            self._later()

    async def make(self, plan: Callable[[], Coroutine[Any, Any, Made]]) -> Made:
        """Return what ``plan`` makes, begun anew where a limit came meanwhile.

        One at a time is made. Raises what ``plan`` raises.
        """
        try:
            while True:
                superseded = self._superseded
                making = self._hass.async_create_background_task(plan(), "cem solve")
                self._making = making
                try:
                    await asyncio.wait({making})
                finally:
                    making.cancel()
                if superseded == self._superseded:
                    return making.result()
                if not making.cancelled():
                    making.exception()  # whatever it was, it is made anew
        finally:
            self._making = None
