"""An address as a person writes it -> the line of the meter there."""

from collections.abc import AsyncGenerator, Callable, Sized
from dataclasses import dataclass
from pathlib import Path
import re
import stat
import time
from typing import Final

from cem_core.meter.formats import FORMATS, Key
from cem_core.meter.line_judge import Judge
from cem_core.model import Reading
from cem_core.transport.auto import AutoSerialSource
from cem_core.transport.byte_reader import ByteReader
from cem_core.transport.file import FileSource
from cem_core.transport.line_state import LineState, LineStatus
from cem_core.transport.meter_line import (
    MeterLine,
    OnDamage,
    OnLineChange,
    PieceSource,
    ignore,
)
from cem_core.transport.mqtt import MqttAddress, MqttSource
from cem_core.transport.mqtt_reader import MqttReader
from cem_core.transport.optical_head import OpticalHeadSource
from cem_core.transport.port_settings import PortSettings
from cem_core.transport.replay import ReplaySource
from cem_core.transport.serial import SerialSource
from cem_core.transport.source import ByteSource
from cem_core.transport.tcp import TcpSource

DEFAULT_PORT: Final = 2001  # what ser2net's examples and docs/meter.md use

_HIGHEST_PORT: Final = 65_535
_MQTT: Final = re.compile(r"mqtts?://")
_REMOTE_SERIAL: Final = re.compile(r"(rfc2217|esphome)://")
_DEVICE: Final = re.compile(r"/dev/|COM\d+$")
_TCP: Final = re.compile(
    r"(?:tcp://|socket://)?(\[[^\]]+\]|[^:/\[\]\s]+)(?::(\d{1,5}))?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LineSettings:
    """What is known of a meter; the defaults let it be found out.

    ``formats`` are names of `cem_core.meter.formats.FORMATS`, ``form`` one of
    `cem_core.meter.json_forms.forms.FORMS` (for MQTT). ``port`` is None where speed
    and parity are to be tried (a file is replayed at that speed); ``optical`` asks
    through an optical head.
    """

    formats: tuple[str, ...] = tuple(FORMATS)
    key: Key = None
    auth_key: Key = None
    form: str | None = None
    port: PortSettings | None = None
    optical: bool = False


@dataclass(frozen=True, slots=True)
class OpenLine:
    """A line that is read by iterating ``readings``; close that to close it."""

    readings: AsyncGenerator[Reading]
    _state: Callable[[], LineState]

    @property
    def state(self) -> LineState:
        """The state of the line now."""
        return self._state()


def open_line(
    address: str,
    settings: LineSettings,
    *,
    on_change: OnLineChange = ignore,
    on_damage: OnDamage = ignore,
    clock: Callable[[], float] = time.monotonic,
) -> OpenLine:
    """Return the line at ``address``; it is opened when its readings are iterated.

    A serial port (``/dev/ttyUSB0``, ``rfc2217://host:port``), ``host[:port]``,
    ``mqtt[s]://[user:password@]host[:port]/topic`` or a file; looks at the file system
    to tell them apart. Raises ValueError for what is none of these.
    """
    if _MQTT.match(address):
        messages = MeterLine(
            MqttReader(
                settings.form,
                settings.formats,
                key=settings.key,
                auth_key=settings.auth_key,
            ),
            clock=clock,
            on_change=on_change,
            on_damage=on_damage,
        )
        broker = MqttSource(
            address=MqttAddress.parse(address), on_change=messages.connection_changed
        )
        return _opened(messages, broker)
    line = MeterLine(
        ByteReader(settings.formats, key=settings.key, auth_key=settings.auth_key),
        clock=clock,
        on_change=on_change,
        on_damage=on_damage,
    )
    return _opened(line, byte_source(address, settings, line))


def _opened[Piece: Sized](
    line: MeterLine[Piece], source: PieceSource[Piece]
) -> OpenLine:
    return OpenLine(line.readings(source), lambda: line.state)


def byte_source(
    address: str, settings: LineSettings, line: MeterLine[bytes]
) -> ByteSource:
    """Return where the bytes at ``address`` come from; ``line`` hears of changes.

    Raises ValueError for what is no address.
    """
    path = Path(address)
    if path.is_file() and settings.port is not None:
        return ReplaySource(path=path, settings=settings.port)
    if (
        _REMOTE_SERIAL.match(address)
        or _DEVICE.match(address)
        or settings.optical
        or settings.port is not None
        or (path.exists() and stat.S_ISCHR(path.stat().st_mode))
    ):
        return _serial_source(address, settings, line)
    if (address and path.exists()) or (":" not in address and "/" in address):
        return FileSource(path=path)
    found = _TCP.fullmatch(address)
    port = DEFAULT_PORT if found is None or found[2] is None else int(found[2])
    if found is None or not 0 < port <= _HIGHEST_PORT:
        raise ValueError(
            f"{address!r} is no meter: expected a serial port, host:port, "
            "mqtt://host/topic or a file"
        )
    return TcpSource(
        host=found[1].strip("[]"), port=port, on_change=line.connection_changed
    )


def _serial_source(
    url: str, settings: LineSettings, line: MeterLine[bytes]
) -> ByteSource:
    if settings.optical:
        return OpticalHeadSource(url=url, on_change=line.connection_changed)
    if settings.port is not None:
        return SerialSource(
            url=url, settings=settings.port, on_change=line.connection_changed
        )
    return AutoSerialSource(
        url=url,
        new_judge=lambda: Judge(
            settings.formats, key=settings.key, auth_key=settings.auth_key
        ),
        unreadable=lambda: line.state.status is LineStatus.UNREADABLE,
        on_change=line.connection_changed,
    )
