"""How far the host's clock can be trusted with the ends of ordered limits.

A machine without a battery-backed clock may start hours wrong after a power cut and
be set right later. What an order has left to run is therefore counted in elapsed
time, not read off the host's clock: monotonic time within a run; over a restart the
meter's own clock, the difference of two of its readings, so that even a meter that is
an hour wrong serves; and where the meter tells no time, nothing is taken to have
elapsed while the machine was down. A limit then lasts too long by at most that, and
never ends early.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

# Below this a difference is the clock being slewed, or a telegram under way.
_STEP: Final = timedelta(seconds=2)
_NOTHING: Final = timedelta()


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One moment by the host's and, where it is known, by the meter's clock."""

    host: datetime
    meter: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """What ends by the host's clock must move by to keep what is left to run.

    ``restored`` holds for the limits that were read at the start, ``ordered`` for
    those ordered since.
    """

    restored: timedelta = _NOTHING
    ordered: timedelta = _NOTHING

    def __bool__(self) -> bool:
        """Tell whether anything moves."""
        return bool(self.restored or self.ordered)


class HostClock:
    """Compares the host's clock with elapsed time and with the meter's."""

    def __init__(self, before: Moment | None) -> None:
        """Start with the last moment known from before the restart, if there is one."""
        self._before = before
        self._host: datetime | None = None
        self._last_s = 0.0
        self._first_s = 0.0
        self._meter: tuple[datetime, float] | None = None

    def moment(self) -> Moment | None:
        """Return now, to be kept for after a restart; None before the first update."""
        if self._host is None:
            return None
        meter = None
        if self._meter is not None:
            seen, at_s = self._meter
            meter = seen + timedelta(seconds=self._last_s - at_s)
        elif self._before is not None and self._before.meter is not None:
            # Killed again before the meter spoke, the first stop still counts.
            run = timedelta(seconds=self._last_s - self._first_s)
            meter = self._before.meter + run
        return Moment(host=self._host, meter=meter)

    def update(
        self, host: datetime, monotonic_s: float, meter: datetime | None = None
    ) -> Shift:
        """Take the clocks, ``meter`` with a telegram that tells the time."""
        if self._host is None:
            self._first_s = monotonic_s
            step = _NOTHING
            down = host - self._before.host if self._before else _NOTHING
        else:
            elapsed = timedelta(seconds=monotonic_s - self._last_s)
            step = host - self._host - elapsed
            step = step if abs(step) > _STEP else _NOTHING
            down = _NOTHING
        self._host, self._last_s = host, monotonic_s
        if meter is not None:
            self._meter = meter, monotonic_s
        return Shift(
            restored=down + step - self._was_down(meter, monotonic_s), ordered=step
        )

    def _was_down(self, meter: datetime | None, monotonic_s: float) -> timedelta:
        """Return how long, with the first telegram that tells; else nothing."""
        if meter is None or self._before is None or self._before.meter is None:
            return _NOTHING
        run = timedelta(seconds=monotonic_s - self._first_s)
        down = meter - self._before.meter - run
        self._before = None
        return max(down, _NOTHING)  # a meter's clock that was set back tells nothing
