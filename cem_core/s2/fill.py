"""A storage of FRBC as a device of HOME (kW, kWh): a battery, a car or a storage."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Final
from uuid import UUID

from s2python.frbc import (
    FRBCFillLevelTargetProfile,
    FRBCLeakageBehaviour,
    FRBCSystemDescription,
    FRBCUsageForecast,
)

from cem_core.s2 import targets
from cem_core.s2.levels import at_level, within
from cem_core.s2.modes import Actuator, Mode
from cem_core.s2.power import Span, span
from cem_core.s2.sources import source, together
from cem_core.s2.stages import stages
from cem_core.s2.storage import Energy, energy, share
from cem_core.s2.ways import ways_of

_KW: Final = 1000.0
_SECONDS: Final = 3600.0
# What a car of HOME has words for.
_OF_A_CAR: Final = (
    *("min_power_kw", "max_power_kw", "power_ranges"),
    *("start_cost", "initially_on"),
)


@dataclass(frozen=True, kw_only=True)
class Fill:
    """What is known of a storage at one level.

    ``is_drawn_from``: something empties it, although nothing is foretold of that.
    """

    system: FRBCSystemDescription
    actuators: Mapping[UUID, Actuator]
    level: float
    targets: FRBCFillLevelTargetProfile | None = None
    usage: FRBCUsageForecast | None = None
    leakage: FRBCLeakageBehaviour | None = None
    is_drawn_from: bool = False

    @property
    def levels(self) -> Span:
        """Between what levels it is to be kept."""
        return span(self.system.storage.fill_level_range)

    @cached_property
    def _energy(self) -> Energy | None:
        return energy(self.system.actuators, self.levels)

    @cached_property
    def _modes(self) -> Mapping[UUID, Sequence[Mode]]:
        """Its usual modes as at this level, also where it is full or resting."""
        return {
            name: [mode for mode in modes if not mode.abnormal_only]
            for name, modes in at_level(self.system.actuators, self.level).items()
        }

    def described(self, now: datetime) -> dict[str, Any] | None:
        """Return a battery where it can be emptied, else a car or a storage.

        A storage is what something else empties, as its usage forecast tells (see
        `demand_kw`), or what leaks. Of a car a target profile makes sessions, each to
        the lower end of its range; the others stay above that end meanwhile.
        """
        if self._energy is None or not all(self._modes.values()):
            return None
        if self._powers.low < 0:
            return self._battery(self._energy, now)
        if self.usage is not None or self._loss_per_hour() or self.is_drawn_from:
            return self._storage(self._energy, now)
        return self._car(self._energy, now)

    @property
    def _stored_kwh(self) -> float:
        return self._capacity_kwh * share(self.level, self.levels)

    @property
    def _capacity_kwh(self) -> float:
        return 0.0 if self._energy is None else self._energy.capacity_wh / _KW

    @property
    def _powers(self) -> Span:
        """The least and the most that it draws some time."""
        return Span(
            sum(min(m.power_w.low for m in modes) for modes in self._modes.values()),
            sum(max(m.power_w.high for m in modes) for modes in self._modes.values()),
        )

    def _battery(self, held: Energy, now: datetime) -> dict[str, Any]:
        powers = self._powers
        found = {
            "kind": "battery",
            "capacity_kwh": self._capacity_kwh,
            "min_energy_kwh": 0.0,
            "self_discharge_per_hour": self._loss_per_hour(),
            "initial_energy_kwh": self._stored_kwh,
            "charge_limit_kw": max(powers.high, 0.0) / _KW,
            "discharge_limit_kw": -powers.low / _KW,
            "charge_efficiency": held.charge_efficiency,
            "discharge_efficiency": held.discharge_efficiency,
            "targets": self._targets(now),
        }
        if len(self.actuators) == 1:
            [(name, actuator)] = self.actuators.items()
            return found | ways_of(self._modes[name], actuator, now)
        return found

    def _storage(self, held: Energy, now: datetime) -> dict[str, Any] | None:
        fills = together(list(self._sources(held, now)))
        if not fills:
            return None
        return {
            "kind": "storage",
            "capacity_kwh": self._capacity_kwh,
            "initial_energy_kwh": self._stored_kwh,
            "loss_per_hour": self._loss_per_hour(),
            "targets": self._targets(now),
            **fills,
        }

    def _sources(self, held: Energy, now: datetime) -> Iterator[dict[str, Any]]:
        """Yield how each actuator fills it, the least lossy first."""
        w_per_rate = self._kwh_per_hour(1.0) * _KW
        found = []
        for name, actuator in self.actuators.items():
            fills = source(self._modes[name], actuator, now, w_per_rate)
            if fills is None:
                continue
            into_wh = held.into_wh.get(name)
            if fills["electric"] and into_wh is not None:
                # Over all levels, as its capacity is counted.
                fills["efficiency"] = held.capacity_wh / into_wh
            found.append(fills)
        yield from sorted(found, key=lambda each: -each["efficiency"])

    def _targets(self, now: datetime) -> list[dict[str, Any]]:
        return list(targets.wished(self.targets, self.levels, now, self._capacity_kwh))

    def _car(self, held: Energy, now: datetime) -> dict[str, Any]:
        """Return its stages, and its sessions from when its rest is over."""
        found: dict[str, Any] = {}
        if len(self.actuators) == 1:
            [(name, actuator)] = self.actuators.items()
            found = stages(self._modes[name], actuator, now)
        rests = timedelta(minutes=found.get("held_minutes", 0))
        begin = now if found.get("initially_on", True) else now + rests
        return {
            "kind": "ev_charger",
            "min_power_kw": self._least_w() / _KW,
            "max_power_kw": self._powers.high / _KW,
            "efficiency": held.charge_efficiency,
            "sessions": list(
                targets.sessions(
                    self.targets,
                    self.levels,
                    begin,
                    self._capacity_kwh,
                    self._stored_kwh,
                )
            ),
            **{key: found[key] for key in _OF_A_CAR if key in found},
        }

    def _least_w(self) -> float:
        found = (m.power_w.low for modes in self._modes.values() for m in modes)
        return min((low_w for low_w in found if low_w > 0), default=0.0)

    def demand_kw(self) -> Sequence[tuple[datetime, datetime, float]]:
        """Return what is taken out of it, from when until when, as it expects.

        A usage rate above nothing lowers the level; what fills it by itself is left out.
        """
        if self.usage is None or self._energy is None:
            return ()
        begin, found = self.usage.start_time, []
        for element in self.usage.elements:
            end = begin + element.duration.to_timedelta()
            taken_kw = self._kwh_per_hour(element.usage_rate_expected)
            found.append((begin, end, max(0.0, taken_kw)))
            begin = end
        return found

    def _kwh_per_hour(self, rate: float) -> float:
        """Return what a change of the level in a second comes to."""
        width = self.levels.high - self.levels.low
        return 0.0 if width <= 0 else rate * _SECONDS / width * self._capacity_kwh

    def _loss_per_hour(self) -> float:
        """Return the share of what it holds that leaks in an hour, at its level now.

        An empty store leaks nothing; the rate of a half full one says how fast it will.
        """
        for element in () if self.leakage is None else self.leakage.elements:
            if within(self.level, span(element.fill_level_range)):
                lost_kwh = abs(self._kwh_per_hour(element.leakage_rate))
                least_kwh = self._capacity_kwh / 2
                return min(1.0, lost_kwh / max(self._stored_kwh, least_kwh))
        return 0.0
