"""The steps of a plan, and series laid on the quarter hours that it is made of."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import ceil
from typing import Any, Final

from cem_core.model import Series

STEP: Final = timedelta(minutes=15)
_MINUTE: Final = timedelta(minutes=1)
_DAY: Final = timedelta(days=1)
LEAST: Final = timedelta(hours=36)
MOST: Final = timedelta(hours=48)
_FINE: Final = timedelta(minutes=5)  # as often as it is planned anew
_FINE_FOR: Final = timedelta(hours=1)
_COARSE: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Steps:
    """Quarter hours from ``start``, which a plan from ``now`` on is made from.

    ``known_until`` is where prices end: what follows is expected. What was laid on
    them is kept: a dozen heat pumps have one weather and one sun.
    """

    start: datetime
    count: int
    now: datetime
    known_until: datetime | None = None
    _laid: dict[Series, list[float | None]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @classmethod
    def from_now(cls, now: datetime, known_until: datetime | None) -> Steps:
        """Start with the running step; end where prices end, within bounds."""
        start = now - (now - datetime.min.replace(tzinfo=now.tzinfo)) % STEP
        end = min(max(known_until or start, start + LEAST), start + MOST)
        end += -(end - datetime.min.replace(tzinfo=end.tzinfo)) % _COARSE
        return cls(start, (end - start) // STEP, now, known_until)

    @property
    def times(self) -> tuple[datetime, ...]:
        """The start of each quarter hour."""
        return tuple(self.start + index * STEP for index in range(self.count))

    @property
    def end(self) -> datetime:
        """The end of the last one."""
        return self.start + self.count * STEP

    def tiers(self, due: Iterable[datetime]) -> list[dict[str, Any]]:
        """Return the plan's tiers: fine for the next hour, coarse on expected prices.

        What is ``due`` is planned to the quarter of an hour: hours that it lies
        within would be lost to it.
        """
        known_until = self.known_until or self.start + _DAY
        until = min(max(known_until, *due, self.now + _FINE_FOR + STEP), self.end)
        return [
            {
                "step_minutes": _FINE // _MINUTE,
                "until_minutes": _FINE_FOR // _MINUTE,
            },
            {
                "step_minutes": STEP // _MINUTE,
                "until_minutes": ceil((until - self.now) / _MINUTE),
            },
            {"step_minutes": _COARSE // _MINUTE},
        ]

    def lay(
        self, series: Series, otherwise: Callable[[datetime], float]
    ) -> list[float]:
        """Return the mean in each quarter hour.

        Where nothing is known the day before (or, failing that, the day
        after) serves, then ``otherwise``.
        """
        if (known := self._laid.get(series)) is None:
            known = self._laid[series] = [self._known(series, t) for t in self.times]
        return [
            otherwise(time) if value is None else value
            for time, value in zip(self.times, known, strict=True)
        ]

    def _known(self, series: Series, time: datetime) -> float | None:
        for shift in (timedelta(0), -_DAY, -2 * _DAY, _DAY):
            value = series.mean(time + shift, time + shift + STEP)
            if value is not None:
                return value
        return None
