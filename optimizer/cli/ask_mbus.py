"""``cem mbus find`` and ``cem mbus read``, while the line is open."""

from argparse import Namespace
import asyncio
import json
import re
import sys
from typing import Any, Final

from cem_core.meter.mbus_answer import Identity
from cem_core.transport.mbus_master import Timing
from cem_core.transport.mbus_source import (
    Line,
    MbusMeter,
    MbusSource,
    master,
    serial_line,
    tcp_line,
)
from optimizer.cli.slow_reading_json import slow_reading_to_json
from optimizer.cli.status import BAD_INPUT, DONE, WRONG_USAGE

_SERIAL: Final = re.compile(r"/dev/|COM\d+$|[a-z0-9]+://")
_TCP: Final = re.compile(r"(\[[^\]]+\]|[^:/\[\]\s]+):(\d{1,5})")
_HIGHEST_PORT: Final = 65_535


def ask(args: Namespace) -> int:
    """Do what ``args`` say and return the exit status."""
    if (line := _line(args.address, args.baud)) is None:
        print(
            f"cem mbus: {args.address!r} is no address: expected host:port or /dev/…",
            file=sys.stderr,
        )
        return WRONG_USAGE
    if args.action == "read":
        meters = [MbusMeter(address=each, key=args.key) for each in args.meters]
        return asyncio.run(_read(MbusSource(line=line, meters=meters)))
    try:
        return asyncio.run(_find(line, primary=args.primary))
    except OSError as error:
        why = error.strerror or error
        print(f"cem mbus: {args.address}: {why}", file=sys.stderr)
        return BAD_INPUT


def _line(address: str, baud: int) -> Line | None:
    if _SERIAL.match(address):
        return serial_line(address, baud)
    found = _TCP.fullmatch(address)
    if found is None or not 0 < int(found[2]) <= _HIGHEST_PORT:
        return None
    return tcp_line(found[1].strip("[]"), int(found[2]))


async def _read(source: MbusSource) -> int:
    status = DONE
    async for result in source.read_once():
        address = str(result.meter.address)
        if (reading := result.reading) is None:
            status = BAD_INPUT
            print(f"{address}: {result.cause}", file=sys.stderr)
        else:
            said = {"address": address} | slow_reading_to_json(reading)
            print(json.dumps(said, ensure_ascii=False), flush=True)
    return status


async def _find(line: Line, *, primary: bool) -> int:
    found = False
    async with master(line, Timing()) as asking:
        if primary:
            async for address in asking.primary_addresses():
                found = True
                print(json.dumps({"address": address}), flush=True)
        else:
            async for identity in asking.search():
                found = True
                print(json.dumps(_identity(identity)), flush=True)
    if not found:
        print("cem mbus: no meter answers", file=sys.stderr)
    return DONE if found else BAD_INPUT


def _identity(identity: Identity) -> dict[str, Any]:
    return {
        "address": identity.number,
        "manufacturer": identity.manufacturer,
        "version": identity.version,
        "medium": identity.medium,
    }
