"""For how long nothing has come in on a TCP connection, as the kernel counts it.

On a line of 1 kbit/s a message takes seconds to come in. The kernel sees its first
bytes long before TLS can hand over the whole. Source: Linux, struct tcp_info.
"""

import socket
import struct
from typing import Final

_LAST_DATA_RECEIVED: Final = struct.Struct("=52xI")


def quiet_for_s(connection: socket.socket) -> float | None:
    """Return the seconds since the last bytes came; None: the system does not say."""
    option = getattr(socket, "TCP_INFO", None)
    if option is None:
        return None
    try:
        said = connection.getsockopt(
            socket.IPPROTO_TCP, option, _LAST_DATA_RECEIVED.size
        )
    except OSError:
        return None
    if len(said) < _LAST_DATA_RECEIVED.size:
        return None
    (milliseconds,) = _LAST_DATA_RECEIVED.unpack(said)
    return float(milliseconds) / 1000
