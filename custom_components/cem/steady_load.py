"""The house load without what only looks like load: devices whose own meters are late.

The load is what the connection takes less what devices say that they take. A car that
ramps is seen at the connection at once, and says so when its charger reports next: until
then it looks like load of the house, and when it stops like load that is gone. Such a
spike is as long as the report is old. The median over more than twice that time knows
nothing of it, while a change that stays is shown when half of that time is over.
"""

from collections import deque
from typing import Final

# Chargers report every 10 s by default (OCPP), inverters every 5 s or so.
WINDOW_S: Final = 31.0


class SteadyLoad:
    """The median of the load over the last `WINDOW_S`; seconds are monotonic."""

    def __init__(self) -> None:
        """Know of no load yet."""
        self._seen: deque[tuple[float, int]] = deque()

    def update(self, load_w: int | None, at_s: float) -> int | None:
        """Take the load of now; return the steady one, at least 0, None: unknown."""
        if load_w is None:
            self._seen.clear()  # a silence is no load that stayed the same
            return None
        seen = self._seen
        seen.append((at_s, load_w))
        # One that held into the window still counts for its part of it.
        while len(seen) > 1 and seen[1][0] <= at_s - WINDOW_S:
            seen.popleft()
        return max(0, steady_w(seen, at_s))


def steady_w(seen: deque[tuple[float, int]], at_s: float) -> int:
    """Return the median of ``seen`` by how long each value stood, up to ``at_s``.

    ``seen`` holds times and values, the oldest first, at least one. How often a value
    was looked at while it stood does not count.
    """
    begins_s = at_s - WINDOW_S
    ends_s = [*(time_s for time_s, _ in seen), at_s][1:]
    stood = sorted(
        (load_w, end_s - max(begins_s, time_s))
        for (time_s, load_w), end_s in zip(seen, ends_s, strict=True)
    )
    half_s = sum(lasted_s for _, lasted_s in stood) / 2
    if half_s <= 0:
        return seen[-1][1]
    passed_s = 0.0
    for load_w, lasted_s in stood:
        passed_s += lasted_s
        if passed_s >= half_s:
            return load_w
    return stood[-1][0]
