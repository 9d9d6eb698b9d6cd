"""What every source of slow readings looks like to the home."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from cem_core.model.slow_reading import SlowReading


@dataclass(frozen=True, slots=True, kw_only=True)
class SlowResult:
    """What came of reading one meter: a reading, or why there is none.

    ``key`` tells the meters of one source apart and never changes.
    """

    key: str
    reading: SlowReading | None
    cause: str = ""


type Answers = Mapping[str, Any]
type OnResult = Callable[[SlowResult], None]


class SlowSource(Protocol):
    """Meters that are read every few minutes at best."""

    @property
    def keys(self) -> tuple[str, ...]:
        """The meters that are known before any of them said something."""

    async def run(self, on_result: OnResult) -> None:
        """Report until cancelled."""
