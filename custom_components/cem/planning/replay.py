"""The last problem that was planned, and the answer, as diagnostics hand them over.

`cem replay` solves it again. A load curve tells when nobody is at home: what the house
itself uses stands there as its mean unless its owner lets the curve out.
"""

from dataclasses import dataclass
from statistics import fmean
from typing import Any, Final

from custom_components.cem.planning.document import Request

type Json = dict[str, Any]

# Columns of the series, and fields of PLAN, that tell what the house uses and when.
_TELLTALE_COLUMNS: Final = ("load_kw", "_gains_kw")
_TELLTALE_FIELDS: Final = frozenset({"load_kw", "grid"})
_DECIMALS: Final = 1  # of a kW


@dataclass(frozen=True, slots=True)
class Solved:
    """What the worker was asked, and what it answered (PLAN)."""

    asked: Request
    document: Json


def replayable(solved: Solved, *, whole: bool) -> Json:
    """Return HOME, its series and PLAN; curves of use as their means if not ``whole``."""
    asked = solved.asked
    series = dict(asked.series)
    if not whole:
        telltale = [name for name in series if name.endswith(_TELLTALE_COLUMNS)]
        series |= {name: _flat(series[name]) for name in telltale}
    return {
        "whole": whole,
        "home": asked.home,
        "series": series,
        "plan": told(solved.document, whole=whole),
    }


def told(plan: Json | None, *, whole: bool) -> Json | None:
    """Return ``plan`` without what tells how much the house uses if not ``whole``."""
    if plan is None or whole:
        return plan
    return {k: v for k, v in plan.items() if k not in _TELLTALE_FIELDS}


def _flat(column: list[float]) -> list[float]:
    return [round(fmean(column), _DECIMALS)] * len(column)
