"""How often is decided anew."""

import asyncio
from collections.abc import Callable
from typing import Final

_CHANGES_DECIDED_EVERY_S: Final = 0.1


class CyclePace:
    """Lets changes that come together be decided on once, by ``cycle``."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, cycle: Callable[[], None]
    ) -> None:
        """Decide on nothing yet."""
        self._loop = loop
        self._cycle = cycle
        self._due: asyncio.Handle | None = None
        self._begun_s = float("-inf")

    def soon(self) -> None:
        """Decide anew once for all that changes within a tenth of a second.

        Sixty devices that are commanded say so in sixty turns of the event loop: to
        decide after each would leave it no time for anything else. The first is
        decided on at once, and a telegram or an order waits for nothing.
        """
        if self._due is not None:
            return
        loop = self._loop
        wait_s = self._begun_s + _CHANGES_DECIDED_EVERY_S - loop.time()
        if wait_s > 0:
            self._due = loop.call_later(wait_s, self._cycle)
        else:
            self._due = loop.call_soon(self._cycle)

    def begun(self) -> None:
        """Note that a cycle begins, which sees every change so far."""
        self.stop()
        self._begun_s = self._loop.time()

    def stop(self) -> None:
        """Decide no more by itself."""
        if self._due is not None:
            self._due.cancel()
            self._due = None
