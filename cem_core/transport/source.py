"""What every source of bytes looks like from outside."""

from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class ConnectionState(StrEnum):
    """Whether bytes are coming.

    ``connected``: they are. ``silent``: the other side keeps the connection
    but has sent nothing for too long. ``searching``: the port is open, and its speed
    and form are being tried. ``disconnected``: there is none.
    """

    CONNECTED = "connected"
    SILENT = "silent"
    SEARCHING = "searching"
    DISCONNECTED = "disconnected"


@dataclass(frozen=True, slots=True)
class ConnectionChange:
    """A new state, or a new reason for the same one."""

    state: ConnectionState
    cause: str = ""


type OnChange = Callable[[ConnectionChange], None]


class ByteSource(Protocol):
    """Bytes as they arrive.

    `stream` runs until its consumer stops it (a file: until its end) and
    reconnects by itself. Close it with `contextlib.aclosing`, or cancel the
    task that iterates: the connection is closed then and no task stays behind.
    """

    def stream(self) -> AsyncGenerator[bytes]:
        """Yield pieces in any cut."""
        ...
