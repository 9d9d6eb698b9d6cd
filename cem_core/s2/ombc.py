"""Operation-mode based control: a device with modes, and no storage that is described."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar, Final
from uuid import UUID, uuid4

from s2python.common import ControlType, ReceptionStatusValues, RevokableObjects
from s2python.message import S2Message
from s2python.ombc import (
    OMBCInstruction,
    OMBCStatus,
    OMBCSystemDescription,
    OMBCTimerStatus,
)

from cem_core.s2.control import Instruction, NewId, Order
from cem_core.s2.levels import middle
from cem_core.s2.messages import S2Error, identifier
from cem_core.s2.modes import Actuator, Choice, Mode, nearest
from cem_core.s2.paths import lengths, ways
from cem_core.s2.power import Span, electric_w
from cem_core.s2.stages import stages

_KW: Final = 1000.0
_ITSELF: Final = UUID(int=0)  # the device is its only actuator and has no name


class OperationModes:
    """A heat pump in stages, a charger without a known car, anything with modes."""

    control_type: ClassVar[ControlType] = ControlType.OPERATION_MODE_BASED_CONTROL

    def __init__(self, new_id: NewId = uuid4) -> None:
        """Know nothing yet."""
        self._new_id = new_id
        self._system: OMBCSystemDescription | None = None
        self._modes: list[Mode] = []
        self._actuator = Actuator(_ITSELF, (), {})
        self._choice: Choice | None = None

    def take(self, message: S2Message) -> bool:
        """Keep what ``message`` says; see `Control`."""
        match message:
            case OMBCSystemDescription():
                self._describe(message)
            case OMBCStatus():
                self._status_is(message)
            case OMBCTimerStatus():
                self._timer_is(message)
            case _:
                return False
        return True

    def _describe(self, message: OMBCSystemDescription) -> None:
        before = self._actuator
        self._system = message
        self._modes = [
            Mode(
                id=identifier(mode.id),
                power_w=electric_w(mode.power_ranges),
                abnormal_only=mode.abnormal_condition_only,
                cost_per_s=middle(mode.running_costs),
            )
            for mode in message.operation_modes
        ]
        self._actuator = Actuator(
            _ITSELF, ways(message.transitions), lengths(message.timers)
        )
        self._actuator.inherit(before, {mode.id for mode in self._modes})
        self._choice = None

    def _status_is(self, message: OMBCStatus) -> None:
        self._needs_description(message.message_type)
        mode = identifier(message.active_operation_mode_id)
        if mode not in {each.id for each in self._modes}:
            raise S2Error(f"operation mode {mode} is not described")
        previous = message.previous_operation_mode_id
        self._actuator.now_in(
            mode,
            message.operation_mode_factor,
            before=None if previous is None else identifier(previous),
            begun=message.transition_timestamp,
        )

    def _timer_is(self, message: OMBCTimerStatus) -> None:
        self._needs_description(message.message_type)
        timer = identifier(message.timer_id)
        if timer not in self._actuator.timers:
            raise S2Error(f"timer {timer} is not described")
        self._actuator.tell_timer(timer, message.finished_at)

    def _needs_description(self, kind: str) -> None:
        if self._system is None:
            cause = f"{kind} before OMBC.SystemDescription"
            raise S2Error(cause, ReceptionStatusValues.TEMPORARY_ERROR)

    def revoke(self, kind: RevokableObjects, subject: str) -> bool:
        """Forget the description; see `Control`."""
        if kind is not RevokableObjects.OMBC_SystemDescription or self._system is None:
            return False
        if str(self._system.message_id) != subject:
            return False
        self._system, self._modes, self._choice = None, [], None
        return True

    def power_w(self, now: datetime) -> Span | None:
        """Return what it can draw next; see `Control`."""
        modes = self._reachable(now, abnormal=False)
        if not modes:
            return None
        return Span(
            min(mode.power_w.low for mode in modes),
            max(mode.power_w.high for mode in modes),
        )

    def instruct(self, order: Order, now: datetime) -> Sequence[Instruction]:
        """Return the instruction that changes the mode or its factor."""
        modes = self._reachable(now, abnormal=order.limited)
        if not modes:
            raise S2Error("it has not described its modes")
        options = [(_ITSELF, modes)]
        (choice,) = nearest(options, order.power_w, at_most=order.limited)
        told = self._actuator.go(choice, self._modes, now, abnormal=order.limited)
        self._choice = told or choice
        if told is None:
            return ()
        return (
            OMBCInstruction(
                message_id=self._new_id(),
                id=self._new_id(),
                execution_time=now,
                operation_mode_id=told.mode.id,
                operation_mode_factor=told.factor,
                abnormal_condition=order.limited,
            ),
        )

    def _reachable(self, now: datetime, *, abnormal: bool) -> list[Mode]:
        return list(self._actuator.reachable(self._modes, now, abnormal=abnormal))

    def refused(self) -> None:
        """Stay where it was; see `Control`."""
        self._actuator.stayed()

    def expects_w(self) -> float | None:
        """Return what was instructed; see `Control`."""
        return None if self._choice is None else self._choice.power_w

    def described(self, now: datetime) -> dict[str, Any] | None:
        """Return its modes as stages; what it is for, the standard does not say.

        Of one that can also give, what it takes and gives at most.
        """
        powers = self.power_w(now)
        if powers is None:
            return None
        least_w = min(mode.power_w.low for mode in self._modes)
        if least_w < 0:
            most_w = max(mode.power_w.high for mode in self._modes)
            return {
                "charge_limit_kw": max(0.0, most_w) / _KW,
                "discharge_limit_kw": -least_w / _KW,
            }
        return stages(self._modes, self._actuator, now) or None
