"""A store of electricity.

    energy[t+1] = (1 - dt loss) energy[t] + dt (eta_c charge[t] - discharge[t] / eta_d)

Energy is at the end of each step, powers are at the terminals on the home's side.
"""

from collections.abc import Mapping, Sequence, Set as AbstractSet
from dataclasses import dataclass

import pyomo.environ as pyo

from optimizer import home
from optimizer.component import Block, Expression, Rank, Soft, slack
from optimizer.horizon import Horizon, PerStep


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

    def build(self, block: Block, horizon: Horizon) -> None:
        """Put the store on ``block``."""
        d, index = self.device, list(horizon.index)
        kept = 1 - horizon.hours * d.self_discharge_per_hour
        block.charge = pyo.Var(
            index, bounds=lambda _, t: (0, float(self.most_charge_kw[t]))
        )
        block.discharge = pyo.Var(index, bounds=(0, d.discharge_limit_kw))
        # Found below its minimum it is brought back to it by `reserve`; one that
        # cannot charge sinks below it by what it loses of itself.
        least_kwh = min(d.min_energy_kwh, d.initial_energy_kwh)
        block.energy = pyo.Var(
            index, bounds=lambda _, t: (least_kwh * kept ** (t + 1), d.capacity_kwh)
        )
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
            # E[t+1] = (1 - dt loss) E[t] + dt (eta_c charge - discharge / eta_d)
            return b.energy[t] == kept * before + horizon.hours * gain

        self._keep_apart(block)
        self._spare(block, horizon)
        self._keep_reserve(block, horizon)
        given_kwh = horizon.hours * pyo.quicksum(block.discharge.values())
        block.cost = {"wear": d.wear_per_kwh * given_kwh}
        if d.end_value_per_kwh:
            left_kwh = block.energy[index[-1]] - d.min_energy_kwh
            block.cost["end_value"] = -d.end_value_per_kwh * left_kwh

    def _keep_apart(self, block: Block) -> None:
        steps = sorted(self.exclusive)
        block.charging = pyo.Var(steps, domain=pyo.Binary)

        @block.Constraint(steps)
        def charge_only(b: Block, t: int) -> Expression:
            # charge[t] ≤ most_charge[t] z[t]
            return b.charge[t] <= float(self.most_charge_kw[t]) * b.charging[t]

        @block.Constraint(steps)
        def discharge_only(b: Block, t: int) -> Expression:
            # discharge[t] ≤ discharge_limit (1 - z[t])
            return b.discharge[t] <= self.device.discharge_limit_kw * (
                1 - b.charging[t]
            )

    def _spare(self, block: Block, horizon: Horizon) -> None:
        cycles = self.device.max_cycles_per_day
        if cycles is None:
            return
        most_kwh = cycles * self.device.capacity_kwh
        days: dict[str, list[int]] = {}
        for t, time in enumerate(horizon.times):
            days.setdefault(f"{horizon.local(time):%F}", []).append(t)

        @block.Constraint(list(days))
        def cycles_a_day(b: Block, day: str) -> Expression:
            # dt sum of discharge[t] in a local day ≤ cycles capacity
            given_kw = pyo.quicksum(b.discharge[t] for t in days[day])
            return horizon.hours * given_kw <= most_kwh

    def _least(self, horizon: Horizon) -> Mapping[int, float]:
        """Return the energies to keep at the ends of steps, where bounds do not."""
        d, last = self.device, horizon.steps - 1
        always = max(d.min_energy_kwh, d.reserve_kwh)
        final_kwh = 0.0 if d.final_energy_kwh is None else d.final_energy_kwh
        least = {last: max(always, final_kwh)}
        bound_holds = (
            d.initial_energy_kwh >= d.min_energy_kwh >= d.reserve_kwh
            and not d.self_discharge_per_hour
        )
        if not bound_holds:
            least |= dict.fromkeys(range(last), always)
        return least

    def _keep_reserve(self, block: Block, horizon: Horizon) -> None:
        least, last = self._least(horizon), horizon.steps - 1
        below = slack(block, sorted(least))

        @block.Constraint(sorted(least))
        def reserve(b: Block, t: int) -> Expression:
            # E[t] ≥ max(E_min, E_reserve), E[T] ≥ E_final
            return b.energy[t] + below[t] >= least[t]

        block.soft = [
            Soft(
                rank=Rank.RESERVE,
                constraint=f"{self.name} energy at the end",
                unit="kWh",
                text=f"{self.name} ends {{by}} below {least[last]:g} kWh",
                slack=[below[last]],
            ),
            *self._least_energy(least, below, horizon),
        ]

    def _least_energy(
        self,
        least: Mapping[int, float],
        below: Mapping[int, Expression],
        horizon: Horizon,
    ) -> Sequence[Soft]:
        before = sorted(least)[:-1]
        if not before:
            return []
        return [
            Soft(
                rank=Rank.RESERVE,
                constraint=f"{self.name} least energy",
                unit="kWh",
                text=f"{self.name} is {{by}} below {least[before[0]]:g} kWh at times",
                slack=[below[t] for t in before],
                kwh_per_slack=horizon.hours,
            )
        ]
