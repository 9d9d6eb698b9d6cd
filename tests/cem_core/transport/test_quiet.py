"""The kernel tells when bytes came that TLS cannot hand over yet."""

import socket
import sys
import time

import pytest

from cem_core.transport.quiet import quiet_for_s


@pytest.mark.skipif(sys.platform != "linux", reason="Linux tells it")
def test_the_time_since_the_last_bytes_is_told() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname()) as sender,
        server.accept()[0] as receiver,
    ):
        time.sleep(0.3)
        quiet_s = quiet_for_s(receiver)
        assert quiet_s is not None
        assert quiet_s >= 0.25
        sender.send(b"x")
        time.sleep(0.02)
        quiet_s = quiet_for_s(receiver)
        assert quiet_s is not None
        assert quiet_s < 0.25


def test_a_socket_that_is_closed_tells_nothing() -> None:
    closed = socket.socket()
    closed.close()
    assert quiet_for_s(closed) is None
