"""Warn before a limit is reached (ESMIG: near to power limit notification)."""

from collections.abc import Mapping
from dataclasses import dataclass

from cem_core.model import Direction, LimitsInForce, PowerLimit, Scope

type Side = tuple[Direction, Scope]


@dataclass(frozen=True, slots=True, kw_only=True)
class NearLimit:
    """The power came near its limit (``near``) or left it again.

    When the limit itself has gone, ``limit`` is the one that held last.
    """

    direction: Direction
    scope: Scope
    limit: PowerLimit
    power_w: int
    distance_w: int
    near: bool


class NearLimitDetector:
    """Compares the totals with the limits in force, with hysteresis.

    Near from ``warn_share`` of the limit on, no longer near below
    ``clear_share``: power that trembles about one value warns once.
    """

    def __init__(self, *, warn_share: float = 0.9, clear_share: float = 0.85) -> None:
        """Take the two shares of the limit."""
        if not 0 < clear_share < warn_share <= 1:
            raise ValueError(
                f"shares {clear_share} and {warn_share}: "
                "it must be 0 < clear_share < warn_share <= 1"
            )
        self._warn_share = warn_share
        self._clear_share = clear_share
        self._near: dict[Side, PowerLimit] = {}

    @property
    def near(self) -> frozenset[Side]:
        """The sides that are near their limit now."""
        return frozenset(self._near)

    def update(
        self, limits: LimitsInForce, powers_w: Mapping[Side, int]
    ) -> tuple[NearLimit, ...]:
        """Return what changed with the powers of this telegram.

        A side whose power is not known keeps its state: not knowing is no
        all-clear.
        """
        changes = []
        for side in dict.fromkeys((*self._near, *limits.strictest)):
            power_w = powers_w.get(side)
            limit = limits.strictest.get(side)
            if power_w is None and limit is not None:
                continue
            was_near = self._near.get(side)
            near = limit is not None and self._is_near(
                power_w or 0, limit.limit_w, was_near=was_near is not None
            )
            shown = limit or was_near
            if shown is not None and near != (was_near is not None):
                changes.append(_change(side, shown, power_w or 0, near=near))
            if near and limit is not None:
                self._near[side] = limit
            else:
                self._near.pop(side, None)
        return tuple(changes)

    def _is_near(self, power_w: int, limit_w: int, *, was_near: bool) -> bool:
        # Where nothing flows nothing is near, even a limit of 0 W.
        share = self._clear_share if was_near else self._warn_share
        return power_w > 0 and power_w >= share * limit_w


def _change(side: Side, limit: PowerLimit, power_w: int, *, near: bool) -> NearLimit:
    return NearLimit(
        direction=side[0],
        scope=side[1],
        limit=limit,
        power_w=power_w,
        distance_w=limit.limit_w - power_w,
        near=near,
    )
