"""Which blocks to read so that few requests bring all registers."""

from collections.abc import Iterable
from dataclasses import dataclass

from cem_core.modbus.register_map import MOST_WORDS, Register, Table


@dataclass(frozen=True, slots=True)
class Block:
    """Words that one request reads."""

    table: Table
    address: int
    count: int

    @property
    def end(self) -> int:
        """The first address behind it."""
        return self.address + self.count

    def holds(self, register: Register) -> bool:
        """Tell whether all words of ``register`` are in it."""
        return (
            register.table is self.table
            and self.address <= register.address
            and register.end <= self.end
        )


def blocks(
    registers: Iterable[Register], *, most_words: int = MOST_WORDS, gap: int = 0
) -> tuple[Block, ...]:
    """Return blocks in which each register lies whole, each word in one of them only.

    A block has at most ``most_words`` words and between two registers at most
    ``gap`` words that nobody asked for. Registers must not overlap.
    """
    found: list[Block] = []
    for register in sorted(registers, key=lambda r: (r.table, r.address)):
        last = found[-1] if found else None
        if (
            last is not None
            and last.table is register.table
            and register.address - last.end <= gap
            and register.end - last.address <= most_words
        ):
            found[-1] = Block(last.table, last.address, register.end - last.address)
        else:
            found.append(Block(register.table, register.address, register.length))
    return tuple(found)


def split(block: Block, registers: Iterable[Register]) -> tuple[Block, ...]:
    """Return two smaller blocks for the registers in ``block``; none for a lone one.

    For a device that refuses the block because it lacks some of it.
    """
    inside = sorted((r for r in registers if block.holds(r)), key=lambda r: r.address)
    if not inside[1:]:
        return ()
    middle = len(inside) // 2
    return tuple(
        Block(block.table, half[0].address, half[-1].end - half[0].address)
        for half in (inside[:middle], inside[middle:])
    )
