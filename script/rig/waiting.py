"""Wait for something to become true, and say what was awaited when it does not."""

import asyncio
from collections.abc import Awaitable, Callable
from inspect import isawaitable
import time


class RigError(Exception):
    """A part of the rig did not do what it must."""


class NotInTimeError(RigError):
    """What was awaited did not come."""


async def until[T](
    what: str,
    probe: Callable[[], T | Awaitable[T]],
    *,
    within_s: float,
    every_s: float = 0.1,
) -> T:
    """Return the first truthy answer of ``probe``.

    The last answer is part of the error: it usually names the cause.
    """
    began = time.monotonic()
    while True:
        found = probe()
        answer = await found if isawaitable(found) else found
        if answer:
            return answer
        waited = time.monotonic() - began
        if waited > within_s:
            message = f"waited {waited:.1f} s for {what}; last seen: {answer!r}"
            raise NotInTimeError(message)
        await asyncio.sleep(every_s)
