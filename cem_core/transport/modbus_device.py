"""A Modbus device that is read and told what to do, by its register map."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fractions import Fraction

from cem_core.modbus import (
    Block,
    ModbusError,
    ModbusUnit,
    RefusedError,
    RegisterMap,
    blocks,
    values,
)
from cem_core.modbus.order import words, writable
from cem_core.modbus.quantity import Field, Quantity
from cem_core.modbus.reading import by_field
from cem_core.modbus.register_map import Register
from cem_core.modbus.values import Value
from cem_core.modbus.write_budget import WriteBudget
from cem_core.transport.modbus_meter import read_block


class NotKeptError(ModbusError):
    """The device answered, but the register does not hold what was written."""


@dataclass(frozen=True, slots=True)
class _Sent:
    """What the device may not have followed yet, and since when."""

    words: list[int]
    at: datetime


@dataclass(slots=True, kw_only=True)
class ModbusDevice:
    """Writes only what the map allows, and reads back what was written.

    A register whose writes wear something out is not written when it holds the value
    already, and only as often as ``budget`` allows. One that is followed only after a
    while is not written the same value again before that time is over.
    """

    unit: ModbusUnit
    register_map: RegisterMap
    budget: WriteBudget = field(default_factory=WriteBudget)
    _wrote: dict[str, list[int]] = field(default_factory=dict, init=False)
    _settling: dict[str, _Sent] = field(default_factory=dict, init=False)

    async def read(self) -> dict[Field, Value]:
        """Return what the device says, by field; raises ModbusError."""
        known = self.register_map
        answers: dict[Block, list[int]] = {}
        for block in blocks(
            known.readable(), most_words=known.most_words, gap=known.gap
        ):
            try:
                answers[block] = await read_block(self.unit, block)
            except RefusedError:
                asked = [r for r in known.readable() if block.holds(r)]
                if not all(register.optional for register in asked):
                    raise
        return by_field(known, values(known.readable(), answers))

    async def write(
        self, what: Field, value: Fraction, *, at: datetime, safety: bool = False
    ) -> bool:
        """Order ``value``, in the unit of its field; tell whether it was written.

        False: the register is of the stored kind and holds it already, or was told so
        and may not have followed yet. ``safety``: a limit, which passes whatever the
        budget says, and is counted. Raises OrderError for what the map does not allow,
        BudgetError when it was written too often today, ModbusError when the device
        does not take it.
        """
        register = writable(self.register_map, what)
        power = await self._power(register)
        wanted = words(register, value, what, power=power)
        self._wrote.pop(register.name, None)
        settles_s = 0 if register.write is None else register.write.settles_s
        watched = (
            register.readable and not settles_s and what.quantity is not Quantity.ALIVE
        )
        if register.write is not None and register.write.wears:
            if register.readable and await self._words(register) == wanted:
                self._wrote |= {register.name: wanted} if watched else {}
                return False
            if self._follows(register, wanted, at, settles_s):
                return False
            self.budget.take(register.name, at, safety=safety)
        await self._send(register, wanted)
        if settles_s:
            self._settling[register.name] = _Sent(wanted, at)
            return True
        if register.readable and (kept := await self._words(register)) != wanted:
            raise NotKeptError(
                f"{register.name}: {_listed(wanted)} was written, it holds {_listed(kept)}"
            )
        self._wrote |= {register.name: wanted} if watched else {}
        return True

    def _follows(
        self, register: Register, wanted: list[int], at: datetime, settles_s: int
    ) -> bool:
        """Tell whether it was told so, and still has time to follow."""
        sent = self._settling.get(register.name)
        if sent is None or sent.words != wanted:
            return False
        return timedelta(0) <= at - sent.at < timedelta(seconds=settles_s)

    def forget(self) -> None:
        """Expect no more that what was written is still there."""
        self._wrote.clear()

    async def changed(self) -> tuple[str, ...]:
        """Return which registers somebody else has written since, each of them once.

        Raises ModbusError when the device does not answer.
        """
        found = []
        for name, wanted in list(self._wrote.items()):
            register = self.register_map.registers[name]
            if await self._words(register) != wanted:
                del self._wrote[name]
                found.append(f"{name} ({register.address})")
        return tuple(found)

    def left(self, at: datetime) -> Mapping[str, int]:
        """Return how often each stored register may still be written today."""
        return {
            name: self.budget.left(name, at)
            for name, register in self.register_map.registers.items()
            if register.write and register.write.wears
        }

    async def _send(self, register: Register, wanted: list[int]) -> None:
        one_word = register.write is not None and register.write.function == 6  # noqa: PLR2004 (a function's number)
        if one_word:
            await self.unit.write_register(register.address, wanted[0])
        else:
            await self.unit.write_registers(register.address, wanted)

    async def _words(self, register: Register) -> list[int]:
        block = Block(register.table, register.address, register.length)
        return await read_block(self.unit, block)

    async def _power(self, register: Register) -> int:
        """Return the power of ten that the device scales the register by."""
        if register.scale_register is None:
            return 0
        scale = self.register_map.registers[register.scale_register]
        block = Block(scale.table, scale.address, scale.length)
        said = values([scale], {block: await self._words(scale)}).get(scale.name)
        if not isinstance(said, Fraction):
            raise ModbusError(f"the device does not say {scale.name}")
        return int(said)


def _listed(held: list[int]) -> str:
    return " ".join(f"{word:04X}" for word in held)
