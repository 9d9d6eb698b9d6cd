"""Bytes from a serial port whose speed and parity are found by trying.

What was heard while the right setting was being tried is passed on, so nothing of the
first telegram is lost. A port on which nothing comes is asked as an optical head.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass, field
import time
from typing import Final, override

from cem_core.meter.line_judge import Grade, Judge, Verdict
from cem_core.transport.handshake import START
from cem_core.transport.optical_head import EVERY_S, NO_ANSWER, OpticalHead
from cem_core.transport.port_settings import PortSettings
from cem_core.transport.search import TRIALS, Listening, Pace, Search
from cem_core.transport.serial import (
    PortError,
    PortWriter,
    characters,
    open_port,
    set_port,
)
from cem_core.transport.source import ConnectionState
from cem_core.transport.stream import Connection, StreamSource

_PIECE: Final = 4096
_STALE_S: Final = 0.02  # for bytes that came before the port was set


def _never() -> bool:
    return False


@dataclass(slots=True, kw_only=True)
class AutoSerialSource(StreamSource[PortWriter]):
    """Bytes from the port ``url``.

    ``new_judge`` makes what judges a trial. ``unreadable`` tells that the settings
    once found no longer serve: another meter may be on the line.
    """

    url: str
    new_judge: Callable[[], Judge] = Judge
    unreadable: Callable[[], bool] = _never
    address: str = ""
    every_s: float = EVERY_S
    trials: tuple[PortSettings, ...] = TRIALS
    pace: Pace = field(default_factory=Pace)
    clock: Callable[[], float] = time.monotonic
    found: PortSettings | None = field(default=None, init=False)
    words: str = field(default="", init=False)

    @override
    async def _open(self) -> Connection[PortWriter]:
        return await open_port(self.url, self.found or self.trials[0])

    @override
    async def _read(
        self, reader: asyncio.StreamReader, writer: PortWriter, /
    ) -> AsyncGenerator[bytes]:
        if self.found is None:
            async with aclosing(self._search(reader, writer)) as pieces:
                async for piece in pieces:
                    yield piece
            if self.found is None:
                return
        async with aclosing(super()._read(reader, writer)) as pieces:
            async for piece in pieces:
                yield piece
                if self.unreadable():
                    self.found = None
                    return

    async def _search(
        self, reader: asyncio.StreamReader, writer: PortWriter
    ) -> AsyncGenerator[bytes]:
        """Try until a setting is found, and yield what came of the meter then.

        A port that was silent in the last round stays so until bytes come.
        """
        search = Search(self.trials)
        while (settings := search.next()) is not None:
            before = f"; {_seen(*search.seen[-1])}" if search.seen else ""
            if search.seen or self.state is not ConnectionState.SILENT:
                self.change(ConnectionState.SEARCHING, f"trying {settings}{before}")
            heard, verdict = await self._try(reader, writer, settings)
            search.seen.append((settings, verdict))
            if verdict.grade.settled:
                self.found, self.words = settings, verdict.words
                self.change(ConnectionState.CONNECTED, self._said())
                yield heard
                return
        async with aclosing(self._ask(reader, writer, search.words())) as pieces:
            async for piece in pieces:
                yield piece

    async def _try(
        self, reader: asyncio.StreamReader, writer: PortWriter, settings: PortSettings
    ) -> tuple[bytes, Verdict]:
        """Listen with ``settings``; return what came and what it is worth."""
        try:
            await set_port(writer, settings)
        except PortError as error:
            return b"", Verdict(Grade.SILENT, str(error))
        await _read_within(reader, _STALE_S)
        judge, listening, heard = self.new_judge(), Listening(self.pace), bytearray()
        begin_s = self.clock()
        while True:
            piece = await _read_within(reader, self.pace.pause_s)
            at_s = self.clock() - begin_s
            if piece:
                piece = characters(piece, settings)
                heard += piece
                judge.feed(piece)
                listening.heard(at_s)
            else:
                judge.pause()
                listening.paused(at_s)
            if listening.is_over(judge.verdict.grade, at_s):
                return bytes(heard), judge.verdict

    async def _ask(
        self, reader: asyncio.StreamReader, writer: PortWriter, words: str
    ) -> AsyncGenerator[bytes]:
        """Ask as an optical head does, for as long as there is an answer."""
        if self.state is not ConnectionState.SILENT:
            self.change(ConnectionState.SEARCHING, f"asking at 300 7E1; {words}")
        await set_port(writer, START)
        head = OpticalHead(reader, writer, self.address, answer_s=self.pace.answer_s)
        while True:
            async with aclosing(head.readout()) as pieces:
                async for piece in pieces:
                    self.change(ConnectionState.CONNECTED, head.met)
                    yield piece
            if not head.answered:
                break
            await self.sleep(self.every_s)
        silent = words.startswith("silent")
        state = ConnectionState.SILENT if silent else ConnectionState.SEARCHING
        self.change(state, f"{words}; {NO_ANSWER}")

    @override
    def _clean(self, piece: bytes) -> bytes:
        return piece if self.found is None else characters(piece, self.found)

    @override
    def _said(self) -> str:
        return f"{self.found}: {self.words}"

    @override
    def _where(self) -> str:
        return self.url


async def _read_within(reader: asyncio.StreamReader, seconds: float) -> bytes:
    """Return what comes within ``seconds``; OSError when the port has gone."""
    try:
        async with asyncio.timeout(seconds):
            piece = await reader.read(_PIECE)
    except TimeoutError:
        return b""
    if not piece:
        raise ConnectionResetError("closed by the other side")
    return piece


def _seen(settings: PortSettings, verdict: Verdict) -> str:
    return f"at {settings}: {verdict.words}"
