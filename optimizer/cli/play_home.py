"""What `cem simulate` does once its arguments are read."""

from argparse import Namespace
import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
import json
import logging
from pathlib import Path
import signal
import sys
from typing import Final

from cem_core.simulation.build import build_home
from cem_core.simulation.config import SimulationSetup, read_setup
from cem_core.simulation.control import Address, ControlError, order
from cem_core.simulation.day_series import DaySeriesError, read_day_series
from cem_core.simulation.faults import MOMENTS
from cem_core.simulation.fields import HomeError
from cem_core.simulation.home import Home
from cem_core.simulation.memory import recall, remembered
from cem_core.simulation.simulator import Simulator, scaled_clock, wall_clock
from optimizer.cli.status import BAD_INPUT, DONE, WRONG_USAGE
from optimizer.document import InputError, Tree
from optimizer.read_home import home_from_tree
from optimizer.yaml_document import parse

KEPT_EVERY_S: Final = 5.0
LOWEST_SPEED: Final = 0.1
HIGHEST_SPEED: Final = 10_000.0
EARLIEST_YEAR: Final = 2000  # a meter sends two digits of the year
LATEST_YEAR: Final = 2100


class _BadHomeError(Exception):
    """HOME.yaml cannot be played; the message says where and why."""


class _Kept:
    """The file in which a home's memory outlasts its player."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def recall(self, home: Home) -> None:
        """Let ``home`` go on with what is in the file, where there is one."""
        try:
            kept = json.loads(self._path.read_text(encoding="utf-8"))
            recall(home, kept)
        except FileNotFoundError:
            return
        except (OSError, UnicodeDecodeError, ValueError) as error:
            cause = f"{self._path}: {error}; without the file it begins anew"
            raise _BadHomeError(cause) from error

    def keep(self, home: Home) -> None:
        """Write the file; whoever reads it finds it whole."""
        written = self._path.with_suffix(".new")
        written.write_text(json.dumps(remembered(home)), encoding="utf-8")
        written.replace(self._path)

    async def keep_on(self, home: Home) -> None:
        """Write the file time and again: not every end is announced."""
        while True:
            await asyncio.sleep(KEPT_EVERY_S)
            self.keep(home)


def play_home(args: Namespace) -> int:
    """Carry out the command and return its exit status."""
    if args.home == "ctl":
        return _order(args)
    if args.url is not None or not LOWEST_SPEED <= args.speed <= HIGHEST_SPEED:
        usage = (
            "cem simulate HOME.yaml [--speed 0.1..10000], or cem simulate ctl URL FAULT"
        )
        return _say(usage, WRONG_USAGE)
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    try:
        start = wall_clock() if args.start is None else _time(args.start)
        home = _build(Path(args.home), args, start)
        memory = None if args.memory is None else _Kept(Path(args.memory))
        if memory is not None:
            memory.recall(home)
    except _BadHomeError as error:
        return _say(str(error), BAD_INPUT)
    try:
        return asyncio.run(_play(home, args, memory))
    except OSError as error:
        return _say(f"{args.home}: {error}", BAD_INPUT)


def _build(path: Path, args: Namespace, start: datetime) -> Home:
    """Return the home in the file at ``path`` with the options of ``args``."""
    tree = _read(path)
    try:
        setup = _with_options(read_setup(tree.plain()), args)
        series = read_day_series(path.parent / setup.series, setup.time_zone)
        home = build_home(setup, series, start)
        home_from_tree(tree)  # the same HOME has to be one for `cem optimize`
    except HomeError as error:
        line = _line_of(tree, error.path)
        raise _BadHomeError(f"{path}: line {line}: {error}") from error
    except DaySeriesError as error:
        raise _BadHomeError(str(error)) from error
    except InputError as error:
        raise _BadHomeError(_told(path, error)) from error
    return home


def _told(path: Path, error: InputError) -> str:
    return "\n".join(f"{path}: {problem}" for problem in error.problems)


def _with_options(setup: SimulationSetup, args: Namespace) -> SimulationSetup:
    if args.seed is not None:
        setup = replace(setup, seed=args.seed)
    if args.p1_port is not None:
        setup = replace(setup, p1=replace(setup.p1, port=args.p1_port))
    if args.mqtt_port == 0:
        setup = replace(setup, mqtt=None)
    elif args.mqtt_port is not None:
        if setup.mqtt is None:
            raise HomeError(("simulate", "mqtt"), "no broker is given for --mqtt-port")
        setup = replace(setup, mqtt=replace(setup.mqtt, port=args.mqtt_port))
    return setup


async def _play(home: Home, args: Namespace, memory: _Kept | None) -> int:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    real = args.start is None and args.speed == 1
    clock = wall_clock if real else scaled_clock(home.now, args.speed)
    simulator = Simulator(home, clock=clock, speed=args.speed)
    keeping = None
    if memory is not None:
        memory.keep(home)
        keeping = asyncio.create_task(memory.keep_on(home))
    await simulator.start()
    _announce(home, simulator, args)
    try:
        await simulator.run(stop)
    finally:
        await simulator.stop()
        if memory is not None and keeping is not None:
            keeping.cancel()
            memory.keep(home)
    return DONE


def _announce(home: Home, simulator: Simulator, args: Namespace) -> None:
    setup, p1_port = home.setup, simulator.p1_port
    p1, mqtt, modbus = setup.p1, setup.mqtt, setup.modbus
    if args.json:
        served = {
            "name": setup.name,
            "seed": setup.seed,
            "speed": args.speed,
            "p1": {"host": p1.host, "port": p1_port, "standard": p1.standard},
            "mqtt": mqtt
            and {"host": mqtt.host, "port": mqtt.port, "prefix": mqtt.prefix},
            "ocpp": setup.ocpp and {"url": setup.ocpp.url, "id": setup.ocpp.station},
            "s2": setup.s2
            and {"url": setup.s2.url, "devices": sorted(setup.s2.tokens)},
            "eebus": simulator.eebus
            and {"port": simulator.eebus.port, "ski": simulator.eebus.ski},
            "modbus": modbus and {"host": modbus.host, "port": simulator.modbus_port},
        }
        print(json.dumps(served), flush=True)
        return
    print(f"{setup.name}: seed {setup.seed}, speed {args.speed:g}")
    print(f"  meter   P1 ({p1.standard}) on {p1.host}:{p1_port}")
    if mqtt is None:
        print("  devices no MQTT: nobody can command them")
    else:
        print(f"  devices mqtt://{mqtt.host}:{mqtt.port}/{mqtt.prefix}")
    if modbus is not None:
        print(f"  Modbus  {modbus.host}:{simulator.modbus_port}, units 1 to 4")
    if setup.ocpp is not None:
        print(f"  OCPP    the charger calls {setup.ocpp.url} as {setup.ocpp.station}")
    if setup.s2 is not None:
        print(f"  S2      {', '.join(sorted(setup.s2.tokens))}: {setup.s2.url}")
    if simulator.eebus is not None:
        ski, port = simulator.eebus.ski, simulator.eebus.port
        print(f"  EEBUS   port {port}, SKI {ski}")
    print("Ctrl-C ends it.", flush=True)


def _order(args: Namespace) -> int:
    if args.url is None or args.fault is None:
        return _say("cem simulate ctl URL FAULT [--device ID] [--for S]", WRONG_USAGE)
    fields = {
        "fault": args.fault,
        "device": args.device,
        "seconds": args.seconds,
        "by": args.by,
    }
    try:
        address = Address.parse(args.url)
    except ValueError as error:
        return _say(str(error), WRONG_USAGE)
    given = {name: value for name, value in fields.items() if value is not None}
    try:
        answer = order(address, given)
    except ControlError as error:
        return _say(str(error), BAD_INPUT)
    if args.json:
        print(json.dumps(answer))
    else:
        until = f" until {answer['until']}" if args.fault not in MOMENTS else ""
        print(f"{answer['fault']} of {answer['device']}{until}")
    return DONE


def _time(text: str) -> datetime:
    try:
        time = datetime.fromisoformat(text)
    except ValueError as error:
        raise _BadHomeError(f"--start {text}: no time") from error
    if time.tzinfo is None:
        raise _BadHomeError(f"--start {text}: an offset is missing, such as +01:00")
    if not EARLIEST_YEAR <= time.year < LATEST_YEAR:
        years = f"{EARLIEST_YEAR} to {LATEST_YEAR - 1}"
        raise _BadHomeError(f"--start {text}: the years {years} can be played")
    return time.astimezone(UTC)


def _read(path: Path) -> Tree:
    try:
        tree = parse(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError as error:
        raise _BadHomeError(f"{path}: no UTF-8 text") from error
    except InputError as error:
        raise _BadHomeError(_told(path, error)) from error
    if not isinstance(tree.value, Mapping):
        raise _BadHomeError(f"{path}: a mapping of fields is expected")
    return tree


def _line_of(tree: Tree, path: Sequence[str | int]) -> int | None:
    """Return the line of the field at ``path``, or of what it should be in."""
    line = tree.line
    for part in path:
        if isinstance(tree.value, Mapping) and part in tree.value:
            line = (tree.key_lines or {}).get(str(part), line)
            tree = tree.value[str(part)]
        elif isinstance(tree.value, Sequence) and isinstance(part, int):
            item = tree.value[part]
            if not isinstance(item, Tree):
                return line
            line, tree = item.line, item
        else:
            return line
    return line


def _say(message: str, status: int) -> int:
    print(message, file=sys.stderr)
    return status
