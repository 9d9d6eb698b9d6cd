"""Load curves as CSV: one line an interval, RFC 4180 with line feeds.

Columns: ``start`` and ``end`` (ISO 8601 with offset), ``meter_id``, ``register`` (OBIS),
``direction``, ``energy_wh`` (empty where it is missing), ``status``, ``billing``.
"""

from collections.abc import Iterable, Sequence
import csv
from datetime import UTC, datetime, timedelta, tzinfo
import io
from typing import Final

from cem_core.exchange.curve import (
    MID_REGISTER,
    CurveError,
    Interval,
    LoadCurve,
    Status,
)
from cem_core.exchange.values import (
    filled,
    identity,
    instant,
    interval,
    obis,
    one_of,
    put,
    some,
    whole,
)
from cem_core.model import Direction

COLUMNS: Final = (
    "start",
    "end",
    "meter_id",
    "register",
    "direction",
    "energy_wh",
    "status",
    "billing",
)

type Key = tuple[str, str, Direction, timedelta]


def write(curves: Sequence[LoadCurve], zone: tzinfo = UTC) -> str:
    """Return the curves, times with the offset of ``zone``."""
    text = io.StringIO(newline="")
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow(COLUMNS)
    for curve in curves:
        name = curve.meter_id, curve.register, curve.direction.value
        for each in curve.intervals:
            start, end = each.start, each.start + curve.resolution
            lines.writerow(
                (
                    start.astimezone(zone).isoformat(),
                    end.astimezone(zone).isoformat(),
                    *name,
                    "" if each.energy_wh is None else each.energy_wh,
                    each.status.value,
                    curve.billing_of(each),
                )
            )
    return text.getvalue()


def read(text: str) -> tuple[LoadCurve, ...]:
    """Return the curves in ``text``; lines left out are missing intervals.

    Raises `CurveError` with the line.
    """
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = tuple(next(rows, ()))
        if header != COLUMNS:
            raise CurveError(f"line 1: expected the columns {','.join(COLUMNS)}")
        return read_rows((f"line {rows.line_num}", row) for row in rows if row)
    except csv.Error as error:
        raise CurveError(f"line {rows.line_num}: {error}") from error


def read_rows(rows: Iterable[tuple[str, list[str]]]) -> tuple[LoadCurve, ...]:
    """Return the curves of rows of cells, each with its place. Raises `CurveError`."""
    return some(_curves(*_collect(rows)), "the table")


def _collect(
    rows: Iterable[tuple[str, list[str]]],
) -> tuple[dict[Key, dict[datetime, Interval]], set[Key]]:
    found: dict[Key, dict[datetime, Interval]] = {}
    backed: set[Key] = set()
    for where, row in rows:
        if len(row) != len(COLUMNS):
            raise CurveError(f"{where}: {len(row)} fields instead of {len(COLUMNS)}")
        cells = dict(zip(COLUMNS, row, strict=True))
        start, end = (instant(cells[name], where) for name in ("start", "end"))
        status = one_of(Status, cells["status"], where)
        energy_wh = whole(cells["energy_wh"], where) if cells["energy_wh"] else None
        if (energy_wh is None) != (status is Status.MISSING):
            raise CurveError(f"{where}: no energy_wh and status missing go together")
        key = (
            identity(cells["meter_id"], where),
            obis(cells["register"], where),
            one_of(Direction, cells["direction"], where),
            end - start,
        )
        if cells["billing"] == MID_REGISTER:
            backed.add(key)
        put(found.setdefault(key, {}), interval(start, energy_wh, status), where)
    return found, backed


def _curves(
    found: dict[Key, dict[datetime, Interval]], backed: set[Key]
) -> Iterable[LoadCurve]:
    for key, have in found.items():
        meter_id, register, direction, resolution = key
        yield filled(
            meter_id=meter_id,
            direction=direction,
            register=register,
            resolution=resolution,
            have=have,
            mid=key in backed,
            where=f"meter {meter_id}, register {register}",
        )
