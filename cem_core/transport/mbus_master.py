"""Asks the meters on a wired M-Bus, one after another (EN 13757-2, 5.7).

A master sends what makes a meter answer and nothing else: begin anew (SND_NKE),
select by the secondary address, request (REQ_UD2). No meter is set, no valve moved.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field
from typing import Final

from cem_core.meter import mbus_answer, mbus_link
from cem_core.meter.error import TelegramError
from cem_core.meter.mbus_address import Address, Secondary
from cem_core.meter.mbus_answer import Answer, Identity
from cem_core.meter.mbus_link import LinkFrame, Splitter

_PIECE: Final = 4096
_TRIES: Final = 3
_MOST_PARTS: Final = 16
_STALE_S: Final = 0.01


class MbusError(ValueError):
    """What went wrong with one meter; the line itself may be sound."""


class NoAnswerError(MbusError):
    """Nothing came back."""


class CollisionError(MbusError):
    """What came back is no frame: damage, or more than one meter answered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """How long to wait.

    ``acknowledge_s``, ``answer_s``: until a reply begins. A meter takes up to 330 bit
    times and 50 ms (EN 13757-2, 5.5.1); a gateway may hold an answer back until it is
    whole, which takes 1.2 s at 2400 baud. ``gap_s``: until nothing more comes.
    """

    acknowledge_s: float = 0.5
    answer_s: float = 3.0
    gap_s: float = 0.25


@dataclass(slots=True)
class _Heard:
    """What one question brought."""

    frames: list[LinkFrame] = field(default_factory=list)
    damaged: bool = False

    @property
    def anything(self) -> bool:
        return self.damaged or bool(self.frames)


@dataclass(slots=True)
class MbusMaster:
    """The only one who asks on an open line."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    timing: Timing = field(default_factory=Timing)

    async def read(self, address: Address, key: bytes | None = None) -> Answer:
        """Return what the meter at ``address`` says, all parts of it.

        Raises `MbusError` for the meter, OSError for the line.
        """
        if isinstance(address, Secondary):
            await self._select(address)
            answer = await self._request(mbus_link.SELECTED, key)
            if answer.identity is None or not address.meant(answer.identity):
                raise MbusError("another meter answers than the one that was selected")
            return answer
        await self._ask(mbus_link.initialise(address), _is_acknowledgement)
        return await self._request(address, key)

    async def primary_addresses(self) -> AsyncGenerator[int]:
        """Yield each primary address at which something answers."""
        for address in range(mbus_link.MOST_PRIMARY + 1):
            heard = await self._ask(mbus_link.initialise(address))
            if heard.anything:
                yield address

    async def search(self, within: Secondary | None = None) -> AsyncGenerator[Identity]:
        """Yield the meters that a pattern reaches, found digit by digit.

        Where several answer at once the next digit is tried with each of its ten
        values (EN 13757-7, 7.4). Meters with the same number are not told apart.
        """
        patterns = [within or Secondary()]
        while patterns:
            pattern = patterns.pop()
            try:
                await self._select(pattern, tries=1)
                found = await self._part(mbus_link.SELECTED, fcb=True, tries=1)
            except NoAnswerError:
                continue
            except CollisionError:
                patterns += reversed(pattern.narrowed())
                continue
            if (identity := mbus_answer.identity(found)) is not None:
                yield identity

    async def _select(self, address: Secondary, tries: int = _TRIES) -> None:
        await self._ask(mbus_link.initialise(mbus_link.SELECTED), _is_acknowledgement)
        frame = mbus_link.select(address.pattern)
        for attempt in range(tries):
            heard = await self._ask(frame)
            if _is_single(heard):
                return
            if heard.anything and attempt == tries - 1:
                raise CollisionError(
                    "more than one meter, or a disturbed line, answers"
                )
        raise NoAnswerError("no meter with this number answers")

    async def _request(self, address: int, key: bytes | None) -> Answer:
        fcb = True
        answer = await self._answer(address, fcb=fcb, key=key)
        for _ in range(_MOST_PARTS):
            if not answer.more:
                return answer
            fcb = not fcb
            answer = answer.joined(await self._answer(address, fcb=fcb, key=key))
        raise MbusError(f"the answer has more than {_MOST_PARTS} parts")

    async def _answer(self, address: int, *, fcb: bool, key: bytes | None) -> Answer:
        part = await self._part(address, fcb=fcb)
        try:
            return mbus_answer.read(part, key)
        except ValueError as error:
            raise MbusError(str(error)) from error

    async def _part(self, address: int, *, fcb: bool, tries: int = _TRIES) -> LinkFrame:
        """Return one answer; the same one is asked for until it is sound."""
        frame = mbus_link.request(address, fcb=fcb)
        heard = _Heard()
        for _ in range(tries):
            heard = await self._ask(frame, _is_response)
            for answer in filter(_is_response, heard.frames):
                if answer.address != address and address <= mbus_link.MOST_PRIMARY:
                    raise MbusError(f"the meter at {answer.address} answers instead")
                return answer
        if heard.anything:
            raise CollisionError("the answer is damaged")
        raise NoAnswerError("no answer")

    async def _ask(
        self, frame: bytes, enough: Callable[[LinkFrame], bool] | None = None
    ) -> _Heard:
        """Send ``frame``; return what comes until ``enough`` did, or nothing more."""
        await self._discard()
        self.writer.write(frame)
        await self.writer.drain()
        splitter, heard, timing = Splitter(), _Heard(), self.timing
        wait_s = timing.answer_s if enough is _is_response else timing.acknowledge_s
        while piece := await self._next(wait_s):
            wait_s = timing.gap_s
            self._hear(heard, splitter.feed(piece))
            if enough is not None and any(map(enough, heard.frames)):
                return heard
        heard.damaged |= splitter.noise > 0
        self._hear(heard, splitter.finish())
        return heard

    @staticmethod
    def _hear(heard: _Heard, found: list[LinkFrame | TelegramError]) -> None:
        for each in found:
            if isinstance(each, TelegramError):
                heard.damaged = True
            elif each.acknowledges or each.responds:
                heard.frames.append(
                    each
                )  # the rest is the echo of some level converters

    async def _next(self, wait_s: float) -> bytes:
        """Return what comes within ``wait_s``, empty when nothing does."""
        try:
            async with asyncio.timeout(wait_s):
                piece = await self.reader.read(_PIECE)
        except TimeoutError:
            return b""
        if not piece:
            raise ConnectionResetError("closed by the other side")
        return piece

    async def _discard(self) -> None:
        """Throw away what came too late for the last question."""
        while await self._next(_STALE_S):
            pass


def _is_acknowledgement(frame: LinkFrame) -> bool:
    return frame.acknowledges


def _is_response(frame: LinkFrame) -> bool:
    return frame.responds


def _is_single(heard: _Heard) -> bool:
    """Tell whether exactly one acknowledged."""
    return not heard.damaged and [f.acknowledges for f in heard.frames] == [True]
