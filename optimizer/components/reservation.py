"""Power that is held back to be called in a window, with the energy for a call.

held[t] = sum of part[d, t] <= power
cost = sum of hours[t] (penalty power - (price + penalty) held[t])

In every step s of a call that begins within step t:

reduce:   part[d, t] <= most_given - given[s] + drawn[s],  -net[s] + held[t] <= limit
increase: part[d, t] <= most_drawn - drawn[s] + given[s],   net[s] + held[t] <= limit

and at every moment of it, when h hours of it can be over:

reduce:   h part[d, t] / eta_d <= energy - least
increase: h part[d, t] / eta_d <= most - energy

A kW less charged counts as one more discharged, which takes more from the store; a
kW more charged as one less discharged, which leaves more in it. So a call never finds
less than was promised.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from cem_core.model import Message
from cem_core.tariff import Deviation, FlexibilityPrice
from optimizer import home, words as pyo
from optimizer.call import Call, call
from optimizer.component import (
    Block,
    Data,
    Expression,
    Flows,
    Rank,
    Soft,
    bounded,
    slack,
)
from optimizer.horizon import Horizon, PerStep


@dataclass(frozen=True, slots=True, kw_only=True)
class Reservation:
    """``batteries`` and ``roofs`` deliver; a roof only by producing less.

    ``limit_kw`` bounds the connection in the direction of a call, infinite where
    nothing does. No call is to touch the steps that are ``ordered``, in which an
    operator limits single devices in its direction.
    """

    id: str
    direction: Deviation
    price: FlexibilityPrice
    hold_hours: float
    covered_hours: Sequence[float]
    limit_kw: PerStep
    ordered: frozenset[int]
    batteries: Sequence[home.Battery]
    roofs: Sequence[str]

    @property
    def name(self) -> str:
        """The name of its block."""
        return f"reservation {self.id}"

    @property
    def devices(self) -> Sequence[str]:
        """What delivers."""
        roofs = self.roofs if self.direction is Deviation.INCREASE else ()
        return [*(battery.id for battery in self.batteries), *roofs]

    def calls(self, horizon: Horizon) -> Mapping[int, Call]:
        """Return what has to hold of a call that begins in each step held."""
        steps = [t for t, hours in enumerate(self.covered_hours) if hours > 0]
        return {t: call(horizon, t, self.hold_hours) for t in steps}

    def _free(self) -> tuple[bool, ...]:
        return tuple(bool(np.isinf(kw)) for kw in self.limit_kw)

    def structure(self, horizon: Horizon) -> Hashable:
        """Return who delivers what, and when."""
        calls = tuple(self.calls(horizon).items())
        return self.direction, tuple(self.devices), calls, self._free()

    def data(self, horizon: Horizon) -> Data:
        """Return bounds, efficiencies and prices."""
        most_kw = np.zeros(horizon.steps)
        for t, each in self.calls(horizon).items():
            free = self.ordered.isdisjoint(each.steps)
            most_kw[t] = self.price.power_kw if free else 0.0
        price, hours = self.price, np.asarray(self.covered_hours)
        lacking = price.penalty_per_kwh * price.power_kw * float(hours.sum())
        numbers: dict[str, float | PerStep] = {
            "most_kw": most_kw,
            "per_kw": price.per_kwh * hours,
            "nothing_held": lacking,
            "limit_kw": np.where(np.isinf(self.limit_kw), 0.0, self.limit_kw),
        }
        for place, battery in enumerate(self.batteries):
            numbers |= {
                f"most_drawn_kw_{place}": battery.charge_limit_kw,
                f"most_given_kw_{place}": battery.discharge_limit_kw,
                f"per_kw_{place}": _most_taken(battery),
            }
        return numbers

    def build(self, block: Block, horizon: Horizon, flows: Flows) -> None:
        """Put what is held on ``block``."""
        given, calls = block.given, self.calls(horizon)
        steps = list(calls)
        block.held = bounded(steps, 0.0, given.most_kw)
        devices = range(len(self.devices))
        block.part = pyo.Var(devices, steps, domain=pyo.NonNegativeReals)

        @block.Constraint(steps)
        def held_by_devices(b: Block, t: int) -> Expression:
            # held[t] = sum of part[d, t]
            each = pyo.quicksum(b.part[d, t] for d in devices)
            return b.held[t] - each == 0

        self._power(block, calls, flows)
        self._connection(block, calls, flows)
        self._energy(block, calls, flows)
        paid = pyo.quicksum(given.per_kw[t] * block.held[t] for t in steps)
        block.cost = {"flexibility": given.nothing_held - paid}

    def _power(self, block: Block, calls: Mapping[int, Call], flows: Flows) -> None:
        given, reduce = block.given, self.direction is Deviation.REDUCE
        rows = [
            (d, t, s)
            for d in range(len(self.devices))
            for t, each in calls.items()
            for s in each.steps
        ]

        @block.Constraint(range(len(rows)))
        def power_left(b: Block, row: int) -> Expression:
            d, t, s = rows[row]
            name = self.devices[d]
            fed = flows.fed[name].get(s, 0.0)
            if d >= len(self.batteries):
                # part[d, t] ≤ production[s]
                return b.part[d, t] - fed <= 0
            drawn = flows.drawn[name].get(s, 0.0)
            if reduce:
                most = getattr(given, f"most_given_kw_{d}")
                # part[d, t] ≤ most_given - given[s] + drawn[s]
                return b.part[d, t] + fed - drawn <= most
            most = getattr(given, f"most_drawn_kw_{d}")
            # part[d, t] ≤ most_drawn - drawn[s] + given[s]
            return b.part[d, t] + drawn - fed <= most

    def _connection(
        self, block: Block, calls: Mapping[int, Call], flows: Flows
    ) -> None:
        free, sign = self._free(), self.direction.sign
        pairs = [(t, s) for t, each in calls.items() for s in each.steps]
        rows = [(t, s) for t, s in pairs if not free[s]]
        block.over = pyo.Block()
        over = slack(block.over, range(len(rows)))

        @block.Constraint(range(len(rows)))
        def connection_left(b: Block, row: int) -> Expression:
            t, s = rows[row]
            # ±net[s] + held[t] ≤ limit
            net = sign * flows.net[s]
            return net + b.held[t] - over[row] <= b.given.limit_kw[s]

    def _energy(self, block: Block, calls: Mapping[int, Call], flows: Flows) -> None:
        given, reduce = block.given, self.direction is Deviation.REDUCE
        rows = [
            (d, t, m)
            for d in range(len(self.batteries))
            for t, each in calls.items()
            for m in range(len(each.moments))
        ]

        @block.Constraint(range(len(rows)))
        def energy_left(b: Block, row: int) -> Expression:
            d, t, m = rows[row]
            moment, name = calls[t].moments[m], self.batteries[d].id
            left = (flows.spare_kwh if reduce else flows.room_kwh)[name]
            taken = moment.hours * getattr(given, f"per_kw_{d}")
            # h part[d, t] / eta_d ≤ energy - least, or most - energy
            return taken * b.part[d, t] - moment.at(left) <= 0

    def softs(self, block: Block, horizon: Horizon) -> Sequence[Soft]:
        """Return the limit of the connection, which the plan alone may not keep."""
        if all(self._free()):
            return []
        return [
            Soft(
                rank=Rank.LIMIT,
                constraint=f"limit of the connection for {self.id}",
                unit="kW",
                message=partial(_exceeded, self.id),
                slack=list(block.over.slack.values()),
                kwh_per_slack=horizon.hours,
            )
        ]


def _exceeded(reservation: str, by: float) -> Message:
    return Message.of("reservation_exceeds", by_kw=by, reservation=reservation)


def _most_taken(battery: home.Battery) -> float:
    """Return the most kWh that leave the store for one that is given."""
    losses = [loss.efficiency for loss in battery.discharge_losses]
    return 1 / min(losses, default=battery.discharge_efficiency)
