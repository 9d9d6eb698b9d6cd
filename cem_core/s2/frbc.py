"""Fill-rate based control: a storage with actuators that fill and empty it."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
import re
from typing import Any, ClassVar, Final
from uuid import UUID, uuid4

from s2python.common import ControlType, ReceptionStatusValues, RevokableObjects
from s2python.frbc import (
    FRBCActuatorStatus,
    FRBCFillLevelTargetProfile,
    FRBCInstruction,
    FRBCLeakageBehaviour,
    FRBCOperationMode,
    FRBCStorageStatus,
    FRBCSystemDescription,
    FRBCTimerStatus,
    FRBCUsageForecast,
)
from s2python.message import S2Message

from cem_core.s2 import targets
from cem_core.s2.control import Instruction, NewId, Order
from cem_core.s2.messages import S2Error, identifier
from cem_core.s2.modes import Actuator, Choice, Mode, nearest
from cem_core.s2.paths import lengths, ways
from cem_core.s2.power import Span, electric_w, span
from cem_core.s2.stages import stages
from cem_core.s2.storage import Energy, energy, share

_KW: Final = 1000.0
_SECONDS: Final = 3600.0
_CELSIUS: Final = re.compile(r"°\s*c\b|celsius", re.IGNORECASE)


class FillRate:
    """A battery, a car, a tank."""

    control_type: ClassVar[ControlType] = ControlType.FILL_RATE_BASED_CONTROL

    def __init__(self, new_id: NewId = uuid4) -> None:
        """Know nothing yet."""
        self._new_id = new_id
        self._system: FRBCSystemDescription | None = None
        self._actuators: dict[UUID, Actuator] = {}
        self._energy: Energy | None = None
        self._level: float | None = None
        self._targets: FRBCFillLevelTargetProfile | None = None
        self._usage: FRBCUsageForecast | None = None
        self._leakage: FRBCLeakageBehaviour | None = None
        self._choices: tuple[Choice, ...] = ()
        self.is_drawn_from = False  # something empties it that it foretells nothing of

    def take(self, message: S2Message) -> bool:
        """Keep what ``message`` says; see `Control`."""
        taker = self._takers.get(type(message))
        if taker is None:
            return False
        if message.message_type != "FRBC.SystemDescription" and self._system is None:
            cause = f"{message.message_type} before FRBC.SystemDescription"
            raise S2Error(cause, ReceptionStatusValues.TEMPORARY_ERROR)
        taker(self, message)
        return True

    def _describe(self, message: FRBCSystemDescription) -> None:
        known = self._actuators
        self._system = message
        self._actuators = {
            each.id: Actuator(each.id, ways(each.transitions), lengths(each.timers))
            for each in message.actuators
        }
        for name, actuator in self._actuators.items():
            before = known.get(name)
            if before is not None:
                actuator.inherit(before, {mode.id for mode in self._modes(name)})
        self._energy = energy(message.actuators, self._levels)
        self._choices = ()

    def _level_is(self, message: FRBCStorageStatus) -> None:
        self._level = message.present_fill_level

    def _actuator_is(self, message: FRBCActuatorStatus) -> None:
        actuator = self._actuator(message.actuator_id)
        mode = identifier(message.active_operation_mode_id)
        self._mode(actuator.id, mode)
        previous = message.previous_operation_mode_id
        actuator.now_in(
            mode,
            message.operation_mode_factor,
            before=None if previous is None else identifier(previous),
            begun=message.transition_timestamp,
        )

    def _timer_is(self, message: FRBCTimerStatus) -> None:
        actuator = self._actuator(message.actuator_id)
        if message.timer_id not in actuator.timers:
            raise S2Error(f"timer {message.timer_id} is not described")
        actuator.tell_timer(message.timer_id, message.finished_at)

    def _aims_at(self, message: FRBCFillLevelTargetProfile) -> None:
        self._targets = message

    def _is_used(self, message: FRBCUsageForecast) -> None:
        self._usage = message

    def _leaks(self, message: FRBCLeakageBehaviour) -> None:
        self._leakage = message

    _takers: ClassVar[dict[type, Callable[[FillRate, Any], None]]] = {
        FRBCSystemDescription: _describe,
        FRBCStorageStatus: _level_is,
        FRBCActuatorStatus: _actuator_is,
        FRBCTimerStatus: _timer_is,
        FRBCFillLevelTargetProfile: _aims_at,
        FRBCUsageForecast: _is_used,
        FRBCLeakageBehaviour: _leaks,
    }

    def revoke(self, kind: RevokableObjects, subject: str) -> bool:
        """Forget the description; see `Control`."""
        if kind is not RevokableObjects.FRBC_SystemDescription or self._system is None:
            return False
        if str(self._system.message_id) != subject:
            return False
        self._system, self._actuators, self._choices = None, {}, ()
        return True

    def power_w(self, now: datetime) -> Span | None:
        """Return what it can draw next; see `Control`."""
        options = self._options(now, abnormal=False)
        if options is None:
            return None
        return Span(
            sum(min(mode.power_w.low for mode in modes) for _, modes in options),
            sum(max(mode.power_w.high for mode in modes) for _, modes in options),
        )

    def instruct(self, order: Order, now: datetime) -> Sequence[Instruction]:
        """Return an instruction for each actuator that has to change."""
        options = self._options(now, abnormal=order.limited)
        if options is None:
            cause = "it has not described its storage, or no mode can be reached"
            raise S2Error(cause)
        wanted = nearest(options, order.power_w, at_most=order.limited)
        told = []
        for choice in wanted:
            actuator = self._actuators[choice.actuator]
            modes = self._modes_now(choice.actuator)
            next_one = actuator.go(choice, modes, now, abnormal=order.limited)
            told.append((next_one or choice, next_one is not None))
        self._choices = tuple(choice for choice, _ in told)
        return [
            FRBCInstruction(
                message_id=self._new_id(),
                id=self._new_id(),
                actuator_id=choice.actuator,
                operation_mode=choice.mode.id,
                operation_mode_factor=choice.factor,
                execution_time=now,
                abnormal_condition=order.limited,
            )
            for choice, changed in told
            if changed
        ]

    def refused(self) -> None:
        """Stay where it was; see `Control`."""
        for actuator in self._actuators.values():
            actuator.stayed()

    def expects_w(self) -> float | None:
        """Return what was instructed; see `Control`."""
        if not self._choices:
            return None
        return sum(choice.power_w for choice in self._choices)

    def described(self, now: datetime) -> dict[str, Any] | None:
        """Return a battery where it can be emptied, else a car or a storage.

        A storage is what something else empties, as its usage forecast tells (see
        `demand_kw`), or what leaks. A target profile makes sessions of a car, each to
        the lower end of its range; the others stay above that end of the one now.
        """
        powers, held, level = self._powers(), self._energy, self._level
        if powers is None or held is None or level is None:
            return None
        capacity_kwh = held.capacity_wh / _KW
        stored_kwh = capacity_kwh * share(level, self._levels)
        wished_kwh = capacity_kwh * targets.wished(self._targets, self._levels, now)
        loss = self._loss_per_hour(capacity_kwh, stored_kwh)
        if powers.low < 0:
            return {
                "kind": "battery",
                "capacity_kwh": capacity_kwh,
                "min_energy_kwh": 0.0,
                "reserve_kwh": wished_kwh,
                "self_discharge_per_hour": loss,
                "initial_energy_kwh": stored_kwh,
                "charge_limit_kw": max(powers.high, 0.0) / _KW,
                "discharge_limit_kw": -powers.low / _KW,
                "charge_efficiency": held.charge_efficiency,
                "discharge_efficiency": held.discharge_efficiency,
            }
        if self._usage is not None or loss or self.is_drawn_from:
            return {
                "kind": "storage",
                "capacity_kwh": capacity_kwh,
                "min_energy_kwh": wished_kwh,
                "initial_energy_kwh": stored_kwh,
                "efficiency": held.charge_efficiency,
                "loss_per_hour": loss,
                "min_power_kw": self._least_w() / _KW,
                "max_power_kw": powers.high / _KW,
                **self._staged(now),
            }
        return {
            "kind": "ev_charger",
            "min_power_kw": self._least_w() / _KW,
            "max_power_kw": powers.high / _KW,
            "efficiency": held.charge_efficiency,
            **self._car(now, capacity_kwh, stored_kwh),
        }

    def _staged(self, now: datetime) -> dict[str, Any]:
        """Return how its one actuator runs and rests; of several it cannot be said."""
        if len(self._actuators) != 1:
            return {}
        [(name, actuator)] = self._actuators.items()
        return stages(self._modes_some_time(name), actuator, now)

    @property
    def state_of_charge(self) -> float | None:
        """How full it is, from 0 to 1; None: it has not said."""
        if self._level is None or self._system is None:
            return None
        return share(self._level, self._levels)

    @property
    def temperature_c(self) -> float | None:
        """How hot it is, where the label of its fill level says °C; None: it does not."""
        if self._level is None or self._system is None:
            return None
        label = self._system.storage.fill_level_label or ""
        return self._level if _CELSIUS.search(label) else None

    def demand_kw(self) -> Sequence[tuple[datetime, datetime, float]]:
        """Return what is taken out of it, from when until when, as it expects."""
        if self._usage is None or self._energy is None:
            return ()
        begin, found = self._usage.start_time, []
        for element in self._usage.elements:
            end = begin + element.duration.to_timedelta()
            taken_kw = -self._kwh_per_hour(element.usage_rate_expected)
            found.append((begin, end, max(0.0, taken_kw)))
            begin = end
        return found

    def _kwh_per_hour(self, rate: float) -> float:
        """Return what a change of the level in a second comes to."""
        width = self._levels.high - self._levels.low
        if self._energy is None or width <= 0:
            return 0.0
        return rate * _SECONDS / width * self._energy.capacity_wh / _KW

    def _loss_per_hour(self, capacity_kwh: float, stored_kwh: float) -> float:
        """Return the share of what it holds that leaks in an hour, at its level now.

        An empty store leaks nothing; the rate of a half full one says how fast it will.
        """
        if self._leakage is None or self._level is None:
            return 0.0
        for element in self._leakage.elements:
            if _within(self._level, span(element.fill_level_range)):
                lost_kwh = abs(self._kwh_per_hour(element.leakage_rate))
                return min(1.0, lost_kwh / max(stored_kwh, capacity_kwh / 2))
        return 0.0

    def _car(
        self, now: datetime, capacity_kwh: float, stored_kwh: float
    ) -> dict[str, Any]:
        """Return its stages, and its sessions from when its rest is over."""
        found = self._staged(now)
        rests = timedelta(minutes=found.get("held_minutes", 0))
        begin = now if found.get("initially_on", True) else now + rests
        said = (
            *("min_power_kw", "max_power_kw", "power_ranges"),
            *("start_cost", "initially_on"),
        )
        return {
            "sessions": list(
                targets.sessions(
                    self._targets, self._levels, begin, capacity_kwh, stored_kwh
                )
            ),
            **{key: found[key] for key in said if key in found},
        }

    def _least_w(self) -> float:
        found = (
            mode.power_w.low
            for name in self._actuators
            for mode in self._modes_some_time(name)
        )
        return min((low_w for low_w in found if low_w > 0), default=0.0)

    def _powers(self) -> Span | None:
        """Return the least and most that it draws some time, None: it has not said."""
        spans = [
            [mode.power_w for mode in self._modes_some_time(name)]
            for name in self._actuators
        ]
        if not spans or not all(spans):
            return None
        return Span(
            sum(min(each.low for each in powers) for powers in spans),
            sum(max(each.high for each in powers) for powers in spans),
        )

    def _modes_some_time(self, actuator: UUID) -> list[Mode]:
        """Return its usual modes as at this level, also where it is full or resting."""
        level = self._level
        if level is None:
            return []
        modes = (self._at(mode, level) for mode in self._modes(actuator))
        return [mode for mode in modes if mode is not None and not mode.abnormal_only]

    @property
    def _levels(self) -> Span:
        if self._system is None:
            return Span(0.0, 0.0)
        return span(self._system.storage.fill_level_range)

    def _options(
        self, now: datetime, *, abnormal: bool
    ) -> list[tuple[UUID, list[Mode]]] | None:
        """Return the modes of each actuator that can be reached, None: not known."""
        if self._system is None or self._level is None:
            return None
        options = []
        for name, actuator in self._actuators.items():
            modes = self._modes_now(name)
            reachable = actuator.reachable(modes, now, abnormal=abnormal)
            options.append((name, list(reachable)))
        return options if all(modes for _, modes in options) else None

    def _modes_now(self, actuator: UUID) -> list[Mode]:
        """Return its modes at the level that there is."""
        level = self._level
        if level is None:
            return []
        modes = (self._as_it_is(mode, level) for mode in self._modes(actuator))
        return [mode for mode in modes if mode is not None]

    def _as_it_is(self, mode: FRBCOperationMode, level: float) -> Mode | None:
        """Return a mode at a fill level, None where it would leave the range."""
        found = self._at(mode, level)
        if found is None:
            return None
        rate = found.rate
        if level >= self._levels.high and rate.low >= 0 and rate.high > 0:
            return None
        if level <= self._levels.low and rate.high <= 0 and rate.low < 0:
            return None
        return found

    def _at(self, mode: FRBCOperationMode, level: float) -> Mode | None:
        """Return a mode at a fill level, None where it is not described there."""
        element = next(
            (e for e in mode.elements if _within(level, span(e.fill_level_range))), None
        )
        if element is None:
            return None
        return Mode(
            id=mode.id,
            power_w=electric_w(element.power_ranges),
            rate=span(element.fill_rate),
            abnormal_only=mode.abnormal_condition_only,
        )

    def _actuator(self, name: UUID) -> Actuator:
        if name not in self._actuators:
            raise S2Error(f"actuator {name} is not described")
        return self._actuators[name]

    def _mode(self, actuator: UUID, mode: UUID) -> FRBCOperationMode:
        for each in self._modes(actuator):
            if each.id == mode:
                return each
        raise S2Error(f"operation mode {mode} is not described")

    def _modes(self, actuator: UUID) -> Iterator[FRBCOperationMode]:
        described = () if self._system is None else self._system.actuators
        for each in described:
            if each.id == actuator:
                yield from each.operation_modes


def _within(level: float, levels: Span) -> bool:
    return levels.low <= level <= levels.high
