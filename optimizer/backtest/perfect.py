"""The cost that no policy can beat: the whole span planned with hindsight.

One linear programme over all steps. Where a binary keeps two flows apart it is
first left out: that gives the bound. Then the binaries are set as that answer
suggests (the larger flow wins) and the rest is solved again: that gives a total
that can be carried out. Of cars and appliances, which switch, branch and bound gives
the total where the span is short, each of them is done within it, and the gap closes;
else the total is unknown.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
import math
from typing import Final

import numpy as np

from optimizer.align import Columns
from optimizer.assemble import Parts, assemble
from optimizer.backtest.peaks import bill
from optimizer.backtest.record import Record
from optimizer.home import Appliance, Battery, EvCharger, Home
from optimizer.horizon import Horizon
from optimizer.linear import Linear, SolverError, aim_at
from optimizer.matrices import Compiled, Indices
from optimizer.optimize import Options, solved
from optimizer.series import Numbers
from optimizer.solve import Status
from optimizer.structures import Structures


@dataclass(frozen=True, slots=True, kw_only=True)
class Perfect:
    """In currency over the span.

    ``total`` is None where it is not known, both where no plan keeps every limit.
    """

    total: float | None
    bound: float | None


def perfect(record: Record) -> Perfect:
    """Return the cost with perfect foresight, the peak so far's share left out."""
    span = record.span()
    home = _home(record, span)
    columns = {name: record.played(name) for name in record.columns}
    parts = assemble(home, columns, span)
    compiled = Structures().compiled(parts, span)
    linear = Linear(compiled, compiled.closed, math.inf)
    linear.minimise(aim_at(linear.instance, compiled.entries.cost))
    bound, values = _minimum(linear)
    # The plan counts what it adds to the bill of the peaks so far.
    before = sum(w.capacity for w in bill(home, span, np.zeros(span.steps)))
    if values is None:
        return Perfect(total=None, bound=None)
    if not len(compiled.integers):
        return Perfect(total=before + bound, bound=before + bound)
    if has_switching(home):
        total = _switched(home, columns, span)
        return Perfect(
            total=None if total is None else before + total, bound=before + bound
        )
    for which, first, second in _kept_apart(compiled, parts):
        held = (values[first] >= values[second]).astype(float)
        linear.hold(which, held)
    total, _ = _minimum(linear)
    return Perfect(total=before + total, bound=before + bound)


def has_switching(home: Home) -> bool:
    """Tell whether cars or appliances make the best cost a matter of switching."""
    return any(d.kind in _SWITCHED for d in home.devices)


def _switched(home: Home, columns: Columns, span: Horizon) -> float | None:
    """Return the least cost with switching, None where it cannot be told."""
    if span.end - span.start > _LONGEST or not _is_done_within(home, span):
        return None
    options = Options(time_limit_s=_SECONDS, gap=_GAP)
    try:
        outcome, _ = solved(home, span, columns, options, Structures())
    except SolverError:
        return None
    solution = outcome.solution
    return solution.objective if solution.status is Status.OPTIMAL else None


def _is_done_within(home: Home, span: Horizon) -> bool:
    """Tell whether what cars and appliances have to do ends with the span."""
    ends = [d.latest_end for d in home.devices if isinstance(d, Appliance)] + [
        session.depart
        for device in home.devices
        if isinstance(device, EvCharger)
        for session in device.sessions
        if session.arrive < span.end
    ]
    return all(end <= span.end for end in ends)


_LONGEST: Final = timedelta(hours=72)
_SECONDS: Final = 5.0
_GAP: Final = 1e-4
_SWITCHED: Final = frozenset({"appliance", "ev_charger"})
_PAIRS: Final = {
    "charging": ("charge", "discharge"),
    "importing": ("imported", "exported"),
}


def _home(record: Record, span: Horizon) -> Home:
    devices = tuple(
        replace(d, final_energy_kwh=d.initial_energy_kwh, end_value_per_kwh=0.0)
        if isinstance(d, Battery)
        else d
        for d in record.home.devices
    )
    return replace(record.home, devices=devices, start=span.start, steps=span.steps)


def _kept_apart(
    compiled: Compiled, parts: Parts
) -> Iterator[tuple[Indices, Indices, Indices]]:
    """Yield the binaries of each pair of flows, and the columns of both flows."""
    for name in parts.named():
        block = compiled.model.part[name]
        for binary, flows in _PAIRS.items():
            chosen = getattr(block, binary, {})
            if len(chosen):
                first, second = (
                    compiled.columns_of(getattr(block, flow)[t] for t in chosen)
                    for flow in flows
                )
                yield compiled.columns_of(chosen.values()), first, second


def _minimum(linear: Linear) -> tuple[float, Numbers | None]:
    run, compiled = linear.run(), linear.compiled
    if run is None:
        return math.nan, None
    return float(compiled.entries.cost @ run.values + compiled.offset), run.values
