"""Bytes of a meter that is asked through its optical port (IEC 62056-21, modes A to C).

A meter of mode D, or one that pushes SML, needs no question: that is a serial port
like any other.
"""

import asyncio
from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Final, override

from cem_core.transport.handshake import (
    ANSWER_S,
    START,
    Action,
    Give,
    Handshake,
    Send,
    SetPort,
)
from cem_core.transport.port_settings import PortSettings
from cem_core.transport.serial import PortWriter, characters, open_port, set_port
from cem_core.transport.source import ConnectionState
from cem_core.transport.stream import Connection, StreamSource

EVERY_S: Final = 15.0
NO_ANSWER: Final = "no answer to a sign-on at 300 7E1: is the head in its place?"

_PIECE: Final = 4096
# The longest identification takes 0.7 s; what else is on a line may never pause.
_IDENTIFIED_S: Final = 5.0
_SLACK_S: Final = 1.0  # adapters and gateways hold bytes back


@dataclass(slots=True)
class OpticalHead:
    """A port with an optical head on it, and how the meter below it likes to talk."""

    reader: asyncio.StreamReader
    writer: PortWriter
    address: str = ""
    settings: PortSettings = START
    faster: bool = True
    answer_s: float = ANSWER_S + _SLACK_S
    met: str = ""  # who answered last, in words
    answered: bool = False  # to the last question

    async def readout(self) -> AsyncGenerator[bytes]:
        """Ask once and yield what comes; nothing when no meter answers.

        Raises OSError, also for a speed that the port does not have.
        """
        handshake = Handshake(self.address, faster=self.faster)
        self.answered = False
        await self._do(handshake.start())
        loop = asyncio.get_running_loop()
        identified_by_s = loop.time() + _IDENTIFIED_S
        while not handshake.done:
            if not self.answered and loop.time() > identified_by_s:
                break
            try:
                async with asyncio.timeout(self.answer_s):
                    piece = await self.reader.read(_PIECE)
            except TimeoutError:
                break
            if not piece:
                raise ConnectionResetError("closed by the other side")
            come = characters(piece, self.settings)
            given = await self._do(handshake.feed(come))
            if (who := handshake.identification) is not None:
                self.answered = True
                self.met = f"{self.settings}: {who.maker}, mode {who.mode}"
            for data in given:
                yield data
        if self.answered and not handshake.done:
            self.faster = not self.faster  # the other way may be what it can

    async def _do(self, actions: Iterable[Action]) -> list[bytes]:
        given: list[bytes] = []
        for action in actions:
            match action:
                case Send():
                    self.writer.write(action.data)
                    await self.writer.drain()
                    await self.writer.transport.flush()
                    # An adapter says that all has gone when its own buffer has it.
                    await asyncio.sleep(
                        len(action.data) / self.settings.characters_per_s
                    )
                case SetPort():
                    if action.settings != self.settings:
                        await set_port(self.writer, action.settings)
                        self.settings = action.settings
                case Give():
                    given.append(action.data)
        return given


@dataclass(slots=True, kw_only=True)
class OpticalHeadSource(StreamSource[PortWriter]):
    """Asks the meter under the optical head at port ``url``, every ``every_s``."""

    url: str
    address: str = ""
    every_s: float = EVERY_S

    @override
    async def _open(self) -> Connection[PortWriter]:
        return await open_port(self.url, START)

    @override
    async def _read(
        self, reader: asyncio.StreamReader, writer: PortWriter, /
    ) -> AsyncGenerator[bytes]:
        head = OpticalHead(reader, writer, self.address)
        while True:
            async with aclosing(head.readout()) as pieces:
                async for piece in pieces:
                    self.change(ConnectionState.CONNECTED, head.met)
                    yield piece
            if not head.answered:
                self.change(ConnectionState.SILENT, NO_ANSWER)
            await self.sleep(self.every_s)

    @override
    def _where(self) -> str:
        return self.url
