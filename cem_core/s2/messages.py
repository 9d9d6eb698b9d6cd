"""Text of a WebSocket frame <-> S2 message."""

from datetime import timedelta
import json
from typing import Any, Final
from uuid import UUID

from s2python.common import ReceptionStatus, ReceptionStatusValues
from s2python.generated.gen_s2 import ID
from s2python.message import S2Message
from s2python.ppbc import PPBCPowerSequenceContainerStatus
from s2python.s2_parser import S2Parser
from s2python.s2_validation_error import S2ValidationError

VERSION: Final = "0.0.2-beta"
"""The protocol version that is spoken: the first of s2-ws-json."""

_LONGEST_MS: Final = 366 * 24 * 3_600_000  # of a sequence
LONGEST: Final = 1_000_000  # characters of a message; a day in minutes takes 200,000


class S2Error(Exception):
    """A message that cannot be taken, with the status that its sender is told.

    ``subject`` is its identifier, None where it has none that can be read.
    """

    def __init__(
        self,
        cause: str,
        status: ReceptionStatusValues = ReceptionStatusValues.INVALID_CONTENT,
        subject: str | None = None,
    ) -> None:
        """Say why, in one line."""
        super().__init__(cause)
        self.cause = cause
        self.status = status
        self.subject = subject


def identifier(found: UUID | ID) -> UUID:
    """Return an identifier; s2-python has two types of them. Raises S2Error."""
    if isinstance(found, UUID):
        return found
    try:
        return UUID(found.root)
    except ValueError as error:
        raise S2Error(f"{found.root} is no UUID") from error


def text_of(name: UUID | ID) -> str:
    """Return an identifier as text."""
    return name.root if isinstance(name, ID) else str(name)


def reception(subject: UUID, status: ReceptionStatusValues, cause: str = "") -> str:
    """Return the answer to a message, as text."""
    return ReceptionStatus(
        subject_message_id=subject, status=status, diagnostic_label=cause or None
    ).to_json()


def uuid_of(said: str | None) -> UUID | None:
    """Return an identifier that somebody said, None: it is none."""
    if said is None:
        return None
    try:
        return UUID(said)
    except ValueError:
        return None


def parse(text: str) -> S2Message:
    """Return the message in ``text``.

    Raises S2Error with `INVALID_DATA` where it is no JSON object, and with
    `INVALID_MESSAGE` where that is no message of the standard.
    """
    if len(text) > LONGEST:
        raise S2Error(
            f"a message of more than {LONGEST} characters",
            ReceptionStatusValues.INVALID_DATA,
        )
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        cause = f"no JSON: {error}"
        raise S2Error(cause, ReceptionStatusValues.INVALID_DATA) from error
    if not isinstance(found, dict):
        raise S2Error("no JSON object", ReceptionStatusValues.INVALID_DATA)
    _widen(found)
    try:
        return S2Parser.parse_as_any_message(found)
    except S2ValidationError as error:
        raise S2Error(
            f"{found.get('message_type', 'no message_type')}: {_cause(error)}",
            ReceptionStatusValues.INVALID_MESSAGE,
            _subject(found),
        ) from error


def _widen(found: dict[str, Any]) -> None:
    """Write a message as the models of s2-python 0.11 demand it.

    Of a DDBC mode the standard has `Id` and one `supply_range`; the model wants `id`
    beside it and a list. A device may say it in either way. The progress of a PPBC
    sequence, milliseconds in the standard, is an identifier in the model: see
    `progress`.
    """
    if found.get("message_type") == "PPBC.PowerProfileStatus":
        for status in _objects(found.get("sequence_container_status")):
            over = status.get("progress")
            if type(over) is int and 0 <= over <= _LONGEST_MS:
                status["progress"] = str(UUID(int=over))
    if found.get("message_type") != "DDBC.SystemDescription":
        return
    for actuator in _objects(found.get("actuators")):
        if "supported_commodities" in actuator:
            commodities = actuator.pop("supported_commodities")
            actuator.setdefault("supported_commodites", commodities)
        for mode in _objects(actuator.get("operation_modes")):
            name = mode.get("Id", mode.get("id"))
            mode["Id"] = mode["id"] = name
            if isinstance(mode.get("supply_range"), dict):
                mode["supply_range"] = [mode["supply_range"]]


def progress(found: PPBCPowerSequenceContainerStatus) -> timedelta | None:
    """Return how much of a sequence is over; the model has it for an identifier."""
    if found.progress is None:
        return None
    return timedelta(milliseconds=min(found.progress.int, _LONGEST_MS))


def _objects(found: object) -> list[dict[str, Any]]:
    if not isinstance(found, list):
        return []
    return [each for each in found if isinstance(each, dict)]


def _subject(found: dict[str, Any]) -> str | None:
    subject = found.get("message_id")
    return subject if isinstance(subject, str) else None


def _cause(error: S2ValidationError) -> str:
    """Return the first thing that is wrong, in one line."""
    said = str(error.__cause__ or error.msg)
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return " ".join(lines[1:3]) if len(lines) > 1 else said
