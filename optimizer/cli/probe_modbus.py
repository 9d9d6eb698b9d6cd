"""``cem probe modbus``: SunSpec models, the values of a map, or registers as they are."""

from argparse import Namespace
import asyncio
from collections.abc import Iterator
import json
import logging
import sys
from typing import Any, Final

from cem_core.modbus import (
    Block,
    ModbusError,
    ModbusUnit,
    RefusedError,
    Register,
    Table,
    blocks,
    load,
    names,
    split,
    values,
)
from cem_core.modbus.sunspec import NoSunSpecError, known, points, scan
from cem_core.transport.modbus import (
    ConnectedUnit,
    ModbusConnection,
    SerialLink,
    TcpLink,
)
from cem_core.transport.modbus_meter import read_block, serve
from optimizer.cli.status import BAD_INPUT, DONE, WRONG_USAGE

_MOST_WORDS: Final = 50  # of a dump at once: some devices answer no more


def probe_modbus(args: Namespace) -> int:
    """Show what was asked for and return the exit status."""
    if args.map == "list":
        for name in names():
            print(f"{name:24} {load(name).title}")
        return DONE
    if args.map is not None and args.map not in names():
        print(f"cem probe: no map {args.map!r}; --map list names them", file=sys.stderr)
        return WRONG_USAGE
    if args.address is None:
        print("cem probe: modbus needs a HOST or a serial port", file=sys.stderr)
        return WRONG_USAGE
    logging.getLogger("pymodbus").setLevel(logging.CRITICAL)  # it is said below
    try:
        return asyncio.run(_probe(args))
    except ModbusError as error:
        print(f"cem probe: {error}", file=sys.stderr)
        return BAD_INPUT


def _link(args: Namespace) -> TcpLink | SerialLink:
    if args.address.startswith("/"):
        return SerialLink(device=args.address, baud_rate=args.baud, parity=args.parity)
    host, _, port = args.address.partition(":")
    return TcpLink(host=host, port=int(port or 502), rtu=args.rtu)


async def _probe(args: Namespace) -> int:
    connection = ModbusConnection(link=_link(args))
    unit = ConnectedUnit(connection, args.unit)
    try:
        if args.dump is not None:
            return await _dump(unit, args)
        if args.map is not None:
            found = load(args.map)
            said = await _read(unit, list(found.registers.values()), found.most_words)
            _show(args, found.title, said)
            return DONE if said else BAD_INPUT
        return await _sunspec(unit, args)
    finally:
        await connection.close()


async def _sunspec(unit: ModbusUnit, args: Namespace) -> int:
    try:
        models = await serve(unit, scan())
    except NoSunSpecError as error:
        print(f"{error}; try --map, or --dump holding:0-99", file=sys.stderr)
        return BAD_INPUT
    for model in models:
        title = f"model {model.number} at {model.address}, {model.length} registers"
        if model.number not in known():
            _show(args, f"{title}, which is not known here", {})
            continue
        registers = list(points(model).values())
        _show(args, title, await _read(unit, registers, _MOST_WORDS))
    return DONE


async def _read(
    unit: ModbusUnit, registers: list[Register], most_words: int
) -> dict[str, Any]:
    """Return what the registers say; a block that is refused is read in halves."""
    answers: dict[Block, list[int]] = {}
    todo = list(blocks(registers, most_words=most_words))
    while todo:
        block = todo.pop(0)
        try:
            answers[block] = await read_block(unit, block)
        except RefusedError:
            todo = [*split(block, registers), *todo]
    units = {register.name: register.unit or "" for register in registers}
    return {
        name: {
            "value": value if isinstance(value, str) else float(value),
            "unit": units[name],
        }
        for name, value in values(registers, answers).items()
    }


async def _dump(unit: ModbusUnit, args: Namespace) -> int:
    table, first, last = args.dump
    found: dict[int, int | None] = {}
    for block in _blocks(Table(table), first, last):
        try:
            words: list[int] | list[None] = await read_block(unit, block)
        except RefusedError:
            words = await _one_by_one(unit, block)
        found.update(zip(range(block.address, block.end), words, strict=True))
    if args.json:
        print(json.dumps({"table": table, "registers": found}))
    else:
        for address, word in found.items():
            said = "refused" if word is None else f"{word:5}  0x{word:04X}"
            print(f"{address:5}  {said}")
    return DONE if any(word is not None for word in found.values()) else BAD_INPUT


async def _one_by_one(unit: ModbusUnit, block: Block) -> list[Any]:
    words: list[int | None] = []
    for address in range(block.address, block.end):
        try:
            words += await read_block(unit, Block(block.table, address, 1))
        except RefusedError:
            words.append(None)
    return words


def _blocks(table: Table, first: int, last: int) -> Iterator[Block]:
    for address in range(first, last + 1, _MOST_WORDS):
        yield Block(table, address, min(_MOST_WORDS, last + 1 - address))


def _show(args: Namespace, title: str, said: dict[str, Any]) -> None:
    if args.json:
        print(json.dumps({"title": title, "values": said}), flush=True)
        return
    print(title)
    for name, each in said.items():
        value = each["value"]
        shown = f"{value:g}" if isinstance(value, float) else value
        print(f"  {name:28} {shown} {each['unit']}".rstrip())
