"""What an event loop has still to do while its time stands."""

import asyncio
from collections.abc import Callable
import time
from typing import Any, Final

from freezegun.api import real_monotonic

AT_MOST_S: Final = 20.0  # of real time; a machine that is that slow is stuck
_QUIET_TURNS: Final = 3
_PAUSE_S: Final = 0.001


class UnderWay:
    """Knows of the callbacks, the sockets and the threads of one event loop.

    A message on the loopback is there as soon as it is sent; what takes real time is
    what runs in a thread: a file, a password's hash, a name. How much of it passes
    depends on the machine, so it is waited for and not guessed.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Count the threads of ``loop`` from now on."""
        self._loop: Any = loop  # what is ready, and its selector, it shows to nobody
        self._run: Callable[..., asyncio.Future[Any]] = loop.run_in_executor
        self._threads = 0
        loop.run_in_executor = self._counted  # type: ignore[method-assign, assignment] # the tests'

    def _counted(self, *arguments: Any) -> asyncio.Future[Any]:
        self._threads += 1
        job = self._run(*arguments)
        job.add_done_callback(self._ended)
        return job

    def _ended(self, _: asyncio.Future[Any]) -> None:
        self._threads -= 1

    def _quiet(self) -> bool:
        ready = self._loop._ready or self._loop._selector.select(0)
        return not ready and not self._threads

    async def over(self) -> None:
        """Wait until nothing more happens by itself at this time of the loop."""
        until_s = real_monotonic() + AT_MOST_S
        quiet = 0
        while quiet < _QUIET_TURNS:
            if real_monotonic() > until_s:
                raise AssertionError(f"still under way after {AT_MOST_S:g} s")
            await asyncio.sleep(0)
            if self._threads:
                await self._run(None, time.sleep, _PAUSE_S)
            quiet = quiet + 1 if self._quiet() else 0
