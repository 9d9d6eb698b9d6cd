"""What holds a device back in a block: a limit, a peak; as sentences."""

from collections.abc import Iterator

import numpy as np

from cem_core.model import Direction, Scope
from optimizer.explain import drawn_kw
from optimizer.home import Basis
from optimizer.ordered import ordered_limits
from optimizer.outcome import Outcome

_NEAR_KW = 1e-3


def pressures(outcome: Outcome, device_id: str, block: range) -> list[str]:
    """Return a sentence for each bound that the plan touches in ``block``."""
    steps = slice(block.start, block.stop)
    return [*_limits(outcome, device_id, steps), *_peak(outcome, steps)]


def _limits(outcome: Outcome, device_id: str, steps: slice) -> Iterator[str]:
    imported, exported = outcome.imported_kw[steps], outcome.exported_kw[steps]
    grid = outcome.home.grid
    for flow, limit_kw, name in (
        (imported, grid.import_limit_kw, "import"),
        (exported, grid.export_limit_kw, "export"),
    ):
        if limit_kw is not None and (flow > limit_kw - _NEAR_KW).any():
            yield f"The connection's {name} limit of {limit_kw:g} kW is reached."
    own_kw = drawn_kw([device_id], outcome)[steps]
    for limit in ordered_limits(outcome.home):
        touched = np.zeros(outcome.horizon.steps, bool)
        span = outcome.horizon.touching(limit.start, limit.end)
        touched[span.start : span.stop] = True
        if limit.scope is Scope.CONTROLLABLE:
            if device_id not in limit.counted or limit.direction is Direction.EXPORT:
                continue
            flow = drawn_kw(limit.counted, outcome)[steps]
            if limit.basis is Basis.GRID_DRAW:
                flow = np.minimum(flow, imported)
            flow = np.where(own_kw > _NEAR_KW, flow, -np.inf)
        else:
            flow = imported if limit.direction is Direction.IMPORT else exported
        if (touched[steps] & (flow > limit.limit_kw - _NEAR_KW)).any():
            until = ""  # one without an end does not end with the plan
            if limit.end is not None:
                until = f" until {outcome.horizon.local(limit.end):%H:%M}"
            yield f"Limit {limit.id} holds it to {limit.limit_kw:g} kW{until}."


def _peak(outcome: Outcome, steps: slice) -> Iterator[str]:
    charge = outcome.home.tariff.capacity
    if charge is None:
        return
    mean_kw = float(outcome.priced_peak_kw[steps].max(initial=0.0))
    if mean_kw > 0:
        yield (
            f"The {charge.integration_minutes}-minute mean stays at"
            f" {mean_kw:.2f} kW: a kW more costs {charge.price_per_kw:.2f}"
            f" {outcome.home.tariff.currency}."
        )
