"""The three phases of the connection: what each carries, and how far apart they are.

-limit <= load_p[t] + sum of a device's share on phase p <= limit
difference of two phases' storage, charging and production <= imbalance
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import permutations

from cem_core.model import Message
from optimizer import words as pyo
from optimizer.component import Block, Data, Expression, Flows, Rank, Soft, slack
from optimizer.home import Phases
from optimizer.horizon import Horizon, PerStep

_PHASES = (1, 2, 3)
_PAIRS = tuple(permutations(_PHASES, 2))


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseBalance:
    """``on`` says the phases of each device, ``balanced`` which count as apart.

    A device on several phases is spread evenly. ``load_kw`` is that of each phase.
    """

    phases: Phases
    on: Mapping[str, tuple[int, ...]]
    balanced: frozenset[str]
    load_kw: Sequence[PerStep]
    name: str = "phases"

    def structure(self, horizon: Horizon) -> Hashable:
        """Return who is where, and what is limited."""
        del horizon
        limited = self.phases.limit_kw is not None
        apart = self.phases.imbalance_limit_kw is not None
        return tuple(self.on.items()), self.balanced, limited, apart

    def data(self, horizon: Horizon) -> Data:
        """Return loads and limits."""
        del horizon
        limit_kw, apart_kw = self.phases.limit_kw, self.phases.imbalance_limit_kw
        loads = zip(_PHASES, self.load_kw, strict=True)
        return {f"load_{phase}_kw": load_kw for phase, load_kw in loads} | {
            "limit_kw": 0.0 if limit_kw is None else limit_kw,
            "imbalance_limit_kw": 0.0 if apart_kw is None else apart_kw,
        }

    def build(self, block: Block, horizon: Horizon, flows: Flows) -> None:
        """Put the rule on ``block``."""
        given, index = block.given, list(horizon.index)
        power = {d: self._power(flows, d, len(index)) for d in self.on}
        limited = [] if self.phases.limit_kw is None else _PHASES
        block.phase = pyo.Block(limited)
        for phase in limited:
            load = getattr(given, f"load_{phase}_kw")
            net = {
                t: load[t] + self._weighed(power, {phase: 1.0}, self.on, t)
                for t in index
            }
            self._bound(block.phase[phase], net, given.limit_kw)
        pairs = range(0 if self.phases.imbalance_limit_kw is None else len(_PAIRS))
        block.pair = pyo.Block(pairs)
        for place in pairs:
            more, less = _PAIRS[place]
            weight = {more: 1.0, less: -1.0}
            apart = {t: self._weighed(power, weight, self.balanced, t) for t in index}
            self._bound(block.pair[place], apart, given.imbalance_limit_kw, both=False)

    def _power(self, flows: Flows, device: str, steps: int) -> Sequence[Expression]:
        drawn, fed = flows.drawn[device], flows.fed[device]
        return [drawn.get(t, 0.0) - fed.get(t, 0.0) for t in range(steps)]

    def _weighed(
        self,
        power: Mapping[str, Sequence[Expression]],
        weight: Mapping[int, float],
        devices: Mapping[str, object] | frozenset[str],
        t: int,
    ) -> Expression:
        shares = {
            device: sum(weight.get(phase, 0.0) for phase in on) / len(on)
            for device, on in self.on.items()
            if device in devices
        }
        return pyo.quicksum(s * power[d][t] for d, s in shares.items() if s)

    def _bound(
        self,
        block: Block,
        flow: Mapping[int, Expression],
        limit: Expression,
        *,
        both: bool = True,
    ) -> None:
        over = slack(block, flow)
        free = [t for t, kw in flow.items() if not isinstance(kw, int | float)]

        @block.Constraint(free)
        def most(b: Block, t: int) -> Expression:
            del b
            # power of the phase ≤ limit
            return flow[t] - over[t] <= limit

        @block.Constraint(free if both else [])
        def least(b: Block, t: int) -> Expression:
            del b
            # power of the phase ≥ -limit
            return flow[t] + over[t] + limit >= 0

    def softs(self, block: Block, horizon: Horizon) -> Sequence[Soft]:
        """Return both limits; they give way to nothing but physics."""
        limit_kw, apart_kw = self.phases.limit_kw, self.phases.imbalance_limit_kw
        found = []
        if limit_kw is not None:
            for phase in _PHASES:
                say = partial(_phase_exceeded, phase, limit_kw)
                name = f"limit of phase {phase}"
                found.append(_soft(name, say, block.phase[phase], horizon))
        if apart_kw is not None:
            for place, (more, less) in enumerate(_PAIRS):
                say = partial(_imbalance_exceeded, more, less, apart_kw)
                name = f"imbalance of phases {more} and {less}"
                found.append(_soft(name, say, block.pair[place], horizon))
        return found


def _soft(
    name: str, say: Callable[[float], Message], block: Block, horizon: Horizon
) -> Soft:
    return Soft(
        rank=Rank.LIMIT,
        constraint=name,
        unit="kW",
        message=say,
        slack=list(block.slack.values()),
        kwh_per_slack=horizon.hours,
    )


def _phase_exceeded(phase: int, limit_kw: float, by: float) -> Message:
    return Message.of("phase_exceeded", phase=phase, by_kw=by, limit_kw=limit_kw)


def _imbalance_exceeded(more: int, less: int, limit_kw: float, by: float) -> Message:
    return Message.of(
        "imbalance_exceeded", more=more, less=less, by_kw=by, limit_kw=limit_kw
    )
