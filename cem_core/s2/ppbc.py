"""Power-profile based control: a device with programmes that can be put off.

A profile is a series of containers, one after the other; of each container one
sequence is run, a washing programme say. What can be chosen is when, and which: as it
is planned, else the one that begins nearest to what is ordered, and under a limit the
first that stays below it. It may be paused between two, and where it can be interrupted.
"""

from collections.abc import Mapping, Sequence
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
    PPBCPowerSequenceContainerStatus,
    PPBCScheduleInstruction,
    PPBCStartInterruptionInstruction,
)

from cem_core.model.plan import PlannedSection
from cem_core.s2 import run_left, schedule
from cem_core.s2.control import Instruction, NewId, Order
from cem_core.s2.messages import S2Error, identifier, progress
from cem_core.s2.power import Span
from cem_core.s2.sequences import Piece, length, peak_w, pieces, stepped, usual

_KW: Final = 1000.0
_STEP: Final = timedelta(minutes=5)  # of the profile as the optimiser sees it
_MOVED: Final = timedelta(minutes=2)  # less is not told again
_WAITS: Final = frozenset((SequenceStatus.NOT_SCHEDULED, SequenceStatus.ABORTED))


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
        self._begins: dict[str, datetime] = {}  # as it was told, by container
        self._plan: Mapping[str, PlannedSection] = {}
        self._heard: dict[str, run_left.Heard] = {}
        self.heard_at: datetime | None = None
        """When it speaks: a status says how far it is, and not when."""
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
                self._hears(each)
        self._paused = None
        if not self.begun and all(s in _WAITS for s in self._status.values()):
            self._start = None  # what was scheduled is off again

    def _hears(self, said: PPBCPowerSequenceContainerStatus) -> None:
        name = str(said.sequence_container_id)
        self._status[name] = said.status
        over = progress(said)
        self._heard[name] = run_left.Heard(
            timedelta() if over is None else over, self.heard_at
        )
        for container in self._containers():
            if str(container.id) == name:
                for sequence in container.power_sequences:
                    if str(sequence.id) == str(said.selected_sequence_id):
                        self._chosen[name] = sequence

    def planned(self, sections: Sequence[PlannedSection]) -> None:
        """Take what a plan made of `described`: when which sequence is to run."""
        self._plan = {each.section: each for each in sections}

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
        self._chosen, self._begins, self._paused = {}, {}, None
        self._plan, self._heard = {}, {}

    @property
    def begun(self) -> bool:
        """Whether the device runs, is paused, or has run."""
        return any(status in run_left.BEGUN for status in self._status.values())

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """What a run draws, in order, as it was scheduled, else as it is planned."""
        return pieces(self._chosen.values() or schedule.counted_on(self._containers()))

    @property
    def window(self) -> tuple[datetime, datetime] | None:
        """The earliest start and the latest end, None: no profile is waiting."""
        if self._profile is None:
            return None
        return self._profile.start_time, self._profile.end_time

    def _containers(self) -> Sequence[PPBCPowerSequenceContainer]:
        return () if self._profile is None else self._profile.power_sequences_containers

    def power_w(self, now: datetime) -> Span | None:
        """Return nothing and its highest power; see `Control`."""
        found = self.pieces
        if not found:
            return None
        del now
        return Span(0.0, max(piece.power_w for piece in found))

    def instruct(self, order: Order, now: datetime) -> Sequence[Instruction]:
        """Schedule a run to begin now where ``order`` has power, else nothing.

        A limit pauses one that runs above it, an order of nothing any that can be, and
        more power lets it go on. What was handed back is not paused.
        """
        if self.begun:
            return (*self._pause(order, now), *self._moved(order, now))
        if order.power_w <= 0 or self._start is not None:
            return ()
        containers = self._containers()
        if order.limited:
            chosen = schedule.below(containers, order.power_w)
        else:
            chosen = schedule.meant(containers, self._plan, order.power_w)
        return self._schedule(now, chosen, abnormal=order.limited)

    def _pause(self, order: Order, now: datetime) -> Sequence[Instruction]:
        """Interrupt the sequence that runs, or end that."""
        profile, running = self._profile, self._running()
        if profile is None or running is None:
            return ()
        container, sequence, paused = running
        too_much = order.power_w <= 0 and not order.handed_back
        if order.limited:
            too_much = peak_w(sequence) > order.power_w
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
            sequence = self._chosen.get(str(container.id), usual(container)[0])
            return container, sequence, paused
        return None

    @property
    def interruptible(self) -> bool:
        """Whether what runs now can be paused."""
        running = self._running()
        return running is not None and running[1].is_interruptible

    def schedule(self, start: datetime) -> Sequence[Instruction]:
        """Return an instruction for each container of a run that begins at ``start``."""
        chosen = schedule.counted_on(self._containers())
        return self._schedule(start, chosen, abnormal=False)

    def _schedule(
        self, start: datetime, chosen: Sequence[PPBCPowerSequence], *, abnormal: bool
    ) -> Sequence[Instruction]:
        window = self.window
        if window is None:
            raise S2Error("it has offered no profile")
        latest = window[1] - length(pieces(chosen))
        if self.begun or not window[0] <= start <= latest:
            raise S2Error(f"a run has to begin from {window[0]} to {latest}")
        containers = self._containers()
        begins = schedule.begins(start, window[1], containers, chosen, self._plan)
        self._start = start
        return [
            self._told(container, sequence, begin, abnormal=abnormal)
            for container, sequence, begin in zip(
                containers, chosen, begins, strict=True
            )
        ]

    def _told(
        self,
        container: PPBCPowerSequenceContainer,
        sequence: PPBCPowerSequence,
        begin: datetime,
        *,
        abnormal: bool,
    ) -> PPBCScheduleInstruction:
        if self._profile is None:
            raise S2Error("it has offered no profile")
        name = str(container.id)
        self._chosen[name], self._begins[name] = sequence, begin
        return PPBCScheduleInstruction(
            message_id=self._new_id(),
            id=self._new_id(),
            power_profile_id=identifier(self._profile.id),
            sequence_container_id=identifier(container.id),
            power_sequence_id=identifier(sequence.id),
            execution_time=begin,
            abnormal_condition=abnormal,
        )

    def _moved(self, order: Order, now: datetime) -> list[Instruction]:
        """Return instructions for what has not begun yet and is planned anew."""
        found: list[Instruction] = []
        left_alone = order.limited or order.handed_back
        for container in () if left_alone else self._containers():
            name = str(container.id)
            planned = self._plan.get(name)
            sequence = schedule.planned_of(container, self._plan)
            told = self._begins.get(name)
            if self._status.get(name) in run_left.BEGUN or told is None:
                continue
            if planned is None or sequence is None:
                continue
            begin = max(planned.start, now)
            if sequence == self._chosen.get(name) and abs(begin - told) < _MOVED:
                continue
            found.append(self._told(container, sequence, begin, abnormal=False))
        return found

    def refused(self) -> None:
        """Take that it was not scheduled, or not paused; see `Control`."""
        if not self.begun:
            self._start, self._chosen = None, {}
        self._paused = None

    def expects_w(self) -> float | None:
        """Return None: a run's power changes by itself."""
        return None

    def described(self, now: datetime) -> dict[str, Any] | None:
        """Return an appliance, or a programme where there is more to choose than when.

        One that runs is a programme of what is left of it.
        """
        window = self.window
        if window is None or window[1] <= now:
            return None
        found = {
            "earliest_start": max(window[0], now).isoformat(),
            "latest_end": window[1].isoformat(),
        }
        if not self.begun and not run_left.chooses(self._containers()):
            profile_w = stepped(self.pieces, _STEP)
            return found | {
                "kind": "appliance",
                "profile_kw": [power_w / _KW for power_w in profile_w],
                "profile_step_minutes": _STEP / timedelta(minutes=1),
            }
        sections = list(
            run_left.sections(
                self._containers(), self._chosen, self._status, self._heard, now
            )
        )
        if not sections:
            return None
        return found | {
            "kind": "programme",
            "sections": sections,
            "profile_step_minutes": run_left.STEP / timedelta(minutes=1),
            "begun": self.begun,
        }
