"""A part of the home with a line of its own: how much it carries, and when.

sum of power[d, t] <= limit,  and where it has no power: drawn[t] + fed[t] = 0
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import partial

from cem_core.model import Message
from optimizer import words as pyo
from optimizer.component import Block, Data, Expression, Flows, Rank, Soft, slack
from optimizer.horizon import Horizon


@dataclass(frozen=True, slots=True, kw_only=True)
class SubConnection:
    """``dead`` are the steps that are not wholly within the hours of power."""

    id: str
    devices: tuple[str, ...]
    limit_kw: float | None
    dead: tuple[int, ...]

    @property
    def name(self) -> str:
        """The name of its block."""
        return f"sub-connection {self.id}"

    def structure(self, horizon: Horizon) -> Hashable:
        """Return who is on it, whether it has a limit, and when it has no power."""
        del horizon
        return self.devices, self.limit_kw is None, self.dead

    def data(self, horizon: Horizon) -> Data:
        """Return its limit."""
        del horizon
        return {} if self.limit_kw is None else {"limit_kw": self.limit_kw}

    def build(self, block: Block, horizon: Horizon, flows: Flows) -> None:
        """Put both rules on ``block``."""
        devices = frozenset(self.devices)
        drawn, fed = flows.drawn_by(devices), flows.fed_by(devices)
        block.line, block.off = pyo.Block(), pyo.Block()
        limited = [] if self.limit_kw is None else list(horizon.index)
        over, without = slack(block.line, limited), slack(block.off, self.dead)

        @block.line.Constraint(limited)
        def most(b: Block, t: int) -> Expression:
            del b
            power = pyo.quicksum(flows.power[d].get(t, 0.0) for d in self.devices)
            if isinstance(power, int | float):
                return pyo.Constraint.Skip
            # sum of power[d, t] ≤ limit
            return power - over[t] <= block.given.limit_kw

        @block.off.Constraint(list(self.dead))
        def none(b: Block, t: int) -> Expression:
            del b
            flow = drawn[t] + fed[t]
            if isinstance(flow, int | float):
                return pyo.Constraint.Skip
            # drawn[t] + fed[t] ≤ 0
            return flow - without[t] <= 0

    def softs(self, block: Block, horizon: Horizon) -> Sequence[Soft]:
        """Return both; they give way to nothing but physics."""
        found = []
        if self.limit_kw is not None:
            found.append(
                Soft(
                    rank=Rank.LIMIT,
                    constraint=f"import limit of {self.id}",
                    unit="kW",
                    message=partial(_exceeded, self.id, self.limit_kw),
                    slack=list(block.line.slack.values()),
                    kwh_per_slack=horizon.hours,
                )
            )
        if self.dead:
            found.append(
                Soft(
                    rank=Rank.LIMIT,
                    constraint=f"hours without power of {self.id}",
                    unit="kW",
                    message=partial(_unpowered, self.id),
                    slack=list(block.off.slack.values()),
                    kwh_per_slack=horizon.hours,
                )
            )
        return found


def _exceeded(connection: str, limit_kw: float, by: float) -> Message:
    return Message.of(
        "sub_connection_exceeded", by_kw=by, connection=connection, limit_kw=limit_kw
    )


def _unpowered(connection: str, by: float) -> Message:
    return Message.of("sub_connection_without_power", by_kw=by, connection=connection)
