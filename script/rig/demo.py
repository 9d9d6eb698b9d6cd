"""The demonstration: start a home, set the CEM up in it, end it in order."""

import argparse
import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
import fcntl
import json
from pathlib import Path
import shutil
import signal
import sys
import time
from typing import Final

from script.rig import demo_orders
from script.rig.api import PASSWORD, USERNAME, Api
from script.rig.flows import (
    DASHBOARD,
    make_dashboard,
    set_mode,
    set_up_cem,
    set_up_mqtt,
)
from script.rig.home import ROOT, Home, build_release, user_of
from script.rig.past import import_past
from script.rig.processes import Child, free_port, tail
from script.rig.waiting import RigError
from script.rig.websocket import connect

FOLDER: Final = ROOT / ".demo"
USUAL_PORT: Final = 8123
LAST_PORT: Final = 65535
TRY: Final = """
  {address}
  user {user}, password {password}

Try, in a second terminal:
  script/demo limit 4200      the grid operator limits car, battery and heat pump
                              to 4.2 kW; watch the page, then: script/demo end
  script/demo fault silence   the meter says nothing for a minute
Or in the browser: the car's row, "charge now".
Ctrl-C ends it all. The next start finds all as you left it: Home Assistant, the
counters of the simulated house, its battery and its car.
"""


class Progress:
    """Says what happens and how long it has taken."""

    def __init__(self) -> None:
        self._began = time.monotonic()

    def __call__(self, text: str) -> None:
        """Print one line."""
        print(f"demo: {time.monotonic() - self._began:5.1f} s  {text}", flush=True)


def _port(text: str) -> int:
    """Read a port; argparse says which option was wrong."""
    port = int(text)
    if not 0 < port <= LAST_PORT:
        message = f"{text} is not a port: 1 to {LAST_PORT}"
        raise argparse.ArgumentTypeError(message)
    return port


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Read the command line of a start."""
    parser = argparse.ArgumentParser(prog="script/demo", description=__doc__)
    parser.add_argument(
        "--port",
        type=_port,
        help=f"of Home Assistant; else {USUAL_PORT} or the next free",
    )
    parser.add_argument(
        "--host", default="127.0.0.1", help="on which it listens (127.0.0.1)"
    )
    parser.add_argument(
        "--reset", action="store_true", help="forget the home of earlier starts"
    )
    return parser.parse_args(arguments)


async def play(home: Home, say: Progress) -> Child | None:
    """Run the home until it is to end; return the part that died, if one did."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, stop.set)
    stopped = asyncio.create_task(stop.wait())
    try:
        ready = asyncio.create_task(_ready(home, say))
        await asyncio.wait({ready, stopped}, return_when=asyncio.FIRST_COMPLETED)
        if not ready.done():
            ready.cancel()
            return None
        ready.result()
        death = asyncio.create_task(home.first_death())
        await asyncio.wait({death, stopped}, return_when=asyncio.FIRST_COMPLETED)
        if death.done():
            return death.result()
        death.cancel()
        return None
    finally:
        say("ending Home Assistant, the simulated home and the broker")
        await home.stop()
        stopped.cancel()


async def _ready(home: Home, say: Progress) -> None:
    await home.start(say)
    url = home.home_assistant.url
    demo_orders.remember(FOLDER, url=url, mqtt_port=home.broker.port)
    async with user_of(home) as api:
        say("setting up MQTT and the CEM, through their own forms")
        await set_up_mqtt(api, home.broker.port)
        known = await api.entries("cem")
        if not known:
            async with connect(api) as socket:
                await import_past(socket, datetime.now(UTC))
        entry_id = await set_up_cem(api, home.placeholders)
        if not known:
            # A new home observes; afterwards the user's own choice stands.
            await set_mode(api, entry_id, "control")
        await _open_with_dashboard(api)
    say("ready")
    address = f"{url}/{DASHBOARD}"
    print(TRY.format(address=address, user=USERNAME, password=PASSWORD), flush=True)


async def _open_with_dashboard(api: Api) -> None:
    """Make the dashboard on the first start; later ones leave it alone."""
    marker = FOLDER / "dashboard"
    if marker.exists():
        return
    async with connect(api) as socket:
        await make_dashboard(socket)
    marker.write_text(json.dumps(DASHBOARD))


def start(arguments: Sequence[str]) -> int:
    """Start the demonstration and stay until it ends."""
    options = parse(arguments)
    say = Progress()
    if options.reset and FOLDER.exists():
        shutil.rmtree(FOLDER)
    FOLDER.mkdir(exist_ok=True)
    lock = (FOLDER / "lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        print("demo: it is running already, from this folder", file=sys.stderr)
        return 1
    if options.port:
        port = free_port(options.host, options.port, tries=1)
    else:
        port = free_port(options.host, USUAL_PORT)
    home = Home(FOLDER, host=options.host, port=port)
    say("building the release")
    home.home_assistant.install(build_release(FOLDER / "release"))
    dead = asyncio.run(play(home, say))
    if dead is None:
        say("ended")
        return 0
    print(
        f"demo: {dead.name} ended by itself (exit status {dead.exit_status}); "
        f"all else was ended. The end of {_short(dead.log)}:\n{tail(dead.log, 20)}",
        file=sys.stderr,
    )
    return 1


def _short(path: Path) -> Path:
    return path.relative_to(ROOT) if path.is_relative_to(ROOT) else path


def main(arguments: Sequence[str]) -> int:
    """Start, or give an order to one that runs."""
    try:
        if arguments and arguments[0] in demo_orders.ORDERS:
            return asyncio.run(demo_orders.give(FOLDER, arguments))
        return start(arguments)
    except RigError as error:
        print(f"demo: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
