"""Meters that send bytes: over TCP, by a serial port, in MQTT messages."""

from collections.abc import Callable
from typing import Final

from homeassistant.core import HomeAssistant

from cem_core.meter.keys import key_from_hex
from cem_core.transport import ByteReader, ByteSource, OnChange, PortSettings, TcpSource
from custom_components.cem.meters.method import Answers, Method
from custom_components.cem.meters.mqtt import MqttBytes
from custom_components.cem.meters.shared import Address, SharedSource

_SILENCE_S: Final = 15.0

type _Open = Callable[[HomeAssistant, Answers, OnChange], ByteSource]


def _method(
    name: str,
    address: Callable[[Answers], Address],
    source: _Open,
    *,
    first_within_s: float,
) -> Method[bytes]:
    def shared(
        hass: HomeAssistant, answers: Answers, on_change: OnChange
    ) -> ByteSource:
        opens = source(hass, answers, on_change)
        return SharedSource(hass, (name, *address(answers)), opens, on_change)

    return Method(
        name=name, source=shared, reader=_reader, first_within_s=first_within_s
    )


def _reader(answers: Answers) -> ByteReader:
    return ByteReader(key=_key(answers, "key"), auth_key=_key(answers, "auth_key"))


def _key(answers: Answers, name: str) -> bytes | None:
    return key_from_hex(answers[name]) if answers.get(name) else None


def _silence_s(answers: Answers) -> float:
    """Return how long a line may be mute before it is opened anew."""
    return max(_SILENCE_S, float(answers.get("silent_after", 0)))


def _tcp(hass: HomeAssistant, answers: Answers, on_change: OnChange) -> ByteSource:
    del hass
    return TcpSource(
        host=answers["host"],
        port=int(answers["port"]),
        silence_s=_silence_s(answers),
        on_change=on_change,
    )


def _serial(hass: HomeAssistant, answers: Answers, on_change: OnChange) -> ByteSource:
    # serialx is there only where Home Assistant lists serial ports, or once it
    # has installed what the manifest asks for.
    from cem_core.transport.serial import SerialSource  # noqa: PLC0415

    del hass
    return SerialSource(
        url=answers["device"],
        settings=PortSettings.parse(answers["settings"]),
        silence_s=_silence_s(answers),
        on_change=on_change,
    )


TCP: Final = _method(
    "TCP",
    lambda answers: (answers["host"], int(answers["port"])),
    _tcp,
    first_within_s=12,
)
SERIAL: Final = _method(
    "serial port", lambda answers: (answers["device"],), _serial, first_within_s=25
)
MQTT_BYTES: Final = _method(
    "MQTT",
    lambda answers: (answers["topic"],),
    lambda hass, answers, on_change: MqttBytes(hass, answers["topic"], on_change),
    first_within_s=30,
)
