"""An EV charger with the stays of a car.

power[t] = 0 or min..max,  dt eta sum(power) >= energy - missing  in each stay

A bidirectional one has a store in each stay, counted from 0 at arrival:
energy[t+1] = energy[t] + dt (eta charge[t] - discharge[t] / eta_d)
"""

from collections.abc import Hashable, Mapping, Sequence, Set as AbstractSet
from dataclasses import dataclass
import math

import numpy as np
import pyomo.environ as pyo

from optimizer import home
from optimizer.component import Block, Data, Expression, Rank, Soft, bounded, slack
from optimizer.horizon import Horizon, PerStep
from optimizer.ranges import Range, chosen, range_data, within
from optimizer.series import Numbers

_WHOLE = 1e-9
_LEAST_KW = 1e-6
_LEAST_REST = 1e-3  # of a step: below that the cut would be badly scaled

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

    @property
    def giving(self) -> Sequence[Range]:
        """Return where its power can lie while it discharges."""
        most_kw = self.device.most_feed_kw
        return [(min(self.device.ranges[0][0], most_kw), most_kw)]

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

    def _wanted(self, horizon: Horizon) -> tuple[int, ...]:
        return tuple(
            place
            for place, (session, _) in enumerate(self.stays(horizon))
            if self.owed_kwh(session, horizon) > session.min_energy_kwh
        )

    def _full(self, horizon: Horizon) -> tuple[int, ...]:
        """Return the stays in which the car can get full; a store has a bound."""
        return tuple(
            place
            for place, (session, steps) in enumerate(self.stays(horizon))
            if session.max_energy_kwh is not None and steps
        )

    def _apart(self, horizon: Horizon) -> list[int]:
        """Return the steps in which a binary of their own keeps the ways apart."""
        d = self.device
        if not d.bidirectional or (chosen(d.ranges) and chosen(self.giving)):
            return []
        plugged = {t for _, steps in self.stays(horizon) for t in steps}
        return sorted(plugged & self.exclusive)

    def structure(self, horizon: Horizon) -> Hashable:
        """Return the stays, what they want, and how its power is chosen."""
        d = self.device
        stays = tuple(steps for _, steps in self.stays(horizon))
        power = len(d.ranges), chosen(d.ranges), chosen(self.giving)
        wishes = self._wanted(horizon), self._full(horizon)
        return stays, wishes, power, d.bidirectional, tuple(self._apart(horizon))

    def data(self, horizon: Horizon) -> Data:
        """Return powers, losses and what each stay wants."""
        d, stays = self.device, self.stays(horizon)
        charging = dict(range_data(d.ranges, self._reach(horizon)))
        steps = [charging[f"most_kw_{place}"] for place in range(len(d.ranges))]
        most_kw = np.max(np.array(steps), axis=0)
        count, per_missing_kwh = self._whole_steps(horizon, most_kw)
        found: Data = {
            **charging,
            "most_kw": most_kw,
            "stored_per_charged": d.efficiency,
            "owed_kwh": [self.owed_kwh(session, horizon) for session, _ in stays],
            "full_kwh": [_most_kwh(session) for session, _ in stays],
            "count": count,
            "steps_per_missing_kwh": per_missing_kwh,
        }
        return {**found, **self._giving_data(horizon)} if d.bidirectional else found

    def _reach(self, horizon: Horizon) -> Numbers:
        most_kw = np.asarray(self.most_kw, float)[: horizon.steps]
        reach: Numbers = np.minimum(most_kw, self.device.max_power_kw)
        return np.where(reach >= _LEAST_KW, reach, 0.0)

    def _whole_steps(
        self, horizon: Horizon, most_kw: Numbers
    ) -> tuple[Numbers, Numbers]:
        """Return how many steps each stay needs, and how many a kWh less saves."""
        stays = self.stays(horizon)
        count, per_missing_kwh = np.zeros(len(stays)), np.zeros(len(stays))
        for place, (session, steps) in enumerate(stays):
            owed_kwh = self.owed_kwh(session, horizon)
            best_kw = max((most_kw[t] for t in steps), default=0.0)
            in_step = self.device.efficiency * horizon.hours * best_kw
            whole = math.ceil(owed_kwh / in_step - _WHOLE) if in_step else 0
            rest = owed_kwh - (whole - 1) * in_step
            if whole > 0 and rest >= _LEAST_REST * in_step:
                count[place], per_missing_kwh[place] = whole, 1 / rest
        return count, per_missing_kwh

    def _giving_data(self, horizon: Horizon) -> Data:
        lowest, highest = np.zeros(horizon.steps), np.full(horizon.steps, np.inf)
        for session, steps in self.stays(horizon):
            lowest[steps.start : steps.stop] = session.min_energy_kwh
            highest[steps.start : steps.stop] = _most_kwh(session)
        given_kw = np.full(horizon.steps, self.device.most_feed_kw)
        giving = range_data(self.giving, given_kw)
        return {
            **{f"giving_{name}": values for name, values in giving.items()},
            "lowest_kwh": lowest,
            "highest_kwh": highest,
            "most_given_kw": self.device.most_feed_kw,
            "taken_per_discharged": self.device.taken_out_per_kwh,
            "wear_per_kwh": self.device.wear_per_kwh,
        }

    def build(self, block: Block, horizon: Horizon) -> None:
        """Put the EV charger on ``block``."""
        d, stays = self.device, [steps for _, steps in self.stays(horizon)]
        plugged = [t for steps in stays for t in steps]
        block.charge = bounded(plugged, 0.0, block.given.most_kw)
        block.draw = block.power = dict(block.charge.items())
        block.charging = pyo.Block()
        on: Mapping[int, Expression] = {}
        if chosen(d.ranges):
            on = within(block.charging, block.charge, len(d.ranges))
        if d.bidirectional:
            self._give(block, horizon, stays, on)
        else:
            self._fill(block, horizon, stays)
        self._departures(block, horizon, stays, on)

    def _fill(self, block: Block, horizon: Horizon, stays: Sequence[range]) -> None:
        """Sum up what is stored: without discharging no state is needed."""
        stored = block.given.stored_per_charged
        block.stored = {
            place: stored
            * (horizon.hours * pyo.quicksum(block.charge[t] for t in steps))
            for place, steps in enumerate(stays)
        }

        @block.Constraint(self._full(horizon))
        def not_over_full(b: Block, place: int) -> Expression:
            # dt eta sum power[t] ≤ E_max
            return b.stored[place] <= b.given.full_kwh[place]

    def _give(
        self,
        block: Block,
        horizon: Horizon,
        stays: Sequence[range],
        charging: Mapping[int, Expression],
    ) -> None:
        given, plugged = block.given, list(block.charge)
        block.discharge = bounded(plugged, 0.0, given.most_given_kw)
        block.energy = bounded(plugged, given.lowest_kwh, given.highest_kwh)
        block.feed = dict(block.discharge.items())
        block.power = {t: block.charge[t] - block.discharge[t] for t in plugged}
        arrivals = {steps.start for steps in stays}

        @block.Constraint(plugged)
        def storage(b: Block, t: int) -> Expression:
            before = 0.0 if t in arrivals else b.energy[t - 1]
            gain = (
                given.stored_per_charged * b.charge[t]
                - given.taken_per_discharged * b.discharge[t]
            )
            # E[t+1] = E[t] + dt (eta charge - discharge / eta_d), 0 at arrival
            return b.energy[t] == before + horizon.hours * gain

        block.stored = {
            place: block.energy[steps[-1]] if steps else 0.0
            for place, steps in enumerate(stays)
        }
        block.discharging = pyo.Block()
        giving: Mapping[int, Expression] = {}
        if chosen(self.giving):
            giving = within(block.discharging, block.discharge, 1, "giving_")

        @block.Constraint(plugged if charging and giving else [])
        def one_way(b: Block, t: int) -> Expression:
            del b
            # z_charge[t] + z_discharge[t] ≤ 1
            return charging[t] + giving[t] <= 1

        self._keep_apart(block, horizon)
        given_kwh = horizon.hours * pyo.quicksum(block.discharge.values())
        block.cost = {"wear": given.wear_per_kwh * given_kwh}

    def _keep_apart(self, block: Block, horizon: Horizon) -> None:
        steps, given = self._apart(horizon), block.given
        block.taking = pyo.Var(steps, domain=pyo.Binary)

        @block.Constraint(steps)
        def charge_only(b: Block, t: int) -> Expression:
            # charge[t] ≤ P_max[t] z[t]
            return b.charge[t] <= given.most_kw[t] * b.taking[t]

        @block.Constraint(steps)
        def discharge_only(b: Block, t: int) -> Expression:
            # discharge[t] ≤ P_discharge (1 - z[t])
            return b.discharge[t] <= given.most_given_kw * (1 - b.taking[t])

    def _departures(
        self,
        block: Block,
        horizon: Horizon,
        stays: Sequence[range],
        on: Mapping[int, Expression],
    ) -> None:
        given, wanted = block.given, self._wanted(horizon)
        missing = slack(block, wanted)

        @block.Constraint(wanted)
        def departure(b: Block, place: int) -> Expression:
            # dt eta sum power[t] ≥ energy - missing
            return b.stored[place] + missing[place] >= given.owed_kwh[place]

        @block.Constraint(wanted)
        def enough_steps(b: Block, place: int) -> Expression:
            del b
            # Whole steps: sum z[t] + missing / rest ≥ ceil(energy / most a step)
            steps = [t for t in stays[place] if t in on]
            if not steps:
                return pyo.Constraint.Skip
            short = given.steps_per_missing_kwh[place] * missing[place]
            return pyo.quicksum(on[t] for t in steps) + short >= given.count[place]

    def softs(self, block: Block, horizon: Horizon) -> Sequence[Soft]:
        """Return the departures."""
        stays = self.stays(horizon)
        found = []
        for place in self._wanted(horizon):
            session, _ = stays[place]
            by = f"{horizon.local(min(session.depart, horizon.end)):%H:%M}"
            owed_kwh = self.owed_kwh(session, horizon)
            found.append(
                Soft(
                    rank=Rank.DEPARTURE,
                    constraint=f"{self.name} energy by {by}",
                    unit="kWh",
                    text=f"{self.name} leaves {{by}} short of {owed_kwh:g} kWh",
                    slack=[block.slack[place]],
                )
            )
        return found


def _most_kwh(session: home.Session) -> float:
    return np.inf if session.max_energy_kwh is None else session.max_energy_kwh
