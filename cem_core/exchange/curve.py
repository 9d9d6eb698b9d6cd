"""A load curve: energy in intervals of equal length, each with its status.

Energy is in whole Wh and never negative: each direction has a curve of its own. A stamp
is the start of its interval, as aware UTC. A gap is an interval without energy, never
a zero.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

from cem_core.model import Direction

IMPORT_TOTAL: Final = "1-0:1.8.0"  # IEC 62056-61: active import, total
EXPORT_TOTAL: Final = "1-0:2.8.0"
TOTALS: Final[Mapping[Direction, str]] = {
    Direction.IMPORT: IMPORT_TOTAL,
    Direction.EXPORT: EXPORT_TOTAL,
}
NOT_FOR_BILLING: Final = "not for billing"
MID_REGISTER: Final = "MID register"
_SECOND: Final = timedelta(seconds=1)


class CurveError(ValueError):
    """What was given is no load curve; the text names the place and the cause."""


class Status(StrEnum):
    """Where the energy of an interval is from, the best first."""

    METERED = "metered"  # the difference of a register at both ends
    CALCULATED = "calculated"  # the same, an end interpolated between telegrams
    ESTIMATED = "estimated"  # spread over a gap
    MISSING = "missing"


_RANK: Final = {status: place for place, status in enumerate(Status)}


def worst(*statuses: Status) -> Status:
    """Return what holds for a sum of parts with these statuses."""
    return max(statuses, key=_RANK.__getitem__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """The energy from ``start`` on; None exactly where it is missing."""

    start: datetime
    energy_wh: int | None
    status: Status


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadCurve:
    """One direction of one meter, without holes: what is missing has its interval.

    ``register`` is the OBIS code of the register that the energies are differences of;
    ``mid`` says that the meter's conformity (2014/32/EU, MID) covers that register.
    """

    meter_id: str
    direction: Direction
    register: str
    resolution: timedelta
    intervals: tuple[Interval, ...]
    mid: bool = False

    def __post_init__(self) -> None:
        """Refuse what is no curve. Raises `CurveError`."""
        if self.resolution < _SECOND or self.resolution % _SECOND:
            raise CurveError(f"{self.resolution}: no whole number of seconds")
        if not self.intervals:
            raise CurveError("a load curve without intervals")
        expected = self.intervals[0].start
        for each in self.intervals:
            if each.start != expected or each.start.tzinfo is not UTC:
                raise CurveError(
                    f"an interval at {each.start}, where one at {expected} (UTC) belongs"
                )
            if (each.energy_wh is None) != (each.status is Status.MISSING):
                raise CurveError(f"{each.start}: no energy and missing are the same")
            if each.energy_wh is not None and each.energy_wh < 0:
                raise CurveError(f"{each.start}: {each.energy_wh} Wh is below zero")
            expected += self.resolution

    @property
    def start(self) -> datetime:
        """When the first interval begins."""
        return self.intervals[0].start

    @property
    def end(self) -> datetime:
        """When the last interval ends."""
        return self.intervals[-1].start + self.resolution

    @property
    def energy_wh(self) -> int:
        """The sum of what is known."""
        return sum(each.energy_wh or 0 for each in self.intervals)

    @property
    def billing(self) -> str:
        """Say what the curve is good for: only a metered MID register can be billed."""
        metered = all(each.status is Status.METERED for each in self.intervals)
        return MID_REGISTER if self.mid and metered else NOT_FOR_BILLING

    def billing_of(self, interval: Interval) -> str:
        """Say the same of one interval."""
        metered = interval.status is Status.METERED
        return MID_REGISTER if self.mid and metered else NOT_FOR_BILLING

    def counts(self) -> dict[str, int]:
        """Return how many intervals have each status."""
        found = dict.fromkeys(map(str, Status), 0)
        for each in self.intervals:
            found[each.status] += 1
        return found

    def between(self, start: datetime, end: datetime) -> LoadCurve | None:
        """Return what lies wholly in [start, end), or None where nothing does."""
        inside = tuple(
            each
            for each in self.intervals
            if start <= each.start and each.start + self.resolution <= end
        )
        return self.with_intervals(inside, self.resolution) if inside else None

    def with_intervals(
        self, intervals: tuple[Interval, ...], resolution: timedelta
    ) -> LoadCurve:
        """Return the same meter's curve with other intervals."""
        return LoadCurve(
            meter_id=self.meter_id,
            direction=self.direction,
            register=self.register,
            resolution=resolution,
            intervals=intervals,
            mid=self.mid,
        )


def coarser(
    curve: LoadCurve, resolution: timedelta, origin: datetime | None = None
) -> LoadCurve:
    """Return the curve in longer intervals, aligned to ``origin`` (default: UTC's hours).

    A longer interval of which a part is missing, or lies outside, is missing. Raises
    `CurveError` where ``resolution`` is no multiple of the curve's.
    """
    if resolution % curve.resolution or resolution < curve.resolution:
        raise CurveError(f"{curve.resolution} cannot be summed to {resolution}")
    if resolution == curve.resolution:
        return curve
    zero = origin or datetime(2000, 1, 1, tzinfo=UTC)
    first = curve.start - (curve.start - zero) % resolution
    per, have = resolution // curve.resolution, {x.start: x for x in curve.intervals}
    if (curve.start - first) % curve.resolution:
        raise CurveError(f"intervals from {curve.start} do not meet {first}")

    def sums() -> Iterator[Interval]:
        start = first
        while start < curve.end:
            parts = [have.get(start + n * curve.resolution) for n in range(per)]
            yield _sum(start, parts)
            start += resolution

    return curve.with_intervals(tuple(sums()), resolution)


def _sum(start: datetime, parts: list[Interval | None]) -> Interval:
    known = [part for part in parts if part is not None and part.energy_wh is not None]
    if len(known) < len(parts):
        return Interval(start=start, energy_wh=None, status=Status.MISSING)
    return Interval(
        start=start,
        energy_wh=sum(part.energy_wh or 0 for part in known),
        status=worst(*(part.status for part in known)),
    )
