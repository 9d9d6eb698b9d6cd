"""The CEM's side of one S2 connection.

Handshake, details, choice of a control type, then descriptions, states and
measurements in and instructions out. Every message but a reception status is answered
by one. What a device has not confirmed in time is told again once and then is an error.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID, uuid4

from s2python.common import (
    ControlType,
    EnergyManagementRole,
    Handshake,
    HandshakeResponse,
    InstructionStatus,
    InstructionStatusUpdate,
    PowerForecast,
    PowerMeasurement,
    ReceptionStatus,
    ReceptionStatusValues,
    ResourceManagerDetails,
    RevokeObject,
    SelectControlType,
    SessionRequest,
    SessionRequestType,
)
from s2python.message import S2Message

from cem_core.s2.control import Control, NewId, Order
from cem_core.s2.control_types import DESCRIPTIONS, OF_TYPE, PREFIX
from cem_core.s2.held import Held
from cem_core.s2.messages import VERSION, S2Error, parse, reception, text_of, uuid_of
from cem_core.s2.outbox import Outbox
from cem_core.s2.power import Span, measured_w
from cem_core.s2.ppbc import PowerProfile

_REFUSALS: Final = frozenset(
    (InstructionStatus.REJECTED, InstructionStatus.ABORTED, InstructionStatus.REVOKED)
)


class SessionState(StrEnum):
    """How far a session has come."""

    HANDSHAKE = "handshake"
    DETAILS = "details"
    READY = "ready"
    ENDED = "ended"


@dataclass(slots=True)
class Session:
    """One resource manager; feed it, send what it returns."""

    new_id: NewId = uuid4
    state: SessionState = SessionState.HANDSHAKE
    details: ResourceManagerDetails | None = None
    control: Control | None = None
    selected: ControlType = ControlType.NO_SELECTION
    measured_w: float | None = None
    """Electric power as last measured by the device, None: it does not say."""
    measured_at: datetime | None = None
    ended_because: str = ""
    refused: str = ""
    """Why the last instruction was not carried out; empty: nothing was refused."""
    descriptions: int = 0
    """How often it said anew what it can do, or took that back."""
    _let_go: str = ""
    """How messages begin of the control type that it was handed back from."""
    _held: Held = field(default_factory=Held)
    _outbox: Outbox = field(default_factory=Outbox)
    _instructions: set[str] = field(default_factory=set)
    _unjudged: set[str] = field(default_factory=set)

    def feed(self, text: str, now: datetime) -> list[str]:
        """Take one message and return what is to be sent, in order."""
        self._take_due(now)
        try:
            message = parse(text)
        except S2Error as error:
            return list(self._refuse(error))
        if isinstance(message, ReceptionStatus):
            return list(self._confirmed(message, now))
        subject = UUID(str(message.message_id))
        try:
            answers = list(self._take(message, now))
        except S2Error as error:
            return list(self._refuse(error, subject))
        return [reception(subject, ReceptionStatusValues.OK), *answers]

    def _refuse(self, error: S2Error, subject: UUID | None = None) -> Iterator[str]:
        """Tell the sender why, where it can be told which message."""
        found = subject if subject is not None else uuid_of(error.subject)
        if found is not None:
            yield reception(found, error.status, error.cause)

    def _take(self, message: S2Message, now: datetime) -> Iterator[str]:
        match message:
            case Handshake():
                yield from self._shake(message, now)
            case ResourceManagerDetails():
                yield from self._detailed(message, now)
            case SessionRequest():
                self._requested(message)
            case _ if self.state is not SessionState.READY:
                cause = f"{message.message_type} before ResourceManagerDetails"
                raise S2Error(cause)
            case PowerMeasurement():
                power_w = measured_w(message.values)
                if power_w is not None:
                    self.measured_w = power_w
                    self.measured_at = message.measurement_timestamp
            case _:
                self._reported(message, now)

    def _reported(self, message: S2Message, now: datetime) -> None:
        if isinstance(self.control, PowerProfile):
            self.control.heard_at = now
        match message:
            case InstructionStatusUpdate():
                self._instructed(message)
            case RevokeObject():
                self._revoked(message)
            case PowerForecast():
                pass  # a device's own forecast: the home's is learned from its meter
            case _ if self.control is None:
                # What was under way when it was handed back it could not hold back.
                if not message.message_type.startswith(self._let_go or " "):
                    raise self._out_of_place(message)
            case _ if self._described(now) and self._held.keeps(message, now):
                pass
            case _ if not self.control.take(message):
                raise self._out_of_place(message)
            case _:
                self.descriptions += message.message_type in DESCRIPTIONS

    def _out_of_place(self, message: S2Message) -> S2Error:
        return S2Error(f"{message.message_type} is not of {self.selected.value}")

    def _described(self, now: datetime) -> bool:
        """Tell whether something is in force, which holds until what is to come."""
        return self.control is not None and self.control.power_w(now) is not None

    def _take_due(self, now: datetime) -> None:
        """Take the descriptions that hold by now."""
        for message in self._held.due(now):
            if self.control is not None:
                self.control.take(message)
                self.descriptions += 1

    def _shake(self, message: Handshake, now: datetime) -> Iterator[str]:
        if message.role is not EnergyManagementRole.RM:
            raise S2Error("the CEM speaks with resource managers only")
        versions = message.supported_protocol_versions or []
        if VERSION not in versions:
            self._end(f"it speaks {', '.join(versions) or 'no version'}, not {VERSION}")
            raise S2Error(f"only version {VERSION} is spoken")
        self.state = SessionState.DETAILS
        yield self._outbox.send(
            Handshake(
                message_id=self.new_id(),
                role=EnergyManagementRole.CEM,
                supported_protocol_versions=[VERSION],
            ),
            now,
        )
        yield self._outbox.send(
            HandshakeResponse(
                message_id=self.new_id(), selected_protocol_version=VERSION
            ),
            now,
        )

    def _detailed(
        self, message: ResourceManagerDetails, now: datetime
    ) -> Iterator[str]:
        if self.state is SessionState.HANDSHAKE:
            raise S2Error("ResourceManagerDetails before the handshake")
        offered = message.available_control_types
        self.details, self.state = message, SessionState.READY
        if self.selected in offered:
            return
        self.control, self.selected = None, ControlType.NO_SELECTION
        yield from self.take_over(now)

    def take_over(self, now: datetime) -> Iterator[str]:
        """Yield what selects the control type that lets most be chosen, if any."""
        if (wanted := self.offers) is not None:
            yield from self.select(wanted, now)

    def select(self, kind: ControlType, now: datetime) -> Iterator[str]:
        """Yield what takes the device over under ``kind``, or hands it back.

        `NO_SELECTION` hands it back: the device does then as it did before.
        """
        self._let_go = PREFIX.get(self.selected, self._let_go)
        self.selected = kind
        self._held.forget()
        made = OF_TYPE.get(kind)
        self.control = None if made is None else made(self.new_id)
        yield self._outbox.send(
            SelectControlType(message_id=self.new_id(), control_type=kind), now
        )

    def _requested(self, message: SessionRequest) -> None:
        kind = message.request
        said = message.diagnostic_label or "no reason given"
        again = kind is SessionRequestType.RECONNECT
        self._end(f"it {'will connect again' if again else 'leaves'}: {said}")

    def _instructed(self, message: InstructionStatusUpdate) -> None:
        subject = str(message.instruction_id)
        if subject not in self._instructions:
            raise S2Error(f"instruction {subject} is not known")
        self._unjudged.discard(subject)
        if message.status_type in _REFUSALS:
            self.refused = f"the device says {message.status_type.value.lower()}"

    def _revoked(self, message: RevokeObject) -> None:
        kind, subject = message.object_type, str(message.object_id)
        if self._held.revoke(subject):
            return
        self.descriptions += 1
        if self.control is None or not self.control.revoke(kind, subject):
            raise S2Error(f"{kind.value} {subject} is not known")

    @property
    def controllable(self) -> bool:
        """Whether the device is there and offers a control type that is spoken."""
        return self.state is SessionState.READY and self.offers is not None

    @property
    def offers(self) -> ControlType | None:
        """The control type that lets most be chosen, None: none that is spoken."""
        offered = () if self.details is None else self.details.available_control_types
        return next((kind for kind in OF_TYPE if kind in offered), None)

    def power_w(self, now: datetime) -> Span | None:
        """Return the least and the most that it can draw next, None: not known."""
        return None if self.control is None else self.control.power_w(now)

    def instruct(self, order: Order, now: datetime) -> list[str]:
        """Return what is to be sent so that the device does ``order``.

        Raises S2Error where it cannot be instructed: not ready, or not described.
        """
        if self.control is None:
            raise S2Error("it cannot be controlled, or is not ready yet")
        self._take_due(now)
        if self.refused:
            self.control.refused()
        messages = self.control.instruct(order, now)
        self.refused = ""
        self._unjudged = {text_of(each.id) for each in messages}
        self._instructions |= self._unjudged
        return [self._outbox.send(message, now) for message in messages]

    def tick(self, now: datetime) -> list[str]:
        """Return what has to be told again; ends the session where nothing answers."""
        self._take_due(now)
        try:
            return self._outbox.overdue(now)
        except S2Error as error:
            self._end(error.cause)
            return []

    def waits(self) -> bool:
        """Tell whether something sent is not confirmed yet."""
        return self._outbox.waits()

    def judged(self) -> bool:
        """Tell whether the device said of the last instructions what became of them.

        A confirmation says only that a message arrived.
        """
        return bool(self.refused) or not self._unjudged

    def lost(self, cause: str) -> None:
        """Take that the connection is gone."""
        self._end(cause)
        self.control = None

    def _end(self, cause: str) -> None:
        if self.state is not SessionState.ENDED:
            self.state, self.ended_because = SessionState.ENDED, cause
            self._outbox.forget()

    def _confirmed(self, message: ReceptionStatus, now: datetime) -> Iterator[str]:
        answer = self._outbox.confirmed(message, now)
        if answer.again:
            yield answer.again
        if answer.ends:
            self._end(answer.refused)
        elif answer.refused:
            self.refused = answer.refused
