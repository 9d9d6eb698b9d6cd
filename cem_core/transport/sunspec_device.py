"""A SunSpec inverter or battery: read by its models, told with revert timers."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
import time
from typing import Final

from cem_core.modbus import Block, ModbusUnit, RefusedError, Register, blocks, values
from cem_core.modbus.sunspec import Model, of_models, scan
from cem_core.modbus.sunspec_control import (
    ControlError,
    Revert,
    Write,
    limit_output,
    limit_storage,
    release_output,
)
from cem_core.modbus.values import Value
from cem_core.transport.modbus_device import NotKeptError
from cem_core.transport.modbus_meter import read_block, serve

OUTPUT_CONTROLS: Final = (123, 704)
STORAGE_CONTROLS: Final = (124,)
_HIGHEST: Final = {121: "WMax", 702: "WMax", 120: "WRtg"}
_GAP: Final = 60  # words: models are read through

type Points = Mapping[str, Register]
type Said = Mapping[str, Value]
type Make = Callable[[Points, Said], tuple[Write, ...]]


@dataclass(frozen=True, slots=True)
class _Order:
    """What stands, through which points, and when it is to be renewed."""

    points: Points
    make: Make
    revert: Revert


@dataclass(slots=True, kw_only=True)
class SunSpecDevice:
    """Keeps limits standing for as long as `renew` is called, and no longer.

    Call `find` first, and `renew` more often than every ``revert_s`` / 2. All methods
    raise ModbusError when the device does not answer or does not take it; an order
    that was not taken is due again at once.
    """

    unit: ModbusUnit
    revert_s: int = 60
    clock: Callable[[], float] = time.monotonic
    models: tuple[Model, ...] = field(default=(), init=False)
    _orders: dict[int, _Order] = field(default_factory=dict, init=False)
    _wrote: dict[str, Write] = field(default_factory=dict, init=False)

    async def find(self) -> tuple[Model, ...]:
        """Look for the device's models and return them."""
        self.models = await serve(self.unit, scan())
        return self.models

    async def read(self, numbers: Iterable[int]) -> Said:
        """Return what the points of the first of these models say."""
        _, points = of_models(self.models, numbers)
        return await self._said(points)

    async def limit_output(self, limit_w: Fraction | None) -> None:
        """Let the device give out at most ``limit_w``; None: as it likes."""
        model, points = of_models(self.models, OUTPUT_CONTROLS)
        if limit_w is None:
            self._orders.pop(model.number, None)
            await self._write(points, release_output(points, await self._said(points)))
            return
        max_w = await self._highest_w()

        def make(points: Points, said: Said) -> tuple[Write, ...]:
            return limit_output(
                points, said, limit_w=limit_w, max_w=max_w, revert_s=self.revert_s
            )

        await self._order(model, points, make)

    async def limit_storage(
        self, *, charge_w: Fraction | None, discharge_w: Fraction | None
    ) -> None:
        """Limit charge and discharge; see `cem_core.modbus.sunspec_control`."""
        model, points = of_models(self.models, STORAGE_CONTROLS)

        def make(points: Points, said: Said) -> tuple[Write, ...]:
            return limit_storage(
                points,
                said,
                charge_w=charge_w,
                discharge_w=discharge_w,
                revert_s=self.revert_s,
            )

        if charge_w is discharge_w is None:
            self._orders.pop(model.number, None)
            await self._write(points, make(points, await self._said(points)))
            return
        await self._order(model, points, make)

    async def renew(self) -> int:
        """Send again what is due; return how many orders that were."""
        due = [o for o in self._orders.values() if o.revert.due(self.clock())]
        for order in due:
            await self._send(order)
        return len(due)

    def forget(self) -> None:
        """Expect no more that what was written is still there."""
        self._wrote = {}

    async def changed(self) -> tuple[str, ...]:
        """Return which points somebody else has written since, each of them once.

        Not what the device itself has ended because nobody renewed it.
        """
        if any(order.revert.over(self.clock()) for order in self._orders.values()):
            self.forget()
        found = []
        for name, write in list(self._wrote.items()):
            held = await self.unit.read_holding_registers(
                write.address, len(write.words)
            )
            if tuple(held) != write.words:
                del self._wrote[name]
                found.append(f"{name} ({write.address})")
        return tuple(found)

    async def _order(self, model: Model, points: Points, make: Make) -> None:
        order = _Order(points, make, Revert(revert_s=self.revert_s))
        self._orders[model.number] = order
        await self._send(order)

    async def _send(self, order: _Order) -> None:
        order.revert.sent_at_s = None
        sent_at_s = self.clock()
        writes = order.make(order.points, await self._said(order.points))
        await self._write(order.points, writes)
        order.revert.sent(sent_at_s)

    async def _write(self, points: Points, writes: tuple[Write, ...]) -> None:
        """Write in the order given, then read back."""
        self._wrote = {}
        for write in writes:
            await self._put(write)
        kept_ones = {}
        for name, write in _by_point(points, writes):
            if name.endswith("RvrtTms"):
                continue  # a device may count it down in place
            kept = await self.unit.read_holding_registers(
                write.address, len(write.words)
            )
            if tuple(kept) != write.words:
                raise NotKeptError(f"{name} does not hold what was set")
            kept_ones[name] = write
        self._wrote = kept_ones if self._orders else {}

    async def _put(self, write: Write) -> None:
        """Write by function 16, one word by function 6 where that is refused.

        KOSTAL's PLENTICORE takes its limit of output by 6 alone (evcc, template
        kostal-plenticore-gen2, b29b49e).
        """
        words = list(write.words)
        try:
            await self.unit.write_registers(write.address, words)
        except RefusedError:
            if len(words) > 1:
                raise
            await self.unit.write_register(write.address, words[0])

    async def _highest_w(self) -> Fraction:
        """Return the power that a percentage of output refers to."""
        for number, name in _HIGHEST.items():
            if any(model.number == number for model in self.models):
                said = (await self.read((number,))).get(name)
                if isinstance(said, Fraction):
                    return said
        raise ControlError("the device says no highest power; no limit can be set")

    async def _said(self, points: Points) -> Said:
        registers = list(points.values())
        answers: dict[Block, list[int]] = {}
        for block in blocks(registers, gap=_GAP):
            answers[block] = await read_block(self.unit, block)
        return values(registers, answers)


def _by_point(points: Points, writes: tuple[Write, ...]) -> Iterator[tuple[str, Write]]:
    """Take writes of several points apart."""
    for write in writes:
        for name, register in points.items():
            if write.address <= register.address < write.end:
                yield name, write.part(register.address, register.length)
