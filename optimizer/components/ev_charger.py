"""An EV charger with the stays of a car.

power[t] = 0 or min..max,  dt eta sum(power) >= energy - missing  in each stay
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import partial
import math

import numpy as np
import pyomo.environ as pyo

from cem_core.model import Message
from optimizer import home
from optimizer.component import Block, Data, Expression, Rank, Soft, bounded, slack
from optimizer.horizon import Horizon, PerStep

_WHOLE = 1e-9
_LEAST_KW = 1e-6
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

    def _wanted(self, horizon: Horizon) -> list[int]:
        stays = self.stays(horizon)
        return [i for i, (s, _) in enumerate(stays) if self.owed_kwh(s, horizon) > 0]

    def structure(self, horizon: Horizon) -> Hashable:
        """Return the stays, which of them want energy, and whether it has a minimum."""
        stays = tuple(steps for _, steps in self.stays(horizon))
        return stays, tuple(self._wanted(horizon)), self.device.min_power_kw > 0

    def _most(self, horizon: Horizon) -> list[float]:
        d = self.device
        reach = np.minimum(np.maximum(self.most_kw, 0.0), d.max_power_kw)
        enough = reach >= max(d.min_power_kw, _LEAST_KW)
        return list(np.where(enough, reach, 0.0)[: horizon.steps])

    def data(self, horizon: Horizon) -> Data:
        """Return powers, losses and what each stay wants."""
        most, stays = self._most(horizon), self.stays(horizon)
        stored_kwh = self.device.efficiency * horizon.hours
        owed = [self.owed_kwh(session, horizon) for session, _ in stays]
        count, per_rest = np.zeros(len(stays)), np.zeros(len(stays))
        for place, (_, steps) in enumerate(stays):
            in_step = stored_kwh * max((most[t] for t in steps), default=0.0)
            whole = math.ceil(owed[place] / in_step - _WHOLE) if in_step else 0
            rest = owed[place] - (whole - 1) * in_step
            if whole and rest >= _LEAST_REST * in_step:
                count[place], per_rest[place] = whole, 1 / rest
        return {
            "min_power_kw": self.device.min_power_kw,
            "most_kw": most,
            "stored_per_charged": self.device.efficiency,
            "owed_kwh": owed,
            "count": count,
            "steps_per_missing_kwh": per_rest,
        }

    def build(self, block: Block, horizon: Horizon) -> None:
        """Put the EV charger on ``block``."""
        given = block.given
        stays = [steps for _, steps in self.stays(horizon)]
        usable = sorted({t for steps in stays for t in steps})
        block.charge = bounded(usable, 0.0, given.most_kw)
        block.draw = block.power = dict(block.charge.items())
        on = usable if self.device.min_power_kw > 0 else []
        block.on = pyo.Var(on, domain=pyo.Binary)

        @block.Constraint(on)
        def least_power(b: Block, t: int) -> Expression:
            # power[t] ≥ P_min z[t]
            return b.charge[t] >= given.min_power_kw * b.on[t]

        @block.Constraint(on)
        def most_power(b: Block, t: int) -> Expression:
            # power[t] ≤ P_max[t] z[t], P_max tightened to what can reach the car
            return b.charge[t] <= given.most_kw[t] * b.on[t]

        self._departures(block, horizon, stays)

    def _departures(
        self, block: Block, horizon: Horizon, stays: Sequence[range]
    ) -> None:
        given, wanted = block.given, self._wanted(horizon)
        missing = slack(block, wanted)

        @block.Constraint(wanted)
        def departure(b: Block, place: int) -> Expression:
            # dt eta sum power[t] ≥ energy - missing
            drawn_kwh = horizon.hours * pyo.quicksum(b.charge[t] for t in stays[place])
            stored_kwh = given.stored_per_charged * drawn_kwh
            return stored_kwh + missing[place] >= given.owed_kwh[place]

        @block.Constraint(wanted)
        def enough_steps(b: Block, place: int) -> Expression:
            # Whole steps: sum z[t] + missing / rest ≥ ceil(energy / most a step)
            steps = [t for t in stays[place] if t in b.on]
            if not steps:
                return pyo.Constraint.Skip
            short = given.steps_per_missing_kwh[place] * missing[place]
            charging = pyo.quicksum(b.on[t] for t in steps)
            return charging + short >= given.count[place]

    def softs(self, block: Block, horizon: Horizon) -> Sequence[Soft]:
        """Return the departures."""
        stays = self.stays(horizon)
        found = []
        for place in self._wanted(horizon):
            session, _ = stays[place]
            by = f"{horizon.local(min(session.depart, horizon.end)):%H:%M}"
            owed = self.owed_kwh(session, horizon)
            found.append(
                Soft(
                    rank=Rank.DEPARTURE,
                    constraint=f"{self.name} energy by {by}",
                    unit="kWh",
                    message=partial(_leaves_short, self.name, owed),
                    slack=[block.slack[place]],
                )
            )
        return found


def _leaves_short(device: str, due_kwh: float, by: float) -> Message:
    return Message.of("car_leaves_short", device=device, by_kwh=by, due_kwh=due_kwh)
