"""Meters that send bytes: over TCP, or by a serial port."""

from collections.abc import Callable
from typing import Final

from homeassistant.core import HomeAssistant

from cem_core.transport import ByteReader, ByteSource, MeterLine, TcpSource
from custom_components.cem.meters.method import Answers, Method, key_of
from custom_components.cem.meters.serial_port import SerialPort
from custom_components.cem.meters.shared import Address, SharedSource

_SILENCE_S: Final = 15.0

type _Line = MeterLine[bytes]
type _Open = Callable[[HomeAssistant, Answers, _Line], ByteSource]


def _method(
    name: str,
    address: Callable[[Answers], Address],
    source: _Open,
    *,
    first_within_s: float,
) -> Method[bytes]:
    def shared(hass: HomeAssistant, answers: Answers, line: _Line) -> ByteSource:
        opens = source(hass, answers, line)
        return SharedSource(hass, (name, *address(answers)), opens, line)

    return Method(
        name=name, source=shared, reader=_reader, first_within_s=first_within_s
    )


def _reader(answers: Answers) -> ByteReader:
    return ByteReader(key=key_of(answers, "key"), auth_key=key_of(answers, "auth_key"))


def _tcp(hass: HomeAssistant, answers: Answers, line: _Line) -> ByteSource:
    del hass
    return TcpSource(
        host=answers["host"],
        port=int(answers["port"]),
        silence_s=silence_s(answers),
        on_change=line.connection_changed,
    )


def silence_s(answers: Answers) -> float:
    """Return how long a line may be mute before it is opened anew."""
    return max(_SILENCE_S, float(answers.get("silent_after", 0)))


TCP: Final = _method(
    "TCP",
    lambda answers: (answers["host"], int(answers["port"])),
    _tcp,
    first_within_s=12,
)
SERIAL: Final = _method(
    "serial port", lambda answers: (answers["device"],), SerialPort, first_within_s=60
)
