"""An EV charger with the stays of a car.

power[t] = 0 or min..max,  dt eta sum(power) >= energy - missing  in each stay

Where it also discharges, or where one vehicle comes again and again, there is a
store: energy[t+1] = energy[t] + dt (eta charge[t] - discharge[t] / eta_d). It
begins with 0 at each arrival, the vehicle's with what its trip has left.
"""

from collections.abc import Hashable, Mapping, Sequence, Set as AbstractSet
from dataclasses import dataclass

import numpy as np

from optimizer import home, words as pyo
from optimizer.component import Block, Data, Expression, Soft, bounded
from optimizer.departures import Departures, Stored, stays_of
from optimizer.horizon import Horizon, PerStep
from optimizer.ranges import Range, chosen, range_data, within
from optimizer.series import Numbers
from optimizer.starts import share, starting_cost

_LEAST_KW = 1e-6


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
    def departures(self) -> Departures:
        """What its stays ask for."""
        return Departures(device=self.device)

    @property
    def giving(self) -> Sequence[Range]:
        """Where its power can lie while it discharges."""
        most_kw = self.device.most_feed_kw
        return [(min(self.device.ranges[0][0], most_kw), most_kw)]

    @property
    def stores(self) -> bool:
        """Whether it needs a state: else what is stored is a sum."""
        return self.device.bidirectional or self.device.vehicle is not None

    def stays(self, horizon: Horizon) -> list[range]:
        """Return the usable steps of each stay that the horizon touches."""
        return [steps for _, steps in stays_of(self.device, horizon)]

    def _full(self, horizon: Horizon) -> tuple[int, ...]:
        """Return the stays in which the car can get full; a store has a bound."""
        return tuple(
            place
            for place, (session, steps) in enumerate(stays_of(self.device, horizon))
            if session.max_energy_kwh is not None and steps
        )

    def _apart(self, horizon: Horizon) -> list[int]:
        """Return the steps in which a binary of their own keeps the ways apart."""
        d = self.device
        if not d.bidirectional or (chosen(d.ranges) and chosen(self.giving)):
            return []
        plugged = {t for steps in self.stays(horizon) for t in steps}
        return sorted(plugged & self.exclusive)

    def structure(self, horizon: Horizon) -> Hashable:
        """Return the stays, what they want, and how its power is chosen."""
        d = self.device
        power = len(d.ranges), chosen(d.ranges), chosen(self.giving)
        store = d.bidirectional, d.vehicle is not None, tuple(self._apart(horizon))
        wishes = self.departures.structure(horizon), self._full(horizon)
        starts = d.start_cost > 0 and (True, d.initially_on)
        return tuple(self.stays(horizon)), power, store, wishes, starts

    def data(self, horizon: Horizon) -> Data:
        """Return powers, losses and what each stay wants."""
        d = self.device
        charging = range_data(d.ranges, self._reach(horizon))
        steps = [charging[f"most_kw_{place}"] for place in range(len(d.ranges))]
        most_kw = np.max(np.array(steps), axis=0)
        lowest_kwh, highest_kwh = self._energies(horizon)
        giving = range_data(self.giving, np.full(horizon.steps, d.most_feed_kw))
        return {
            **charging,
            **{f"giving_{name}": values for name, values in giving.items()},
            **self.departures.data(horizon, most_kw),
            "most_kw": most_kw,
            "most_given_kw": d.most_feed_kw,
            "stored_per_charged": d.efficiency,
            "taken_per_discharged": d.taken_out_per_kwh,
            "lowest_kwh": lowest_kwh,
            "highest_kwh": highest_kwh,
            "initial_kwh": 0.0 if d.vehicle is None else d.vehicle.initial_energy_kwh,
            "wear_per_kwh": d.wear_per_kwh,
            "start_cost": d.start_cost,
            "share_per_kw": 1 / d.max_power_kw,
        }

    def _reach(self, horizon: Horizon) -> Numbers:
        most_kw = np.asarray(self.most_kw, float)[: horizon.steps]
        reach: Numbers = np.minimum(most_kw, self.device.max_power_kw)
        return np.where(reach >= _LEAST_KW, reach, 0.0)

    def _energies(self, horizon: Horizon) -> tuple[Numbers, Numbers]:
        lowest, highest = np.zeros(horizon.steps), np.full(horizon.steps, np.inf)
        vehicle = self.device.vehicle
        for session, steps in stays_of(self.device, horizon):
            part, full_kwh = slice(steps.start, steps.stop), session.max_energy_kwh
            lowest[part] = session.min_energy_kwh
            highest[part] = np.inf if full_kwh is None else full_kwh
            if vehicle is not None:
                lowest[part] = vehicle.min_energy_kwh
                highest[part] = vehicle.capacity_kwh
        return lowest, highest

    def build(self, block: Block, horizon: Horizon) -> None:
        """Put the EV charger on ``block``."""
        d, given = self.device, block.given
        plugged = [t for steps in self.stays(horizon) for t in steps]
        block.charge = bounded(plugged, 0.0, given.most_kw)
        block.draw = block.power = dict(block.charge.items())
        block.most_draw = dict(given.most_kw.items())
        block.charging, block.discharging = pyo.Block(), pyo.Block()
        on: Mapping[int, Expression] = {}
        if chosen(d.ranges):
            on = within(block.charging, block.charge, len(d.ranges))
        block.on = on
        block.starts = pyo.Block()
        block.cost = {}
        if d.start_cost:
            # By power, although there are binaries: decision 0017.
            charging = share(block, block.charge)
            starting = starting_cost(
                block.starts, charging, initially_on=d.initially_on
            )
            block.cost.update(starting)
        if d.bidirectional:
            self._give(block, horizon, on)
        self.departures.declare(block, horizon)
        build = self._store if self.stores else self._fill
        self.departures.build(block, horizon, build(block, horizon), on)

    def _fill(self, block: Block, horizon: Horizon) -> Stored:
        """Sum up what is stored: without discharging no state is needed."""
        given, stays = block.given, self.stays(horizon)

        def stored(place: int, steps: int) -> Expression:
            drawn_kw = pyo.quicksum(block.charge[t] for t in stays[place][:steps])
            return given.stored_per_charged * (horizon.hours * drawn_kw)

        @block.Constraint(self._full(horizon))
        def not_over_full(b: Block, place: int) -> Expression:
            # dt eta sum power[t] ≤ E_max
            del b
            full_kwh = given.highest_kwh[stays[place].start]
            return stored(place, len(stays[place])) <= full_kwh

        return stored

    def _store(self, block: Block, horizon: Horizon) -> Stored:
        given, stays = block.given, self.stays(horizon)
        block.energy = bounded(list(block.charge), given.lowest_kwh, given.highest_kwh)
        arrived = self._arrivals(block, stays)
        first = {steps.start: arrived[place] for place, steps in enumerate(stays)}

        @block.Constraint(list(block.charge))
        def storage(b: Block, t: int) -> Expression:
            before = first[t] if t in first else b.energy[t - 1]
            gain = given.stored_per_charged * b.charge[t]
            if self.device.bidirectional:
                gain -= given.taken_per_discharged * b.discharge[t]
            # E[t+1] = E[t] + dt (eta charge - discharge / eta_d)
            return b.energy[t] == before + horizon.hours * gain

        def stored(place: int, steps: int) -> Expression:
            if not steps:
                return 0.0
            return block.energy[stays[place][steps - 1]] - arrived[place]

        return stored

    def _arrivals(self, block: Block, stays: Sequence[range]) -> list[Expression]:
        """Return the energy at each arrival; keep enough for each trip."""
        given, short = block.given, block.trips.slack
        if self.device.vehicle is None:
            return [0.0] * len(stays)
        arrived, left = [given.initial_kwh], []
        for place, steps in enumerate(stays):
            left.append(block.energy[steps[-1]] if steps else arrived[-1])
            arrived.append(left[-1] - given.trip_kwh[place] + short[place])

        @block.Constraint(range(len(stays)))
        def trip(b: Block, place: int) -> Expression:
            del b
            # E at departure ≥ E_min + trip - missing
            return left[place] + short[place] >= given.left_kwh[place]

        return arrived[:-1]

    def _give(
        self, block: Block, horizon: Horizon, charging: Mapping[int, Expression]
    ) -> None:
        given, plugged = block.given, list(block.charge)
        block.discharge = bounded(plugged, 0.0, given.most_given_kw)
        block.feed = dict(block.discharge.items())
        block.power = {t: block.charge[t] - block.discharge[t] for t in plugged}
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
        block.cost["wear"] = given.wear_per_kwh * given_kwh

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

    def softs(self, block: Block, horizon: Horizon) -> Sequence[Soft]:
        """Return the departures."""
        return self.departures.softs(block, horizon)
