"""How often a device that is asked is read: more often while it follows an order."""

import asyncio
from contextlib import suppress


class ReadingPace:
    """Says when one device is due to be read again.

    Balancing computes from what the device draws by now. One that has just been told
    another power is soon somewhere else than it was when it was read last.
    """

    def __init__(self) -> None:
        """Know of no order yet."""
        self._told = asyncio.Event()
        self._told_at_s = float("-inf")

    def told(self) -> None:
        """Note that it was told another power."""
        self._told_at_s = asyncio.get_running_loop().time()
        self._told.set()

    async def pause(self, every_s: float, soon_s: float) -> None:
        """Wait ``every_s``; for so long after an order, ``soon_s`` at a time."""
        if asyncio.get_running_loop().time() - self._told_at_s >= every_s:
            self._told.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(every_s):
                    await self._told.wait()
        if self._told.is_set():
            await asyncio.sleep(min(soon_s, every_s))
