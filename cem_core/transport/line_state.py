"""What is known of a meter's line at one moment."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class LineStatus(StrEnum):
    """What the line does.

    ``disconnected``: there is no connection. ``searching``: its speed and form are
    being tried. ``silent``: no bytes. ``waiting``: bytes, no whole telegram yet.
    ``unreadable``: bytes for long, and no telegram in them.
    ``key_needed``: telegrams that are encrypted, without a key. ``key_refused``: none
    could be decrypted with the key given. ``reading``: telegrams come.
    """

    DISCONNECTED = "disconnected"
    SEARCHING = "searching"
    SILENT = "silent"
    WAITING = "waiting"
    UNREADABLE = "unreadable"
    KEY_NEEDED = "key_needed"
    KEY_REFUSED = "key_refused"
    READING = "reading"


@dataclass(frozen=True, slots=True, kw_only=True)
class LineState:
    """What the line does, why, and what has come since the start.

    ``telegrams`` are whole ones, also without values. ``damaged`` counts the others
    by cause. ``data_age_s`` is the time since the last whole one, None before it.
    """

    status: LineStatus = LineStatus.DISCONNECTED
    cause: str = "not started"
    format: str | None = None
    bytes: int = 0
    telegrams: int = 0
    damaged: Mapping[str, int] = field(default_factory=dict)
    data_age_s: float | None = None
