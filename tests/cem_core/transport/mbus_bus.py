"""Meters on a wired M-Bus, as they behave on the wire: what a master is tried on.

It reads the master's bytes by its own few lines, so that it and the product cannot
be wrong in the same way. Two meters that answer at once are heard both: an open
current loop adds up, and a bit that one of them sends as 0 is 0.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import zip_longest


def answer_of(octets: bytes, *, primary: int = 1, ci: int = 0x72) -> bytes:
    """Return RSP_UD with ``octets`` after CI."""
    user = bytes((0x08, primary, ci)) + octets
    return bytes((0x68, len(user), len(user), 0x68, *user, sum(user) & 0xFF, 0x16))


@dataclass
class Slave:
    """One meter: its primary address, its header of eight bytes, and its answers."""

    primary: int
    identity: bytes
    parts: Sequence[bytes]
    deaf: int = 0
    """How many requests it does not hear."""
    selected: bool = False
    part: int = 0
    last_fcb: bool | None = None
    asked: int = 0

    def reset(self) -> None:
        self.part, self.last_fcb = 0, None

    def fits(self, pattern: bytes) -> bool:
        mine, sought = self.identity, pattern
        digits = zip(mine[:4].hex(), sought[:4].hex(), strict=True)
        rest = zip(mine[4:], sought[4:], strict=True)
        return all(s in ("f", m) for m, s in digits) and all(
            s in (0xFF, m) for m, s in rest
        )

    def data(self, *, fcb: bool) -> bytes:
        """Return the next part, or the last one again when the bit did not change."""
        self.asked += 1
        if self.last_fcb is not None and fcb != self.last_fcb:
            self.part = (self.part + 1) % len(self.parts)
        self.last_fcb = fcb
        octets = self.identity + b"\x01\x00\x00\x00" + self.parts[self.part]
        return answer_of(octets, primary=self.primary)


@dataclass
class Bus:
    """What stands between the master's bytes and the meters'."""

    slaves: Sequence[Slave]
    heard: list[bytes] = field(default_factory=list)
    echo: bool = False
    damage: int = 0
    """How many answers arrive with one bit turned over."""
    pending: bytearray = field(default_factory=bytearray)

    def take(self, data: bytes) -> bytes:
        """Return what comes back on ``data``."""
        self.pending += data
        back = b""
        while frame := self._frame():
            self.heard.append(frame)
            reply = _together([r for s in self.slaves if (r := _reply(s, frame))])
            if len(reply) > 1 and self.damage:
                self.damage -= 1
                reply = reply[:-3] + bytes((reply[-3] ^ 4,)) + reply[-2:]
            back += (frame if self.echo else b"") + reply
        return back

    def _frame(self) -> bytes:
        if not self.pending:
            return b""
        size = 5 if self.pending[0] == 0x10 else self.pending[1] + 6
        if len(self.pending) < size:
            return b""
        frame = bytes(self.pending[:size])
        del self.pending[:size]
        return frame

    async def talk(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Serve a connection, in pieces as a slow line brings them."""
        while data := await reader.read(300):
            back = self.take(data)
            for at in range(0, len(back), 40):
                writer.write(back[at : at + 40])
                await writer.drain()
                await asyncio.sleep(0.001)


def _reply(slave: Slave, frame: bytes) -> bytes:
    if frame[0] == 0x68:
        assert frame[4:7] == b"\x53\xfd\x52", "the master only selects"
        slave.selected = slave.fits(frame[7:15])
        slave.reset()
        return b"\xe5" if slave.selected else b""
    control, address = frame[1], frame[2]
    mine = address in (slave.primary, 254) or (address == 253 and slave.selected)
    if not mine:
        return b""
    if control == 0x40:
        slave.reset()
        if address == 253:
            slave.selected = False
        return b"\xe5"
    assert control in (0x5B, 0x7B), "the master only requests"
    if slave.deaf:
        slave.deaf -= 1
        return b""
    return slave.data(fcb=control == 0x7B)


def _together(replies: Sequence[bytes]) -> bytes:
    """Return what is heard when all of ``replies`` are sent at once."""
    heard = b""
    for octets in zip_longest(*replies, fillvalue=0xFF):
        byte = 0xFF
        for octet in octets:
            byte &= octet
        heard += bytes((byte,))
    return heard
