"""A store of electricity.

    (energy[t+1] - kept[t] energy[t]) / dt[t] = eta_c charge[t] - discharge[t] / eta_d

Energy is at the end of each step, powers are at the terminals on the home's side;
kept = 1 - dt self-discharge.
"""

from collections.abc import Hashable, Mapping, Sequence, Set as AbstractSet
from dataclasses import dataclass

import numpy as np

from cem_core.model import Message
from optimizer import home, words as pyo
from optimizer.component import Block, Data, Expression, Rank, Soft, bounded, slack
from optimizer.directions import Directions
from optimizer.horizon import Horizon, PerStep
from optimizer.losses import part_data, split
from optimizer.wished_energy import wished_kwh


@dataclass(frozen=True, slots=True, kw_only=True)
class Battery:
    """Charging and discharging are kept apart by a binary in ``exclusive`` steps.

    Elsewhere losing energy costs money, so that no plan does both at once.
    ``most_charge_kw`` is its limit, less where it has to wait for a surplus.
    """

    device: home.Battery
    most_charge_kw: PerStep
    exclusive: AbstractSet[int] = frozenset()

    @property
    def name(self) -> str:
        """The device's name."""
        return self.device.id

    @property
    def valued(self) -> bool:
        """Whether energy is worth something at the end."""
        return self.device.end_value_per_kwh > 0

    @property
    def always_kwh(self) -> float:
        """What it is not to fall below at any time."""
        return max(self.device.min_energy_kwh, self.device.reserve_kwh)

    @property
    def final_kwh(self) -> float:
        """What it is not to end below."""
        asked = self.device.final_energy_kwh
        return self.always_kwh if asked is None else max(self.always_kwh, asked)

    def _kept(self, horizon: Horizon) -> range:
        """Return the steps whose energy may have to give way.

        A bound keeps the minimum, unless it is found below it, loses energy of
        itself, or keeps a reserve or a target on top.
        """
        d, last = self.device, horizon.steps - 1
        bound = (
            d.initial_energy_kwh >= d.min_energy_kwh >= d.reserve_kwh
            and not d.self_discharge_per_hour
            and not d.targets
        )
        return range(last if bound else 0, last + 1)

    @property
    def directions(self) -> Directions:
        """How it changes between charging and giving."""
        return Directions(device=self.device, most_charge_kw=self.most_charge_kw)

    def days(self, horizon: Horizon) -> tuple[tuple[int, ...], ...]:
        """Return the steps of each local day on which its cycles are limited."""
        found: dict[str, list[int]] = {}
        if self.device.max_cycles_per_day is not None:
            for t, time in enumerate(horizon.times):
                found.setdefault(f"{horizon.local(time):%F}", []).append(t)
        return tuple(map(tuple, found.values()))

    def structure(self, horizon: Horizon) -> Hashable:
        """Return the steps with a binary, and what is asked of its energy."""
        d = self.device
        asked = self._kept(horizon), self.days(horizon)
        losses = len(d.charge_losses), len(d.discharge_losses)
        ways = self.directions.structure(horizon)
        return frozenset(self.exclusive), self.valued, asked, losses, ways

    def data(self, horizon: Horizon) -> Data:
        """Return limits, losses, energies and prices."""
        d, cycles = self.device, self.device.max_cycles_per_day
        per_hour = 1 / horizon.hours
        kept_per_hour = per_hour - d.self_discharge_per_hour
        kept = horizon.hours * kept_per_hour
        least_kwh = wished_kwh(d.targets, self.always_kwh, horizon)
        least_kwh[-1] = max(least_kwh[-1], self.final_kwh)
        # One that cannot charge sinks below its minimum by what it loses of itself.
        lowest_kwh = min(d.min_energy_kwh, d.initial_energy_kwh)
        return {
            "most_charge_kw": self.most_charge_kw,
            "discharge_limit_kw": d.discharge_limit_kw,
            "lowest_kwh": lowest_kwh * np.cumprod(kept),
            "capacity_kwh": d.capacity_kwh,
            "hours": horizon.hours,
            "per_hour": per_hour,
            "kept_per_hour": kept_per_hour,
            "initial_kw": kept_per_hour[0] * d.initial_energy_kwh,
            "least_kwh": least_kwh[self._kept(horizon).start :],
            "always_kwh": self.always_kwh,
            "spare_at_start_kwh": max(d.initial_energy_kwh - self.always_kwh, 0.0),
            "room_at_start_kwh": max(d.capacity_kwh - d.initial_energy_kwh, 0.0),
            "stored_per_charged": d.charge_efficiency,
            "taken_per_discharged": 1 / d.discharge_efficiency,
            **part_data(d.charge_losses, "charge"),
            **part_data(d.discharge_losses, "discharge"),
            **self.directions.data(horizon),
            "standby_kw": d.standby_kw,
            "most_given_kwh": 0.0 if cycles is None else cycles * d.capacity_kwh,
            "wear_per_kw": d.wear_per_kwh * horizon.hours,
            "end_value_per_kwh": d.end_value_per_kwh,
            "worthless": d.end_value_per_kwh * d.min_energy_kwh,
        }

    def build(self, block: Block, horizon: Horizon) -> None:
        """Put the store on ``block``."""
        given, index = block.given, list(horizon.index)
        block.charge = bounded(index, 0.0, given.most_charge_kw)
        block.discharge = bounded(index, 0.0, given.discharge_limit_kw)
        block.energy = bounded(index, given.lowest_kwh, given.capacity_kwh)
        block.draw = dict(block.charge.items())
        block.most_draw = dict(given.most_charge_kw.items())
        block.feed = dict(block.discharge.items())
        block.power = {
            t: block.charge[t] - block.discharge[t] + given.standby_kw for t in index
        }
        stored_kw, taken_kw = self._stored(block), self._taken(block)

        @block.Constraint(index)
        def storage(b: Block, t: int) -> Expression:
            before = given.initial_kw
            if t:
                before = given.kept_per_hour[t] * b.energy[t - 1]
            # E[t+1] / dt = kept E[t] / dt + eta_c charge - discharge / eta_d
            return given.per_hour[t] * b.energy[t] == (
                before + stored_kw[t] - taken_kw[t]
            )

        self._keep_apart(block)
        self._keep_reserve(block, horizon)
        self._tell_what_is_left(block)
        self._spare(block, horizon)
        block.cost = {
            "wear": pyo.quicksum(
                given.wear_per_kw[t] * block.discharge[t] for t in index
            )
        }
        powers = block.charge, block.discharge
        block.cost |= self.directions.build(block, horizon, powers)
        if self.valued:
            value = given.end_value_per_kwh * block.energy[index[-1]] - given.worthless
            block.cost["end_value"] = -value

    def _stored(self, block: Block) -> Mapping[int, Expression]:
        """Return what of the charge reaches the store."""
        given = block.given
        if not self.device.charge_losses:
            stored = given.stored_per_charged
            return {t: stored * charge for t, charge in block.charge.items()}
        block.charge_parts = pyo.Block()
        parts = split(block.charge_parts, block.charge, "charge", self.exclusive)
        return {t: _weighed(given.charge_efficiency, part) for t, part in parts.items()}

    def _taken(self, block: Block) -> Mapping[int, Expression]:
        """Return what leaves the store for the discharge."""
        given = block.given
        if not self.device.discharge_losses:
            taken = given.taken_per_discharged
            return {t: taken * given_kw for t, given_kw in block.discharge.items()}
        block.discharge_parts = pyo.Block()
        name, apart = "discharge", self.exclusive
        parts = split(block.discharge_parts, block.discharge, name, apart)
        factor = given.discharge_per_efficiency
        return {t: _weighed(factor, part) for t, part in parts.items()}

    def _keep_apart(self, block: Block) -> None:
        steps, given = sorted(self.exclusive), block.given
        block.charging = pyo.Var(steps, domain=pyo.Binary)

        @block.Constraint(steps)
        def charge_only(b: Block, t: int) -> Expression:
            # charge[t] ≤ most_charge[t] z[t]
            return b.charge[t] <= given.most_charge_kw[t] * b.charging[t]

        @block.Constraint(steps)
        def discharge_only(b: Block, t: int) -> Expression:
            # discharge[t] ≤ discharge_limit (1 - z[t])
            return b.discharge[t] <= given.discharge_limit_kw * (1 - b.charging[t])

    def _keep_reserve(self, block: Block, horizon: Horizon) -> None:
        kept = self._kept(horizon)
        below = slack(block, kept)

        @block.Constraint(list(kept))
        def reserve(b: Block, t: int) -> Expression:
            # E[t] ≥ max(E_min, E_reserve), E[T] ≥ E_final
            return b.energy[t] + below[t] >= b.given.least_kwh[t - kept.start]

    def _tell_what_is_left(self, block: Block) -> None:
        given, below, targets = block.given, block.slack, self.device.targets

        def spare_kwh(t: int) -> Expression:
            if t < 0:
                return given.spare_at_start_kwh
            # What may give way of the reserve is not there for others.
            whole = len(below) == len(block.energy)
            least_kwh = given.least_kwh[t] if targets else given.always_kwh
            return block.energy[t] + (below[t] if whole else 0.0) - least_kwh

        def room_kwh(t: int) -> Expression:
            return (
                given.room_at_start_kwh
                if t < 0
                else given.capacity_kwh - block.energy[t]
            )

        block.spare_kwh, block.room_kwh = spare_kwh, room_kwh

    def _spare(self, block: Block, horizon: Horizon) -> None:
        days = self.days(horizon)

        @block.Constraint(range(len(days)))
        def cycles_a_day(b: Block, day: int) -> Expression:
            # sum of dt discharge[t] in a local day ≤ cycles capacity
            given_kwh = pyo.quicksum(
                b.given.hours[t] * b.discharge[t] for t in days[day]
            )
            return given_kwh <= b.given.most_given_kwh

    def softs(self, block: Block, horizon: Horizon) -> Sequence[Soft]:
        """Return the energy at the end, and the least one where no bound keeps it."""
        kept = self._kept(horizon)
        targets = (target.energy_kwh for target in self.device.targets)
        most_kwh = max([self.always_kwh, *targets])
        found = [
            *self.directions.softs(block, horizon),
            Soft(
                rank=Rank.RESERVE,
                constraint=f"{self.name} energy at the end",
                unit="kWh",
                message=lambda by: Message.of(
                    "battery_ends_below",
                    device=self.name,
                    by_kwh=by,
                    least_kwh=self.final_kwh,
                ),
                slack=[block.slack[kept[-1]]],
            ),
        ]
        if len(kept) > 1:
            found.append(
                Soft(
                    rank=Rank.RESERVE,
                    constraint=f"{self.name} least energy",
                    unit="kWh",
                    message=lambda by: Message.of(
                        "battery_is_below",
                        device=self.name,
                        by_kwh=by,
                        least_kwh=most_kwh,
                    ),
                    slack=[block.slack[t] for t in kept[:-1]],
                    kwh_per_slack=[block.given.hours[t] for t in kept[:-1]],
                )
            )
        return found


def _weighed(
    factor: Mapping[int, Expression], parts: Sequence[Expression]
) -> Expression:
    return pyo.quicksum(factor[s] * part for s, part in enumerate(parts))
