"""Readouts of IEC 62056-21 (D0) -> `Reading`: what optical heads and pushers send.

A readout is read whole or refused whole. The form is the same in the modes A to D;
which of them a meter speaks matters only to who asks it. Only mode C has a checksum.
"""

from functools import reduce
from itertools import pairwise
from operator import xor
import re
from typing import Final

from cem_core.meter.crc16 import crc16
from cem_core.meter.d0_frame import Readout, Splitter
from cem_core.meter.error import TelegramError
from cem_core.meter.registers import Registers
from cem_core.meter.value import number
from cem_core.model import RawValue, Reading

_ETX: Final = 0x03
_DATA_SET: Final = re.compile(r"([^()/!]{0,32})\(([^()/!]*)\)")
_CODE: Final = re.compile(
    r"(?:(\d{1,3})-(\d{1,3}):)?([0-9A-FPL]{1,3})\.(F|\d{1,3})(?:\.(\d{1,3}))?"
    r"(?:[*&.](\d{1,3}))?"
)
_ELECTRICITY: Final = {(None, None), ("1", "0"), ("1", "1")}
_ANY: Final = "255"
_NOW: Final = (None, _ANY)
_VERSION: Final = "1-0:0.2.0"
# Identifiers, the meter's own before the grid operator's.
_ID_CODES: Final = (
    *("0-0:96.1.0", "1-0:96.1.0", "0-0:C.1.0", "1-0:C.1.0"),
    *("1-0:0.0.9", "1-0:0.0.0", "0-0:0.0.0"),
)
# Identifiers, dates and error codes stay text, also when all are decimal digits.
_TEXT: Final = re.compile(
    r"\d+-\d+:(?:0\.0|0\.2|0\.9|[CF]\.[F\d]+|96\.(?:1|5|90))\.\d+"
)
_OTHER_UNIT: Final = re.compile(r"(-?[0-9]{1,12}(?:\.[0-9]{1,9})?)\*([!-~]{1,12})")


class Decoder:
    """Readings out of a stream that arrives in any cut."""

    def __init__(self) -> None:
        """Start at byte 0 of the stream."""
        self._splitter = Splitter()

    def feed(self, data: bytes) -> list[Reading | TelegramError]:
        """Return what ``data`` completes, in order."""
        return [_read(piece) for piece in self._splitter.feed(data)]

    def finish(self) -> list[Reading | TelegramError]:
        """Return what is left at the end of the stream."""
        return [_read(piece) for piece in self._splitter.finish()]


def _read(piece: Readout | TelegramError) -> Reading | TelegramError:
    if isinstance(piece, TelegramError):
        return piece
    try:
        return parse(piece)
    except TelegramError as error:
        return error


def parse(readout: Readout) -> Reading:
    """Return the reading in ``readout``.

    Raises `TelegramError` when anything in it is damaged or makes no sense.
    """
    place, text = readout.place, readout.text
    _verify(readout)
    draft = _Draft()
    index = readout.data
    for line in text[readout.data : text.rindex(b"!")].split(b"\n"):
        content = line.removesuffix(b"\r")
        try:
            draft.say_line(content)
        except ValueError as error:
            raise TelegramError(place + index, str(error)) from error
        index += len(line) + 1
    return draft.reading()


def _verify(readout: Readout) -> None:
    text, place = readout.text, readout.place
    if readout.block_check is not None:
        computed = reduce(
            xor, text[readout.data :], _ETX
        )  # from after STX up to and with ETX
        if computed != readout.block_check:
            given = readout.block_check
            raise TelegramError(
                place, f"block check {given:02X}, computed {computed:02X}"
            )
    body, _, trailer = text.rpartition(b"!")
    if digits := trailer.strip():  # some pushers end like a P1 telegram
        computed = crc16(body + b"!")
        if int(digits, 16) != computed:
            raise TelegramError(
                place, f"checksum {digits.decode('ascii')}, computed {computed:04X}"
            )


class _Draft:
    """Collects data sets."""

    def __init__(self) -> None:
        self._registers = Registers()
        self._raw: list[RawValue] = []
        self._texts: dict[str, str] = {}
        self._last = ""

    def say_line(self, line: bytes) -> None:
        """Take one line of data sets, ``address(value*unit)`` each."""
        if not line.isascii():
            raise ValueError(f"{line[:20]!r} is damaged: a byte above 7F")
        text = line.decode("ascii").strip(" ")
        found = list(_DATA_SET.finditer(text))
        edges = [0, *(edge for m in found for edge in m.span()), len(text)]
        if not text.isprintable() or any(a != b for a, b in list(pairwise(edges))[::2]):
            raise ValueError(f"{text[:40]!r} is no data: expected address(value)")
        for data_set in found:
            self._say(*data_set.groups())

    def _say(self, address: str, content: str) -> None:
        address = address.strip(" ")
        first = bool(address)
        self._last = address or self._last
        code, now = _canonical(self._last)
        value, unit = _value(code, content)
        self._raw.append(RawValue(code=self._last, value=value, unit=unit))
        if not first or code is None or not now:
            return  # a time or another value of the same address
        if isinstance(value, str):
            self._texts.setdefault(code, value)
        else:
            self._registers.say(code, value, unit)

    def reading(self) -> Reading:
        """Return what was said."""
        texts = self._texts
        return self._registers.reading(
            "d0",
            version=texts.get(_VERSION) or None,
            meter_id=next((t for c in _ID_CODES if (t := texts.get(c))), None),
            raw=tuple(self._raw),
        )


def _canonical(address: str) -> tuple[str | None, bool]:
    """Return ``A-B:C.D.E`` and whether the value is that of now.

    Many meters leave out the medium and channel, some count the channel from 1,
    EasyMeter writes 255 for E.
    """
    if (found := _CODE.fullmatch(address)) is None:
        return None, False
    a, b, c, d, e, f = found.groups()
    medium = "1-0" if (a, b) in _ELECTRICITY else f"{int(a)}-{int(b)}"
    parts = (c, d, "0" if e in _NOW else e)
    name = ".".join(str(int(p)) if p.isdecimal() else p for p in parts)
    return f"{medium}:{name}", f in _NOW


def _value(code: str | None, content: str) -> tuple[float | str, str | None]:
    text = content.strip(" ")
    if code is not None and _TEXT.fullmatch(code):
        return text, None
    unsigned = text.removeprefix("+")  # Itron writes it before currents
    if (read := number(unsigned)) is None and (found := _OTHER_UNIT.fullmatch(text)):
        return float(found[1]), found[2]
    return read or (text, None)
