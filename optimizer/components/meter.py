"""A meter beside that of the grid connection point, and what it bills.

net[t] = c grid[t] + sum of share[d] power[d, t] + load[t] = import[t] - export[t]
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

from optimizer import words as pyo
from optimizer.billing import Billing
from optimizer.component import Block, Data, Expression, Flows, Soft, bounded
from optimizer.horizon import Horizon, PerStep


@dataclass(frozen=True, slots=True, kw_only=True)
class Meter:
    """``shares`` say how much of each device's power it counts, either sign.

    With ``of_grid`` it counts the net power of the connection too; ``load_share`` is
    how much of one kW more of load it sees beside that. In a cascade the price of
    import is the difference to the outer meter's, and that of export 0.
    """

    id: str
    shares: Mapping[str, float]
    load_kw: PerStep
    billing: Billing
    of_grid: bool = False
    load_share: float = 0.0

    @property
    def name(self) -> str:
        """The name of its block."""
        return f"meter {self.id}"

    def structure(self, horizon: Horizon) -> Hashable:
        """Return what it counts and how it is billed."""
        del horizon
        return self.of_grid, tuple(self.shares.items()), self.billing.structure()

    def data(self, horizon: Horizon) -> Data:
        """Return load and prices."""
        return {"load_kw": self.load_kw, **self.billing.data(horizon)}

    def build(self, block: Block, horizon: Horizon, flows: Flows) -> None:
        """Put the meter on ``block``; the duals of ``net_power`` price its devices."""
        given, index = block.given, list(horizon.index)
        block.imported = bounded(index, 0.0, given.most_import_kw)
        block.exported = bounded(index, 0.0, given.most_export_kw)

        @block.Constraint(index)
        def net_power(b: Block, t: int) -> Expression:
            # import[t] - export[t] = c grid[t] + sum of share[d] power[d, t] + load[t]
            counted = pyo.quicksum(
                share * flows.power[d].get(t, 0.0) for d, share in self.shares.items()
            )
            grid = flows.net[t] if self.of_grid else 0.0
            flow = b.imported[t] - b.exported[t]
            return flow - grid - counted - given.load_kw[t] == 0

        block.cost = {"energy": self.billing.build(block, horizon)}

    def softs(self, block: Block, horizon: Horizon) -> Sequence[Soft]:
        """Return nothing: it only counts."""
        del block, horizon
        return ()
