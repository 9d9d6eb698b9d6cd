"""The actuators of one device, as FRBC and DDBC describe them."""

from collections.abc import Iterable, Mapping, Sequence, Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID

from s2python.ddbc import DDBCActuatorStatus, DDBCTimerStatus
from s2python.frbc import FRBCActuatorStatus, FRBCTimerStatus
from s2python.generated.gen_s2 import ID, Timer, Transition

from cem_core.s2.messages import S2Error, identifier
from cem_core.s2.modes import Actuator, Choice, Mode
from cem_core.s2.paths import lengths, ways


class _Named(Protocol):
    @property
    def id(self) -> UUID | ID: ...


class Described(_Named, Protocol):
    """What both control types say of an actuator."""

    @property
    def transitions(self) -> Sequence[Transition]:
        """The ways between its modes."""

    @property
    def timers(self) -> Sequence[Timer]:
        """What blocks them."""

    @property
    def operation_modes(self) -> Sequence[_Named]:
        """What it can be in."""


@dataclass(slots=True)
class Actuators:
    """What each is in, and what they were told last."""

    _known: dict[UUID, Actuator] = field(default_factory=dict)
    _modes: dict[UUID, AbstractSet[UUID]] = field(default_factory=dict)
    _choices: tuple[Choice, ...] = ()

    def describe(self, described: Iterable[Described]) -> None:
        """Take them as they are described anew; each goes on from where it was."""
        before, self._known, self._modes = self._known, {}, {}
        for each in described:
            name = identifier(each.id)
            actuator = Actuator(name, ways(each.transitions), lengths(each.timers))
            modes = {identifier(mode.id) for mode in each.operation_modes}
            if name in before:
                actuator.inherit(before[name], modes)
            self._known[name], self._modes[name] = actuator, modes
        self._choices = ()

    def forget(self) -> None:
        """Know none."""
        self._known, self._modes, self._choices = {}, {}, ()

    def __getitem__(self, name: UUID) -> Actuator:
        """Return one by its name. Raises S2Error where it is not described."""
        found = self._known.get(name)
        if found is None:
            raise S2Error(f"actuator {name} is not described")
        return found

    def items(self) -> Iterable[tuple[UUID, Actuator]]:
        """Return names and actuators."""
        return self._known.items()

    def is_in(self, message: FRBCActuatorStatus | DDBCActuatorStatus) -> None:
        """Take what one says that it is in. Raises S2Error where it is not known."""
        actuator = self[message.actuator_id]
        mode = identifier(message.active_operation_mode_id)
        if mode not in self._modes[actuator.id]:
            raise S2Error(f"operation mode {mode} is not described")
        previous = message.previous_operation_mode_id
        actuator.now_in(
            mode,
            message.operation_mode_factor,
            before=None if previous is None else identifier(previous),
            begun=message.transition_timestamp,
        )

    def timer_is(self, message: FRBCTimerStatus | DDBCTimerStatus) -> None:
        """Take when a timer finishes. Raises S2Error where it is not known."""
        actuator, timer = self[message.actuator_id], identifier(message.timer_id)
        if timer not in actuator.timers:
            raise S2Error(f"timer {timer} is not described")
        actuator.tell_timer(timer, message.finished_at)

    def go(
        self,
        wanted: Iterable[Choice],
        modes: Mapping[UUID, Sequence[Mode]],
        now: datetime,
        *,
        abnormal: bool,
    ) -> list[Choice]:
        """Send each towards what is wanted; return what those that change are told.

        ``modes`` are all of each actuator as they are now.
        """
        told, choices = [], []
        for choice in wanted:
            actuator, found = self._known[choice.actuator], modes[choice.actuator]
            next_one = actuator.go(choice, found, now, abnormal=abnormal)
            choices.append(next_one or choice)
            if next_one is not None:
                told.append(next_one)
        self._choices = tuple(choices)
        return told

    def stayed(self) -> None:
        """Take that none went where it was sent."""
        for actuator in self._known.values():
            actuator.stayed()

    def expects_w(self) -> float | None:
        """Return the power that they were told, None before that."""
        if not self._choices:
            return None
        return sum(choice.power_w for choice in self._choices)
