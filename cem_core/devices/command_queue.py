"""One order at a time for each device; the latest wins."""

import asyncio
from collections.abc import Callable
from typing import Final

from cem_core.devices.capability import DeviceError, Driver
from cem_core.model import Message, Setpoint

# An order unlike the last is sent at once; the same one again only now and
# then, for a device that lost it, swallowed it or was restarted: often enough
# that a limit, which is to be kept within 10 s, does not wait long for it. A
# driver sends nothing where the device already says what is ordered.
REPEAT_AFTER_S: Final = 10.0
RETRY_AFTER_S: Final = 5.0
TIMEOUT_S: Final = 5.0


class CommandQueue:
    """Bring setpoints to one driver without ever making the caller wait."""

    def __init__(
        self,
        driver: Driver,
        *,
        clock: Callable[[], float],
        failed: Callable[[str | Message | None], None],
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        """Serve ``driver``; ``failed`` hears what went wrong, None when well again."""
        self._driver = driver
        self._clock = clock
        self._failed = failed
        self._timeout_s = timeout_s
        self._waiting: Setpoint | None = None
        self._task: asyncio.Task[None] | None = None
        self._sent: Setpoint | None = None
        self._sent_at = float("-inf")
        self._refused = False

    @property
    def sent(self) -> Setpoint | None:
        """The last order that the device took."""
        return None if self._refused else self._sent

    @property
    def busy(self) -> bool:
        """Whether an order is under way."""
        return self._task is not None

    def forget(self) -> None:
        """Send the next order at once, even the last one, or one just refused."""
        self._sent, self._sent_at = None, float("-inf")

    def put(self, setpoint: Setpoint) -> None:
        """Order ``setpoint``, in place of any order that still waits."""
        if self._task is None and not self._due(setpoint):
            return
        self._waiting = setpoint
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name=setpoint.device_id)

    async def join(self) -> None:
        """Wait until nothing is left to order."""
        while self._task is not None:
            await asyncio.wait([self._task])

    async def stop(self) -> None:
        """Drop what waits and what is under way."""
        self._waiting = None
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
            self._task = None  # one cancelled before its first step leaves it

    def _due(self, setpoint: Setpoint) -> bool:
        if self._refused:
            return self._clock() - self._sent_at >= RETRY_AFTER_S
        if self._sent is None or _differs(self._sent, setpoint):
            return True
        return self._clock() - self._sent_at >= REPEAT_AFTER_S

    def _is_another(self, setpoint: Setpoint) -> bool:
        """Tell whether it was not refused just now: it came in the meantime."""
        return self._sent is not None and _differs(self._sent, setpoint)

    async def _run(self) -> None:
        try:
            while (setpoint := self._waiting) is not None:
                self._waiting = None
                # A slow device is asked the same at every telegram: once will do. So
                # is one that refused: what it answers may be why it is asked again.
                if self._due(setpoint) or self._is_another(setpoint):
                    await self._send(setpoint)
        finally:
            self._task = None

    async def _send(self, setpoint: Setpoint) -> None:
        try:
            async with asyncio.timeout(self._timeout_s):
                await self._driver.obey(setpoint)
        except TimeoutError:
            self._refused = True
            self._failed(Message.of("no_answer_within", within_s=self._timeout_s))
        except DeviceError as error:
            self._refused = True
            self._failed(error.cause)
        else:
            self._refused = False
            self._failed(None)
        self._sent, self._sent_at = setpoint, self._clock()


def _differs(one: Setpoint, other: Setpoint) -> bool:
    ordered = one.power_w, one.action, one.use
    return ordered != (other.power_w, other.action, other.use)
