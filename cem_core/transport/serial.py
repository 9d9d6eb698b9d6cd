"""Bytes from a serial port: a P1 cable, an optical head, a TIC or HAN adapter.

The port is a device of this machine, or one of another that can be set over the
network (``rfc2217://host:port``, ``esphome://…``): whatever serialx opens. It is
locked while it is open, so that no other program takes bytes away.
"""

import asyncio
from dataclasses import dataclass
import errno
from typing import Any, Final, override

from serialx import SerialException, StopBits, open_serial_connection
from serialx.async_serial import SerialStreamWriter
from serialx.common import BaseSerialTransport, Parity as PortParity

from cem_core.transport.port_settings import PortSettings
from cem_core.transport.stream import Connection, StreamSource

type PortWriter = SerialStreamWriter[BaseSerialTransport]

_ANSWER_S: Final = 10.0  # for a port of another machine
_SEVEN: Final = 7
_SEVEN_BITS: Final = bytes(byte & 0x7F for byte in range(256))


class PortError(OSError):
    """A setting, or a kind of address, that there is not."""


async def open_port(
    url: str, settings: PortSettings
) -> tuple[asyncio.StreamReader, PortWriter]:
    """Return the open port. Raises OSError, a `PortError` for what cannot be set."""
    try:
        return await _open(url, settings)
    except OSError as error:
        if not _refuses_seven(error, settings):
            raise
        return await _open(url, PortSettings(settings.baud))


async def set_port(writer: PortWriter, settings: PortSettings) -> None:
    """Set an open port; what had come and was not read yet is thrown away.

    Raises OSError, a `PortError` for what cannot be set.
    """
    try:
        await _set(writer, settings)
    except OSError as error:
        if not _refuses_seven(error, settings):
            raise
        await _set(writer, PortSettings(settings.baud))


def characters(data: bytes, settings: PortSettings) -> bytes:
    """Return ``data`` without check bits, where an adapter left them in."""
    return data.translate(_SEVEN_BITS) if settings.data_bits == _SEVEN else data


def _refuses_seven(error: OSError, settings: PortSettings) -> bool:
    """Tell whether the adapter has 8 bits only: that does, as check bits are cut off.

    Some refuse, and some let it pass and give 8 bits all the same.
    """
    return error.errno == errno.EINVAL and settings.data_bits == _SEVEN


async def _open(
    url: str, settings: PortSettings
) -> tuple[asyncio.StreamReader, PortWriter]:
    try:
        async with asyncio.timeout(_ANSWER_S):
            return await open_serial_connection(
                url,
                baudrate=settings.baud,
                byte_size=settings.data_bits,
                parity=PortParity(settings.parity.value),
                stopbits=StopBits(settings.stop_bits),
                exclusive=True,
            )
    except SerialException as error:
        raise PortError(str(error)) from error


async def _set(writer: PortWriter, settings: PortSettings) -> None:
    change = getattr(writer.transport, "reconfigure_port", None)
    try:
        if change is None:
            _set_before_1_10(writer.transport.serial, settings)
            return
        async with asyncio.timeout(_ANSWER_S):
            await change(
                baudrate=settings.baud,
                byte_size=settings.data_bits,
                parity=settings.parity.value,
                stopbits=settings.stop_bits,
            )
    except SerialException as error:
        raise PortError(str(error)) from error


def _set_before_1_10(port: Any, settings: PortSettings) -> None:  # noqa: ANN401 - of another release
    """Set a port of serialx 1.9, which Home Assistant 2026.9 pins.

    It has a setter of the speed alone, which sets the port anew with all that it holds.
    """
    port._byte_size = settings.data_bits  # noqa: SLF001 - that release has no other way
    port._parity = PortParity(settings.parity.value)  # noqa: SLF001
    port._stopbits = StopBits(settings.stop_bits)  # noqa: SLF001
    port.baudrate = settings.baud


@dataclass(slots=True, kw_only=True)
class SerialSource(StreamSource[PortWriter]):
    """Bytes from the port ``url`` with known ``settings``."""

    url: str
    settings: PortSettings

    @override
    async def _open(self) -> Connection[PortWriter]:
        return await open_port(self.url, self.settings)

    @override
    def _clean(self, piece: bytes) -> bytes:
        return characters(piece, self.settings)

    @override
    def _where(self) -> str:
        return f"{self.url} at {self.settings}"
