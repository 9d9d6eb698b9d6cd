"""How much of the time a device did what it was ordered, over the last day.

A ceiling is kept by what draws (produces) less as well; a battery has to follow both
ways. The time that a device may take after each order does not count.
"""

from collections import deque
from dataclasses import dataclass, field
from typing import Final

_BUCKET_S: Final = 3600.0
_BUCKETS: Final = 24
_SETTLES_S: Final = 30.0
_TOLERANCE_W: Final = 100
_TOLERANCE: Final = 0.1
# More than this between two looks: nobody looked.
_LONGEST_S: Final = 60.0


@dataclass(slots=True)
class _Bucket:
    begun_s: float
    watched_s: float = 0.0
    obeyed_s: float = 0.0


@dataclass(slots=True, kw_only=True)
class Obeyed:
    """Counts one device; ``both_ways`` for a battery. Times are monotonic seconds."""

    both_ways: bool
    _buckets: deque[_Bucket] = field(default_factory=lambda: deque(maxlen=_BUCKETS))
    _ordered_w: int | None = None
    _since_s: float = 0.0
    _looked_s: float | None = None
    _beyond_since_s: float | None = None

    def update(
        self,
        at_s: float,
        ordered_w: int | None,
        power_w: int | None,
        *,
        settles_s: float | None = None,
    ) -> None:
        """Count the time since the last look.

        ``settles_s`` is what the device takes to follow, None: not known yet.
        """
        before_s, self._looked_s = self._looked_s, at_s
        if ordered_w != self._ordered_w:
            self._ordered_w, self._since_s = ordered_w, at_s
        if ordered_w is None or power_w is None:
            self._beyond_since_s = None
            return
        if before_s is None:
            return
        if at_s - self._since_s < max(_SETTLES_S, settles_s or 0.0):
            return
        took_s = at_s - before_s
        if took_s > _LONGEST_S:
            self._beyond_since_s = None
            return
        if not self._is_beyond(ordered_w, power_w):
            self._beyond_since_s = None
        elif self._beyond_since_s is None:
            self._beyond_since_s = at_s
        bucket = self._bucket(at_s)
        bucket.watched_s += took_s
        if self._keeps(ordered_w, power_w):
            bucket.obeyed_s += took_s

    def beyond_s(self, at_s: float) -> float:
        """Return for how long it has done more than it was ordered, 0: it does not.

        To fall short is none of it: a battery may be full or empty.
        """
        since_s = self._beyond_since_s
        return 0.0 if since_s is None else at_s - since_s

    def percent(self, at_s: float) -> int | None:
        """Return the share of the last day from 0 to 100, None: nothing to go by."""
        recent = [b for b in self._buckets if at_s - b.begun_s < _BUCKETS * _BUCKET_S]
        watched_s = sum(bucket.watched_s for bucket in recent)
        if not watched_s:
            return None
        return round(100 * sum(bucket.obeyed_s for bucket in recent) / watched_s)

    @staticmethod
    def _is_beyond(ordered_w: int, power_w: int) -> bool:
        tolerance_w = max(_TOLERANCE_W, _TOLERANCE * abs(ordered_w))
        least_w, most_w = min(ordered_w, 0), max(ordered_w, 0)
        return not least_w - tolerance_w <= power_w <= most_w + tolerance_w

    def _keeps(self, ordered_w: int, power_w: int) -> bool:
        tolerance_w = max(_TOLERANCE_W, _TOLERANCE * abs(ordered_w))
        beyond_w = power_w - ordered_w
        return (abs(beyond_w) if self.both_ways else beyond_w) <= tolerance_w

    def _bucket(self, at_s: float) -> _Bucket:
        if not self._buckets or at_s - self._buckets[-1].begun_s >= _BUCKET_S:
            self._buckets.append(_Bucket(at_s))
        return self._buckets[-1]
