"""Long frames of wired M-Bus that carry DLMS (EN 13757-2; EN 13757-1, annex).

``68 L L 68 | C A CI | source, destination | part of an APDU | CS 16``. CI counts the
parts from 0 (bits 0 to 3) and marks the last (bit 4).
"""

from dataclasses import dataclass
from typing import Final

from cem_core.meter.hdlc import FrameError

START: Final = 0x68
_STOP: Final = 0x16
HEAD: Final = 4
_TAIL: Final = 2
_BEFORE_PART: Final = 5  # C, A, CI and two addresses
_LAST: Final = 0x10
_MOST_CI: Final = 0x1F


@dataclass(frozen=True, slots=True)
class MbusFrame:
    """One frame whose checksum is right."""

    size: int
    number: int
    last: bool
    part: bytes


def read(data: bytes | bytearray, at: int) -> MbusFrame | None:
    """Return the frame that starts at ``at``, None when more is needed.

    Raises LookupError when none starts there, `FrameError` when it is damaged.
    """
    head = data[at : at + HEAD]
    for expected, index in ((None, 1), (head[1:2], 2), (b"\x68", 3)):
        if len(head) <= index:
            return None
        if expected is not None and head[index : index + 1] != expected:
            raise LookupError
    size = head[1]
    if size < _BEFORE_PART:
        size += 256  # some Austrian meters send more than the length can say
    end = at + HEAD + size
    if len(data) < end + _TAIL:
        return None
    user = bytes(data[at + HEAD : end])
    computed = sum(user) & 0xFF
    if data[end] != computed:
        raise FrameError(f"checksum {data[end]:02X}, computed {computed:02X}", size)
    if data[end + 1] != _STOP:
        raise FrameError(f"{data[end + 1]:02X} instead of the end 16", size)
    control = user[2]
    dlms = control <= _MOST_CI  # else a frame of another meter: no part of anything
    return MbusFrame(
        size=HEAD + size + _TAIL,
        number=control & 0x0F if dlms else 0,
        last=bool(control & _LAST) or not dlms,
        part=user[_BEFORE_PART:] if dlms else b"",
    )
