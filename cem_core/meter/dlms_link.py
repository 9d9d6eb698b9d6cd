"""Bytes in any cut -> the APDUs they carry: HDLC, wired M-Bus, or no frame at all.

Frames are found by flag, length and checksum wherever they stand; what is between
them is noise. APDUs without a frame have no checksum: they are taken only from a
stream that starts with one, and only where each ends where the next begins.
"""

from collections.abc import Iterator
from dataclasses import dataclass
import re
from typing import Final

from cem_core.meter import apdu, axdr, cipher, hdlc, mbus
from cem_core.meter.error import TelegramError

MAX_APDU: Final = 8_192
"""The longest APDU that is put together or has no frame, in bytes."""

_PIECE: Final = 4_096
_FRAMED: Final = re.compile(rb"[\x7e\x68\xe6]")
# What starts an APDU where no frame says so: LLC; a notification (tag, invoke id,
# no time or one of 1792 to 2047); a ciphered APDU; the first of several blocks.
_BARE: Final = re.compile(
    rb"\xe6[\xe6\xe7]\x00|\x0f.{4}(?:\x00[\x01\x02\x06\x09]|\x09?\x0c[\x07\xff])"
    rb"|[\xdb\xdc][\x00\x08]|\xe0.\x00\x01",
    re.DOTALL,
)
_BARE_FIRST: Final = b"\xe6\x0f\xdb\xdc\xe0"
_BARE_BYTES: Final = 8
_NEWLINES: Final = b"\r\n"
_BARE_OR_FRAMED: Final = re.compile(rb"[\x7e\x68\xe6\x0f]")
_TAGS: Final = tuple(
    bytes((tag,)) for tag in (apdu.DATA_NOTIFICATION, apdu.BLOCK_TRANSFER, *cipher.TAGS)
)
_MBUS: Final = b""  # stands for the addresses where parts come by M-Bus


@dataclass(frozen=True, slots=True)
class Apdu:
    """One APDU, with or without LLC header, whose frame starts at byte ``place``.

    ``checked`` tells that it came whole in one frame with a right checksum.
    """

    place: int
    data: bytes
    checked: bool


type Item = Apdu | TelegramError


class Splitter:
    """Cuts a stream into APDUs; holds at most one and a piece of the stream."""

    def __init__(self) -> None:
        """Start at byte 0 of the stream."""
        self._buffer = bytearray()
        self._restart()
        self._forget()

    def _restart(self) -> None:
        self._place = 0  # of the buffer's first byte in the stream
        self._told_until = 0  # damage before this place is told already
        self._bare = True  # an APDU without frame is expected here
        self._frameless = True  # no frame was seen in this stream
        self._nothing = True  # nor anything else

    def _forget(self) -> None:
        self._parts = bytearray()
        self._parts_place = 0
        self._parts_of: bytes | None = None
        self._next_part = 0

    def feed(self, data: bytes) -> Iterator[Item]:
        """Yield what ``data`` completes, in order."""
        for start in range(0, len(data), _PIECE):
            self._buffer += data[start : start + _PIECE]
            yield from self._drain(at_end=False)

    def finish(self) -> Iterator[Item]:
        """Yield what the end of the stream leaves, and start anew."""
        yield from self._drain(at_end=True)
        yield from self._unfinished("the input ends")
        if self._nothing and self._place:
            yield TelegramError(0, f"no DLMS frame within {self._place} bytes")
        self._restart()

    def _drain(self, *, at_end: bool) -> Iterator[Item]:
        while self._buffer:
            step = self._bare_step if self._bare else self._framed_step
            before = self._place, self._bare
            for item in step(at_end=at_end):
                self._nothing = False
                yield item
            if (self._place, self._bare) == before:
                return

    def _drop(self, count: int) -> None:
        del self._buffer[:count]
        self._place += count

    # Without a frame

    def _bare_step(self, *, at_end: bool) -> Iterator[Item]:
        if self._buffer[0] in _NEWLINES:
            self._drop(1)
            return
        if (is_start := _is_bare_start(self._buffer, at_end=at_end)) is None:
            return
        if not is_start:
            self._bare = False
            self._frameless = self._frameless and not self._nothing
            return
        try:
            size = self._bare_size(at_end=at_end)
        except ValueError as error:
            yield from self._refuse_bare(str(error))
            return
        if size is not None:
            found = Apdu(self._place, bytes(self._buffer[:size]), checked=False)
            self._drop(size)
            yield found

    def _bare_size(self, *, at_end: bool) -> int | None:
        """Return the length of the APDU here, None when more bytes are needed.

        Raises ValueError when it is malformed or ends where no other begins.
        """
        try:
            size = apdu.size_of(self._buffer)
        except axdr.TruncatedError:
            size = len(self._buffer) + 1
        if size > len(self._buffer):
            if size > MAX_APDU:
                raise ValueError(f"no end of the APDU within {MAX_APDU} bytes")
            if at_end:
                raise ValueError("unfinished APDU: the input ends")
            return None
        rest = self._buffer[size:].lstrip(_NEWLINES)
        if not rest:
            return size if at_end else None
        follows = _is_bare_start(rest, at_end=at_end)
        if follows is False:
            raise ValueError("the APDU does not end where the next begins")
        return size if follows else None

    def _refuse_bare(self, cause: str) -> Iterator[TelegramError]:
        """Tell what is wrong, and look for frames behind the LLC or the tag."""
        if self._place >= self._told_until:
            yield TelegramError(self._place, cause)
        self._bare = False
        is_llc = bytes(self._buffer[: apdu.LLC_BYTES]) in apdu.LLC
        self._drop(apdu.LLC_BYTES if is_llc else 1)
        if is_llc:
            self._told_until = self._place + 1  # the tag is of the same APDU

    # Within frames

    def _framed_step(self, *, at_end: bool) -> Iterator[Item]:
        pattern = _BARE_OR_FRAMED if self._frameless else _FRAMED
        found = pattern.search(self._buffer)
        self._drop(len(self._buffer) if found is None else found.start())
        if found is None:
            return
        match self._buffer[0]:
            case hdlc.FLAG:
                yield from self._hdlc(at_end=at_end)
            case mbus.START:
                yield from self._mbus(at_end=at_end)
            case apdu.DATA_NOTIFICATION:
                self._bare = bool(_is_bare_start(self._buffer, at_end=at_end))
                if not self._bare and (at_end or len(self._buffer) >= _BARE_BYTES):
                    self._drop(1)
            case _:
                yield from self._llc(at_end=at_end)

    def _llc(self, *, at_end: bool) -> Iterator[Item]:
        """Take an LLC header that stands in no frame: a frame was damaged."""
        if len(self._buffer) < apdu.LLC_BYTES and not at_end:
            return
        if bytes(self._buffer[: apdu.LLC_BYTES]) not in apdu.LLC:
            self._drop(1)
        elif self._place < self._told_until:
            self._drop(apdu.LLC_BYTES)
        elif self._frameless:
            self._bare = True
        else:
            yield TelegramError(self._place, "content of a frame whose head is damaged")
            self._drop(apdu.LLC_BYTES)

    def _hdlc(self, *, at_end: bool) -> Iterator[Item]:
        buffer = self._buffer
        if len(buffer) < 2:  # noqa: PLR2004  a flag and a format
            if at_end:
                self._drop(1)
            return
        if not hdlc.is_start(buffer, 0):
            self._drop(1)
            return
        try:
            frame = hdlc.read(buffer, 0)
        except hdlc.FrameError as error:
            # A flag of noise has a wrong header as well: only a frame whose
            # header is right, or of which parts are here, is told as damaged.
            if error.size or self._parts_of is not None:
                yield self._damaged(str(error), error.size + 1)
            self._drop(1)
            return
        if frame is None:
            if at_end:
                yield from self._cut_short("unfinished frame: the input ends")
            return
        place = self._place
        self._drop(frame.size)  # the last flag may be the first of the next frame
        self._frameless = self._nothing = False
        yield from self._hdlc_part(place, frame)

    def _mbus(self, *, at_end: bool) -> Iterator[Item]:
        try:
            frame = mbus.read(self._buffer, 0)
        except LookupError:
            self._drop(1)
            return
        except hdlc.FrameError as error:
            if self._place >= self._told_until:
                yield self._damaged(str(error), error.size)
            self._drop(1)
            return
        if frame is None:
            if at_end and len(self._buffer) >= mbus.HEAD:
                yield from self._cut_short("unfinished frame: the input ends")
            elif at_end:
                self._drop(1)
            return
        place = self._place
        self._drop(frame.size)
        self._frameless = self._nothing = False
        yield from self._mbus_part(place, frame)

    def _cut_short(self, cause: str) -> Iterator[TelegramError]:
        if self._place >= self._told_until:
            yield self._damaged(cause, len(self._buffer))
        self._drop(1)

    def _damaged(self, cause: str, size: int) -> TelegramError:
        self._told_until = max(self._told_until, self._place + size)
        self._forget()
        return TelegramError(self._place, cause)

    # APDUs in parts

    def _hdlc_part(self, place: int, frame: hdlc.HdlcFrame) -> Iterator[Item]:
        first = frame.information[: apdu.LLC_BYTES] in apdu.LLC
        if self._parts_of is not None and (first or self._parts_of != frame.addresses):
            yield from self._unfinished("another frame follows")
        if self._parts_of is None:
            if not frame.segmented:
                short = len(frame.information) < apdu.LLC_BYTES  # no lost last segment
                if first or short or frame.information[:1] in _TAGS:
                    yield Apdu(place, frame.information, checked=True)
                return
            if not first:
                yield TelegramError(place, "a segment whose first segment is missing")
                return
            self._parts_of, self._parts_place = frame.addresses, place
        yield from self._add(frame.information, last=not frame.segmented)

    def _mbus_part(self, place: int, frame: mbus.MbusFrame) -> Iterator[Item]:
        if self._parts_of is not None and (frame.number == 0 or self._parts_of):
            yield from self._unfinished("another frame follows")
        if frame.number != self._next_part:
            expected = self._next_part
            self._forget()
            yield TelegramError(place, f"part {frame.number} instead of {expected}")
            return
        if self._parts_of is None:
            self._parts_of, self._parts_place = _MBUS, place
        self._next_part += 1
        yield from self._add(frame.part, last=frame.last)

    def _add(self, part: bytes, *, last: bool) -> Iterator[Item]:
        self._parts += part
        if len(self._parts) > MAX_APDU:
            yield from self._unfinished(f"no end within {MAX_APDU} bytes")
        elif last:
            found = Apdu(self._parts_place, bytes(self._parts), checked=False)
            self._forget()
            yield found

    def _unfinished(self, cause: str) -> Iterator[TelegramError]:
        if self._parts_of is not None:
            yield TelegramError(self._parts_place, f"unfinished APDU: {cause}")
        self._forget()


def _is_bare_start(data: bytearray, *, at_end: bool) -> bool | None:
    """Tell whether an APDU starts here; None when more bytes are needed."""
    if data[0] not in _BARE_FIRST:
        return False
    if len(data) < _BARE_BYTES and not at_end:
        return None
    return _BARE.match(data) is not None
