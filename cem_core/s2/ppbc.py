"""Power-profile based control: a device with programmes that can be put off.

A profile is a series of containers, one after the other; of each container one
sequence is run, a washing programme say. All that can be chosen is when and which.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final
from uuid import uuid4

from s2python.common import ControlType, ReceptionStatusValues, RevokableObjects
from s2python.generated.gen_s2 import PPBCPowerSequenceStatus as SequenceStatus
from s2python.message import S2Message
from s2python.ppbc import (
    PPBCPowerProfileDefinition,
    PPBCPowerProfileStatus,
    PPBCPowerSequence,
    PPBCScheduleInstruction,
)

from cem_core.s2.control import Instruction, NewId, Order
from cem_core.s2.messages import S2Error, identifier
from cem_core.s2.power import Span, expected_w

_KW: Final = 1000.0
_STEP: Final = timedelta(minutes=5)  # of the profile as the optimiser sees it
_BEGUN: Final = frozenset(
    (SequenceStatus.EXECUTING, SequenceStatus.INTERRUPTED, SequenceStatus.FINISHED)
)


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

    def take(self, message: S2Message) -> bool:
        """Keep what ``message`` says; see `Control`."""
        match message:
            case PPBCPowerProfileDefinition():
                if not all(
                    container.power_sequences
                    for container in message.power_sequences_containers
                ):
                    raise S2Error("a container without a sequence")
                self._profile, self._status, self._start = message, {}, None
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

    def revoke(self, kind: RevokableObjects, subject: str) -> bool:
        """Forget the profile; see `Control`."""
        known = RevokableObjects.PPBC_PowerProfileDefinition
        if kind is not known or self._profile is None:
            return False
        if str(self._profile.id) != subject:
            return False
        self._profile, self._status, self._start = None, {}, None
        return True

    @property
    def begun(self) -> bool:
        """Whether the device runs, or has run, so that nothing is left to choose."""
        return any(status in _BEGUN for status in self._status.values())

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """What a run draws, in order; of each container its first sequence."""
        return tuple(
            Piece(element.duration.to_timedelta(), expected_w(element.power_values))
            for sequence in self._sequences()
            for element in sequence.elements
        )

    @property
    def window(self) -> tuple[datetime, datetime] | None:
        """The earliest start and the latest end, None: no profile is waiting."""
        if self._profile is None:
            return None
        return self._profile.start_time, self._profile.end_time

    def _sequences(self) -> list[PPBCPowerSequence]:
        if self._profile is None:
            return []
        return [
            next(
                (s for s in container.power_sequences if not s.abnormal_condition_only),
                container.power_sequences[0],
            )
            for container in self._profile.power_sequences_containers
        ]

    def power_w(self, now: datetime) -> Span | None:
        """Return nothing and its highest power; see `Control`."""
        pieces = self.pieces
        if not pieces or self.begun:
            return None
        del now
        return Span(0.0, max(piece.power_w for piece in pieces))

    def instruct(self, order: Order, now: datetime) -> Sequence[Instruction]:
        """Schedule a run to begin now where ``order`` has power, else nothing."""
        if order.power_w <= 0 or self.begun or self._start is not None:
            return ()
        return self.schedule(now)

    def schedule(self, start: datetime) -> Sequence[Instruction]:
        """Return an instruction for each container of a run that begins at ``start``."""
        profile, window = self._profile, self.window
        if profile is None or window is None:
            raise S2Error("it has offered no profile")
        lasts = sum((piece.lasts for piece in self.pieces), timedelta())
        earliest, latest = window[0], window[1] - lasts
        if self.begun or not earliest <= start <= latest:
            raise S2Error(f"a run has to begin from {earliest} to {latest}")
        self._start, begin = start, start
        instructions = []
        containers = profile.power_sequences_containers
        for container, sequence in zip(containers, self._sequences(), strict=True):
            instructions.append(
                PPBCScheduleInstruction(
                    message_id=self._new_id(),
                    id=self._new_id(),
                    power_profile_id=identifier(profile.id),
                    sequence_container_id=identifier(container.id),
                    power_sequence_id=identifier(sequence.id),
                    execution_time=begin,
                    abnormal_condition=False,
                )
            )
            for element in sequence.elements:
                begin += element.duration.to_timedelta()
        return instructions

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
