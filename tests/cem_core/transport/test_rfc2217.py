"""A serial port of another machine, as ser2net offers it by RFC 2217."""

import asyncio
from contextlib import aclosing
from dataclasses import dataclass, field, replace
import re
from typing import Final

from cem_core.transport import (
    Backoff,
    ByteReader,
    LineStatus,
    MeterLine,
    Parity,
    PortSettings,
)
from cem_core.transport.auto import AutoSerialSource
from cem_core.transport.search import Pace
from tests.cem_core.transport.conftest import HOST, serving
from tests.cem_core.transport.serial_line import bits_of, sampled
from tests.telegrams.compose import DSMR3

_COMMAND: Final = re.compile(
    rb"\xff(?:(?P<option>[\xfb-\xfe])(?P<which>.)"
    rb"|\xfa\x2c(?P<code>.)(?P<value>(?:[^\xff]|\xff\xff)*)\xff\xf0)",
    re.DOTALL,
)
_ANSWER: Final = {0xFB: b"\xfd", 0xFC: b"\xfe", 0xFD: b"\xfb", 0xFE: b"\xfc"}
_PARITIES: Final = {1: Parity.NONE, 2: Parity.ODD, 3: Parity.EVEN}
_SERVER: Final = 100  # what the server adds to the code it answers


@dataclass
class AccessServer:
    """Sends what a meter with ``sender`` says, as the port that was asked for hears it.

    Each connection ends after ``telegrams``.
    """

    sender: PortSettings
    telegram: bytes
    telegrams: int
    settings: PortSettings = field(default_factory=lambda: PortSettings(9600))
    connections: int = 0

    async def talk(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.connections += 1
        speaking = asyncio.create_task(self._speak(writer))
        waiting = b""
        try:
            while not speaking.done():
                if (data := await self._read(reader)) is None:
                    break
                waiting += data
                while (found := _COMMAND.search(waiting)) is not None:
                    writer.write(self._answer(found))
                    waiting = waiting[found.end() :]
        finally:
            speaking.cancel()

    async def _read(self, reader: asyncio.StreamReader) -> bytes | None:
        try:
            async with asyncio.timeout(0.02):
                return await reader.read(4096) or None
        except TimeoutError:
            return b""

    async def _speak(self, writer: asyncio.StreamWriter) -> None:
        for _ in range(self.telegrams):
            await asyncio.sleep(0.3)
            bits = bits_of(self.telegram, self.sender)
            heard = sampled(bits, self.sender.baud, self.settings)
            writer.write(heard.replace(b"\xff", b"\xff\xff"))

    def _answer(self, found: re.Match[bytes]) -> bytes:
        if (option := found["option"]) is not None:
            return b"\xff" + _ANSWER[option[0]] + found["which"]
        code, value = found["code"][0], found["value"].replace(b"\xff\xff", b"\xff")
        match code:
            case 1:
                self.settings = replace(self.settings, baud=int.from_bytes(value))
            case 2:
                self.settings = replace(self.settings, data_bits=value[0])
            case 3:
                self.settings = replace(self.settings, parity=_PARITIES[value[0]])
            case 4:
                self.settings = replace(self.settings, stop_bits=value[0])
            case _:
                pass  # lines and masks, which are only confirmed
        return b"\xff\xfa\x2c" + bytes([code + _SERVER]) + found["value"] + b"\xff\xf0"


async def test_a_remote_port_is_found_set_and_connected_again() -> None:
    meter = PortSettings(9600, 7, Parity.EVEN)
    server = AccessServer(meter, DSMR3, telegrams=12)
    states: list[LineStatus] = []
    line = MeterLine(ByteReader(), on_change=lambda state: states.append(state.status))
    async with serving(server.talk) as port:
        source = AutoSerialSource(
            url=f"rfc2217://{HOST}:{port}",
            pace=Pace(pause_s=0.1, silent_s=0.6, noise_s=0.5, promising_s=3.0),
            backoff=Backoff(first_s=0.01, most_s=0.05),
            on_change=line.connection_changed,
        )
        async with asyncio.timeout(30), aclosing(line.readings(source)) as readings:
            count = 0
            async for _ in readings:
                count += 1
                if server.connections == 2:
                    break
        await asyncio.sleep(0.05)
    assert source.found == server.settings == meter
    assert line.state.damaged == {}
    assert states[0] is LineStatus.SEARCHING
    assert states.count(LineStatus.SEARCHING) == 3  # once a speed, and never again
    # Nothing of what came at the right settings was lost, in both connections.
    assert count == line.state.telegrams
    assert count >= 9
