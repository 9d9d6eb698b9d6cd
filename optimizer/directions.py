"""A battery that cannot change at will between charging, giving and resting.

    on_c[t] + on_g[t] <= 1
    on_g[t] + sum of left_c in the steps of the last turn <= 1, and the other way

Each direction runs and rests as a device does (`Running`), also at no power.
"""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from optimizer import home, words as pyo
from optimizer.component import Block, Data, Expression, Soft, Variable
from optimizer.horizon import Horizon, PerStep
from optimizer.prefixed import Prefixed, prefixed
from optimizer.running import Running

_CHARGES, _GIVES = "charging_", "giving_"


@dataclass(frozen=True, slots=True, kw_only=True)
class Directions:
    """``most_charge_kw`` is what it may charge in each step."""

    device: home.Battery
    most_charge_kw: PerStep

    def _ways(self) -> Iterator[tuple[str, Running]]:
        """Yield the directions that have runs of their own, or least powers."""
        d = self.device
        for prefix, runs in ((_CHARGES, d.charging), (_GIVES, d.giving)):
            if runs is not None:
                yield prefix, Running(device=runs)

    @property
    def turning(self) -> timedelta:
        """How long it rests between charging and giving."""
        return timedelta(minutes=self.device.turn_minutes)

    def structure(self, horizon: Horizon) -> Hashable:
        """Return how its directions run, and what each step's depend on."""
        ways = [(prefix, way.structure(horizon)) for prefix, way in self._ways()]
        if not ways:
            return ()
        turns = tuple(horizon.since(self.turning)) if self.turning else ()
        return tuple(ways), turns

    def data(self, horizon: Horizon) -> Data:
        """Return ranges and prices of each direction."""
        found: Data = {}
        for prefix, way in self._ways():
            most_kw = np.full(horizon.steps, way.device.max_power_kw)
            if prefix == _CHARGES:
                most_kw = np.minimum(most_kw, self.most_charge_kw)
            found = {**found, **prefixed(prefix, way.data(horizon, most_kw))}
        return found

    def build(
        self, block: Block, horizon: Horizon, powers: Sequence[Variable]
    ) -> Mapping[str, Expression]:
        """Put both directions' runs on ``block``; return what they cost.

        ``powers`` are charge and discharge.
        """
        costs: dict[str, Expression] = {}
        on: dict[str, Mapping[int, Expression]] = {}
        power = dict(zip((_CHARGES, _GIVES), powers, strict=True))
        for prefix, way in self._ways():
            setattr(block, f"{prefix}way", pyo.Block())
            part = getattr(block, f"{prefix}way")
            part.given = Prefixed(block.given, prefix)
            for name, cost in way.build(part, horizon, power[prefix]).items():
                costs[name] = costs.get(name, 0.0) + cost
            if part.chosen.on:
                on[prefix] = part.chosen.on
        if len(on) > 1:
            block.turns = pyo.Block()
            self._apart(block.turns, horizon, on[_CHARGES], on[_GIVES])
        return costs

    def _apart(
        self,
        block: Block,
        horizon: Horizon,
        charges: Mapping[int, Expression],
        gives: Mapping[int, Expression],
    ) -> None:
        index = list(horizon.index)

        @block.Constraint(index)
        def one_way(b: Block, t: int) -> Expression:
            del b
            # on_c[t] + on_g[t] ≤ 1
            return charges[t] + gives[t] <= 1

        if not self.turning:
            return
        since = horizon.since(self.turning)
        for name, mine, other in (
            ("to_giving", charges, gives),
            ("to_charging", gives, charges),
        ):
            setattr(block, name, pyo.Block())
            _turn(getattr(block, name), mine, other, since)

    def softs(self, block: Block, horizon: Horizon) -> Iterator[Soft]:
        """Yield the run that has to go on."""
        for prefix, way in self._ways():
            part = getattr(block, f"{prefix}way")
            yield from way.softs(self.device.id, part, horizon)


def _turn(
    block: Block,
    mine: Mapping[int, Expression],
    other: Mapping[int, Expression],
    since: Sequence[range],
) -> None:
    """Let the ``other`` direction wait after this one was left."""
    index = list(mine)
    block.left = pyo.Var(index, bounds=(0, 1))

    @block.Constraint(index[1:])
    def leaves(b: Block, t: int) -> Expression:
        # left[t] ≥ on[t-1] - on[t]
        return b.left[t] >= mine[t - 1] - mine[t]

    @block.Constraint(index[1:])
    def waits(b: Block, t: int) -> Expression:
        # left within the turn: not on the other way
        return other[t] + pyo.quicksum(b.left[s] for s in since[t] if s) <= 1
