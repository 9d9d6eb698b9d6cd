"""The link layer of wired M-Bus, seen from its master (EN 13757-2, 5.6 and 5.7).

``E5`` (acknowledged) | ``10 C A CS 16`` | ``68 L L 68, C A CI data, CS 16``. The
master asks, one slave answers; nobody else ever speaks.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from cem_core.meter.error import TelegramError

SELECTED: Final = 253
"""The address of the slave that was selected by its secondary address."""
MOST_PRIMARY: Final = 250
MAX_FRAME: Final = 261

_SHORT: Final = 0x10
_LONG: Final = 0x68
_STOP: Final = 0x16
_SHORT_SIZE: Final = 5
_HEAD: Final = 4
_TAIL: Final = 2
_FCB: Final = 0x20
_LEAST_USER: Final = 3  # C, A, CI; a control frame has no more


class Function(IntEnum):
    """What the master sends and a slave answers (EN 13757-2, table 1)."""

    INITIALISE = 0x40  # SND_NKE
    SEND = 0x53  # SND_UD; only to select by a secondary address
    REQUEST = 0x5B  # REQ_UD2
    RESPONSE = 0x08  # RSP_UD


_RESPONSE_BITS: Final = 0x30  # ACD and DFC


@dataclass(frozen=True, slots=True)
class LinkFrame:
    """One frame whose checksum is right; ``data`` is what follows CI.

    A short frame has no CI, the single character neither control nor address.
    """

    control: int | None = None
    address: int | None = None
    ci: int | None = None
    data: bytes = b""

    @property
    def acknowledges(self) -> bool:
        """Whether it is the single character E5."""
        return self.control is None

    @property
    def responds(self) -> bool:
        """Whether a slave sent it with data."""
        if self.control is None or self.ci is None:
            return False
        return self.control & ~_RESPONSE_BITS == Function.RESPONSE


def initialise(address: int) -> bytes:
    """Return SND_NKE: the slave at ``address`` starts anew and acknowledges."""
    return _short(Function.INITIALISE, address)


def request(address: int, *, fcb: bool) -> bytes:
    """Return REQ_UD2: the slave answers with data.

    ``fcb`` differs from the last request where the next part is wanted, and is
    the same where the last answer did not arrive (EN 13757-2, 5.7.6).
    """
    return _short(Function.REQUEST | (_FCB if fcb else 0), address)


def select(pattern: bytes) -> bytes:
    """Return the frame that selects by a secondary address (EN 13757-7, 7.2).

    ``pattern``: eight bytes, of which F and FF stand for anything.
    """
    return long_frame(Function.SEND, SELECTED, 0x52, pattern)


def long_frame(control: int, address: int, ci: int, data: bytes = b"") -> bytes:
    """Return a long frame, or a control frame where there are no data.

    Raises ValueError for more data than a frame holds.
    """
    user = bytes((control, address, ci)) + data
    if len(user) > 0xFF:  # noqa: PLR2004  a length of one byte
        raise ValueError(f"{len(data)} bytes of data, a frame holds 252")
    head = bytes((_LONG, len(user), len(user), _LONG))
    return head + user + bytes((sum(user) & 0xFF, _STOP))


def _short(control: int, address: int) -> bytes:
    return bytes((_SHORT, control, address, (control + address) & 0xFF, _STOP))


class Splitter:
    """Cuts what comes from the line into frames, in any cut.

    What no frame starts with is noise: it is skipped and counted, since two slaves
    that answer at once leave little else.
    """

    def __init__(self) -> None:
        """Start at byte 0."""
        self._buffer = bytearray()
        self._place = 0
        self.noise = 0

    @property
    def inside(self) -> bool:
        """Whether a frame has begun and not ended."""
        return bool(self._buffer)

    def feed(self, data: bytes) -> list[LinkFrame | TelegramError]:
        """Return what ``data`` completes, in order."""
        self._buffer += data
        found: list[LinkFrame | TelegramError] = []
        while self._buffer:
            try:
                read = _read(self._buffer)
            except LookupError:
                self.noise += 1
                self._drop(1)
                continue
            except ValueError as error:
                found.append(TelegramError(self._place, str(error)))
                self._drop(1)  # a sound frame may begin inside of the damaged one
                continue
            if read is None:
                break
            frame, size = read
            found.append(frame)
            self._drop(size)
        return found

    def finish(self) -> list[LinkFrame | TelegramError]:
        """Return what is left when nothing more comes, and start anew."""
        found: list[LinkFrame | TelegramError] = []
        while self._buffer:
            found.append(TelegramError(self._place, "the frame is cut short"))
            self._drop(1)
            found += self.feed(b"")
        self._place = self.noise = 0
        return found

    def _drop(self, count: int) -> None:
        del self._buffer[:count]
        self._place += count


def _read(data: bytearray) -> tuple[LinkFrame, int] | None:
    """Return the frame at the start of ``data`` and its size, None: more is needed.

    Raises LookupError when none starts there, ValueError when it is damaged.
    """
    match data[0]:
        case 0xE5:
            return LinkFrame(), 1
        case 0x10:
            return _read_short(data)
        case 0x68:
            return _read_long(data)
    raise LookupError


def _read_short(data: bytearray) -> tuple[LinkFrame, int] | None:
    if len(data) < _SHORT_SIZE:
        return None
    _, control, address, checksum, stop = data[:_SHORT_SIZE]
    _verify(control + address, checksum, stop)
    return LinkFrame(control, address), _SHORT_SIZE


def _read_long(data: bytearray) -> tuple[LinkFrame, int] | None:
    head = data[:_HEAD]
    for index, expected in ((2, head[1:2]), (3, b"\x68")):
        if len(head) > index and head[index : index + 1] != expected:
            raise LookupError
    if len(head) < _HEAD:
        return None
    if head[1] < _LEAST_USER:
        raise ValueError(f"a frame of {head[1]} bytes, expected at least 3")
    end = _HEAD + head[1]
    if len(data) < end + _TAIL:
        return None
    user = bytes(data[_HEAD:end])
    _verify(sum(user), data[end], data[end + 1])
    frame = LinkFrame(user[0], user[1], user[2], user[_LEAST_USER:])
    return frame, end + _TAIL


def _verify(total: int, checksum: int, stop: int) -> None:
    computed = total & 0xFF
    if checksum != computed:
        raise ValueError(f"checksum {checksum:02X}, computed {computed:02X}")
    if stop != _STOP:
        raise ValueError(f"{stop:02X} instead of the end 16")
