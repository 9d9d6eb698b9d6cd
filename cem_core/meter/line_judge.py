"""What the bytes of a line are worth: whether its port is set as the meter speaks.

A whole telegram proves it. Short of that, an encrypted one does; then what the bytes
look like counts: text, text with its check bits still in it, or the frames of a
binary format.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
import re
from typing import Final

from cem_core.meter.cipher import KEY_DOUBTED, KEY_MISSING
from cem_core.meter.error import TelegramError
from cem_core.meter.formats import FORMATS, Key
from cem_core.meter.recognise import Decoder
from cem_core.model import Reading

NAMES: Final = {
    "dsmr": "P1",
    "dlms": "DLMS",
    "sml": "SML",
    "tic": "TIC",
    "d0": "readout of IEC 62056-21",
}
"""What a person calls each format of `cem_core.meter.formats.FORMATS`."""

_ENOUGH: Final = 16  # bytes: fewer say nothing
_MOST: Final = 4096  # the last bytes that are looked at
_LIKE: Final = 0.95  # a share of bytes; a line may have noise
_TEXT: Final = bytes(range(ord(" "), ord("~") + 1)) + b"\t\r\n\2\3"  # STX and ETX too
_NO_TEXT: Final = bytes(byte for byte in range(256) if byte not in _TEXT)
_ODD: Final = bytes(byte for byte in range(256) if byte.bit_count() % 2)
_SEVEN: Final = bytes(byte & 0x7F for byte in range(256))
_BINARY: Final = re.compile(
    rb"\x1b{4}\x01{4}"  # SML
    rb"|\x7e[\xa0-\xa7].{5,8}\xe6[\xe6\xe7]\x00"  # HDLC with an LLC head
    rb"|\x68(.)\1\x68[\x08\x53\x73]"  # M-Bus
    rb"|\xdb\x08.{8}[\x81\x82]?.{1,2}[\x20\x30]",  # general-glo-ciphering
    re.DOTALL,
)


class Grade(IntEnum):
    """How well bytes fit, the better the higher."""

    SILENT = 0
    NOISE = 1
    CHECK_BITS = 2
    """Text with even parity, read as 8 bits."""
    TEXT = 3
    BINARY = 4
    ENCRYPTED = 5
    READ = 6

    @property
    def settled(self) -> bool:
        """Whether the port is proven to be set as the meter speaks."""
        return self >= Grade.ENCRYPTED


@dataclass(frozen=True, slots=True)
class Verdict:
    """A grade, and in words what was seen."""

    grade: Grade
    words: str


class Judge:
    """Grades what one setting of a port let through."""

    def __init__(
        self,
        formats: Iterable[str] = FORMATS,
        *,
        key: Key = None,
        auth_key: Key = None,
    ) -> None:
        """Judge by ``formats``; without a key, encrypted telegrams still prove much."""
        self._decoder = Decoder(formats, key=key, auth_key=auth_key)
        self._tail = bytearray()
        self._proof: Verdict | None = None

    def feed(self, data: bytes) -> None:
        """Look at what came."""
        self._tail += data
        del self._tail[:-_MOST]
        self._weigh(self._decoder.feed(data))

    def pause(self) -> None:
        """Take note that the line has paused: what is unfinished stays so."""
        if self._tail:
            self._weigh(self._decoder.finish())

    @property
    def verdict(self) -> Verdict:
        """The verdict so far."""
        return self._proof or looks_like(bytes(self._tail))

    def _weigh(self, results: Iterable[Reading | TelegramError]) -> None:
        for result in results:
            if isinstance(result, Reading):
                self._proof = Verdict(Grade.READ, _called(result))
            elif self._proof is None and KEY_MISSING in result.cause:
                words = "encrypted telegrams: a key is needed"
                self._proof = Verdict(Grade.ENCRYPTED, words)
            elif self._proof is None and any(d in result.cause for d in KEY_DOUBTED):
                words = "encrypted telegrams, which the key does not open"
                self._proof = Verdict(Grade.ENCRYPTED, words)


def looks_like(data: bytes) -> Verdict:
    """Grade bytes without a telegram by what they look like."""
    if not data:
        return Verdict(Grade.SILENT, "silent")
    if _BINARY.search(data):
        return Verdict(Grade.BINARY, "damaged frames of a binary format")
    if len(data) < _ENOUGH:
        return Verdict(Grade.NOISE, f"{len(data)} bytes of no known format")
    if _share(data, _NO_TEXT) >= _LIKE:
        return Verdict(Grade.TEXT, "text, but no telegram in it")
    even = _share(data, _ODD) >= _LIKE
    if even and _share(data.translate(_SEVEN), _NO_TEXT) >= _LIKE:
        return Verdict(
            Grade.CHECK_BITS, "text with even parity, read as 8 bits instead of 7E1"
        )
    return Verdict(Grade.NOISE, "bytes, but of no known format")


def _share(data: bytes, without: bytes) -> float:
    """Return the share of ``data`` that is not in ``without``."""
    return len(data.translate(None, without)) / len(data)


def _called(reading: Reading) -> str:
    name, version = NAMES.get(reading.format, reading.format), reading.version
    if reading.format == "tic":  # historique has no version
        return f"{name} {'historique' if version is None else 'standard'}"
    return name if version is None else f"{name} {version}"
