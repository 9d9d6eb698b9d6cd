"""What a policy decides for one step."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from optimizer.backtest.levels import Levels


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """``power_kw`` for cars and heat pumps; cars in ``on_surplus`` follow the sun.

    Appliances in ``starts`` begin their run. A roof that may be curtailed gives
    no more than the connection exports with ``export_at_most_kw``.
    """

    levels: Mapping[str, Levels] = field(default_factory=dict)
    power_kw: Mapping[str, float] = field(default_factory=dict)
    on_surplus: frozenset[str] = frozenset()
    starts: frozenset[str] = frozenset()
    export_at_most_kw: float | None = None
