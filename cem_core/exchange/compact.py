"""A load curve in as few bytes as JSON takes: a day of 96 values stays below 1.2 kB.

One object a curve: ``v`` version, ``m`` meter id, ``r`` register (OBIS), ``d`` direction
(i import, o export), ``t`` start as seconds since 1970, ``s`` seconds an interval, ``w``
energies in Wh (null: missing), ``q`` statuses as runs of a count and a letter
(m metered, c calculated, e estimated, x missing), ``b`` 1: an MID register backs it.
"""

from collections.abc import Sequence
from itertools import groupby
import json
import re
from typing import Any, Final

from cem_core.exchange.curve import CurveError, LoadCurve, Status
from cem_core.exchange.values import (
    MOST_INTERVALS,
    epoch,
    filled,
    identity,
    interval,
    length,
    obis,
    some,
    whole,
)
from cem_core.model import Direction

VERSION: Final = 1
_LETTERS: Final = {
    Status.METERED: "m",
    Status.CALCULATED: "c",
    Status.ESTIMATED: "e",
    Status.MISSING: "x",
}
_STATUSES: Final = {letter: status for status, letter in _LETTERS.items()}
_SIDES: Final = {Direction.IMPORT: "i", Direction.EXPORT: "o"}
_RUNS: Final = re.compile(r"(?:[1-9][0-9]{0,7}[mcex])+")
_RUN: Final = re.compile(r"([0-9]+)([mcex])")


def write(curves: Sequence[LoadCurve]) -> str:
    """Return one line of JSON a curve."""
    return "".join(json.dumps(_tree(c), separators=(",", ":")) + "\n" for c in curves)


def read(text: str) -> tuple[LoadCurve, ...]:
    """Return the curves in ``text``. Raises `CurveError` with the line."""
    found = (
        _read(line, f"line {number}")
        for number, line in enumerate(text.splitlines(), 1)
        if line.strip()
    )
    return some(found, "compact form")


def _tree(curve: LoadCurve) -> dict[str, Any]:
    runs = groupby(curve.intervals, key=lambda each: each.status)
    tree: dict[str, Any] = {
        "v": VERSION,
        "m": curve.meter_id,
        "r": curve.register,
        "d": _SIDES[curve.direction],
        "t": int(curve.start.timestamp()),
        "s": int(curve.resolution.total_seconds()),
        "w": [each.energy_wh for each in curve.intervals],
        "q": "".join(f"{len(list(run))}{_LETTERS[status]}" for status, run in runs),
    }
    return tree | {"b": 1} if curve.mid else tree


def _read(line: str, where: str) -> LoadCurve:
    try:
        tree = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise CurveError(f"{where}: no JSON: {error}") from error
    if not isinstance(tree, dict) or tree.get("v") != VERSION:
        raise CurveError(f"{where}: expected an object with v = {VERSION}")
    sides = {letter: direction for direction, letter in _SIDES.items()}
    if tree.get("d") not in sides:
        raise CurveError(f"{where}: d is i or o")
    start = epoch(str(tree.get("t")), f"{where}: t")
    resolution = length(str(tree.get("s")), f"{where}: s")
    values, statuses = tree.get("w"), _statuses(tree.get("q"), where)
    if not isinstance(values, list) or len(values) != len(statuses):
        raise CurveError(f"{where}: w and q have different lengths")
    have = {}
    for place, (value, status) in enumerate(zip(values, statuses, strict=True)):
        energy_wh = None if value is None else whole(str(value), f"{where}: w[{place}]")
        if (energy_wh is None) != (status is Status.MISSING):
            raise CurveError(f"{where}: w[{place}]: null and x go together")
        at = start + place * resolution
        have[at] = interval(at, energy_wh, status)
    return filled(
        meter_id=identity(str(tree.get("m", "")), f"{where}: m"),
        direction=sides[tree["d"]],
        register=obis(str(tree.get("r")), f"{where}: r"),
        resolution=resolution,
        have=have,
        mid=tree.get("b") == 1,
        where=where,
    )


def _statuses(text: object, where: str) -> list[Status]:
    if not isinstance(text, str) or not _RUNS.fullmatch(text):
        raise CurveError(f"{where}: q is no list of runs such as 90m6x")
    runs = [(int(count), _STATUSES[letter]) for count, letter in _RUN.findall(text)]
    if sum(count for count, _ in runs) > MOST_INTERVALS:
        raise CurveError(f"{where}: more than {MOST_INTERVALS} intervals")
    return [status for count, status in runs for _ in range(count)]
