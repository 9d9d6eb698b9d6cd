"""Fill-rate based control: a storage with actuators that fill and empty it."""

from collections.abc import Callable, Sequence
from datetime import datetime
import re
from typing import Any, ClassVar, Final
from uuid import UUID, uuid4

from s2python.common import ControlType, ReceptionStatusValues, RevokableObjects
from s2python.frbc import (
    FRBCActuatorStatus,
    FRBCFillLevelTargetProfile,
    FRBCInstruction,
    FRBCLeakageBehaviour,
    FRBCStorageStatus,
    FRBCSystemDescription,
    FRBCTimerStatus,
    FRBCUsageForecast,
)
from s2python.message import S2Message

from cem_core.s2.actuators import Actuators
from cem_core.s2.control import Instruction, NewId, Order
from cem_core.s2.fill import Fill
from cem_core.s2.levels import at_level, usable
from cem_core.s2.messages import S2Error
from cem_core.s2.modes import Mode, nearest
from cem_core.s2.power import Span, span
from cem_core.s2.storage import share

_CELSIUS: Final = re.compile(r"°\s*c\b|celsius", re.IGNORECASE)


class FillRate:
    """A battery, a car, a tank."""

    control_type: ClassVar[ControlType] = ControlType.FILL_RATE_BASED_CONTROL

    def __init__(self, new_id: NewId = uuid4) -> None:
        """Know nothing yet."""
        self._new_id = new_id
        self._system: FRBCSystemDescription | None = None
        self._actuators = Actuators()
        self._level: float | None = None
        self._targets: FRBCFillLevelTargetProfile | None = None
        self._usage: FRBCUsageForecast | None = None
        self._leakage: FRBCLeakageBehaviour | None = None
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
        if self._system is not None and _scale(self._system) != _scale(message):
            self._forget_levels()
        self._system = message
        self._actuators.describe(message.actuators)

    def _forget_levels(self) -> None:
        """Forget what was said in units of another scale."""
        self._level = self._targets = self._usage = self._leakage = None

    def _level_is(self, message: FRBCStorageStatus) -> None:
        self._level = message.present_fill_level

    def _actuator_is(self, message: FRBCActuatorStatus) -> None:
        self._actuators.is_in(message)

    def _timer_is(self, message: FRBCTimerStatus) -> None:
        self._actuators.timer_is(message)

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
        self._system = None
        self._actuators.forget()
        self._forget_levels()
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
        told = self._actuators.go(
            wanted, self._modes_now(), now, abnormal=order.limited
        )
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
            for choice in told
        ]

    def refused(self) -> None:
        """Stay where it was; see `Control`."""
        self._actuators.stayed()

    def expects_w(self) -> float | None:
        """Return what was instructed; see `Control`."""
        return self._actuators.expects_w()

    def described(self, now: datetime) -> dict[str, Any] | None:
        """Return a battery, a car or a storage; see `Fill`."""
        fill = self._fill
        return None if fill is None else fill.described(now)

    @property
    def _fill(self) -> Fill | None:
        """What is known of the storage, None: not described yet, or not its level."""
        if self._system is None or self._level is None:
            return None
        return Fill(
            system=self._system,
            actuators=dict(self._actuators.items()),
            level=self._level,
            targets=self._targets,
            usage=self._usage,
            leakage=self._leakage,
            is_drawn_from=self.is_drawn_from,
        )

    @property
    def state_of_charge(self) -> float | None:
        """How full it is, from 0 to 1; None: it has not said."""
        if self._level is None or self._system is None:
            return None
        return share(self._level, span(self._system.storage.fill_level_range))

    @property
    def temperature_c(self) -> float | None:
        """How hot it is, where the label of its fill level says °C; None: it does not."""
        if self._level is None or self._system is None:
            return None
        label = self._system.storage.fill_level_label or ""
        return self._level if _CELSIUS.search(label) else None

    def demand_kw(self) -> Sequence[tuple[datetime, datetime, float]]:
        """Return what is taken out of it, from when until when, as it expects."""
        fill = self._fill
        return () if fill is None else fill.demand_kw()

    def _options(
        self, now: datetime, *, abnormal: bool
    ) -> list[tuple[UUID, list[Mode]]] | None:
        """Return the modes of each actuator that can be reached, None: not known."""
        if self._system is None or self._level is None:
            return None
        modes = self._modes_now()
        options = [
            (name, list(actuator.reachable(modes[name], now, abnormal=abnormal)))
            for name, actuator in self._actuators.items()
        ]
        return options if all(modes for _, modes in options) else None

    def _modes_now(self) -> dict[UUID, list[Mode]]:
        """Return the modes of each actuator that can be used at the level there is."""
        if self._system is None or self._level is None:
            return {}
        level, levels = self._level, span(self._system.storage.fill_level_range)
        found = at_level(self._system.actuators, level)
        return {name: list(usable(m, level, levels)) for name, m in found.items()}


def _scale(system: FRBCSystemDescription) -> tuple[Span, str | None]:
    """Return what its levels are measured by."""
    storage = system.storage
    return span(storage.fill_level_range), storage.fill_level_label
