"""Power-profile based control: a device with programmes that can be put off.

A profile is a series of containers, one after the other; of each container one
sequence is run, a washing programme say. What can be chosen is when, and which: the
one that begins nearest to what is ordered, and under a limit the first that stays
below it. A sequence that runs may be
paused by a limit where it can be interrupted.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final
from uuid import uuid4

from s2python.common import ControlType, ReceptionStatusValues, RevokableObjects
from s2python.generated.gen_s2 import PPBCPowerSequenceStatus as SequenceStatus
from s2python.message import S2Message
from s2python.ppbc import (
    PPBCEndInterruptionInstruction,
    PPBCPowerProfileDefinition,
    PPBCPowerProfileStatus,
    PPBCPowerSequence,
    PPBCPowerSequenceContainer,
    PPBCScheduleInstruction,
    PPBCStartInterruptionInstruction,
)

from cem_core.s2.control import Instruction, NewId, Order
from cem_core.s2.messages import S2Error, identifier
from cem_core.s2.power import Span, expected_w

_KW: Final = 1000.0
_STEP: Final = timedelta(minutes=5)  # of the profile as the optimiser sees it
_BEGIN: Final = timedelta(minutes=15)  # of a sequence, by which an order means it
_BEGUN: Final = frozenset(
    (SequenceStatus.EXECUTING, SequenceStatus.INTERRUPTED, SequenceStatus.FINISHED)
)
_WAITS: Final = frozenset((SequenceStatus.NOT_SCHEDULED, SequenceStatus.ABORTED))


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of a run: for how long it draws how much."""

    lasts: timedelta
    power_w: float


class PowerProfile:
    """A dishwasher, a washing machine, an industrial process."""

    control_type: ClassVar[ControlType] = ControlType.POWER_PROFILE_BASED_CONTROL

    def __init__(self, new_id: NewId = uuid4) -> None:
        """Know nothing yet."""
        self._new_id = new_id
        self._profile: PPBCPowerProfileDefinition | None = None
        self._status: dict[str, SequenceStatus] = {}
        self._start: datetime | None = None
        self._chosen: dict[str, PPBCPowerSequence] = {}  # by container
        self._paused: bool | None = None  # as it was told, None: as it says itself

    def take(self, message: S2Message) -> bool:
        """Keep what ``message`` says; see `Control`."""
        match message:
            case PPBCPowerProfileDefinition():
                if not all(
                    container.power_sequences
                    for container in message.power_sequences_containers
                ):
                    raise S2Error("a container without a sequence")
                self._forget()
                self._profile = message
            case PPBCPowerProfileStatus():
                self._status_is(message)
            case _:
                return False
        return True

    def _status_is(self, message: PPBCPowerProfileStatus) -> None:
        if self._profile is None:
            cause = "PPBC.PowerProfileStatus before PPBC.PowerProfileDefinition"
            raise S2Error(cause, ReceptionStatusValues.TEMPORARY_ERROR)
        for each in message.sequence_container_status:
            if str(each.power_profile_id) == str(self._profile.id):
                self._status[str(each.sequence_container_id)] = each.status
        self._paused = None
        if not self.begun and all(s in _WAITS for s in self._status.values()):
            self._start = None  # what was scheduled is off again

    def revoke(self, kind: RevokableObjects, subject: str) -> bool:
        """Forget the profile; see `Control`."""
        known = RevokableObjects.PPBC_PowerProfileDefinition
        if kind is not known or self._profile is None:
            return False
        if str(self._profile.id) != subject:
            return False
        self._forget()
        return True

    def _forget(self) -> None:
        self._profile, self._status, self._start = None, {}, None
        self._chosen, self._paused = {}, None

    @property
    def begun(self) -> bool:
        """Whether the device runs, or has run, so that nothing is left to choose."""
        return any(status in _BEGUN for status in self._status.values())

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """What a run draws, in order, as it was scheduled, else as it is planned."""
        return _pieces(self._chosen.values() or self._usual())

    @property
    def window(self) -> tuple[datetime, datetime] | None:
        """The earliest start and the latest end, None: no profile is waiting."""
        if self._profile is None:
            return None
        return self._profile.start_time, self._profile.end_time

    def _containers(self) -> Sequence[PPBCPowerSequenceContainer]:
        return () if self._profile is None else self._profile.power_sequences_containers

    def _usual(self) -> list[PPBCPowerSequence]:
        """Return of each container the sequence that a plan counts on."""
        return [_usual(each) for each in self._containers()]

    def _near(self, order: Order) -> list[PPBCPowerSequence]:
        """Return of each container the first that begins nearest to ``order``."""
        return [
            min(
                _usually(each),
                key=lambda sequence: abs(_begins_w(sequence) - order.power_w),
            )
            for each in self._containers()
        ]

    def _below(self, most_w: float) -> list[PPBCPowerSequence]:
        """Return of each container the first that draws no more than ``most_w``.

        The least of its peaks where none does.
        """
        return [
            min(
                each.power_sequences,
                key=lambda sequence: max(0.0, _peak_w(sequence) - most_w),
            )
            for each in self._containers()
        ]

    def power_w(self, now: datetime) -> Span | None:
        """Return nothing and its highest power; see `Control`."""
        pieces = self.pieces
        if not pieces:
            return None
        del now
        return Span(0.0, max(piece.power_w for piece in pieces))

    def instruct(self, order: Order, now: datetime) -> Sequence[Instruction]:
        """Schedule a run to begin now where ``order`` has power, else nothing.

        A limit pauses one that runs above it, and more power lets it go on.
        """
        if self.begun:
            return self._pause(order, now)
        if order.power_w <= 0 or self._start is not None:
            return ()
        chosen = self._below(order.power_w) if order.limited else self._near(order)
        return self._schedule(now, chosen, abnormal=order.limited)

    def _pause(self, order: Order, now: datetime) -> Sequence[Instruction]:
        """Interrupt the sequence that runs, or end that."""
        profile, running = self._profile, self._running()
        if profile is None or running is None:
            return ()
        container, sequence, paused = running
        too_much = order.limited and _peak_w(sequence) > order.power_w
        if too_much == paused or not sequence.is_interruptible:
            return ()
        self._paused = too_much
        kind = (
            PPBCStartInterruptionInstruction
            if too_much
            else PPBCEndInterruptionInstruction
        )
        return (
            kind(
                message_id=self._new_id(),
                id=self._new_id(),
                power_profile_id=identifier(profile.id),
                sequence_container_id=identifier(container.id),
                power_sequence_id=identifier(sequence.id),
                execution_time=now,
                abnormal_condition=order.limited,
            ),
        )

    def _running(
        self,
    ) -> tuple[PPBCPowerSequenceContainer, PPBCPowerSequence, bool] | None:
        """Return what runs now, and whether it is paused."""
        for container in self._containers():
            status = self._status.get(str(container.id))
            if status not in (SequenceStatus.EXECUTING, SequenceStatus.INTERRUPTED):
                continue
            paused = self._paused
            if paused is None:
                paused = status is SequenceStatus.INTERRUPTED
            sequence = self._chosen.get(str(container.id), _usual(container))
            return container, sequence, paused
        return None

    @property
    def interruptible(self) -> bool:
        """Whether what runs now can be paused."""
        running = self._running()
        return running is not None and running[1].is_interruptible

    def schedule(self, start: datetime) -> Sequence[Instruction]:
        """Return an instruction for each container of a run that begins at ``start``."""
        return self._schedule(start, self._usual(), abnormal=False)

    def _schedule(
        self, start: datetime, chosen: Sequence[PPBCPowerSequence], *, abnormal: bool
    ) -> Sequence[Instruction]:
        profile, window = self._profile, self.window
        if profile is None or window is None:
            raise S2Error("it has offered no profile")
        lasts = sum((piece.lasts for piece in _pieces(chosen)), timedelta())
        earliest, latest = window[0], window[1] - lasts
        if self.begun or not earliest <= start <= latest:
            raise S2Error(f"a run has to begin from {earliest} to {latest}")
        self._start, begin = start, start
        instructions = []
        for container, sequence in zip(self._containers(), chosen, strict=True):
            self._chosen[str(container.id)] = sequence
            instructions.append(
                PPBCScheduleInstruction(
                    message_id=self._new_id(),
                    id=self._new_id(),
                    power_profile_id=identifier(profile.id),
                    sequence_container_id=identifier(container.id),
                    power_sequence_id=identifier(sequence.id),
                    execution_time=begin,
                    abnormal_condition=abnormal,
                )
            )
            begin += sum((piece.lasts for piece in _pieces([sequence])), timedelta())
        return instructions

    def refused(self) -> None:
        """Take that it was not scheduled, or not paused; see `Control`."""
        if not self.begun:
            self._start, self._chosen = None, {}
        self._paused = None

    def expects_w(self) -> float | None:
        """Return None: a run's power changes by itself."""
        return None

    def described(self, now: datetime) -> dict[str, Any] | None:
        """Return an appliance with its profile in steps of five minutes."""
        window, pieces = self.window, self.pieces
        if window is None or self.begun or not pieces:
            return None
        return {
            "kind": "appliance",
            "profile_kw": [power_w / _KW for power_w in _stepped(pieces)],
            "profile_step_minutes": _STEP / timedelta(minutes=1),
            "earliest_start": max(window[0], now).isoformat(),
            "latest_end": window[1].isoformat(),
        }


def _usual(container: PPBCPowerSequenceContainer) -> PPBCPowerSequence:
    return _usually(container)[0]


def _usually(container: PPBCPowerSequenceContainer) -> list[PPBCPowerSequence]:
    """Return those that need no abnormal condition, all where each needs one."""
    sequences = container.power_sequences
    return [s for s in sequences if not s.abnormal_condition_only] or sequences


def _pieces(sequences: Iterable[PPBCPowerSequence]) -> tuple[Piece, ...]:
    return tuple(
        Piece(element.duration.to_timedelta(), expected_w(element.power_values))
        for sequence in sequences
        for element in sequence.elements
    )


def _peak_w(sequence: PPBCPowerSequence) -> float:
    return max((piece.power_w for piece in _pieces([sequence])), default=0.0)


def _begins_w(sequence: PPBCPowerSequence) -> float:
    """Return its mean power at first, as a step of a plan has it."""
    left, drawn, pieces = _BEGIN, 0.0, _pieces([sequence])
    for piece in pieces:
        part = min(left, piece.lasts)
        drawn, left = drawn + piece.power_w * (part / _BEGIN), left - part
    lasted = _BEGIN - left
    return drawn * (_BEGIN / lasted) if lasted else 0.0


def _stepped(pieces: Sequence[Piece]) -> list[float]:
    """Return the mean power of each step, the last one filled up with nothing."""
    energy: list[float] = []
    place = timedelta()
    for piece in pieces:
        left = piece.lasts
        while left > timedelta():
            index, within = divmod(place, _STEP)
            energy += [0.0] * (index + 1 - len(energy))
            part = min(left, _STEP - within)
            energy[index] += piece.power_w * (part / _STEP)
            place, left = place + part, left - part
    return energy
