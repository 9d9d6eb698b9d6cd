"""Where messages go, one after the other, and how they are sent on after an outage."""

import asyncio
from collections.abc import Callable
from datetime import datetime
import json
from typing import Final, Protocol

from cem_core.exchange.publish import Publisher
from cem_core.transport.backoff import Backoff

_RETRIES: Final = Backoff(first_s=1.0, most_s=60.0)


class SinkError(Exception):
    """A message was not delivered; the text says why."""


class Sink(Protocol):
    """A receiver that says when it has a message."""

    async def deliver(self, payload: str) -> None:
        """Send and wait until the receiver has it. Raises `SinkError`."""

    async def close(self) -> None:
        """Let go of the connection."""


class Delivery:
    """Sends what a publisher hands out, in order, again until it was taken.

    A message is asked for anew before each attempt, so one that may no longer leave
    does not. Cancel `run` to stop at once.
    """

    def __init__(
        self,
        publisher: Publisher,
        sink: Sink,
        now: Callable[[], datetime],
        backoff: Backoff = _RETRIES,
    ) -> None:
        """Send nothing yet; ``now`` is the aware time that consents go by."""
        self.publisher = publisher
        self.problem: str | None = None
        self._sink = sink
        self._now = now
        self._backoff = backoff
        self._wake = asyncio.Event()

    def wake(self) -> None:
        """Say that there is something to send."""
        self._wake.set()

    async def run(self) -> None:
        """Send for as long as it is not cancelled; then close."""
        delays = self._backoff.delays()
        try:
            while True:
                self._wake.clear()
                message = self.publisher.next(self._now())
                if message is None:
                    await self._wake.wait()
                    continue
                try:
                    await self._sink.deliver(json.dumps(message))
                except SinkError as error:
                    self.problem = str(error)
                    await asyncio.sleep(next(delays))
                    continue
                self.publisher.sent(message)
                self.problem, delays = None, self._backoff.delays()
        finally:
            await self._sink.close()
