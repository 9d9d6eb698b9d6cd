"""A Modbus meter, polled."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Sequence
from dataclasses import dataclass, field
from typing import Final

from cem_core.modbus import (
    Block,
    LinkError,
    ModbusError,
    ModbusUnit,
    NoAnswerError,
    NoPowerError,
    RefusedError,
    RegisterMap,
    Table,
    blocks,
    reading,
    split,
    values,
)
from cem_core.modbus.sunspec import scan
from cem_core.modbus.sunspec_meter import meter_map
from cem_core.model import Reading
from cem_core.transport.backoff import Backoff
from cem_core.transport.source import ConnectionChange, ConnectionState, OnChange

_PATIENCE: Final = 3
"""Polls in a row that may fail before the meter counts as silent."""


def _ignore(_: ConnectionChange) -> None:
    """Tell nobody."""


async def read_block(unit: ModbusUnit, block: Block) -> list[int]:
    """Return the words of a block; raises ModbusError, also when not all came."""
    if block.table is Table.HOLDING:
        words = await unit.read_holding_registers(block.address, block.count)
    else:
        words = await unit.read_input_registers(block.address, block.count)
    if len(words) != block.count:
        raise NoAnswerError(f"{len(words)} registers came of {block.count} asked for")
    return words


async def serve[T](
    unit: ModbusUnit, wishes: Generator[Block, Sequence[int] | None, T]
) -> T:
    """Read what ``wishes`` asks for, None where the unit refuses; return its result."""
    answer: Sequence[int] | None = None
    while True:
        try:
            block = next(wishes) if answer is None else wishes.send(answer)
        except StopIteration as done:
            result: T = done.value
            return result
        try:
            answer = await read_block(unit, block)
        except RefusedError:
            answer = None


@dataclass(slots=True, kw_only=True)
class ModbusMeter:
    """Reads a meter's registers every ``period_s``.

    ``register_map`` None: it is a SunSpec meter, whose registers are looked for.
    Registers that this very device lacks are left out after the first attempt.
    """

    unit: ModbusUnit
    register_map: RegisterMap | None
    period_s: float = 1.0
    export_positive: bool = False
    backoff: Backoff = field(default_factory=Backoff)
    on_change: OnChange = _ignore
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    failures: int = field(default=0, init=False)
    _map: RegisterMap | None = field(default=None, init=False)
    _live: list[Block] = field(default_factory=list, init=False)
    _static: list[Block] = field(default_factory=list, init=False)
    _known: dict[Block, list[int]] = field(default_factory=dict, init=False)
    _narrowed: bool = field(default=False, init=False)

    async def readings(self) -> AsyncGenerator[Reading]:
        """Yield readings until the consumer stops; failures only change the state."""
        loop = asyncio.get_running_loop()
        delays, failed = self.backoff.delays(), 0
        while True:
            begun = loop.time()
            try:
                found = await self.read()
            except ModbusError as error:
                self.failures += 1
                failed += 1
                if isinstance(error, LinkError):
                    self._forget()
                    self._tell(ConnectionState.DISCONNECTED, str(error))
                elif failed >= _PATIENCE:
                    self._tell(ConnectionState.SILENT, str(error))
                await self.sleep(max(next(delays), self.period_s))
                continue
            delays, failed = self.backoff.delays(), 0
            self._tell(ConnectionState.CONNECTED)
            yield found
            await self.sleep(max(0.0, begun + self.period_s - loop.time()))

    async def read(self) -> Reading:
        """Read all registers once.

        Raises ModbusError: also when the meter says no power, which a wrong map or a
        wrong device does.
        """
        known = await self._prepared()
        answers = dict(self._known)
        answers |= await self._read(self._live, known, fresh=not self._narrowed)
        self._narrowed = True
        found = reading(
            known,
            values(known.readable(), answers),
            export_positive=self.export_positive,
        )
        if found.power_w is None:
            self._forget()
            raise NoPowerError
        return found

    async def _prepared(self) -> RegisterMap:
        """Return the map, with its blocks planned and what never changes read."""
        if self._map is None:
            known = self.register_map
            if known is None:
                known = meter_map(await serve(self.unit, scan()))
            registers = known.readable()
            for blocks_of, static in ((self._live, False), (self._static, True)):
                blocks_of[:] = blocks(
                    (r for r in registers if r.static is static),
                    most_words=known.most_words,
                    gap=known.gap,
                )
            self._known = await self._read(self._static, known, fresh=True)
            self._map, self._narrowed = known, False
        return self._map

    async def _read(
        self, wanted: list[Block], known: RegisterMap, *, fresh: bool
    ) -> dict[Block, list[int]]:
        """Return the words of blocks; ``fresh``: make smaller those that are refused."""
        answers: dict[Block, list[int]] = {}
        waiting = list(wanted)
        while waiting:
            block = waiting.pop(0)
            try:
                answers[block] = await read_block(self.unit, block)
            except RefusedError as error:
                if not (fresh and error.no_such_register):
                    raise
                waiting = [*split(block, known.readable()), *waiting]
        wanted[:] = answers
        return answers

    def _forget(self) -> None:
        """Find out anew: another device may answer after a lost connection."""
        self._map = None

    def _tell(self, state: ConnectionState, cause: str = "") -> None:
        self.on_change(ConnectionChange(state, cause))
