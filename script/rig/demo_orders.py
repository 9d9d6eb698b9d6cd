"""Orders for a demonstration that runs: a limit, its end, a fault."""

import argparse
from collections.abc import Sequence
import json
import math
from pathlib import Path
from typing import Final

import aiohttp

from script.rig.api import Api
from script.rig.simulator import PREFIX, order_fault
from script.rig.topics import TopicListener
from script.rig.waiting import RigError

ORDERS: Final = ("limit", "end", "fault")
ADDRESS: Final = "address.json"
ORDERED: Final = "ordered_limits.json"


def remember(folder: Path, *, url: str, mqtt_port: int) -> None:
    """Write down where the running demonstration can be reached."""
    address = {"url": url, "mqtt_port": mqtt_port}
    (folder / ADDRESS).write_text(json.dumps(address))


async def give(folder: Path, arguments: Sequence[str]) -> int:
    """Carry out one order."""
    options = _parse(arguments)
    stored = folder / ADDRESS
    if not stored.exists():
        message = "nothing runs here: start script/demo in another terminal first"
        raise RigError(message)
    address = json.loads(stored.read_text())
    try:
        if options.order == "fault":
            await _fault(address["mqtt_port"], options)
            return 0
        async with Api(address["url"]) as api:
            await api.login()
            if options.order == "limit":
                await _limit(api, folder / ORDERED, options)
            else:
                await _end(api, folder / ORDERED)
    except aiohttp.ClientConnectionError as error:
        message = f"no Home Assistant on {address['url']}: start script/demo first"
        raise RigError(message) from error
    return 0


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="script/demo")
    orders = parser.add_subparsers(dest="order", required=True)
    limit = orders.add_parser("limit", help="order a limit on controllable load")
    limit.add_argument("watt", type=_watt, help="0 or more, a whole number")
    limit.add_argument("--minutes", type=_span, default=15.0)
    orders.add_parser("end", help="end the limits ordered from here")
    fault = orders.add_parser("fault", help="let something go wrong")
    fault.add_argument("fault", help="silence, bad_crc, refuse, stuck, disconnect, …")
    fault.add_argument("device", nargs="?", help="meter, battery, charger, …")
    fault.add_argument("--seconds", type=_span, default=60.0)
    return parser.parse_args(arguments)


def _watt(text: str) -> int:
    """Read a limit in W; argparse shows the refusal."""
    if not text.isdecimal():
        message = f"{text} is no limit: give whole watts, 0 or more"
        raise argparse.ArgumentTypeError(message)
    return int(text)


def _span(text: str) -> float:
    """Read how long something lasts; argparse shows the refusal."""
    try:
        length = float(text)
    except ValueError:
        length = math.nan
    if not 0.0 < length < math.inf:
        message = f"{text} is no span: give a number above 0"
        raise argparse.ArgumentTypeError(message)
    return length


async def _limit(api: Api, ordered: Path, options: argparse.Namespace) -> None:
    answer = await api.act(
        "cem.order_limit",
        direction="import",
        scope="controllable",
        limit_w=options.watt,
        duration={"minutes": options.minutes},
    )
    known = json.loads(ordered.read_text()) if ordered.exists() else []
    ordered.write_text(json.dumps([*known, answer["limit_id"]]))
    print(
        f"ordered: car, battery and heat pump draw at most {options.watt} W "
        f"for {options.minutes:g} minutes ({answer['limit_id']})"
    )


async def _end(api: Api, ordered: Path) -> None:
    known = json.loads(ordered.read_text()) if ordered.exists() else []
    for limit_id in known:
        try:
            await api.act("cem.end_limit", limit_id=limit_id)
        except RigError as error:  # it may have ended by itself
            print(f"{limit_id}: {error}")
        else:
            print(f"ended: {limit_id}")
    ordered.unlink(missing_ok=True)
    if not known:
        print("no limit was ordered from here")


async def _fault(mqtt_port: int, options: argparse.Namespace) -> None:
    devices = TopicListener(mqtt_port, PREFIX)
    await devices.start()
    try:
        await order_fault(
            devices, options.fault, options.device, seconds=options.seconds
        )
    finally:
        await devices.stop()
    print(f"{options.fault} of {options.device or 'its usual device'} has begun")
