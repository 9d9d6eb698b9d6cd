"""Where a linear store did what no store can do, so that a binary has to forbid it."""

import numpy as np

from optimizer.home import Battery
from optimizer.losses import out_of_order
from optimizer.outcome import Outcome

_AT_ONCE_KW = 1e-5


def at_once(outcome: Outcome) -> frozenset[int]:
    """Return the steps in which a store charges and discharges at once.

    Or in which it fills a part of its power before the one below it.
    """
    steps: set[int] = set()
    values = outcome.solution.values
    for times, charge, discharge in outcome.compiled.stores:
        both = np.minimum(values[charge], values[discharge])
        steps |= {int(t) for t in times[both > _AT_ONCE_KW]}
    for device in outcome.home.devices:
        if isinstance(device, Battery):
            steps |= _parts_out_of_order(device, outcome)
    for inverter in outcome.home.inverters:
        if inverter.lossy:
            both = np.minimum(*outcome.converted_kw(inverter))
            steps |= {int(t) for t in np.flatnonzero(both > _AT_ONCE_KW)}
    return frozenset(steps)


def _parts_out_of_order(device: Battery, outcome: Outcome) -> frozenset[int]:
    steps: frozenset[int] = frozenset()
    block = outcome.block(device.id)
    for name, losses in (
        ("charge_parts", device.charge_losses),
        ("discharge_parts", device.discharge_losses),
    ):
        if losses:
            part, tops = getattr(block, name).part, [loss.up_to_kw for loss in losses]
            parts = [
                outcome.values({t: part[t, s] for t in outcome.horizon.index})
                for s in range(len(losses))
            ]
            steps |= out_of_order(parts, list(np.diff([0.0, *tops])))
    return steps
