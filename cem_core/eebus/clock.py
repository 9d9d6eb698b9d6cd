"""The two times of a protocol: one that never jumps, and the calendar's."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """``monotonic_s`` counts seconds; ``utc`` is aware and may be corrected."""

    monotonic_s: Callable[[], float]
    utc: Callable[[], datetime]
