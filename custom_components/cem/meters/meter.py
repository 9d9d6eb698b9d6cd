"""What every meter looks like to the home."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from cem_core.model import Message, Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterListener:
    """Who hears of readings and of the connection, with the cause of its end."""

    reading: Callable[[Reading], None]
    connected: Callable[[bool, str | Message], None]


class Meter(Protocol):
    """A source of readings; ``silent_after_s`` without any, it is silent."""

    @property
    def source(self) -> str:
        """Where the readings come from, in words."""

    @property
    def silent_after_s(self) -> float:
        """After how long without a reading it counts as silent."""

    def start(self, listener: MeterListener) -> None:
        """Begin to report."""

    async def stop(self) -> None:
        """Report no more and let go of what is held."""
