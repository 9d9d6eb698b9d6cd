"""A budget of energy or money: what is used, what is foretold, what is worth saying.

What is to come is as the same hours of the days before were, working days and weekends
apart; without such days it goes on as the period began.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum
from typing import Final

HOUR: Final = timedelta(hours=1)
LOOKS_BACK: Final = timedelta(days=28)
_SATURDAY: Final = 5
# The first hours of a period foretell nothing of it.
_TELLS_FROM_SHARE: Final = 0.1

type Hours = Mapping[datetime, float]  # by their start, in the budget's unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """What was counted in each hour; the last may be one that still runs.

    ``until``: up to when that one is counted; None: all hours are whole.
    """

    hours: Hours
    until: datetime | None = None


class Mark(StrEnum):
    """What of a budget is worth telling, once in a period."""

    FORETOLD = "foretold"  # it will not last
    NEARLY = "nearly"  # the share that somebody wants to hear of is used
    OVER = "over"


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How a budget stands; ``until`` is up to when it is counted."""

    amount: float
    start: datetime
    end: datetime
    until: datetime
    used: float
    expected: float | None  # of the whole period; None: nothing tells

    @property
    def share(self) -> float:
        """How much of the budget is used; beyond 1 it is overdrawn."""
        return self.used / self.amount

    @property
    def elapsed(self) -> float:
        """Which share of the period is counted, 0 to 1."""
        return (self.until - self.start) / (self.end - self.start)

    def marks(self, nearly: float) -> list[Mark]:
        """Return what holds now; ``nearly`` is the share that is worth telling."""
        if self.share >= 1:
            return [Mark.OVER]
        found = [Mark.NEARLY] if self.share >= nearly else []
        foretells = self.elapsed >= _TELLS_FROM_SHARE and self.expected is not None
        if foretells and self.expected is not None and self.expected > self.amount:
            found.append(Mark.FORETOLD)
        return found


def progress(
    amount: float,
    start: datetime,
    end: datetime,
    counted: Counted,
    zone: tzinfo,
) -> Progress:
    """Return how a budget of ``amount`` > 0 from ``start`` to ``end`` stands.

    ``counted``: in this period and in the days before; ``zone`` is the home's.
    """
    hours = counted.hours
    now_used = {at: value for at, value in hours.items() if start <= at < end}
    until = start
    if now_used:
        last = max(now_used)
        until = min(end, last + HOUR)
        if counted.until is not None and counted.until > last:
            until = min(until, counted.until)
    used = sum(now_used.values())
    return Progress(
        amount=amount,
        start=start,
        end=end,
        until=until,
        used=used,
        expected=_expected(used, (start, until, end), hours, zone),
    )


def _expected(
    used: float,
    times: tuple[datetime, datetime, datetime],
    hours: Hours,
    zone: tzinfo,
) -> float | None:
    start, until, end = times
    before = {
        at: value
        for at, value in hours.items()
        if until - LOOKS_BACK <= at and at + HOUR <= until
    }
    typical = _typical(before, zone)
    ahead = list(_each_hour(until, end))
    keys = {key for at, _ in ahead for key in _keys(at, zone)}
    if ahead and not keys & typical.keys():
        return None if until == start else used * ((end - start) / (until - start))
    rest = 0.0
    mean = sum(before.values()) / len(before) if before else 0.0
    for at, share in ahead:
        known = [typical[key] for key in _keys(at, zone) if key in typical]
        rest += share * (known[0] if known else mean)
    return used + rest


def _typical(hours: Hours, zone: tzinfo) -> dict[tuple[bool | None, int], float]:
    """Return means by kind of day and hour, and by hour alone."""
    sums: dict[tuple[bool | None, int], tuple[float, int]] = {}
    for at, value in hours.items():
        for key in _keys(at, zone):
            total, count = sums.get(key, (0.0, 0))
            sums[key] = total + value, count + 1
    return {key: total / count for key, (total, count) in sums.items()}


def _keys(at: datetime, zone: tzinfo) -> tuple[tuple[bool | None, int], ...]:
    local = at.astimezone(zone)
    return (local.weekday() >= _SATURDAY, local.hour), (None, local.hour)


def _each_hour(start: datetime, end: datetime) -> Iterator[tuple[datetime, float]]:
    """Yield the hours of a span, and which share of each lies in it."""
    at = start
    while at < end:
        begun = timedelta(minutes=at.minute, seconds=at.second)
        following = min(end, at - begun + HOUR)
        yield at, (following - at) / HOUR
        at = following
