"""An EV charger with the stays of a car.

power[t] = 0 or min..max,  dt eta sum(power) >= energy - missing  in each stay

A bidirectional one has a store in each stay, counted from 0 at arrival:
energy[t+1] = energy[t] + dt (eta charge[t] - discharge[t] / eta_d)
"""

from collections.abc import Mapping, Sequence, Set as AbstractSet
from dataclasses import dataclass
import math

import pyomo.environ as pyo

from optimizer import home
from optimizer.component import Block, Expression, Rank, Soft, slack
from optimizer.horizon import Horizon, PerStep
from optimizer.ranges import within

_WHOLE = 1e-9
_LEAST_REST = 1e-3  # of a step: below that the cut would be badly scaled
_SOME_KW = 1e-6

type Stays = Sequence[tuple[home.Session, range]]


@dataclass(frozen=True, slots=True, kw_only=True)
class EvCharger:
    """``most_kw[t]`` is what can reach the car in a step, limits and load counted.

    A bidirectional one does one thing at a time: by its binaries where it has a
    least power, elsewhere by one more in ``exclusive`` steps.
    """

    device: home.EvCharger
    most_kw: PerStep
    exclusive: AbstractSet[int] = frozenset()

    @property
    def name(self) -> str:
        """The device's name."""
        return self.device.id

    def stays(self, horizon: Horizon) -> Stays:
        """Return the sessions that the horizon touches and their usable steps."""
        return [
            (session, horizon.inside(session.arrive, session.depart))
            for session in self.device.sessions
            if session.depart > horizon.start and session.arrive < horizon.end
        ]

    def owed_kwh(self, session: home.Session, horizon: Horizon) -> float:
        """Return what has to be stored within the horizon, lent energy given back."""
        later = max(0.0, (session.depart - horizon.end).total_seconds() / 3600)
        most_later = self.device.efficiency * self.device.max_power_kw * later
        return max(session.min_energy_kwh, session.energy_kwh - most_later)

    def build(self, block: Block, horizon: Horizon) -> None:
        """Put the EV charger on ``block``."""
        d, stays = self.device, self.stays(horizon)
        most = self._most(stays)
        block.charge = pyo.Var(list(most), bounds=lambda _, t: (0, most[t]))
        block.charging = pyo.Block()
        on = within(block.charging, block.charge, d.ranges, most)
        block.draw = block.power = dict(block.charge.items())
        if d.bidirectional:
            self._discharge(block, horizon, stays, on)
        else:
            self._fill(block, horizon, stays)
        self._departures(block, horizon, stays, on)

    def _most(self, stays: Stays) -> Mapping[int, float]:
        """Return the most power by step, where it is enough to charge at all."""
        d = self.device
        most = {
            t: min(d.max_power_kw, float(self.most_kw[t]))
            for _, steps in stays
            for t in steps
        }
        least = max(min(low for low, _ in d.ranges), _SOME_KW)
        return {t: kw for t, kw in most.items() if kw >= least}

    def _fill(self, block: Block, horizon: Horizon, stays: Stays) -> None:
        """Sum up what is stored: without discharging no state is needed."""
        stored_kwh = self.device.efficiency * horizon.hours
        block.stored = {
            place: stored_kwh
            * pyo.quicksum(block.charge[t] for t in steps if t in block.charge)
            for place, (_, steps) in enumerate(stays)
        }
        full = [
            place
            for place, (session, steps) in enumerate(stays)
            if session.max_energy_kwh is not None
            and any(t in block.charge for t in steps)
        ]

        @block.Constraint(full)
        def not_over_full(b: Block, place: int) -> Expression:
            # dt eta sum power[t] ≤ E_max
            return b.stored[place] <= stays[place][0].max_energy_kwh

    def _discharge(
        self,
        block: Block,
        horizon: Horizon,
        stays: Stays,
        charging: Mapping[int, Expression],
    ) -> None:
        d = self.device
        stay = {t: place for place, (_, steps) in enumerate(stays) for t in steps}
        limit_kw = dict.fromkeys(stay, d.most_feed_kw)
        block.discharge = pyo.Var(list(stay), bounds=(0, d.most_feed_kw))
        block.energy = pyo.Var(
            list(stay),
            bounds=lambda _, t: (
                stays[stay[t]][0].min_energy_kwh,
                stays[stay[t]][0].max_energy_kwh,
            ),
        )
        block.feed = dict(block.discharge.items())
        charge = {t: block.draw.get(t, 0.0) for t in stay}
        block.power = {t: charge[t] - block.discharge[t] for t in stay}

        @block.Constraint(list(stay))
        def storage(b: Block, t: int) -> Expression:
            before = b.energy[t - 1] if t - 1 in stays[stay[t]][1] else 0.0
            gain = d.efficiency * charge[t] - b.discharge[t] * d.taken_out_per_kwh
            # E[t+1] = E[t] + dt (eta charge - discharge / eta_d), 0 at arrival
            return b.energy[t] == before + horizon.hours * gain

        block.stored = {
            place: block.energy[steps[-1]] if steps else 0.0
            for place, (_, steps) in enumerate(stays)
        }
        block.discharging = pyo.Block()
        least_kw = min(d.ranges[0][0], d.most_feed_kw)
        giving = within(
            block.discharging,
            block.discharge,
            [(least_kw, d.most_feed_kw)],
            limit_kw,
        )
        self._keep_apart(block, charging, giving)
        given_kwh = horizon.hours * pyo.quicksum(block.discharge.values())
        block.cost = {"wear": d.wear_per_kwh * given_kwh}

    def _keep_apart(
        self,
        block: Block,
        charging: Mapping[int, Expression],
        giving: Mapping[int, Expression],
    ) -> None:
        @block.Constraint([t for t in charging if t in giving])
        def one_way(b: Block, t: int) -> Expression:
            del b
            # z_charge[t] + z_discharge[t] ≤ 1
            return charging[t] + giving[t] <= 1

        steps = sorted(
            t
            for t in self.exclusive
            if t in block.charge and not (t in charging and t in giving)
        )
        block.taking = pyo.Var(steps, domain=pyo.Binary)

        @block.Constraint(steps)
        def charge_only(b: Block, t: int) -> Expression:
            # charge[t] ≤ P_max[t] z[t]
            return b.charge[t] <= b.charge[t].ub * b.taking[t]

        @block.Constraint(steps)
        def discharge_only(b: Block, t: int) -> Expression:
            # discharge[t] ≤ P_discharge (1 - z[t])
            return b.discharge[t] <= self.device.most_feed_kw * (1 - b.taking[t])

    def _departures(
        self,
        block: Block,
        horizon: Horizon,
        stays: Stays,
        on: Mapping[int, Expression],
    ) -> None:
        owed = [self.owed_kwh(session, horizon) for session, _ in stays]
        wanted = [
            place
            for place, (session, _) in enumerate(stays)
            if owed[place] > session.min_energy_kwh
        ]
        missing = slack(block, wanted)
        stored_kwh = self.device.efficiency * horizon.hours

        @block.Constraint(wanted)
        def departure(b: Block, place: int) -> Expression:
            # dt eta sum power[t] ≥ energy - missing
            return b.stored[place] + missing[place] >= owed[place]

        @block.Constraint(wanted)
        def enough_steps(b: Block, place: int) -> Expression:
            # Whole steps: sum z[t] + missing / rest ≥ ceil(energy / most a step)
            steps = [t for t in stays[place][1] if t in on]
            most = stored_kwh * max((b.charge[t].ub for t in steps), default=0.0)
            count = math.ceil(owed[place] / most - _WHOLE) if most else 0
            rest = owed[place] - (count - 1) * most
            if count <= 0 or rest < _LEAST_REST * most:
                return pyo.Constraint.Skip
            charging = pyo.quicksum(on[t] for t in steps)
            return charging + missing[place] / rest >= count

        block.soft = [
            Soft(
                rank=Rank.DEPARTURE,
                constraint=f"{self.name} energy by {_clock(horizon, stays[place][0])}",
                unit="kWh",
                text=f"{self.name} leaves {{by}} short of {owed[place]:g} kWh",
                slack=[missing[place]],
            )
            for place in wanted
        ]


def _clock(horizon: Horizon, session: home.Session) -> str:
    return f"{horizon.local(min(session.depart, horizon.end)):%H:%M}"
