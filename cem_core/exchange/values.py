"""What the formats share: how times, numbers and codes are read, or refused."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
import re
from typing import Final

from cem_core.exchange.curve import CurveError, Interval, LoadCurve, Status
from cem_core.model import Direction

_OBIS: Final = re.compile(r"\d{1,3}-\d{1,3}:\d{1,3}\.\d{1,3}\.\d{1,3}")
MOST_INTERVALS: Final = 4_000_000  # ten years at five minutes, several registers
_LONGEST_ID: Final = 100
_LONGEST_S: Final = 31 * 86_400
_EARLIEST: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST: Final = datetime(2200, 1, 1, tzinfo=UTC)


def instant(text: str, where: str) -> datetime:
    """Return an aware time as UTC. Raises `CurveError`."""
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise CurveError(f"{where}: {text!r} is no time (ISO 8601)") from None
    if time.tzinfo is None:
        raise CurveError(f"{where}: {text!r} needs its offset, as +01:00 or Z")
    return _plausible(time, text, where)


def epoch(text: str, where: str) -> datetime:
    """Return seconds since 1970 as UTC. Raises `CurveError`."""
    seconds = whole(text, where)
    if not 0 <= seconds < _LATEST.timestamp():
        raise CurveError(f"{where}: {text!r} is no time in seconds since 1970")
    return datetime.fromtimestamp(seconds, UTC)


def length(text: str, where: str) -> timedelta:
    """Return seconds as the length of an interval. Raises `CurveError`."""
    seconds = whole(text, where)
    if not 0 < seconds <= _LONGEST_S:
        raise CurveError(f"{where}: no interval lasts {text} s")
    return timedelta(seconds=seconds)


def _plausible(time: datetime, text: str, where: str) -> datetime:
    if not _EARLIEST.year <= time.year < _LATEST.year:
        raise CurveError(f"{where}: {text!r} is a time long ago or far away")
    return time.astimezone(UTC)


def utc(time: datetime) -> str:
    """Return a time as it is written: UTC, to the second."""
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def whole(text: str, where: str) -> int:
    """Return a whole number. Raises `CurveError`."""
    if not re.fullmatch(r"\s*-?[0-9]{1,18}\s*", text):
        raise CurveError(f"{where}: {text[:40]!r} is no whole number")
    return int(text)


def one_of[E: StrEnum](kind: type[E], text: str, where: str) -> E:
    """Return the member that ``text`` names. Raises `CurveError`."""
    try:
        return kind(text)
    except ValueError:
        known = ", ".join(kind)
        raise CurveError(f"{where}: {text!r} is none of {known}") from None


def obis(text: str, where: str) -> str:
    """Return an OBIS code A-B:C.D.E. Raises `CurveError`."""
    if not _OBIS.fullmatch(text):
        raise CurveError(f"{where}: {text!r} is no OBIS code such as 1-0:1.8.0")
    return text


def identity(text: str, where: str) -> str:
    """Return the id of a meter. Raises `CurveError`."""
    if not 0 < len(text) <= _LONGEST_ID or not text.isprintable():
        raise CurveError(f"{where}: a meter's id has 1 to 100 printable characters")
    return text


def filled(
    *,
    meter_id: str,
    direction: Direction,
    register: str,
    resolution: timedelta,
    have: Mapping[datetime, Interval],
    span: tuple[datetime, datetime] | None = None,
    mid: bool = False,
    where: str,
) -> LoadCurve:
    """Return the curve of ``have``, with an interval that is missing where none is.

    ``span`` is from when to when, where the format says so. Raises `CurveError`.
    """
    if not have and span is None:
        raise CurveError(f"{where}: no intervals")
    if resolution < timedelta(seconds=1):
        raise CurveError(f"{where}: an interval lasts at least a second")
    start = min(have) if span is None else span[0]
    end = max(have) + resolution if span is None else span[1]
    count, rest = divmod(end - start, resolution)
    if rest or not 0 < count <= MOST_INTERVALS:
        raise CurveError(
            f"{where}: {start.isoformat()} to {end.isoformat()} are no intervals of "
            f"{resolution}"
        )
    intervals, left = [], len(have)
    for place in range(count):
        at = start + place * resolution
        found = have.get(at)
        left -= found is not None
        intervals.append(
            found or Interval(start=at, energy_wh=None, status=Status.MISSING)
        )
    if left:
        raise CurveError(
            f"{where}: {left} intervals are not on the grid of {resolution} that begins "
            f"at {start.isoformat()}"
        )
    try:
        return LoadCurve(
            meter_id=meter_id,
            direction=direction,
            register=register,
            resolution=resolution,
            intervals=tuple(intervals),
            mid=mid,
        )
    except CurveError as error:
        raise CurveError(f"{where}: {error}") from error


def put(have: dict[datetime, Interval], interval: Interval, where: str) -> None:
    """Add an interval. Raises `CurveError` for a second one at the same time."""
    if interval.start in have:
        raise CurveError(f"{where}: a second interval at {interval.start.isoformat()}")
    have[interval.start] = interval


def interval(start: datetime, energy_wh: int | None, status: Status) -> Interval:
    """Return an interval; without energy it is missing whatever its status says."""
    known = Status.MISSING if energy_wh is None else status
    return Interval(start=start, energy_wh=energy_wh, status=known)


def some(curves: Iterable[LoadCurve], where: str) -> tuple[LoadCurve, ...]:
    """Return the curves that were read. Raises `CurveError` where there are none."""
    found = tuple(curves)
    if not found:
        raise CurveError(f"{where}: no load curve in it")
    return found
