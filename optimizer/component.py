"""What a component of the home is to the model: a small block with a few names.

A model is built once for each structure and solved again and again with other
numbers. So a component says two things apart:

- ``structure(horizon)``: what decides which variables and constraints there are.
  Components of one name whose structures are equal build equal blocks.
- ``data(horizon)``: its numbers by name, each a single one or an array. They
  stand on the block as ``block.given.name`` or ``block.given.name[t]``, which are
  written in expressions as if they were numbers.

``build(block, horizon)`` puts variables and constraints on ``block``, in the words
of Pyomo that `words` has (imported as ``pyo``), so that `pyomo_model` builds the
same. Of the horizon it may ask for what belongs to every structure (``steps``,
``index``), of the component for what its structure names, and for no number,
``hours`` included: each
coefficient, cost, bound and right side is affine in ``given``, so what is a
product or a quotient of two numbers is a datum of its own. An equation is written
for what stands first on its left: from there the solver begins. It leaves

- ``block.power[t]``: net power into the component in kW,
- ``block.cost``: its cost by name (energy, wear, ...), in currency,
- ``block.draw[t]``, ``block.feed[t]``: what it consumes and what it gives, both no
  less than 0, for limits on controllable power;
- ``block.most_draw[t]``, where one datum bounds ``draw[t]``: that datum;
- ``block.on[t]``, where it is either off or draws at least some power: 0 or 1;
- ``block.spare_kwh(t)``, ``block.room_kwh(t)``, where it stores electricity: what it
  holds over what it always keeps, and what it can take, at the end of a step, -1
  being the start;
- ``block.caps``, where it bounds the import of single steps: a `Cap` for each.

What is preferred among equally cheap plans (weights of one dimensionless scale):

- ``block.sooner[t]``, where it is not ``draw`` that is preferred sooner;
- ``block.avoided``: what is preferred not to be;
- ``block.off_centre``: kelvin from the middle of a band.

A coupling may leave a ``power`` of its own, and ``block.flows``: how those after it
see the flows.

``softs(block, horizon)`` names what may give way when wishes conflict.
"""

from collections.abc import (
    Callable,
    Hashable,
    Iterable,
    Mapping,
    Sequence,
    Set as AbstractSet,
)
from dataclasses import dataclass, replace
from enum import IntEnum
from itertools import repeat
from typing import Any, Protocol

from cem_core.model import Message
from optimizer import words as pyo
from optimizer.horizon import Horizon, PerStep

type Block = Any
type Expression = Any
type Variable = Any
type Data = Mapping[str, float | PerStep]


class Rank(IntEnum):
    """What is kept before what; the last gives way first, cost before all."""

    LIMIT = 0  # the operator's and the connection's
    DEPARTURE = 1  # energy in a car when it leaves
    RUN = 2  # an appliance's run
    RESERVE = 3  # least and final energy of a battery


@dataclass(frozen=True, slots=True, kw_only=True)
class Soft:
    """A constraint with slack, closed until something has to give way.

    ``message`` says by how much, in ``unit``.
    ``kwh_per_slack`` is one number or datum, or one for each slack.
    """

    rank: Rank
    constraint: str
    unit: str
    message: Callable[[float], Message]
    slack: Sequence[Variable]
    by_per_slack: float = 1.0
    kwh_per_slack: Expression | Sequence[Expression] = 1.0

    def weighed(self) -> Iterable[tuple[Expression, Variable]]:
        """Return each slack after its kWh."""
        kwh = self.kwh_per_slack
        each = kwh if isinstance(kwh, Sequence) else repeat(kwh, len(self.slack))
        return zip(each, self.slack, strict=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cap:
    """import[step] <= bound + excess, the excess being no less than 0."""

    step: int
    bound: Expression
    excess: Expression


class Part(Protocol):
    """What components and couplings have in common."""

    @property
    def name(self) -> str:
        """The name of its block; no two are equal."""

    def structure(self, horizon: Horizon) -> Hashable:
        """Return what decides which variables and constraints there are."""

    def data(self, horizon: Horizon) -> Data:
        """Return its numbers by name; the names belong to the structure."""

    def softs(self, block: Block, horizon: Horizon) -> Sequence[Soft]:
        """Return what may give way; ranks and slacks belong to the structure."""


class Component(Part, Protocol):
    """Anything between the grid connection point and the devices."""

    def build(self, block: Block, horizon: Horizon) -> None:
        """Put the component on ``block``."""


class Coupling(Part, Protocol):
    """A rule over several components, built when they are."""

    def build(self, block: Block, horizon: Horizon, flows: Flows) -> None:
        """Put the rule on ``block``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flows:
    """What couplings bound: powers in kW by step."""

    imported: Sequence[Expression]
    exported: Sequence[Expression]
    net: Sequence[Expression]  # import less export, of the connection
    drawn: Mapping[str, Mapping[int, Expression]]  # by device
    fed: Mapping[str, Mapping[int, Expression]]
    power: Mapping[str, Mapping[int, Expression]]  # all of a device's net power
    metered: Mapping[str, Sequence[Expression]]  # import of other meters, by id
    spare_kwh: Mapping[str, Callable[[int], Expression]]  # of stores, as on the block
    room_kwh: Mapping[str, Callable[[int], Expression]]
    bought_kwh: Mapping[int, Expression]  # as billed, by the first step of each period

    def drawn_by(self, devices: AbstractSet[str]) -> Sequence[Expression]:
        """Return what ``devices`` draw together in each step."""
        return self._sum(self.drawn, devices)

    def fed_by(self, devices: AbstractSet[str]) -> Sequence[Expression]:
        """Return what ``devices`` give together in each step."""
        return self._sum(self.fed, devices)

    def through(
        self,
        lead: str,
        others: Sequence[str],
        *,
        drawn: Mapping[int, Expression],
        fed: Mapping[int, Expression],
    ) -> Flows:
        """Return the flows with all of ``lead`` and ``others`` counted as its own."""
        none: dict[str, Mapping[int, Expression]] = {name: {} for name in others}
        return replace(
            self,
            drawn={**self.drawn, **none, lead: drawn},
            fed={**self.fed, **none, lead: fed},
        )

    def _sum(
        self, flow: Mapping[str, Mapping[int, Expression]], devices: AbstractSet[str]
    ) -> Sequence[Expression]:
        counted = [flow[device] for device in sorted(devices)]
        return [
            pyo.quicksum(power[t] for power in counted if t in power)
            for t in range(len(self.imported))
        ]


def slack(block: Block, index: Iterable[int] = (0,)) -> Variable:
    """Return a variable that is 0 until its constraint has to give way."""
    block.slack = pyo.Var(list(index), bounds=(0, 0))
    return block.slack


def bounded(
    index: Iterable[int],
    lower: float | Expression | Mapping[int, Expression],
    upper: float | Expression | Mapping[int, Expression],
) -> Variable:
    """Return a variable between numbers, data, or the data of each step."""
    return pyo.Var(list(index), bounds=(lower, upper))
