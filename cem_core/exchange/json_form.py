"""Load curves as JSON: a document with a schema version, times in UTC.

{"schema": "cem-load-curves/1", "curves": [{"meter_id", "register", "direction",
"resolution_s", "mid_register", "billing", "intervals": [{"start", "energy_wh", "status"}]}]}
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
import json
from typing import Any, Final

from cem_core.exchange.curve import CurveError, Interval, LoadCurve, Status
from cem_core.exchange.values import (
    filled,
    identity,
    instant,
    interval,
    length,
    obis,
    one_of,
    put,
    some,
    utc,
    whole,
)
from cem_core.model import Direction

SCHEMA: Final = "cem-load-curves/1"


def tree_of(curves: Sequence[LoadCurve]) -> dict[str, Any]:
    """Return the document."""
    return {"schema": SCHEMA, "curves": [_curve_tree(curve) for curve in curves]}


def write(curves: Sequence[LoadCurve]) -> str:
    """Return the document as text."""
    return json.dumps(tree_of(curves), ensure_ascii=False, indent=1) + "\n"


def read(text: str) -> tuple[LoadCurve, ...]:
    """Return the curves in ``text``. Raises `CurveError` with the place."""
    try:
        tree = json.loads(text)
    except ValueError as error:
        raise CurveError(f"no JSON: {error}") from error
    except RecursionError:
        raise CurveError("no JSON: nested too deeply") from None
    if not isinstance(tree, dict) or tree.get("schema") != SCHEMA:
        raise CurveError(f"schema: expected {SCHEMA}")
    curves = tree.get("curves")
    if not isinstance(curves, list):
        raise CurveError("curves: expected a list")
    found = (_curve(curve, f"curves[{n}]") for n, curve in enumerate(curves))
    return some(found, "JSON")


def _curve_tree(curve: LoadCurve) -> dict[str, Any]:
    return {
        "meter_id": curve.meter_id,
        "register": curve.register,
        "direction": curve.direction.value,
        "resolution_s": int(curve.resolution.total_seconds()),
        "mid_register": curve.mid,
        "billing": curve.billing,
        "intervals": [
            {
                "start": utc(each.start),
                "energy_wh": each.energy_wh,
                "status": each.status.value,
            }
            for each in curve.intervals
        ],
    }


def _curve(tree: object, where: str) -> LoadCurve:
    if not isinstance(tree, dict):
        raise CurveError(f"{where}: expected an object")
    rows = tree.get("intervals")
    if not isinstance(rows, list):
        raise CurveError(f"{where}.intervals: expected a list")
    have: dict[datetime, Interval] = {}
    for place, row in enumerate(rows):
        at = f"{where}.intervals[{place}]"
        if not isinstance(row, dict):
            raise CurveError(f"{at}: expected an object")
        put(have, _interval(row, at), at)
    return filled(
        meter_id=identity(_text(tree, "meter_id", where), where),
        direction=one_of(Direction, _text(tree, "direction", where), where),
        register=obis(_text(tree, "register", where), where),
        resolution=length(str(_number(tree, "resolution_s", where)), where),
        have=have,
        mid=tree.get("mid_register") is True,
        where=where,
    )


def _interval(row: Mapping[str, Any], where: str) -> Interval:
    status = one_of(Status, _text(row, "status", where), where)
    value = row.get("energy_wh")
    energy_wh = None if value is None else _number(row, "energy_wh", where)
    if (energy_wh is None) != (status is Status.MISSING):
        raise CurveError(f"{where}: no energy_wh and status missing go together")
    return interval(instant(_text(row, "start", where), where), energy_wh, status)


def _text(tree: Mapping[str, Any], key: str, where: str) -> str:
    value = tree.get(key)
    if not isinstance(value, str):
        raise CurveError(f"{where}.{key}: expected text")
    return value


def _number(tree: Mapping[str, Any], key: str, where: str) -> int:
    value = tree.get(key)
    if isinstance(value, bool) or not isinstance(value, int):
        raise CurveError(f"{where}.{key}: expected a whole number")
    return whole(str(value), f"{where}.{key}")
