"""Orders meet what really happened: one step of the home.

A battery keeps its levels on the real load; a car and a heat pump draw what was
ordered, within what the car still takes; a car that gives back gives what was ordered,
within what it may lend. Limits are enforced at the end, as dispatch does it: batteries
give way first, then cars, then heat pumps; above an export limit a car gives less, a
battery stores and a roof is curtailed.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
import math

from cem_core.model import Direction, Scope
from optimizer.backtest.levels import Levels
from optimizer.backtest.orders import Orders
from optimizer.backtest.playable import cop_column
from optimizer.backtest.record import Record
from optimizer.backtest.state import StateOfHome
from optimizer.components import appliance as appliance_component
from optimizer.home import (
    Appliance,
    Battery,
    Column,
    EvCharger,
    HeatPump,
    Session,
    Solar,
)

_SOME_KW = 1e-9


@dataclass(slots=True, kw_only=True)
class Step:
    """What flowed in one step; ``power_kw`` by device, into it (a roof: out)."""

    import_kw: float = 0.0
    export_kw: float = 0.0
    power_kw: dict[str, float] = field(default_factory=dict)
    energy: dict[str, float] = field(default_factory=dict)
    wear: float = 0.0
    comfort: float = 0.0
    over_limit_kw: float = 0.0


class Player:
    """Plays a record step by step; the state is changed in place."""

    def __init__(self, record: Record, state: StateOfHome) -> None:
        """Begin with ``state``."""
        self.record, self.state = record, state
        self.hours = record.hours
        home = record.home
        self.batteries = [d for d in home.devices if isinstance(d, Battery)]
        self.cars = [d for d in home.devices if isinstance(d, EvCharger)]
        self.pumps = [d for d in home.devices if isinstance(d, HeatPump)]
        self.roofs = [d for d in home.devices if isinstance(d, Solar)]
        self.appliances = [d for d in home.devices if isinstance(d, Appliance)]
        self.flexible: list[EvCharger | HeatPump] = [*self.cars, *self.pumps]
        self._profiles = {
            d.id: appliance_component.Appliance(device=d).profile_kw(record.whole, 0)
            for d in self.appliances
        }
        self._stays = {d.id: _by_step(d, record) for d in self.cars}
        self._limits = [
            (limit, record.whole.touching(limit.start, limit.end))
            for limit in home.limits
        ]

    def session(self, car: EvCharger, t: int) -> Session | None:
        """Return the stay that step ``t`` lies wholly in."""
        return self._stays[car.id].get(t)

    def fixed_kw(self, t: int) -> float:
        """Return what nobody can change in step ``t``: load and running appliances."""
        return float(self.record.columns[Column.LOAD][t]) + sum(
            self.appliance_kw(d, t) for d in self.appliances
        )

    def appliance_kw(self, device: Appliance, t: int) -> float:
        """Return the power of an appliance whose run has begun."""
        begun = self.state.run_start.get(device.id)
        profile = self._profiles[device.id]
        if begun is None or not 0 <= t - begun < len(profile):
            return 0.0
        return float(profile[t - begun])

    def limit_kw(self, direction: Direction, scope: Scope, t: int) -> float:
        """Return the lowest limit in force in step ``t``."""
        grid = self.record.home.grid
        connection = (
            grid.import_limit_kw
            if direction is Direction.IMPORT
            else grid.export_limit_kw
        )
        lowest = math.inf
        if scope is Scope.CONNECTION and connection is not None:
            lowest = connection
        for limit, steps in self._limits:
            if t in steps and (limit.direction, limit.scope) == (direction, scope):
                lowest = min(lowest, math.inf if (kw := limit.limit_kw) is None else kw)
        return lowest

    def step(self, t: int, orders: Orders) -> Step:
        """Carry ``orders`` out in step ``t`` and go on to the next."""
        for device in self.appliances:
            if device.id in orders.starts and device.id not in self.state.run_start:
                self.state.run_start[device.id] = t
        flows = _Flows(self, t)
        flows.consumers(orders)
        flows.batteries(orders)
        flows.keep_import()
        flows.keep_export(orders)
        return self._settle(t, flows)

    def _settle(self, t: int, flows: _Flows) -> Step:
        state, hours = self.state, self.hours
        done = Step(power_kw=flows.power_kw)
        net = flows.net_kw
        done.import_kw, done.export_kw = max(net, 0.0), max(-net, 0.0)
        done.over_limit_kw = flows.over_kw()
        for battery in self.batteries:
            power = flows.power_kw[battery.id]
            if power > 0:
                gained = battery.charge_efficiency * power
            else:
                gained = power / battery.discharge_efficiency
                done.wear -= battery.wear_per_kwh * power * hours
            kept = state.battery_kwh[battery.id] + hours * gained
            state.battery_kwh[battery.id] = min(kept, battery.capacity_kwh)
            done.energy[battery.id] = state.battery_kwh[battery.id]
        for car in self.cars:
            if self.session(car, t) is None:
                state.car_kwh[car.id] = 0.0
            else:
                power = flows.power_kw[car.id]
                if power > 0:
                    gained = car.efficiency * power
                else:
                    gained = power * car.taken_out_per_kwh
                    done.wear -= car.wear_per_kwh * power * hours
                kept = state.car_kwh.get(car.id, 0.0) + hours * gained
                state.car_kwh[car.id] = kept
            done.energy[car.id] = state.car_kwh[car.id]
        for pump in self.pumps:
            self._warm(pump, t, flows.power_kw[pump.id], done)
        return done

    def _warm(self, pump: HeatPump, t: int, power_kw: float, done: Step) -> None:
        columns, thermal = self.record.columns, pump.thermal
        after = self.idle_c(pump, t) + (
            self.hours
            / thermal.capacitance_kwh_per_k
            * float(columns[cop_column(pump)][t])
            * power_kw
        )
        self.state.indoor_c[pump.id] = done.energy[pump.id] = after
        too_cold = float(columns[pump.comfort.min_series][t]) - after
        too_warm = after - float(columns[pump.comfort.max_series][t])
        violation = max(too_cold, 0.0) + max(too_warm, 0.0)
        done.comfort += pump.comfort.violation_per_kelvin_hour * self.hours * violation

    def idle_c(self, pump: HeatPump, t: int) -> float:
        """Return the indoor temperature at the step's end without heating."""
        columns, thermal = self.record.columns, pump.thermal
        before = self.state.indoor_c[pump.id]
        gains = thermal.gains_series
        free = 0.0 if gains is None else float(columns[gains][t])
        lost = (
            before - float(columns[Column.OUTDOOR][t])
        ) / thermal.resistance_k_per_kw
        return before + self.hours / thermal.capacitance_kwh_per_k * (free - lost)


class _Flows:
    """The powers of one step while they are being settled."""

    def __init__(self, player: Player, t: int) -> None:
        self.player, self.t = player, t
        self.power_kw: dict[str, float] = {}
        self.fixed_kw = player.fixed_kw(t)
        for device in player.appliances:
            self.power_kw[device.id] = player.appliance_kw(device, t)
        for roof in player.roofs:
            self.power_kw[roof.id] = float(player.record.columns[roof.series][t])

    def _sum(self, devices: Iterator[str]) -> float:
        return sum(self.power_kw.get(name, 0.0) for name in devices)

    @property
    def produced_kw(self) -> float:
        return self._sum(d.id for d in self.player.roofs)

    @property
    def flexible_kw(self) -> float:
        return self._sum(d.id for d in self.player.flexible)

    @property
    def stored_kw(self) -> float:
        return self._sum(d.id for d in self.player.batteries)

    @property
    def drawn_kw(self) -> float:
        """What the devices draw that count as controllable."""
        devices = (
            *self.player.batteries,
            *self.player.flexible,
            *self.player.appliances,
        )
        return sum(max(self.power_kw[d.id], 0.0) for d in devices if d.controllable)

    @property
    def net_kw(self) -> float:
        return self.fixed_kw + self.flexible_kw + self.stored_kw - self.produced_kw

    def consumers(self, orders: Orders) -> None:
        """Let heat pumps and cars draw what was ordered."""
        player = self.player
        for pump in player.pumps:
            asked = orders.power_kw.get(pump.id, 0.0)
            self.power_kw[pump.id] = min(max(asked, 0.0), pump.max_power_kw)
        for car in player.cars:
            self.power_kw[car.id] = 0.0
            session = player.session(car, self.t)
            if session is None:
                continue
            asked = orders.power_kw.get(car.id, 0.0)
            if asked < 0:
                self.power_kw[car.id] = -self._given_kw(car, session, -asked)
                continue
            if car.id in orders.on_surplus:
                asked = max(asked, -self.net_kw)
            still = session.energy_kwh - player.state.car_kwh.get(car.id, 0.0)
            takes = max(still, 0.0) / (car.efficiency * player.hours)
            least = car.min_power_kw
            asked = min(
                asked, car.max_power_kw, max(takes, least if takes > 0 else 0.0)
            )
            if takes > 0 and asked > _SOME_KW and asked >= least * (1 - 1e-6):
                self.power_kw[car.id] = asked

    def _given_kw(self, car: EvCharger, session: Session, asked_kw: float) -> float:
        """Return what a car gives of ``asked_kw``: nothing below its least power."""
        held_kwh = self.player.state.car_kwh.get(car.id, 0.0)
        lends_kwh = max(0.0, held_kwh - session.min_energy_kwh)
        lends_kw = lends_kwh / (car.taken_out_per_kwh * self.player.hours)
        given_kw = min(asked_kw, car.most_feed_kw, lends_kw)
        least_kw = min(car.min_power_kw, car.most_feed_kw)
        return given_kw if given_kw >= least_kw * (1 - 1e-6) else 0.0

    def batteries(self, orders: Orders) -> None:
        """Let each battery keep its levels, the first one first."""
        for battery in self.player.batteries:
            levels = orders.levels.get(battery.id, Levels())
            power = levels.power_kw(
                battery,
                self.player.state.battery_kwh[battery.id],
                self.net_kw,
                self.player.hours,
            )
            self.power_kw[battery.id] = float(power)

    def keep_import(self) -> None:
        """Bring import and controllable consumption under their limits."""
        import_kw = self.player.limit_kw(Direction.IMPORT, Scope.CONNECTION, self.t)
        draw_kw = self.player.limit_kw(Direction.IMPORT, Scope.CONTROLLABLE, self.t)
        self._reduce(max(self.drawn_kw - draw_kw, 0.0), discharge=False)
        self._reduce(max(self.net_kw - import_kw, 0.0), discharge=True)

    def _reduce(self, excess_kw: float, *, discharge: bool) -> None:
        player = self.player
        for battery in player.batteries:
            if excess_kw <= _SOME_KW:
                return
            if not (discharge or battery.controllable):
                continue
            before = self.power_kw[battery.id]
            least = min(before, 0.0)
            if discharge:
                left = (
                    player.state.battery_kwh[battery.id] - battery.min_energy_kwh
                ) * battery.discharge_efficiency
                least = -min(battery.discharge_limit_kw, max(left, 0.0) / player.hours)
            after = max(before - excess_kw, min(least, before))
            self.power_kw[battery.id] = after
            excess_kw -= before - after
        for device in player.flexible:
            if excess_kw <= _SOME_KW:
                return
            if not (discharge or device.controllable):
                continue
            before = self.power_kw[device.id]
            after = max(before - excess_kw, min(before, 0.0))
            if (
                before > 0
                and isinstance(device, EvCharger)
                and after < device.min_power_kw
            ):
                after = 0.0
            self.power_kw[device.id] = after
            excess_kw -= before - after

    def keep_export(self, orders: Orders) -> None:
        """Bring export under its limit, and under what was ordered."""
        limit_kw = self.player.limit_kw(Direction.EXPORT, Scope.CONNECTION, self.t)
        excess_kw = -self.net_kw - limit_kw
        for car in self.player.cars:
            before = self.power_kw[car.id]
            if before < 0 and excess_kw > _SOME_KW:
                after = min(before + excess_kw, 0.0)
                least_kw = min(car.min_power_kw, car.most_feed_kw)
                self.power_kw[car.id] = after if -after >= least_kw else 0.0
                excess_kw -= self.power_kw[car.id] - before
        for battery in self.player.batteries:
            if excess_kw <= _SOME_KW:
                break
            levels = Levels(store_kwh=battery.capacity_kwh)
            most = levels.power_kw(
                battery,
                self.player.state.battery_kwh[battery.id],
                -math.inf,
                self.player.hours,
            )
            before = self.power_kw[battery.id]
            self.power_kw[battery.id] = min(
                before + excess_kw, max(float(most), before)
            )
            excess_kw -= self.power_kw[battery.id] - before
        if orders.export_at_most_kw is not None:
            limit_kw = min(limit_kw, orders.export_at_most_kw)
        excess_kw = -self.net_kw - limit_kw
        for roof in self.player.roofs:
            if roof.curtailable and excess_kw > _SOME_KW:
                before = self.power_kw[roof.id]
                self.power_kw[roof.id] = max(before - excess_kw, 0.0)
                excess_kw -= before - self.power_kw[roof.id]

    def over_kw(self) -> float:
        """Return by how much a limit is broken all the same."""
        player, t = self.player, self.t
        over = (
            self.net_kw - player.limit_kw(Direction.IMPORT, Scope.CONNECTION, t),
            -self.net_kw - player.limit_kw(Direction.EXPORT, Scope.CONNECTION, t),
            self.drawn_kw - player.limit_kw(Direction.IMPORT, Scope.CONTROLLABLE, t),
        )
        return max(0.0, *over)


def _by_step(car: EvCharger, record: Record) -> dict[int, Session]:
    return {
        t: session
        for session in car.sessions
        for t in record.whole.inside(session.arrive, session.depart)
    }
