"""What was sent to a resource manager and is not confirmed yet."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from s2python.common import (
    Handshake,
    HandshakeResponse,
    ReceptionStatus,
    ReceptionStatusValues,
    SelectControlType,
)

from cem_core.s2.control import Instruction
from cem_core.s2.messages import S2Error

type Sent = Handshake | HandshakeResponse | Instruction | SelectControlType

_ANSWER_WITHIN: Final = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a reception status means for what was sent."""

    again: str = ""
    """What is told once more."""
    refused: str = ""
    """Why it was not taken."""
    ends: bool = False
    """Whether nothing can go on without it."""


@dataclass(slots=True)
class _Waiting:
    message: Sent
    until: datetime
    again: bool = True


@dataclass(slots=True)
class Outbox:
    """Each message waits for its reception status; once it is told again."""

    _waiting: dict[str, _Waiting] = field(default_factory=dict)

    def send(self, message: Sent, now: datetime) -> str:
        """Return ``message`` as text, and wait for its answer."""
        subject = str(message.message_id)
        self._waiting[subject] = _Waiting(message, now + _ANSWER_WITHIN)
        return message.to_json()

    def overdue(self, now: datetime) -> list[str]:
        """Return what has to be told again. Raises S2Error where it was already."""
        again = []
        for subject, waiting in list(self._waiting.items()):
            if waiting.until > now:
                continue
            if not waiting.again:
                cause = f"{waiting.message.message_type} was not confirmed in time"
                raise S2Error(cause)
            again.append(self._once_more(subject, waiting, now))
        return again

    def _once_more(self, subject: str, waiting: _Waiting, now: datetime) -> str:
        until = now + _ANSWER_WITHIN
        self._waiting[subject] = _Waiting(waiting.message, until, again=False)
        return waiting.message.to_json()

    def confirmed(self, status: ReceptionStatus, now: datetime) -> Answer:
        """Take the answer to one message; one that waits for none means nothing."""
        subject = str(status.subject_message_id)
        waiting = self._waiting.pop(subject, None)
        if waiting is None or status.status is ReceptionStatusValues.OK:
            return Answer()
        if status.status is ReceptionStatusValues.TEMPORARY_ERROR and waiting.again:
            return Answer(again=self._once_more(subject, waiting, now))
        kind, said = waiting.message.message_type, status.diagnostic_label or ""
        cause = f"{kind}: {status.status.value} {said}".strip()
        ends = isinstance(waiting.message, Handshake | HandshakeResponse)
        return Answer(refused=cause, ends=ends)

    def waits(self) -> bool:
        """Tell whether something is not confirmed yet."""
        return bool(self._waiting)

    def forget(self) -> None:
        """Wait for nothing."""
        self._waiting.clear()
