"""Where bytes come from. IO, and nothing but IO."""

from cem_core.transport.backoff import Backoff
from cem_core.transport.byte_reader import ByteReader
from cem_core.transport.file import FileSource
from cem_core.transport.line_state import LineState, LineStatus
from cem_core.transport.meter_line import MeterLine
from cem_core.transport.port_settings import Parity, PortSettings
from cem_core.transport.source import (
    ByteSource,
    ConnectionChange,
    ConnectionState,
    OnChange,
)
from cem_core.transport.tcp import TcpSource

__all__ = [
    "Backoff",
    "ByteReader",
    "ByteSource",
    "ConnectionChange",
    "ConnectionState",
    "FileSource",
    "LineState",
    "LineStatus",
    "MeterLine",
    "OnChange",
    "Parity",
    "PortSettings",
    "TcpSource",
]
