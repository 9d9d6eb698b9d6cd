"""A store of electricity.

    energy[t+1] = energy[t] + dt (eta_c charge[t] - discharge[t] / eta_d)

Energy is at the end of each step, powers are at the terminals on the home's side.
"""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import pyomo.environ as pyo

from cem_core.model import Message
from optimizer import home
from optimizer.component import Block, Expression, Rank, Soft, slack
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

    def build(self, block: Block, horizon: Horizon) -> None:
        """Put the store on ``block``."""
        d, index = self.device, list(horizon.index)
        block.charge = pyo.Var(index, bounds=(0, d.charge_limit_kw))
        block.discharge = pyo.Var(index, bounds=(0, d.discharge_limit_kw))
        block.energy = pyo.Var(index, bounds=self._energy_bounds)
        block.draw = dict(block.charge.items())
        block.feed = dict(block.discharge.items())
        block.power = {t: block.charge[t] - block.discharge[t] for t in index}

        @block.Constraint(index)
        def storage(b: Block, t: int) -> Expression:
            before = b.energy[t - 1] if t else d.initial_energy_kwh
            gain = (
                d.charge_efficiency * b.charge[t]
                - b.discharge[t] / d.discharge_efficiency
            )
            # E[t+1] = E[t] + dt (eta_c charge - discharge / eta_d)
            return b.energy[t] == before + horizon.hours * gain

        self._keep_apart(block)
        self._keep_reserve(block, horizon)
        given_kwh = horizon.hours * pyo.quicksum(block.discharge.values())
        block.cost = {"wear": d.wear_per_kwh * given_kwh}
        if d.end_value_per_kwh:
            left_kwh = block.energy[index[-1]] - d.min_energy_kwh
            block.cost["end_value"] = -d.end_value_per_kwh * left_kwh

    def _energy_bounds(self, _: Block, t: int) -> tuple[float, float]:
        del t
        # A battery found below its minimum is brought back to it by `reserve`.
        least = min(self.device.min_energy_kwh, self.device.initial_energy_kwh)
        return least, self.device.capacity_kwh

    def _keep_apart(self, block: Block) -> None:
        steps = sorted(self.exclusive)
        block.charging = pyo.Var(steps, domain=pyo.Binary)

        @block.Constraint(steps)
        def charge_only(b: Block, t: int) -> Expression:
            # charge[t] ≤ charge_limit z[t]
            return b.charge[t] <= self.device.charge_limit_kw * b.charging[t]

        @block.Constraint(steps)
        def discharge_only(b: Block, t: int) -> Expression:
            # discharge[t] ≤ discharge_limit (1 - z[t])
            return b.discharge[t] <= self.device.discharge_limit_kw * (
                1 - b.charging[t]
            )

    def _keep_reserve(self, block: Block, horizon: Horizon) -> None:
        d, last = self.device, horizon.steps - 1
        least = {last: max(d.min_energy_kwh, d.final_energy_kwh or 0.0)}
        if d.initial_energy_kwh < d.min_energy_kwh:
            least |= {t: d.min_energy_kwh for t in horizon.index if t not in least}
        below = slack(block, sorted(least))

        @block.Constraint(sorted(least))
        def reserve(b: Block, t: int) -> Expression:
            # E[t] ≥ E_min, E[T] ≥ E_final
            return b.energy[t] + below[t] >= least[t]

        block.soft = [
            Soft(
                rank=Rank.RESERVE,
                constraint=f"{self.name} energy at the end",
                unit="kWh",
                message=lambda by: Message.of(
                    "battery_ends_below",
                    device=self.name,
                    by_kwh=by,
                    least_kwh=least[last],
                ),
                slack=[below[last]],
            )
        ]
        if len(least) > 1:
            block.soft.append(
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
                    slack=[below[t] for t in sorted(least)[:-1]],
                    kwh_per_slack=horizon.hours,
                )
            )
