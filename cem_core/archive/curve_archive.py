"""Load curves on disk: one SQLite file a home.

What is kept of a meter are its registers at the boundaries of the clock, five minutes
apart: any curve of any resolution is read from them, and a restart loses none. Curves
that were imported have no registers: their intervals are kept as they came. A year of
one direction takes about 3 MB; what is older than `KEPT` goes.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
import sqlite3
from typing import Any, Final

from cem_core.exchange.curve import CurveError, Interval, LoadCurve, Status, coarser
from cem_core.exchange.from_registers import Boundary, CurveKey, RegisterCurve
from cem_core.exchange.values import filled
from cem_core.model import Direction

KEPT: Final = timedelta(days=3 * 366)
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS register (
  id INTEGER PRIMARY KEY, meter_id TEXT NOT NULL, direction TEXT NOT NULL,
  register TEXT NOT NULL, mid INTEGER NOT NULL, UNIQUE (meter_id, direction, register)
) STRICT;
CREATE TABLE IF NOT EXISTS boundary (
  register INTEGER NOT NULL, time INTEGER NOT NULL, value_wh INTEGER NOT NULL,
  status INTEGER NOT NULL, PRIMARY KEY (register, time)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS interval (
  register INTEGER NOT NULL, seconds INTEGER NOT NULL, start INTEGER NOT NULL,
  energy_wh INTEGER, status INTEGER NOT NULL, PRIMARY KEY (register, seconds, start)
) STRICT, WITHOUT ROWID;
"""
_STATUSES: Final = tuple(Status)
_CODES: Final = {status: code for code, status in enumerate(Status)}


class ArchiveError(Exception):
    """The archive cannot be read or written."""


class CurveArchive:
    """The curves in ``path``. Its methods wait for the disk: call them in a thread."""

    def __init__(self, path: Path) -> None:
        """Keep them there; the file is made with the first that is kept."""
        self.path = path

    def keep(
        self, found: Iterable[tuple[CurveKey, Boundary]], *, mid: bool = False
    ) -> None:
        """Add registers at boundaries; one that is kept stays. `ArchiveError`."""
        with self._open() as file:
            for key, each in found:
                file.execute(
                    "INSERT OR IGNORE INTO boundary VALUES (?, ?, ?, ?)",
                    (
                        _register(file, key, mid=mid),
                        int(each.time.timestamp()),
                        each.value_wh,
                        _CODES[each.status],
                    ),
                )

    def keep_curve(self, curve: LoadCurve) -> int:
        """Add what is known of an imported curve; return how many are new.

        What is kept already is not changed. Raises `ArchiveError`.
        """
        key = curve.meter_id, curve.direction, curve.register
        seconds = int(curve.resolution.total_seconds())
        with self._open() as file:
            register = _register(file, key, mid=curve.mid)
            before = file.total_changes
            file.executemany(
                "INSERT OR IGNORE INTO interval VALUES (?, ?, ?, ?, ?)",
                (
                    (
                        register,
                        seconds,
                        int(each.start.timestamp()),
                        each.energy_wh,
                        _CODES[each.status],
                    )
                    for each in curve.intervals
                    if each.status is not Status.MISSING
                ),
            )
            return file.total_changes - before

    def last(self) -> dict[CurveKey, Boundary]:
        """Return the last that is kept of each register. Raises `ArchiveError`."""
        query = """
            SELECT meter_id, direction, r.register, time, value_wh, status
            FROM register r JOIN boundary b ON b.register = r.id
            WHERE time = (SELECT max(time) FROM boundary WHERE register = r.id)"""
        with self._read() as file:
            return {
                (meter_id, Direction(direction), register): _boundary(*rest)
                for meter_id, direction, register, *rest in file.execute(query)
            }

    def span(self) -> tuple[datetime, datetime] | None:
        """Return from when to when anything is kept. Raises `ArchiveError`."""
        query = """SELECT min(a), max(b) FROM (
            SELECT time AS a, time AS b FROM boundary
            UNION ALL SELECT start, start + seconds FROM interval)"""
        with self._read() as file:
            first, last = file.execute(query).fetchone()
        return None if first is None else (_time(first), _time(last))

    def read(
        self,
        resolution: timedelta,
        start: datetime,
        end: datetime,
        *,
        spread: bool = False,
        imported: bool = True,
    ) -> tuple[LoadCurve, ...]:
        """Return all curves over [start, end), aligned to ``start``.

        Measured ones come first; of the ``imported`` ones each that can be summed to
        ``resolution``. Raises `ArchiveError`.
        """
        with self._read() as file:
            registers = file.execute(
                "SELECT id, meter_id, direction, register, mid FROM register ORDER BY id"
            ).fetchall()
            curves = [
                curve
                for row in registers
                if (curve := _measured(file, row, resolution, (start, end), spread))
            ]
            curves += [
                curve
                for row in registers
                if imported
                for curve in _imported(file, row, resolution, (start, end))
            ]
        return tuple(curves)

    def prune(self, now: datetime) -> None:
        """Forget what is older than is kept. Raises `ArchiveError`."""
        before = int((now - KEPT).timestamp())
        with self._open() as file:
            file.execute("DELETE FROM boundary WHERE time < ?", (before,))
            file.execute("DELETE FROM interval WHERE start < ?", (before,))

    @contextmanager
    def _read(self) -> Iterator[sqlite3.Connection]:
        """Open the file as it is: who reads leaves nothing in it."""
        try:
            if not self.path.exists() or self.path.stat().st_size == 0:
                file = sqlite3.connect(":memory:")
                file.executescript(_SCHEMA)
            else:
                uri = f"{self.path.absolute().as_uri()}?mode=ro"
                file = sqlite3.connect(uri, uri=True)
        except (OSError, sqlite3.Error) as error:
            raise ArchiveError(f"{self.path}: {error}") from error
        try:
            yield file
        except (sqlite3.Error, OverflowError) as error:
            raise ArchiveError(f"{self.path}: {error}") from error
        finally:
            file.close()

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """Open the file for one transaction."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            file = sqlite3.connect(self.path)
        except (OSError, sqlite3.Error) as error:
            raise ArchiveError(f"{self.path}: {error}") from error
        try:
            file.executescript(_SCHEMA)
            with file:
                yield file
        except (sqlite3.Error, OverflowError) as error:
            raise ArchiveError(f"{self.path}: {error}") from error
        finally:
            file.close()


def _register(file: sqlite3.Connection, key: CurveKey, *, mid: bool) -> int:
    meter_id, direction, register = key
    file.execute(
        "INSERT INTO register (meter_id, direction, register, mid) VALUES (?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET mid = excluded.mid",
        (meter_id, direction.value, register, mid),
    )
    (found,) = file.execute(
        "SELECT id FROM register WHERE meter_id = ? AND direction = ? AND register = ?",
        (meter_id, direction.value, register),
    ).fetchone()
    return int(found)


def _measured(
    file: sqlite3.Connection,
    row: Any,  # noqa: ANN401 - SQLite
    resolution: timedelta,
    span: tuple[datetime, datetime],
    spread: bool,
) -> LoadCurve | None:
    number, meter_id, direction, register, mid = row
    start, end = (int(time.timestamp()) for time in span)
    # With the neighbours outside, between which a gap at an end can be spread.
    rows = file.execute(
        """SELECT time, value_wh, status FROM boundary WHERE register = ?1
        AND time >= coalesce((SELECT max(time) FROM boundary
                              WHERE register = ?1 AND time <= ?2), ?2)
        AND time <= coalesce((SELECT min(time) FROM boundary
                              WHERE register = ?1 AND time >= ?3), ?3)""",
        (number, start, end),
    )
    curve = RegisterCurve(
        meter_id=meter_id,
        direction=Direction(direction),
        register=register,
        mid=bool(mid),
    )
    curve.add(_boundary(*each) for each in rows)
    return curve.curve(resolution, *span, spread=spread)


def _imported(
    file: sqlite3.Connection,
    row: Any,  # noqa: ANN401 - SQLite
    resolution: timedelta,
    span: tuple[datetime, datetime],
) -> Iterator[LoadCurve]:
    number, meter_id, direction, register, mid = row
    start, end = (int(time.timestamp()) for time in span)
    lengths = file.execute(
        "SELECT DISTINCT seconds FROM interval WHERE register = ?", (number,)
    ).fetchall()
    for (seconds,) in lengths:
        length = timedelta(seconds=seconds)
        rows = file.execute(
            "SELECT start, energy_wh, status FROM interval"
            " WHERE register = ? AND seconds = ? AND start >= ? AND start <= ?",
            (number, seconds, start, end - seconds),
        )
        have = {
            _time(at): Interval(
                start=_time(at), energy_wh=energy_wh, status=_STATUSES[status]
            )
            for at, energy_wh, status in rows
        }
        if not have or resolution % length:
            continue
        try:
            curve = filled(
                meter_id=meter_id,
                direction=Direction(direction),
                register=register,
                resolution=length,
                have=have,
                span=span,
                mid=bool(mid),
                where=f"meter {meter_id}",
            )
            yield coarser(curve, resolution, span[0])
        except CurveError as error:
            raise ArchiveError(str(error)) from error


def _boundary(time: int, value_wh: int, status: int) -> Boundary:
    return Boundary(time=_time(time), value_wh=value_wh, status=_STATUSES[status])


def _time(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
