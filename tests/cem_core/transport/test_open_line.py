"""An address as a person writes it, and what is opened for it."""

import os
from pathlib import Path

import pytest

from cem_core.transport import FileSource, LineStatus, PortSettings, TcpSource
from cem_core.transport.auto import AutoSerialSource
from cem_core.transport.byte_reader import ByteReader
from cem_core.transport.meter_line import MeterLine
from cem_core.transport.open_line import (
    DEFAULT_PORT,
    LineSettings,
    byte_source,
    open_line,
)
from cem_core.transport.optical_head import OpticalHeadSource
from cem_core.transport.replay import ReplaySource
from cem_core.transport.serial import SerialSource
from cem_core.transport.source import ByteSource
from tests.telegrams.compose import DSMR5, EMUCS

P1 = PortSettings(115_200)


def source(address: str, settings: LineSettings | None = None) -> ByteSource:
    return byte_source(address, settings or LineSettings(), MeterLine(ByteReader()))


@pytest.mark.parametrize("address", ["/dev/ttyUSB7", "rfc2217://h:1", "COM3"])
def test_a_serial_port(address: str) -> None:
    assert isinstance(source(address), AutoSerialSource)
    known = source(address, LineSettings(port=P1))
    assert isinstance(known, SerialSource)
    assert known.settings == P1
    assert isinstance(source(address, LineSettings(optical=True)), OpticalHeadSource)


def test_a_link_to_a_port_is_a_port(tmp_path: Path) -> None:
    master, slave = os.openpty()
    (tmp_path / "meter").symlink_to(os.ttyname(slave))
    assert isinstance(source(str(tmp_path / "meter")), AutoSerialSource)
    os.close(master)
    os.close(slave)


@pytest.mark.parametrize(
    ("address", "host", "port"),
    [
        ("gateway", "gateway", DEFAULT_PORT),
        ("192.168.1.50:23", "192.168.1.50", 23),
        ("tcp://h:1", "h", 1),
        ("socket://h:1", "h", 1),
        ("[::1]:8088", "::1", 8088),
    ],
)
def test_a_gateway(address: str, host: str, port: int) -> None:
    gateway = source(address)
    assert isinstance(gateway, TcpSource)
    assert (gateway.host, gateway.port) == (host, port)


@pytest.mark.parametrize("address", ["", "h:0", "h:65536", "a b", "http://h/x", "::1"])
def test_what_is_none_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="is no meter"):
        source(address)


async def test_a_recording_is_read_or_replayed(tmp_path: Path) -> None:
    file = tmp_path / "recording"
    file.write_bytes(DSMR5 + EMUCS)
    assert isinstance(source(str(file)), FileSource)
    line = open_line(str(file), LineSettings())
    assert [r.version async for r in line.readings] == ["50", "50217"]
    assert line.state.status is LineStatus.DISCONNECTED

    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    replay = ReplaySource(path=file, settings=P1, sleep=sleep)
    assert b"".join([piece async for piece in replay.stream()]) == DSMR5 + EMUCS
    assert sum(slept) == pytest.approx(len(DSMR5 + EMUCS) / 11_520)
    assert max(slept) == pytest.approx(0.05)
    assert isinstance(source(str(file), LineSettings(port=P1)), ReplaySource)
