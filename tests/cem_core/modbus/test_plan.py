"""Few blocks, and each register in one of them."""

from hypothesis import given, strategies as st

from cem_core.modbus import Block, Register, Table, blocks, split
from cem_core.modbus.encoding import Encoding


def register(address: int, length: int, table: Table = Table.INPUT) -> Register:
    return Register(
        name=f"{table}{address}",
        address=address,
        table=table,
        encoding=Encoding.TEXT,
        length=length,
    )


@st.composite
def devices(draw: st.DrawFn) -> list[Register]:
    """Registers in both tables that do not overlap, in any order."""
    found = []
    for table in Table:
        address = draw(st.integers(0, 50))
        for _ in range(draw(st.integers(0, 12))):
            length = draw(st.integers(1, 16))
            found.append(register(address, length, table))
            address += length + draw(st.integers(0, 60))
    return draw(st.permutations(found))


@given(registers=devices(), most=st.integers(16, 125), gap=st.integers(0, 50))
def test_each_register_is_read_whole_and_once(
    registers: list[Register], most: int, gap: int
) -> None:
    planned = blocks(registers, most_words=most, gap=gap)
    for each in registers:
        assert sum(block.holds(each) for block in planned) == 1
    words = [(b.table, at) for b in planned for at in range(b.address, b.end)]
    assert len(words) == len(set(words))
    assert all(block.count <= most for block in planned)


@given(registers=devices(), gap=st.integers(0, 50))
def test_no_block_begins_ends_or_goes_on_without_a_register(
    registers: list[Register], gap: int
) -> None:
    for block in blocks(registers, gap=gap):
        inside = sorted(
            (r for r in registers if block.holds(r)), key=lambda r: r.address
        )
        assert (inside[0].address, inside[-1].end) == (block.address, block.end)
        ends = [r.end for r in inside[:-1]]
        starts = [r.address for r in inside[1:]]
        assert all(s - e <= gap for s, e in zip(starts, ends, strict=True))


@given(registers=devices())
def test_splitting_ends_with_single_registers_and_loses_none(
    registers: list[Register],
) -> None:
    waiting, singles = list(blocks(registers, gap=200)), []
    while waiting:
        block = waiting.pop()
        parts = split(block, registers)
        assert all(part.count < block.count for part in parts)
        waiting += parts
        if not parts:
            singles.append(block)
    assert sorted((b.table, b.address, b.count) for b in singles) == sorted(
        (r.table, r.address, r.length) for r in registers
    )


def test_neighbours_are_read_together_and_the_far_ones_apart() -> None:
    registers = [register(0, 2), register(2, 2), register(10, 2), register(500, 1)]
    assert blocks(registers, gap=6) == (
        Block(Table.INPUT, 0, 12),
        Block(Table.INPUT, 500, 1),
    )
    assert blocks(registers, gap=5)[:2] == (
        Block(Table.INPUT, 0, 4),
        Block(Table.INPUT, 10, 2),
    )
