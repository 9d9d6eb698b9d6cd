"""Registers as they come in telegrams -> registers at the clock's boundaries. Pure.

An interval's energy is the difference of a register at its two ends, so intervals add
up to what the register counted whatever happened in between; a telegram that is lost
inside an interval changes nothing. Only the ends have to be known:

- a telegram at the very second of a boundary, or one at each side of it not farther
  than `Tolerance.metered` from it: metered;
- not farther than `Tolerance.calculated`: calculated, linear in between;
- else the boundary is unknown, and the intervals at both sides of it are missing; who
  reads a curve may ask that what the register counted over a gap is spread over it.

Boundaries are whole minutes of UTC; any resolution that is a multiple of the base's is
read from the same boundaries (`RegisterCurve.curve`).
"""

from bisect import bisect
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from cem_core.exchange.curve import (
    TOTALS,
    CurveError,
    Interval,
    LoadCurve,
    Status,
    worst,
)
from cem_core.model import Direction, Reading

BASE: Final = timedelta(minutes=5)
RESOLUTIONS: Final = tuple(timedelta(minutes=n) for n in (5, 15, 30, 60))
NO_ID: Final = "unknown"
_ENTITY: Final = "entity"  # the format of readings made of entities
_EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)


type CurveKey = tuple[str, Direction, str]  # meter, direction, register


@dataclass(frozen=True, slots=True, kw_only=True)
class Tolerance:
    """How far from a boundary a telegram may be on each side; see the module."""

    metered: timedelta = timedelta(seconds=10)
    calculated: timedelta = timedelta(seconds=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterValue:
    """A register as the meter showed it at ``time``; ``status`` is the best it can be."""

    time: datetime
    meter_id: str
    direction: Direction
    register: str
    value_wh: int
    status: Status = Status.METERED

    @property
    def key(self) -> tuple[Direction, str]:
        """What it is a value of, whichever meter counts it."""
        return self.direction, self.register

    @property
    def curve(self) -> CurveKey:
        """The curve that it belongs to."""
        return self.meter_id, self.direction, self.register


@dataclass(frozen=True, slots=True, kw_only=True)
class Boundary:
    """A register at a boundary of the clock, and how well that is known."""

    time: datetime
    value_wh: int
    status: Status


def status_of(reading: Reading) -> Status:
    """Return how well a telegram's values are known.

    An entity of Home Assistant does not say when the meter had its value, nor whether it
    is the meter's.
    """
    return Status.CALCULATED if reading.format == _ENTITY else Status.METERED


def values_of(
    reading: Reading, heard: datetime, source: str | None = None
) -> Iterator[RegisterValue]:
    """Yield the two totals of a telegram; ``heard`` counts where it has no time.

    ``source`` names the meter where the telegram does not.

    A meter that counts each tariff apart has no total register: its total is their sum,
    all from the same telegram.
    """
    sides = (
        (Direction.IMPORT, reading.import_energy_wh),
        (Direction.EXPORT, reading.export_energy_wh),
    )
    for direction, registers in sides:
        if not registers:
            continue
        total = registers.get("total")
        yield RegisterValue(
            time=(reading.timestamp or heard).astimezone(UTC),
            meter_id=reading.meter_id or source or NO_ID,
            direction=direction,
            register=TOTALS[direction],
            value_wh=sum(registers.values()) if total is None else total,
            status=status_of(reading),
        )


@dataclass(slots=True)
class Follower:
    """Follows one register from value to value and says what it was at boundaries."""

    base: timedelta = BASE
    tolerance: Tolerance = field(default_factory=Tolerance)
    last: RegisterValue | None = None

    def add(self, value: RegisterValue) -> list[Boundary]:
        """Return the boundaries that ``value`` settles, in order.

        A value at or before the last one's time adds nothing. Another meter starts
        anew. Raises `CurveError` where the register of the same meter went back: the
        value is then not taken.
        """
        last = self.last
        if last is None or last.meter_id != value.meter_id:
            self.last = value
            at = _floor(value.time, self.base)
            return [_exact(value)] if at == value.time else []
        if value.time <= last.time:
            return []
        if value.value_wh < last.value_wh:
            raise CurveError(
                f"{value.time.isoformat()}: register {value.register} of meter "
                f"{value.meter_id} went back from {last.value_wh} to {value.value_wh} Wh"
            )
        self.last = value
        return list(self._crossed(last, value))

    def _crossed(self, last: RegisterValue, value: RegisterValue) -> Iterator[Boundary]:
        if value.time - last.time <= 2 * self.tolerance.calculated:
            at = _floor(last.time, self.base) + self.base
            while at < value.time:
                if (status := self._known(at - last.time, value.time - at)) is not None:
                    yield Boundary(
                        time=at,
                        value_wh=_linear(
                            at, last.time, last.value_wh, value.time, value.value_wh
                        ),
                        status=worst(status, last.status, value.status),
                    )
                at += self.base
        if _floor(value.time, self.base) == value.time:
            yield _exact(value)

    def _known(self, before: timedelta, after: timedelta) -> Status | None:
        farther = max(before, after)
        if farther <= min(self.tolerance.metered, self.tolerance.calculated):
            return Status.METERED
        if farther <= self.tolerance.calculated:
            return Status.CALCULATED
        return None


@dataclass(slots=True, kw_only=True)
class RegisterCurve:
    """The boundaries of one register of one meter, from which any curve is read."""

    meter_id: str
    direction: Direction
    register: str
    boundaries: dict[datetime, Boundary] = field(default_factory=dict)
    mid: bool = False

    def add(self, boundaries: Iterable[Boundary]) -> None:
        """Take boundaries; a known one is not changed."""
        for each in boundaries:
            self.boundaries.setdefault(each.time, each)

    def curve(
        self,
        resolution: timedelta,
        start: datetime | None = None,
        end: datetime | None = None,
        *,
        spread: bool = False,
    ) -> LoadCurve | None:
        """Return the curve over [start, end), from the first to the last boundary.

        The grid is aligned to ``start`` where it is given, else to UTC. None where
        there is no interval at all. ``spread`` gives the energy of a gap to its
        intervals in equal parts: estimated.
        """
        if not self.boundaries:
            return None
        times = sorted(self.boundaries)
        at = _ceil(times[0], resolution) if start is None else start
        stop = _floor(times[-1], resolution) if end is None else end
        known = self._spread(times) if spread else self.boundaries.get
        intervals = []
        while at + resolution <= stop:
            intervals.append(_interval(at, known(at), known(at + resolution)))
            at += resolution
        if all(each.status is Status.MISSING for each in intervals):
            return None
        return LoadCurve(
            meter_id=self.meter_id,
            direction=self.direction,
            register=self.register,
            resolution=resolution,
            intervals=tuple(intervals),
            mid=self.mid,
        )

    def _spread(self, times: list[datetime]) -> Callable[[datetime], Boundary | None]:
        def known(at: datetime) -> Boundary | None:
            if at in self.boundaries or not times[0] < at < times[-1]:
                return self.boundaries.get(at)
            place = bisect(times, at)
            one = self.boundaries[times[place - 1]]
            other = self.boundaries[times[place]]
            value_wh = _linear(at, one.time, one.value_wh, other.time, other.value_wh)
            return Boundary(time=at, value_wh=value_wh, status=Status.ESTIMATED)

        return known


@dataclass(slots=True)
class Followers:
    """Follows all registers of a home's meter, and of the meter that replaces it."""

    base: timedelta = BASE
    tolerance: Tolerance = field(default_factory=Tolerance)
    _followers: dict[tuple[Direction, str], Follower] = field(default_factory=dict)

    def add(self, value: RegisterValue) -> list[Boundary]:
        """Take a value; return what it settled. Raises `CurveError`, see `Follower`."""
        return self._follower(value.key).add(value)

    def resume(self, key: CurveKey, boundary: Boundary) -> None:
        """Go on from a boundary that was kept; of two meters' the later one counts."""
        meter_id, direction, register = key
        follower = self._follower((direction, register))
        if follower.last is None or follower.last.time < boundary.time:
            follower.last = RegisterValue(
                time=boundary.time,
                meter_id=meter_id,
                direction=direction,
                register=register,
                value_wh=boundary.value_wh,
            )

    def _follower(self, key: tuple[Direction, str]) -> Follower:
        return self._followers.setdefault(key, Follower(self.base, self.tolerance))


@dataclass(slots=True)
class Recorder:
    """All curves of a recording, in memory."""

    followers: Followers = field(default_factory=Followers)
    curves: dict[CurveKey, RegisterCurve] = field(default_factory=dict)

    def add(self, value: RegisterValue) -> list[Boundary]:
        """Take a value; return what it settled. Raises `CurveError`, see `Follower`."""
        settled = self.followers.add(value)
        key = value.curve
        if key not in self.curves:
            self.curves[key] = RegisterCurve(
                meter_id=value.meter_id,
                direction=value.direction,
                register=value.register,
            )
        self.curves[key].add(settled)
        return settled

    def read(
        self,
        resolution: timedelta,
        start: datetime | None = None,
        end: datetime | None = None,
        *,
        spread: bool = False,
    ) -> tuple[LoadCurve, ...]:
        """Return the curves of all meters and registers that have any interval."""
        found = (
            each.curve(resolution, start, end, spread=spread)
            for each in self.curves.values()
        )
        return tuple(curve for curve in found if curve is not None)


def _exact(value: RegisterValue) -> Boundary:
    return Boundary(time=value.time, value_wh=value.value_wh, status=value.status)


def _interval(
    start: datetime, one: Boundary | None, other: Boundary | None
) -> Interval:
    if one is None or other is None:
        return Interval(start=start, energy_wh=None, status=Status.MISSING)
    return Interval(
        start=start,
        energy_wh=other.value_wh - one.value_wh,
        status=worst(one.status, other.status),
    )


def _linear(
    at: datetime, start: datetime, start_wh: int, end: datetime, end_wh: int
) -> int:
    return start_wh + round((at - start) / (end - start) * (end_wh - start_wh))


def _floor(time: datetime, step: timedelta) -> datetime:
    return time - (time - _EPOCH) % step


def _ceil(time: datetime, step: timedelta) -> datetime:
    return time + (_EPOCH - time) % step
