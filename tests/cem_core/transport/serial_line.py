"""A serial line down to its bits, on a pseudo-terminal that can be unplugged.

A pseudo-terminal has no wire: it keeps the speed that is asked for, ignores data bits
and parity, and passes every byte. So the wire is played here: characters become bits
at the sender's settings, and are sampled as a UART does at the settings that the
reader asked the system for.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
import errno
import math
import os
from pathlib import Path
import termios
from typing import Any, Final

import pytest

from cem_core.transport import Parity, PortSettings

_SPEEDS: Final = {
    getattr(termios, f"B{baud}"): baud
    for baud in (300, 600, 1200, 2400, 4800, 9600, 19200, 115200)
}
_BITS: Final = {termios.CS7: 7, termios.CS8: 8}

type Asked = dict[str, PortSettings]


@pytest.fixture
def eight_bits_only() -> bool:
    """Whether the adapter refuses 7 bits; a test may say so by its parameter."""
    return False


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, eight_bits_only: bool) -> Asked:
    """Return what was asked of each terminal, by its name, as it is asked.

    A terminal refuses 7 bits and parity, where nothing else is to be changed; a
    UART does not.
    """
    settings: Asked = {}

    def note(fd: int, when: int, attributes: list[Any]) -> None:
        flags: int = attributes[2]
        if eight_bits_only and flags & termios.CSIZE == termios.CS7:
            raise OSError(errno.EINVAL, "Invalid argument")
        plain = flags & ~(termios.CSIZE | termios.PARENB | termios.PARODD) | termios.CS8
        termios.tcsetattr(fd, when, [*attributes[:2], plain, *attributes[3:]])
        speed = termios.tcgetattr(fd)[4]  # as the system has it
        parity = Parity.ODD if flags & termios.PARODD else Parity.EVEN
        settings[os.ttyname(fd)] = PortSettings(
            _SPEEDS[speed],
            _BITS[flags & termios.CSIZE],
            parity if flags & termios.PARENB else Parity.NONE,
            2 if flags & termios.CSTOPB else 1,
        )

    monkeypatch.setattr("serialx.platforms.serial_posix.tcsetattr", note)
    return settings


def bits_of(data: bytes, settings: PortSettings) -> list[int]:
    """Return the levels of the line, one each bit time."""
    bits: list[int] = []
    for byte in data:
        character = [byte >> index & 1 for index in range(settings.data_bits)]
        bits += [0, *character]
        if settings.parity is not Parity.NONE:
            bits.append((sum(character) + (settings.parity is Parity.ODD)) % 2)
        bits += [1] * settings.stop_bits
    return bits


def sampled(bits: list[int], baud: int, settings: PortSettings) -> bytes:
    """Return what a UART with ``settings`` makes of ``bits`` sent at ``baud``."""
    ratio = baud / settings.baud  # sent bits in a bit of the receiver
    length = 1 + settings.data_bits + (settings.parity is not Parity.NONE)

    def level(at: float) -> int:
        index = int(at)
        return bits[index] if index < len(bits) else 1

    data = bytearray()
    start = _falling(bits, 0.0)
    while start is not None:
        if level(start + ratio / 2):  # too short for a start bit
            start = _falling(bits, start + 1.0)
            continue
        byte = sum(
            level(start + (index + 1.5) * ratio) << index
            for index in range(settings.data_bits)
        )
        data.append(byte)
        stop = start + length * ratio
        if level(stop + ratio / 2):
            start = _falling(bits, stop + ratio / 2)
        elif byte:  # a framing error: a 16550 takes it for the next start bit
            start = stop
        else:  # a break lasts until the line rises
            start = _falling(bits, stop + ratio)
    return bytes(data)


def _falling(bits: list[int], place: float) -> float | None:
    """Return where the line next falls at ``place`` or after it."""
    for index in range(math.ceil(place), len(bits)):
        if not bits[index] and (index == 0 or bits[index - 1]):
            return float(index)
    return None


@dataclass
class SerialLine:
    """A meter's serial line that is plugged in at ``path``."""

    path: Path
    sender: PortSettings
    asked: Asked
    _ends: tuple[int, int] | None = field(default=None, init=False)

    def plug(self) -> None:
        """Let the port appear, with a new terminal behind it."""
        self._ends = master, slave = os.openpty()
        os.set_blocking(master, False)
        self.path.symlink_to(os.ttyname(slave))

    def unplug(self) -> None:
        """Let the port disappear, as a USB adapter does."""
        if self._ends is not None:
            self.path.unlink()
            self.asked.pop(self.name, None)  # the next one may have the same name
            for end in self._ends:
                os.close(end)
            self._ends = None

    @property
    def name(self) -> str:
        """The terminal behind the port now."""
        assert self._ends is not None
        return os.ttyname(self._ends[1])

    @property
    def receiver(self) -> PortSettings | None:
        """What the reader has set, or None before it opened the port."""
        return self.asked.get(self.name)

    def send(self, data: bytes) -> None:
        """Send ``data`` as the meter does; nobody hears it while nobody listens."""
        if self._ends is None or (receiver := self.receiver) is None:
            return
        bits = bits_of(data, self.sender)
        os.write(self._ends[0], sampled(bits, self.sender.baud, receiver))

    def sent_to_meter(self, meter: PortSettings) -> bytes:
        """Return what the reader sent, as a meter with ``meter`` settings hears it."""
        assert self._ends is not None
        try:
            data = os.read(self._ends[0], 4096)
        except BlockingIOError:
            return b""
        receiver = self.receiver
        assert receiver is not None
        return sampled(bits_of(data, receiver), receiver.baud, meter)


@pytest.fixture
def new_port(tmp_path: Path, asked: Asked) -> Iterator[Callable[..., SerialLine]]:
    """Make lines that are unplugged at the end."""
    lines: list[SerialLine] = []

    def plugged(sender: PortSettings) -> SerialLine:
        line = SerialLine(tmp_path / f"ttyUSB{len(lines)}", sender, asked)
        line.plug()
        lines.append(line)
        return line

    yield plugged
    for line in lines:
        line.unplug()
