"""The limits of HOME.yaml in full: what a preset means, whom a limit counts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cem_core.model import Direction, Scope
from optimizer.de_14a import guaranteed_kw, steerable
from optimizer.home import Basis, Consumer, Home, Limit, LimitPreset


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderedLimit:
    """A limit as it is to be kept; ``counted`` are ids of devices."""

    id: str
    direction: Direction
    scope: Scope
    basis: Basis
    limit_kw: float
    counted: frozenset[str]
    start: datetime | None
    end: datetime | None


def ordered_limits(home: Home) -> Sequence[OrderedLimit]:
    """Return the limits of ``home`` in their order."""
    return [_ordered(limit, home) for limit in home.limits]


def _ordered(limit: Limit, home: Home) -> OrderedLimit:
    marked = [device for device in home.devices if device.controllable]
    counted: Sequence[str] = [device.id for device in marked]
    if limit.devices:
        counted = limit.devices
    basis, limit_kw = limit.basis, limit.limit_kw
    if limit.preset is LimitPreset.DE_14A:
        consumers = [device for device in marked if isinstance(device, Consumer)]
        counted = [d.device_id for together in steerable(consumers) for d in together]
        basis = Basis.GRID_DRAW if basis is None else basis
        # An operator's own number is carried out, also below what it guarantees.
        limit_kw = guaranteed_kw(consumers) if limit_kw is None else limit_kw
    if limit_kw is None:
        message = f"limit {limit.id} without a power"
        raise ValueError(message)
    return OrderedLimit(
        id=limit.id,
        direction=limit.direction,
        scope=limit.scope,
        basis=Basis.GROSS if basis is None else basis,
        limit_kw=limit_kw,
        counted=frozenset(counted),
        start=limit.start,
        end=limit.end,
    )
