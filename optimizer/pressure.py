"""What holds a device back in a block: a limit, a peak; as sentences."""

from collections.abc import Iterator

import numpy as np

from cem_core.model import Direction, Scope
from optimizer.home import Appliance, Solar
from optimizer.outcome import Outcome, PricedPeak

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
    device = next(d for d in outcome.home.devices if d.id == device_id)
    counted = not isinstance(device, Appliance | Solar)
    for limit in outcome.home.limits:
        touched = np.zeros(outcome.horizon.steps, bool)
        span = outcome.horizon.touching(limit.start, limit.end)
        touched[span.start : span.stop] = True
        if limit.scope is Scope.CONTROLLABLE:
            if not counted or limit.direction is not Direction.IMPORT:
                continue
            own_kw = outcome.values(outcome.block(device_id).draw)[steps]
            flow = np.where(own_kw > _NEAR_KW, outcome.limited_kw[steps], -np.inf)
        else:
            flow = imported if limit.direction is Direction.IMPORT else exported
        if (touched[steps] & (flow > limit.limit_kw - _NEAR_KW)).any():
            until = ""  # one without an end does not end with the plan
            if limit.end is not None:
                until = f" until {outcome.horizon.local(limit.end):%H:%M}"
            yield f"Limit {limit.id} holds it to {limit.limit_kw:g} kW{until}."


def _peak(outcome: Outcome, steps: slice) -> Iterator[str]:
    highest: dict[str, PricedPeak] = {}
    for peak in outcome.priced_peaks:
        here = any(steps.start <= t < steps.stop for t in peak.steps)
        if here and peak.mean_kw > highest.get(peak.charge, peak).mean_kw - _NEAR_KW:
            highest[peak.charge] = peak
    for peak in highest.values():
        more = "above it the peak reaches a dearer level"
        if peak.price_per_kw is not None:
            currency = outcome.home.tariff.currency
            more = f"a kW more costs {peak.price_per_kw:.2f} {currency}"
        yield (
            f"The {peak.minutes}-minute mean stays at {peak.mean_kw:.2f} kW: {more}."
        )
