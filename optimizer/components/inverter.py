"""A hybrid inverter: solar and a battery on one direct-current bus.

    fed[t] - drawn[t] = to_home[t] / eta_ac - eta_dc from_home[t]

``fed`` and ``drawn`` are those of its devices, on the direct-current side; what
goes to the home and comes from it is on the home's side and passes the inverter.
"""

from collections.abc import Hashable, Sequence, Set as AbstractSet
from dataclasses import dataclass

from optimizer import home, words as pyo
from optimizer.component import Block, Data, Expression, Flows, Soft, bounded
from optimizer.horizon import Horizon, PerStep


@dataclass(frozen=True, slots=True, kw_only=True)
class Inverter:
    """What is charged from the sun does not pass it; all else does, with a loss.

    A binary keeps the two ways apart in ``exclusive`` steps; elsewhere losing
    energy costs money. ``most_taken_kw`` bounds what comes from the home. For what
    bounds the home's side ``lead``, its battery if it has one, stands for all of them.
    """

    inverter: home.Inverter
    lead: str
    most_taken_kw: PerStep
    exclusive: AbstractSet[int] = frozenset()

    @property
    def name(self) -> str:
        """The inverter's name."""
        return self.inverter.block

    def structure(self, horizon: Horizon) -> Hashable:
        """Return who shares it, and the steps with a binary."""
        del horizon
        steps = frozenset(self.exclusive) if self.inverter.lossy else frozenset()
        return self.inverter.devices, self.inverter.lossy, steps

    def data(self, horizon: Horizon) -> Data:
        """Return its limits and losses."""
        del horizon
        given, taken = self.inverter.to_ac_efficiency, self.inverter.to_dc_efficiency
        return {
            "most_given_kw": self.inverter.limit_kw,
            "most_taken_kw": self.most_taken_kw,
            "needed_per_given": 1 / given,
            "gained_per_taken": taken,
            "lost_per_given": 1 / given - 1,
            "lost_per_taken": 1 - taken,
        }

    def build(self, block: Block, horizon: Horizon, flows: Flows) -> None:
        """Put the bus on ``block``; its power is what it loses."""
        index, given = list(horizon.index), block.given
        shared = frozenset(self.inverter.devices)
        fed, drawn = flows.fed_by(shared), flows.drawn_by(shared)
        block.to_home = bounded(index, 0.0, given.most_given_kw)
        block.from_home = bounded(index, 0.0, given.most_taken_kw)

        @block.Constraint(index)
        def bus(b: Block, t: int) -> Expression:
            # production + discharge - charge = to_home / eta_ac - eta_dc from_home
            out_kw = given.needed_per_given * b.to_home[t]
            into_kw = given.gained_per_taken * b.from_home[t]
            return fed[t] - drawn[t] - out_kw + into_kw == 0

        if self.inverter.lossy:
            block.power = {
                t: given.lost_per_given * block.to_home[t]
                + given.lost_per_taken * block.from_home[t]
                for t in index
            }
            self._keep_apart(block)
        block.flows = flows.through(
            self.lead,
            [name for name in self.inverter.devices if name != self.lead],
            drawn=dict(block.from_home.items()),
            fed=dict(block.to_home.items()),
        )

    def _keep_apart(self, block: Block) -> None:
        steps, given = sorted(self.exclusive), block.given
        block.giving = pyo.Var(steps, domain=pyo.Binary)

        @block.Constraint(steps)
        def give_only(b: Block, t: int) -> Expression:
            # to_home[t] ≤ limit z[t]
            return b.to_home[t] <= given.most_given_kw * b.giving[t]

        @block.Constraint(steps)
        def take_only(b: Block, t: int) -> Expression:
            # from_home[t] ≤ most_taken[t] (1 - z[t])
            return b.from_home[t] <= given.most_taken_kw[t] * (1 - b.giving[t])

    def softs(self, block: Block, horizon: Horizon) -> Sequence[Soft]:
        """Return nothing: an inverter cannot do more."""
        del block, horizon
        return ()
