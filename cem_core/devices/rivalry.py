"""Who else sets what the CEM commands, and whether that comes again and again."""

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

CHANGES: Final = 3
# A slider that is dragged, or a controller that sets two things, is one change.
_ONE_CHANGE: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Meddled:
    """What somebody else set: ``setting`` as ``protocol`` calls it."""

    protocol: str
    setting: str


@dataclass(slots=True, kw_only=True)
class Rivalry:
    """What one other hand changed of one device within ``window``.

    The window has to outlast the hand-offs after the changes: a controller that is
    left alone for two hours after each changes nothing meanwhile.
    """

    window: timedelta
    _at: deque[datetime] = field(default_factory=lambda: deque(maxlen=CHANGES))

    def changed(self, now: datetime) -> None:
        """Count a change."""
        if self._at and now - self._at[-1] < _ONE_CHANGE:
            return
        self._at.append(now)

    def goes_on(self, now: datetime) -> bool:
        """Tell whether it was changed `CHANGES` times within the window."""
        return len(self._at) == CHANGES and now - self._at[0] <= self.window

    @property
    def last(self) -> datetime | None:
        """When it was changed last."""
        return self._at[-1] if self._at else None
