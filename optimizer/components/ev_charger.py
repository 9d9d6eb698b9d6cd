"""An EV charger with the stays of a car.

power[t] = 0 or min..max,  dt eta sum(power) >= energy - missing  in each stay
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
import math

import pyomo.environ as pyo

from cem_core.model import Message
from optimizer import home
from optimizer.component import Block, Expression, Rank, Soft, slack
from optimizer.horizon import Horizon, PerStep

_WHOLE = 1e-9
_LEAST_REST = 1e-3  # of a step: below that the cut would be badly scaled


@dataclass(frozen=True, slots=True, kw_only=True)
class EvCharger:
    """``most_kw[t]`` is what can reach the car in a step, limits and load counted."""

    device: home.EvCharger
    most_kw: PerStep

    @property
    def name(self) -> str:
        """The device's name."""
        return self.device.id

    def stays(self, horizon: Horizon) -> list[tuple[home.Session, range]]:
        """Return the sessions that the horizon touches and their usable steps."""
        return [
            (session, horizon.inside(session.arrive, session.depart))
            for session in self.device.sessions
            if session.depart > horizon.start and session.arrive < horizon.end
        ]

    def owed_kwh(self, session: home.Session, horizon: Horizon) -> float:
        """Return what has to be stored within the horizon."""
        later = max(0.0, (session.depart - horizon.end).total_seconds() / 3600)
        most_later = self.device.efficiency * self.device.max_power_kw * later
        return max(0.0, session.energy_kwh - most_later)

    def build(self, block: Block, horizon: Horizon) -> None:
        """Put the EV charger on ``block``."""
        d, stays = self.device, self.stays(horizon)
        most = {
            t: min(d.max_power_kw, max(float(self.most_kw[t]), 0.0))
            for _, steps in stays
            for t in steps
        }
        usable = [t for t, kw in most.items() if kw >= max(d.min_power_kw, 1e-6)]
        block.charge = pyo.Var(usable, bounds=lambda _, t: (0, most[t]))
        block.draw = block.power = dict(block.charge.items())
        on = [t for t in usable if d.min_power_kw > 0]
        block.on = pyo.Var(on, domain=pyo.Binary)

        @block.Constraint(on)
        def least_power(b: Block, t: int) -> Expression:
            # power[t] ≥ P_min z[t]
            return b.charge[t] >= d.min_power_kw * b.on[t]

        @block.Constraint(on)
        def most_power(b: Block, t: int) -> Expression:
            # power[t] ≤ P_max[t] z[t], P_max tightened to what can reach the car
            return b.charge[t] <= most[t] * b.on[t]

        self._departures(block, horizon, stays)

    def _departures(
        self,
        block: Block,
        horizon: Horizon,
        stays: Sequence[tuple[home.Session, range]],
    ) -> None:
        owed = [self.owed_kwh(session, horizon) for session, _ in stays]
        wanted = [place for place, kwh in enumerate(owed) if kwh > 0]
        missing = slack(block, wanted)
        stored_kwh = self.device.efficiency * horizon.hours

        @block.Constraint(wanted)
        def departure(b: Block, place: int) -> Expression:
            # dt eta sum power[t] ≥ energy - missing
            steps = [t for t in stays[place][1] if t in b.charge]
            charged = stored_kwh * pyo.quicksum(b.charge[t] for t in steps)
            return charged + missing[place] >= owed[place]

        @block.Constraint(wanted)
        def enough_steps(b: Block, place: int) -> Expression:
            # Whole steps: sum z[t] + missing / rest ≥ ceil(energy / most a step)
            steps = [t for t in stays[place][1] if t in b.on]
            most = stored_kwh * max((b.charge[t].ub for t in steps), default=0.0)
            count = math.ceil(owed[place] / most - _WHOLE) if most else 0
            rest = owed[place] - (count - 1) * most
            if not count or rest < _LEAST_REST * most:
                return pyo.Constraint.Skip
            charging = pyo.quicksum(b.on[t] for t in steps)
            return charging + missing[place] / rest >= count

        block.soft = [
            Soft(
                rank=Rank.DEPARTURE,
                constraint=f"{self.name} energy by {_clock(horizon, stays[place][0])}",
                unit="kWh",
                message=partial(_leaves_short, self.name, owed[place]),
                slack=[missing[place]],
            )
            for place in wanted
        ]


def _leaves_short(device: str, due_kwh: float, by: float) -> Message:
    return Message.of("car_leaves_short", device=device, by_kwh=by, due_kwh=due_kwh)


def _clock(horizon: Horizon, session: home.Session) -> str:
    return f"{horizon.local(min(session.depart, horizon.end)):%H:%M}"
