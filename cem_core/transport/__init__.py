"""Where bytes come from. IO, and nothing but IO."""

from cem_core.transport.backoff import Backoff
from cem_core.transport.file import FileSource
from cem_core.transport.source import (
    ByteSource,
    ConnectionChange,
    ConnectionState,
    OnChange,
)
from cem_core.transport.tcp import TcpSource

__all__ = [
    "Backoff",
    "ByteSource",
    "ConnectionChange",
    "ConnectionState",
    "FileSource",
    "OnChange",
    "TcpSource",
]
