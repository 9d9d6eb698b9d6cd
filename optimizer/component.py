"""What a component of the home is to the model: a small block with a few names.

``build(block, horizon)`` puts variables and constraints on ``block`` and leaves

- ``block.power[t]``: net power into the component in kW,
- ``block.cost``: its cost by name (energy, wear, ...), in currency,
- ``block.draw[t]``, ``block.feed[t]``: what it consumes and what it gives, for
  limits on controllable power,
- ``block.soft``: what may give way when wishes conflict.
"""

from collections.abc import Mapping, Sequence, Set as AbstractSet
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Protocol

import pyomo.environ as pyo

from optimizer.horizon import Horizon

type Block = Any
type Expression = Any
type Variable = Any


class Rank(IntEnum):
    """What is kept before what; the last gives way first, cost before all."""

    LIMIT = 0  # the operator's and the connection's
    DEPARTURE = 1  # energy in a car when it leaves
    RUN = 2  # an appliance's run
    RESERVE = 3  # least and final energy of a battery


@dataclass(frozen=True, slots=True, kw_only=True)
class Soft:
    """A constraint with slack, closed until something has to give way.

    ``text`` says it as a sentence; ``{by}`` stands for the number and its unit.
    """

    rank: Rank
    constraint: str
    unit: str
    text: str
    slack: Sequence[Variable]
    by_per_slack: float = 1.0
    kwh_per_slack: float = 1.0


class Component(Protocol):
    """Anything between the grid connection point and the devices."""

    @property
    def name(self) -> str:
        """The name of its block; no two are equal."""

    def build(self, block: Block, horizon: Horizon) -> None:
        """Put the component on ``block``."""


class Coupling(Protocol):
    """A rule over several components, built when they are."""

    @property
    def name(self) -> str:
        """The name of its block; no two are equal."""

    def build(self, block: Block, horizon: Horizon, flows: Flows) -> None:
        """Put the rule on ``block``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flows:
    """What couplings bound: powers in kW by step."""

    imported: Sequence[Expression]
    exported: Sequence[Expression]
    drawn: Mapping[str, Mapping[int, Expression]]  # by device
    fed: Mapping[str, Mapping[int, Expression]]

    def drawn_by(self, devices: AbstractSet[str]) -> Sequence[Expression]:
        """Return what ``devices`` draw together in each step."""
        return self._sum(self.drawn, devices)

    def fed_by(self, devices: AbstractSet[str]) -> Sequence[Expression]:
        """Return what ``devices`` give together in each step."""
        return self._sum(self.fed, devices)

    def _sum(
        self, flow: Mapping[str, Mapping[int, Expression]], devices: AbstractSet[str]
    ) -> Sequence[Expression]:
        counted = [flow[device] for device in sorted(devices)]
        return [
            pyo.quicksum(power[t] for power in counted if t in power)
            for t in range(len(self.imported))
        ]


def slack(block: Block, index: Sequence[int] = (0,)) -> Variable:
    """Return a variable that is 0 until its constraint has to give way."""
    block.slack = pyo.Var(list(index), bounds=(0, 0))
    return block.slack
