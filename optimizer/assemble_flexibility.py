"""What is sold of a home's flexibility -> the couplings that price it."""

from collections.abc import Iterator

import numpy as np

from cem_core.model import Direction, Scope
from cem_core.tariff import Deviation, covered_hours
from optimizer import home
from optimizer.bounds import Bounds
from optimizer.component import Coupling
from optimizer.components.activation import Activation
from optimizer.components.reservation import Reservation
from optimizer.flexible import deliverers
from optimizer.home import Home
from optimizer.horizon import Horizon


def flexibility(given: Home, horizon: Horizon, bounds: Bounds) -> Iterator[Coupling]:
    """Return activations and reservations that the horizon touches."""
    edges = [*horizon.times, horizon.end]
    for sold in given.flexibility.activations:
        hours = covered_hours(edges, sold.start, sold.end)
        if any(hours):
            yield Activation(
                id=sold.id,
                direction=sold.direction,
                price=sold.price,
                baseline_kw=bounds.columns[sold.baseline_series],
                covered_hours=hours,
                most_import_kw=bounds.most_import_kw,
                most_export_kw=bounds.most_export_kw,
            )
    for held in given.flexibility.reservations:
        hours = covered_hours(edges, held.start, held.end)
        if any(hours):
            roofs = [d.id for d in deliverers(given, held) if isinstance(d, home.Solar)]
            yield Reservation(
                id=held.id,
                direction=held.direction,
                price=held.price,
                hold_hours=held.hold_minutes / 60,
                covered_hours=hours,
                limit_kw=bounds.connection_kw(_way(held.direction)),
                ordered=_ordered(held.direction, bounds),
                batteries=[
                    d for d in deliverers(given, held) if isinstance(d, home.Battery)
                ],
                roofs=roofs,
            )


def _ordered(direction: Deviation, bounds: Bounds) -> frozenset[int]:
    """Return the steps in which an operator limits devices in a call's direction."""
    limit_kw = bounds.strictest(_way(direction), Scope.CONTROLLABLE)
    return frozenset(int(t) for t in np.flatnonzero(np.isfinite(limit_kw)))


def _way(direction: Deviation) -> Direction:
    return Direction.EXPORT if direction is Deviation.REDUCE else Direction.IMPORT
