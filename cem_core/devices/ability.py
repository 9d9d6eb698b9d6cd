"""What a device is seen able to do where it falls short of what it is ordered.

A battery that gives 3 kW of the 5 kW that it is ordered, or a charger that stays at 0,
would be planned with again and again. What was measured holds for half an hour and is
then tried anew, because what is never ordered can never be seen; it ends sooner where
the device is seen to follow an order to more than that.
"""

from collections import deque
from dataclasses import dataclass, field
from typing import Final

FOUND_AFTER_S: Final = 300.0
HOLDS_S: Final = 1800.0
_SETTLES_S: Final = 30.0
_TOLERANCE_W: Final = 100
_TOLERANCE: Final = 0.1
# More than this between two looks: nobody looked.
_LONGEST_S: Final = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """What to count on, in W >= 0; None: what the device is rated."""

    takes_w: int | None = None
    gives_w: int | None = None
    stuck: bool = False  # it does more than it is ordered, whatever that is

    @property
    def whole(self) -> bool:
        """Whether nothing is known against it."""
        return self == Promise()


@dataclass(slots=True)
class _Way:
    """One direction of a device: W >= 0 asked and done."""

    promised_w: int | None = None
    _until_s: float = 0.0
    _asked: deque[tuple[float, int]] = field(default_factory=deque)
    _short_since_s: float | None = None
    _best_w: int = 0

    def update(self, at_s: float, asked_w: int, done_w: int, settles_s: float) -> None:
        if not self._asked or self._asked[-1][1] != asked_w:
            self._asked.append((at_s, asked_w))  # it is asked for that from then on
        while len(self._asked) > 1 and self._asked[1][0] <= at_s - settles_s:
            self._asked.popleft()
        # A device that is on its way is asked for what it was asked before.
        least_w = min(asked for _, asked in self._asked)
        enough_w = least_w - _slack_w(least_w)
        settled = self._asked[0][0] <= at_s - settles_s
        if not settled or done_w >= enough_w:
            self._short_since_s = None
            if settled and self.promised_w is not None and enough_w > self.promised_w:
                self.promised_w = None
            return
        if self._short_since_s is None:
            self._short_since_s, self._best_w = at_s, 0
        self._best_w = max(self._best_w, done_w)
        if at_s - self._short_since_s >= FOUND_AFTER_S:
            if self.promised_w is None or (
                self._best_w > self.promised_w + _slack_w(self.promised_w)
            ):
                self.promised_w = self._best_w
            self._until_s = at_s + HOLDS_S

    def expire(self, at_s: float) -> None:
        """Believe it again once it is due to be tried anew."""
        if self.promised_w is not None and at_s >= self._until_s:
            self.promised_w = self._short_since_s = None

    def excuse(self) -> None:
        """Count nothing of what was seen lately."""
        self._asked.clear()
        self._short_since_s = None


class Ability:
    """Watches one device, monotonic seconds; positive W into it."""

    def __init__(self) -> None:
        """Start with what it is rated."""
        self._takes, self._gives = _Way(), _Way()
        self._looked_s: float | None = None

    def forget(self) -> None:
        """Start anew: another car is there."""
        self._takes, self._gives = _Way(), _Way()

    def update(
        self,
        at_s: float,
        ordered_w: int | None,
        power_w: int | None,
        *,
        settles_s: float | None = None,
        full: bool = False,
        empty: bool = False,
    ) -> Promise:
        """Return what to count on from now.

        ``settles_s`` is what it takes to follow, None: not known yet. What is about
        ``full`` may take less, about ``empty`` give less.
        """
        before_s, self._looked_s = self._looked_s, at_s
        unseen = before_s is not None and at_s - before_s > _LONGEST_S
        for way, excused, sign in ((self._takes, full, 1), (self._gives, empty, -1)):
            way.expire(at_s)
            if unseen or excused or ordered_w is None or power_w is None:
                way.excuse()
            if not excused and ordered_w is not None and power_w is not None:
                asked_w, done_w = max(0, sign * ordered_w), max(0, sign * power_w)
                way.update(at_s, asked_w, done_w, max(_SETTLES_S, settles_s or 0.0))
        return Promise(takes_w=self._takes.promised_w, gives_w=self._gives.promised_w)


def _slack_w(asked_w: int) -> float:
    return max(_TOLERANCE_W, _TOLERANCE * asked_w)
