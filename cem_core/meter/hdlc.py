"""HDLC frames of meters: format type 3 (IEC 62056-46, 6.4; ISO/IEC 13239, 4.9).

``7E | format, length | addresses | control | HCS | information | FCS | 7E``.
Frames are found by their length, since 7E also occurs inside.
"""

from dataclasses import dataclass
from typing import Final

from cem_core.meter.crc_ccitt import crc_x25

FLAG: Final = 0x7E
MAX_FRAME: Final = 0x7FF + 2

_TYPE: Final = 0xA0
_TYPE_MASK: Final = 0xF0
_SEGMENTED: Final = 0x08
_CHECKSUM: Final = 2
_MOST_ADDRESS: Final = 4
_SHORTEST: Final = 7  # format, two addresses, control, one checksum


@dataclass(frozen=True, slots=True)
class HdlcFrame:
    """One frame whose checksums are right; ``size`` is without the last flag."""

    size: int
    addresses: bytes
    segmented: bool
    information: bytes


class FrameError(ValueError):
    """A frame that is damaged; ``size`` bytes of it are told to belong together."""

    def __init__(self, cause: str, size: int) -> None:
        """Keep how far the frame said it goes."""
        super().__init__(cause)
        self.size = size


def is_start(data: bytes | bytearray, at: int) -> bool:
    """Tell whether a flag and a type 3 format stand at ``at``."""
    return data[at] == FLAG and data[at + 1] & _TYPE_MASK == _TYPE


def read(data: bytes | bytearray, at: int) -> HdlcFrame | None:
    """Return the frame whose first flag is at ``at``, None when more is needed.

    Raises `FrameError` for a damaged frame.
    """
    start = at + 1
    if len(data) < start + 2:
        return None
    size = (data[start] & 0x07) << 8 | data[start + 1]
    if size < _SHORTEST:
        raise FrameError(f"a frame of {size} bytes is too short", 0)
    control = start + 2
    for _ in range(2):
        after = _after_address(data, control)
        if after is None:
            return None
        control = after
    header = data[start : control + 1]
    body = control + 1 + _CHECKSUM
    end = start + size
    if body > end:
        raise FrameError("the addresses are longer than the frame", 0)
    if len(data) < body:
        return None
    _verify(header, data[body - _CHECKSUM : body], "header checksum", 0)
    if len(data) <= end:
        return None
    if body == end:  # no information: the only checksum is that of the frame
        information = b""
    else:
        checked = data[start : end - _CHECKSUM]
        _verify(checked, data[end - _CHECKSUM : end], "checksum", size)
        information = bytes(data[body : end - _CHECKSUM])
    if data[end] != FLAG:
        raise FrameError(f"{data[end]:02X} instead of the last flag 7E", size)
    return HdlcFrame(
        size=size + 1,
        addresses=bytes(header[2:-1]),
        segmented=bool(data[start] & _SEGMENTED),
        information=information,
    )


def _after_address(data: bytes | bytearray, at: int) -> int | None:
    for index in range(at, at + _MOST_ADDRESS):
        if index >= len(data):
            return None
        if data[index] & 1:
            return index + 1
    raise FrameError("an address without end", 0)


def _verify(
    checked: bytes | bytearray, given: bytes | bytearray, what: str, size: int
) -> None:
    computed = crc_x25(bytes(checked))
    if (said := int.from_bytes(given, "little")) != computed:
        raise FrameError(f"{what} {said:04X}, computed {computed:04X}", size)
