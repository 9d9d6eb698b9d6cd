"""What ``cem curves`` does."""

from argparse import ArgumentTypeError, Namespace
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
import sys
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cem_core.archive import ArchiveError, CurveArchive
from cem_core.exchange import CurveError, LoadCurve, coarser
from cem_core.exchange.days import day_span
from cem_core.exchange.forms import FORMS, Writing, recognise
from cem_core.exchange.from_registers import (
    BASE,
    Followers,
    Recorder,
    Tolerance,
    values_of,
)
from cem_core.meter import TelegramError
from cem_core.meter.recognise import Decoder
from optimizer.cli.meter_arguments import key_of
from optimizer.cli.status import BAD_INPUT, DONE, WRONG_USAGE

_STDIN: Final = "-"
_SQLITE: Final = b"SQLite format 3\0"
_QUARTER_HOUR: Final = 15
_EVER: Final = (datetime(1970, 1, 2, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))
type Span = tuple[datetime | None, datetime | None]


@dataclass(slots=True)
class _Usage(Exception):  # noqa: N818 - what is wrong with the command itself
    text: str


def convert(args: Namespace) -> int:
    """Do what the arguments say; what is wrong is said on stderr, a line each."""
    try:
        zone = _zone(args.time_zone)
        span = _span(args, zone)
        keys = _key(args.key, "--key"), _key(args.auth_key, "--auth-key")
    except _Usage as error:
        return _complain(error.text, WRONG_USAGE)
    where = "stdin" if args.file == _STDIN else args.file
    data = _bytes(args.file)
    complaints: list[str] = []
    try:
        curves = _read(args, data, span, keys, complaints)
        curves = _cut(curves, span, args.resolution)
        out = _written(curves, args, zone)
    except (ArchiveError, CurveError) as error:
        for text in complaints:
            _complain(f"{where}: {text}")
        return _complain(f"{where}: {error}")
    if args.output == _STDIN:
        sys.stdout.buffer.write(out)
        sys.stdout.buffer.flush()
    else:
        Path(args.output).write_bytes(out)
    for text in complaints:
        _complain(f"{where}: {text}")
    return BAD_INPUT if complaints else DONE


def _read(
    args: Namespace,
    data: bytes,
    span: Span,
    keys: tuple[bytes | None, bytes | None],
    complaints: list[str],
) -> tuple[LoadCurve, ...]:
    kind = args.read
    if kind == "auto":
        archive = data.startswith(_SQLITE)
        kind = "archive" if archive else recognise(data) or "telegrams"
    length = timedelta(minutes=args.resolution or _QUARTER_HOUR)
    if kind in {"telegrams", "archive"} and span[0] and (span[0] - _EVER[0]) % BASE:
        raise CurveError("registers are kept for whole five minutes: begin at one")
    if kind == "telegrams":
        recorder = _recorded(data, keys, args.tolerance, complaints)
        curves = recorder.read(length, *span, spread=args.spread)
    elif kind == "archive":
        if args.file == _STDIN:
            raise ArchiveError("an archive is a file: name it")
        curves = _archived(args, length, span)
    else:
        curves = FORMS[kind].read(data)
    if not curves:
        raise CurveError("no load curve in it")
    return tuple(replace(curve, mid=True) for curve in curves) if args.mid else curves


def _recorded(
    data: bytes,
    keys: tuple[bytes | None, bytes | None],
    tolerance_s: float,
    complaints: list[str],
) -> Recorder:
    within = timedelta(seconds=tolerance_s)
    recorder = Recorder(Followers(tolerance=Tolerance(calculated=within)))
    decoder = Decoder(key=keys[0], auth_key=keys[1])
    timeless = 0
    for found in (*decoder.feed(data), *decoder.finish()):
        if isinstance(found, TelegramError):
            complaints.append(str(found))
            continue
        if found.timestamp is None:
            timeless += bool(found.import_energy_wh or found.export_energy_wh)
            continue
        for value in values_of(found, found.timestamp):
            try:
                recorder.add(value)
            except CurveError as error:
                complaints.append(str(error))
    if timeless:
        complaints.append(f"{timeless} telegrams say no time: they are in no curve")
    return recorder


def _archived(args: Namespace, length: timedelta, span: Span) -> tuple[LoadCurve, ...]:
    archive = CurveArchive(Path(args.file))
    first, last = archive.span() or _EVER
    zero = first - (first - _EVER[0]) % length
    return archive.read(length, span[0] or zero, span[1] or last, spread=args.spread)


def _cut(
    curves: tuple[LoadCurve, ...], span: Span, resolution: int | None
) -> tuple[LoadCurve, ...]:
    """Return what lies in the span, in intervals of the resolution."""
    found = []
    for curve in curves:
        start, end = span[0] or curve.start, span[1] or curve.end
        inside = curve.between(start, end)
        if inside is None:
            continue
        if resolution is not None:
            inside = coarser(inside, timedelta(minutes=resolution), span[0])
        found.append(inside)
    if not found:
        raise CurveError("no intervals in that span")
    return tuple(found)


def _written(curves: tuple[LoadCurve, ...], args: Namespace, zone: ZoneInfo) -> bytes:
    if args.write == "summary":
        return "".join(_summary(curve, zone) for curve in curves).encode()
    now = datetime.now(UTC).replace(microsecond=0)
    return FORMS[args.write].write(curves, Writing(made=now, zone=zone))


def _summary(curve: LoadCurve, zone: ZoneInfo) -> str:
    minutes = curve.resolution / timedelta(minutes=1)
    counts = ", ".join(f"{n} {status}" for status, n in curve.counts().items() if n)
    return (
        f"meter {curve.meter_id}, {curve.register} ({curve.direction}): "
        f"{curve.start.astimezone(zone).isoformat()} to "
        f"{curve.end.astimezone(zone).isoformat()}, {len(curve.intervals)} intervals of "
        f"{minutes:g} min ({counts}), {curve.energy_wh / 1000:.3f} kWh, {curve.billing}\n"
    )


def _bytes(name: str) -> bytes:
    return sys.stdin.buffer.read() if name == _STDIN else Path(name).read_bytes()


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise _Usage(f"--time-zone: {name!r} is no time zone") from error


def _span(args: Namespace, zone: ZoneInfo) -> Span:
    if args.day is not None:
        if args.from_time or args.to_time:
            raise _Usage("--day goes without --from and --to")
        try:
            return day_span(date.fromisoformat(args.day), zone)
        except (OverflowError, ValueError) as error:
            raise _Usage(f"--day: {args.day!r} is no date (2026-03-29)") from error
    start, end = (
        None if text is None else _time(text, name)
        for text, name in ((args.from_time, "--from"), (args.to_time, "--to"))
    )
    if start is not None and end is not None and end <= start:
        raise _Usage("--to is not after --from")
    return start, end


def _time(text: str, name: str) -> datetime:
    try:
        time = datetime.fromisoformat(text)
    except ValueError as error:
        raise _Usage(f"{name}: {text!r} is no time (ISO 8601)") from error
    if time.tzinfo is None:
        raise _Usage(f"{name}: {text} needs its offset, as in 2026-03-01T00:00+01:00")
    return time.astimezone(UTC)


def _key(text: str | None, name: str) -> bytes | None:
    try:
        return None if text is None else key_of(text)
    except ArgumentTypeError as error:
        raise _Usage(f"{name}: {error}") from error


def _complain(message: str, status: int = BAD_INPUT) -> int:
    print(message, file=sys.stderr)
    return status
