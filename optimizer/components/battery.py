"""A store of electricity.

    energy[t+1] = energy[t] + dt (eta_c charge[t] - discharge[t] / eta_d)

Energy is at the end of each step, powers are at the terminals on the home's side.
"""

from collections.abc import Hashable, Sequence, Set as AbstractSet
from dataclasses import dataclass

import pyomo.environ as pyo

from cem_core.model import Message
from optimizer import home
from optimizer.component import Block, Data, Expression, Rank, Soft, bounded, slack
from optimizer.horizon import Horizon


@dataclass(frozen=True, slots=True, kw_only=True)
class Battery:
    """Charging and discharging are kept apart by a binary in ``exclusive`` steps.

    Elsewhere losing energy costs money, so that no plan does both at once.
    """

    device: home.Battery
    exclusive: AbstractSet[int] = frozenset()

    @property
    def name(self) -> str:
        """The device's name."""
        return self.device.id

    @property
    def low(self) -> bool:
        """Whether it is found below its minimum, to which `reserve` brings it back."""
        return self.device.initial_energy_kwh < self.device.min_energy_kwh

    @property
    def valued(self) -> bool:
        """Whether energy is worth something at the end."""
        return self.device.end_value_per_kwh > 0

    def structure(self, horizon: Horizon) -> Hashable:
        """Return the steps with a binary, and what is asked of its energy."""
        del horizon
        return frozenset(self.exclusive), self.low, self.valued

    def data(self, horizon: Horizon) -> Data:
        """Return limits, losses, energies and prices."""
        d, last = self.device, horizon.steps - 1
        least = dict.fromkeys(self._kept(horizon), d.min_energy_kwh)
        least[last] = max(d.min_energy_kwh, d.final_energy_kwh or 0.0)
        return {
            "charge_limit_kw": d.charge_limit_kw,
            "discharge_limit_kw": d.discharge_limit_kw,
            "lowest_kwh": min(d.min_energy_kwh, d.initial_energy_kwh),
            "capacity_kwh": d.capacity_kwh,
            "initial_kwh": d.initial_energy_kwh,
            "least_kwh": list(least.values()),
            "stored_per_charged": d.charge_efficiency,
            "taken_per_discharged": 1 / d.discharge_efficiency,
            "wear_per_kwh": d.wear_per_kwh,
            "end_value_per_kwh": d.end_value_per_kwh,
            "worthless": d.end_value_per_kwh * d.min_energy_kwh,
        }

    def _kept(self, horizon: Horizon) -> range:
        last = horizon.steps - 1
        return range(0 if self.low else last, last + 1)

    def build(self, block: Block, horizon: Horizon) -> None:
        """Put the store on ``block``."""
        given, index = block.given, list(horizon.index)
        block.charge = bounded(index, 0.0, given.charge_limit_kw)
        block.discharge = bounded(index, 0.0, given.discharge_limit_kw)
        block.energy = bounded(index, given.lowest_kwh, given.capacity_kwh)
        block.draw = dict(block.charge.items())
        block.feed = dict(block.discharge.items())
        block.power = {t: block.charge[t] - block.discharge[t] for t in index}

        @block.Constraint(index)
        def storage(b: Block, t: int) -> Expression:
            before = b.energy[t - 1] if t else given.initial_kwh
            gain = (
                given.stored_per_charged * b.charge[t]
                - given.taken_per_discharged * b.discharge[t]
            )
            # E[t+1] = E[t] + dt (eta_c charge - discharge / eta_d)
            return b.energy[t] == before + horizon.hours * gain

        self._keep_apart(block)
        self._keep_reserve(block, horizon)
        given_kwh = horizon.hours * pyo.quicksum(block.discharge.values())
        block.cost = {"wear": given.wear_per_kwh * given_kwh}
        if self.valued:
            value = given.end_value_per_kwh * block.energy[index[-1]] - given.worthless
            block.cost["end_value"] = -value

    def _keep_apart(self, block: Block) -> None:
        steps, given = sorted(self.exclusive), block.given
        block.charging = pyo.Var(steps, domain=pyo.Binary)

        @block.Constraint(steps)
        def charge_only(b: Block, t: int) -> Expression:
            # charge[t] ≤ charge_limit z[t]
            return b.charge[t] <= given.charge_limit_kw * b.charging[t]

        @block.Constraint(steps)
        def discharge_only(b: Block, t: int) -> Expression:
            # discharge[t] ≤ discharge_limit (1 - z[t])
            return b.discharge[t] <= given.discharge_limit_kw * (1 - b.charging[t])

    def _keep_reserve(self, block: Block, horizon: Horizon) -> None:
        kept = self._kept(horizon)
        below = slack(block, kept)

        @block.Constraint(list(kept))
        def reserve(b: Block, t: int) -> Expression:
            # E[t] ≥ E_min, E[T] ≥ E_final
            return b.energy[t] + below[t] >= b.given.least_kwh[t - kept.start]

    def softs(self, block: Block, horizon: Horizon) -> Sequence[Soft]:
        """Return the energy at the end, and the least one where it starts lower."""
        d, last = self.device, horizon.steps - 1
        final_kwh = max(d.min_energy_kwh, d.final_energy_kwh or 0.0)
        found = [
            Soft(
                rank=Rank.RESERVE,
                constraint=f"{self.name} energy at the end",
                unit="kWh",
                message=lambda by: Message.of(
                    "battery_ends_below",
                    device=self.name,
                    by_kwh=by,
                    least_kwh=final_kwh,
                ),
                slack=[block.slack[last]],
            )
        ]
        if self.low and last:
            found.append(
                Soft(
                    rank=Rank.RESERVE,
                    constraint=f"{self.name} least energy",
                    unit="kWh",
                    message=lambda by: Message.of(
                        "battery_is_below",
                        device=self.name,
                        by_kwh=by,
                        least_kwh=d.min_energy_kwh,
                    ),
                    slack=[block.slack[t] for t in range(last)],
                    kwh_per_slack=horizon.hours,
                )
            )
        return found
