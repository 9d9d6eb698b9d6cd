"""How a meter is asked through its optical port: the steps, without the port.

The reader signs on at 300 7E1; the meter answers who it is and with which speed it
can go on. Source: IEC 62056-21:2002, 6.3 (messages), 6.4 (modes A to D), 6.4.6 and
6.5 (times).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
import re
from typing import Final

from cem_core.transport.port_settings import Parity, PortSettings

START: Final = PortSettings(300, 7, Parity.EVEN)
"""Where every conversation of the modes A to C begins."""

ANSWER_S: Final = 1.5
"""The longest a meter may take to answer, and between two of its characters."""

_SPEEDS_B: Final = dict(
    zip("ABCDEF", (600, 1200, 2400, 4800, 9600, 19200), strict=True)
)
_SPEEDS_C: Final = dict(
    zip("0123456", (300, 600, 1200, 2400, 4800, 9600, 19200), strict=True)
)
_IDENTIFICATION: Final = re.compile(
    rb"/([A-Za-z]{2}[A-Za-z])([!-.0-~])((?:\\[^/!\r\n])*[^/!\r\n]{0,48})\r?\n"
)
_END_CHECKED: Final = re.compile(rb"!\r?\n\x03.", re.DOTALL)
_END: Final = re.compile(rb"!\r?\n")
_STX: Final = 0x02
_LONGEST: Final = 32_768


class Mode(StrEnum):
    """How a meter goes on after its identification."""

    A = "A"
    B = "B"
    C = "C"


@dataclass(frozen=True, slots=True)
class Identification:
    """Who answered: the maker's three letters, the speed character, the type."""

    maker: str
    speed: str
    type: str

    @property
    def mode(self) -> Mode:
        """The mode that the speed character stands for.

        A meter of mode D, which pushes, says 3 as one of mode C does; it never hears
        a sign-on, so what answers one is of mode C.
        """
        if self.speed in _SPEEDS_C:
            return Mode.C
        return Mode.B if self.speed in _SPEEDS_B else Mode.A


@dataclass(frozen=True, slots=True)
class Send:
    """Send ``data``."""

    data: bytes


@dataclass(frozen=True, slots=True)
class SetPort:
    """Set the port, when all that was to be sent has gone."""

    settings: PortSettings


@dataclass(frozen=True, slots=True)
class Give:
    """Pass ``data`` on: they are of the readout."""

    data: bytes


type Action = Send | SetPort | Give


class Handshake:
    """One conversation: feed what comes, do what it says."""

    def __init__(self, address: str = "", *, faster: bool = True) -> None:
        """Ask the meter ``address``, or any.

        ``faster`` is False for one whose answer at its own speed did not arrive: all
        is read at 300 baud then.
        """
        self._address = address
        self._faster = faster
        self._buffer = bytearray()
        self.identification: Identification | None = None
        self.done = False

    def start(self) -> Iterator[Action]:
        """Yield how it begins."""
        yield SetPort(START)
        yield Send(f"/?{self._address}!\r\n".encode("ascii"))

    def feed(self, data: bytes) -> Iterator[Action]:
        """Yield what is to be done now that ``data`` have come."""
        self._buffer += data
        if self.identification is None:
            yield from self._identify()
        else:
            yield Give(data)
        if self.identification is not None and not self.done:
            self.done = self._ended()

    def _identify(self) -> Iterator[Action]:
        """Look for who answers; the head may echo the sign-on before it."""
        if (found := _IDENTIFICATION.search(self._buffer)) is None:
            del self._buffer[:-_LONGEST]
            return
        maker, speed, kind = (part.decode("ascii") for part in found.groups())
        who = self.identification = Identification(maker, speed, kind)
        given = bytes(self._buffer[found.start() :])
        del self._buffer[: found.end()]
        yield Give(given)
        match who.mode:
            case Mode.B:
                if self._faster:
                    yield SetPort(_at(_SPEEDS_B[who.speed]))
            case Mode.C:
                # ACK, protocol control "normal", speed, "data readout" (6.3.3).
                speed = who.speed if self._faster else "0"
                yield Send(f"\x060{speed}0\r\n".encode("ascii"))
                yield SetPort(_at(_SPEEDS_C[speed]))
            case Mode.A:
                pass

    def _ended(self) -> bool:
        if len(self._buffer) > _LONGEST:
            return True
        checked = _STX in self._buffer[:16]  # an echo may come before it
        return (_END_CHECKED if checked else _END).search(self._buffer) is not None


def _at(baud: int) -> PortSettings:
    return PortSettings(baud, START.data_bits, START.parity)
