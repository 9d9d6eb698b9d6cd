"""Wait for something to become true, and say what was awaited when it does not."""

import asyncio
from collections.abc import Awaitable, Callable
from inspect import isawaitable
import time
from typing import overload


class RigError(Exception):
    """A part of the rig did not do what it must."""


class NotInTimeError(RigError):
    """What was awaited did not come."""


@overload
async def until[T](
    what: str,
    probe: Callable[[], Awaitable[T]],
    *,
    within_s: float,
    every_s: float = ...,
) -> T: ...


@overload
async def until[T](
    what: str,
    probe: Callable[[], T | None],
    *,
    within_s: float,
    every_s: float = ...,
) -> T: ...


async def until(
    what: str,
    probe: Callable[[], object],
    *,
    within_s: float,
    every_s: float = 0.1,
) -> object:
    """Return the first truthy answer of ``probe``, asked at least once.

    The last answer is part of the error: it usually names the cause.
    """
    began = time.monotonic()
    while True:
        found = probe()
        answer: object = await found if isawaitable(found) else found
        if answer:
            return answer
        waited_s = time.monotonic() - began
        if waited_s > within_s:
            message = f"waited {waited_s:.1f} s for {what}; last seen: {answer!r}"
            raise NotInTimeError(message)
        await asyncio.sleep(every_s)
