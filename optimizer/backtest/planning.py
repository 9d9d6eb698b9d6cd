"""The plan of a policy that plans: devices by the optimiser, the battery by value.

What is switched or has to be done by a time (cars, heat pumps, appliances, several
batteries) is planned by `optimizer.optimize` on the expected values. The levels of
a single battery come from `stored_value`, which counts how uncertain load and
production are; the planned devices are then part of its load. A home with nothing
but a roof and one battery needs no other solver.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np

from cem_core.model import Direction, Scope
from optimizer.backtest.carry_out import Player
from optimizer.backtest.knowledge import View
from optimizer.backtest.levels import Levels, PlannedStep
from optimizer.backtest.orders import Orders
from optimizer.backtest.peaks import PeakWatch
from optimizer.backtest.record import Record
from optimizer.backtest.stored_value import Prospect, grid_kwh, stored_value
from optimizer.home import (
    AnyDevice,
    Appliance,
    Battery,
    Column,
    EvCharger,
    HeatPump,
    Session,
)
from optimizer.linear import SolverError
from optimizer.optimize import Options, optimize
from optimizer.series import Numbers, Table
from optimizer.structures import Structures

_END_QUANTILE = 0.25
_SOME_KW = 1e-3

type Json = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Orders for the coming steps, and the battery power that is expected."""

    orders: Sequence[Orders]
    expected_kw: Numbers
    fallback: bool = False


class Planner:
    """Plans again and again; structures are compiled once."""

    def __init__(self, record: Record, player: Player, peaks: PeakWatch) -> None:
        """Plan for ``player`` as it is at the time of each plan."""
        self._record, self._player, self._peaks = record, player, peaks
        self._structures = Structures()
        self._battery = player.batteries[0] if len(player.batteries) == 1 else None
        self._needs_solver = bool(
            player.cars
            or player.pumps
            or player.appliances
            or len(player.batteries) > 1
        )

    def plan(self, view: View, ahead: int) -> Plan | None:
        """Return orders for ``ahead`` steps; None where the solver found nothing."""
        document = self._solved(view) if self._needs_solver else None
        if self._needs_solver and document is None:
            return None
        battery = self._battery
        levels = self._levels(battery, view, document) if battery is not None else None
        orders = [
            self._orders(view, k, document, None if levels is None else levels[k])
            for k in range(ahead)
        ]
        expected_kw = np.zeros(view.steps)
        if battery is not None and levels is not None:
            net = view.net_kw.mean(axis=1) + _planned_kw(document, view.steps, battery)
            expected_kw = self._trajectory(battery, levels, net)
        elif document is not None:
            expected_kw = _all_kw(document, view.steps)
        return Plan(orders=orders, expected_kw=expected_kw)

    def _end_value(self, battery: Battery, view: View) -> Numbers:
        energies = grid_kwh(battery)
        price = view.columns[Column.IMPORT_PRICE][: view.priced]
        if view.now + view.priced >= self._record.last:
            # What is missing then is bought; what is left over is worth nothing.
            missing = np.maximum(battery.initial_energy_kwh - energies, 0.0)
            return np.asarray(-missing * price.mean())
        worth = float(np.quantile(price, _END_QUANTILE)) * battery.discharge_efficiency
        return np.asarray(max(worth, 0.0) * (energies - energies[0]))

    def _levels(
        self, battery: Battery, view: View, document: Json | None
    ) -> Sequence[Levels]:
        # Prices that are only expected say less than a value of what is left.
        known = slice(None, view.priced)
        planned = _planned_kw(document, view.steps, battery)
        import_price = view.columns[Column.IMPORT_PRICE][known]
        export_price = view.columns[Column.EXPORT_PRICE][known]
        if any(roof.curtailable for roof in self._player.roofs):
            export_price = np.maximum(export_price, 0.0)
        # Where all is known, no rare load can come.
        rare = None if view.certain else self._peaks.rare
        prospect = Prospect(
            hours=self._record.hours,
            import_price=np.maximum(import_price, export_price),
            export_price=export_price,
            net_kw=(view.net_kw + planned[:, None])[known],
            peak=self._peaks.prices(view.now, view.priced),
            rare_kw=None
            if rare is None
            else rare.net_kw(
                self._record.clock[view.now : view.now + view.priced], planned
            ),
            rare_share=0.0 if rare is None else rare.share,
            export_limit_kw=self._player.limit_kw(
                Direction.EXPORT, Scope.CONNECTION, view.now
            ),
        )
        return stored_value(battery, prospect, self._end_value(battery, view))

    def _trajectory(
        self, battery: Battery, levels: Sequence[Levels], net_kw: Numbers
    ) -> Numbers:
        hours, energy = (
            self._record.hours,
            self._player.state.battery_kwh[battery.id],
        )
        expected_kw = np.zeros(len(net_kw))
        for t, kept in enumerate(levels):
            power = float(kept.power_kw(battery, energy, float(net_kw[t]), hours))
            gained = (
                battery.charge_efficiency * power
                if power > 0
                else power / battery.discharge_efficiency
            )
            energy += hours * gained
            expected_kw[t] = power
        return expected_kw

    def _orders(
        self, view: View, k: int, document: Json | None, levels: Levels | None
    ) -> Orders:
        player = self._player
        curtail = view.columns[Column.EXPORT_PRICE][k] < 0 and any(
            roof.curtailable for roof in player.roofs
        )
        by_battery = (
            {}
            if self._battery is None or levels is None
            else {self._battery.id: levels}
        )
        if document is None:
            return Orders(levels=by_battery, export_at_most_kw=0.0 if curtail else None)
        devices = document["devices"]
        if not by_battery:
            by_battery = {
                b.id: self._from_plan(b, devices[b.id], k) for b in player.batteries
            }
        return Orders(
            levels=by_battery,
            power_kw={d.id: devices[d.id]["power_kw"][k] for d in player.flexible},
            on_surplus=frozenset(
                car.id
                for car in player.cars
                if devices[car.id]["action"][k] == "balance"
            ),
            starts=frozenset(
                d.id
                for d in player.appliances
                if d.id in devices and devices[d.id]["power_kw"][k] > _SOME_KW
            ),
            export_at_most_kw=0.0 if curtail else None,
        )

    def _from_plan(self, battery: Battery, device: Json, k: int) -> Levels:
        step = PlannedStep(
            action=device["action"][k],
            side=device["balance"][k],
            power_kw=device["charge_kw"][k] - device["discharge_kw"][k],
        )
        energy_kwh = self._player.state.battery_kwh[battery.id]
        return step.levels(battery, energy_kwh, self._record.hours)

    def _solved(self, view: View) -> Json | None:
        record = self._record
        start = record.whole.time(view.now)
        home = replace(
            self._peaks.home_now(record.home, view.now),
            start=start,
            steps=view.steps,
            devices=tuple(self._devices(view)),
            limits=tuple(
                limit
                for limit in record.home.limits
                # An order is known once it is in force.
                if limit.start is None or limit.start <= start
            ),
        )
        table = Table(start, record.step, view.steps, view.columns)
        try:
            return optimize(home, table, Options(time_limit_s=10.0), self._structures)
        except SolverError:
            return None

    def _devices(self, view: View) -> list[AnyDevice]:
        devices = []
        for device in self._record.home.devices:
            now = self._now(device, view)
            if now is not None:
                devices.append(now)
        return devices

    def _now(self, device: AnyDevice, view: View) -> AnyDevice | None:
        state, record = self._player.state, self._record
        begin, end = record.whole.time(view.now), record.whole.time(record.last)
        match device:
            case Battery():
                price = float(
                    np.quantile(view.columns[Column.IMPORT_PRICE], _END_QUANTILE)
                )
                ends = view.now + view.steps >= record.last
                return replace(
                    device,
                    initial_energy_kwh=state.battery_kwh[device.id],
                    final_energy_kwh=device.initial_energy_kwh if ends else None,
                    end_value_per_kwh=0.0
                    if ends
                    else max(price, 0.0) * device.discharge_efficiency,
                )
            case EvCharger():
                held_kwh = state.car_kwh.get(device.id, 0.0)
                sessions = tuple(
                    _rest(device, s, begin, held_kwh)
                    for s in device.sessions
                    if s.arrive <= begin < s.depart
                )
                return replace(device, sessions=sessions)
            case HeatPump():
                thermal = replace(device.thermal, initial_c=state.indoor_c[device.id])
                return replace(device, thermal=thermal)
            case Appliance():
                waiting = device.id not in state.run_start
                if (
                    waiting
                    and device.earliest_start <= begin < device.latest_end <= end
                ):
                    return device
                return None
            case _:
                return device


def _rest(
    car: EvCharger, session: Session, begin: datetime, held_kwh: float
) -> Session:
    """Return what is left of a stay in which ``held_kwh`` were stored, or given."""
    missing_kwh = max(0.0, session.energy_kwh - held_kwh)
    rest = replace(session, arrive=begin, energy_kwh=missing_kwh)
    if not car.bidirectional:
        return rest
    lent_kwh = min(0.0, session.min_energy_kwh - held_kwh)
    return replace(rest, min_energy_kwh=lent_kwh, max_energy_kwh=missing_kwh)


def _planned_kw(document: Json | None, steps: int, battery: Battery) -> Numbers:
    """Return what the plan's other devices draw, roofs apart."""
    if document is None:
        return np.zeros(steps)
    return _all_kw(document, steps, but=battery.id)


def _all_kw(document: Json, steps: int, but: str = "") -> Numbers:
    total = np.zeros(steps)
    for name, device in document["devices"].items():
        if name == but or device["kind"] == "solar":
            continue
        if "power_kw" in device:
            total += np.array(device["power_kw"])
        else:
            total += np.array(device["charge_kw"]) - np.array(device["discharge_kw"])
    return total
