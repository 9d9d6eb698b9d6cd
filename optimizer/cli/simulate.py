"""`cem simulate`: plays a home, or orders a fault from one that is played."""

from argparse import ArgumentTypeError, Namespace, RawDescriptionHelpFormatter
import math
from typing import Final

from cem_core.simulation.faults import Fault
from optimizer.cli.command import Subparsers

HIGHEST_PORT: Final = 65_535
EPILOG: Final = """\
examples:
  cem simulate examples/demo/home.yaml
  cem simulate examples/demo/home.yaml --speed 60 --mqtt-port 0
  cem simulate ctl mqtt://127.0.0.1:18883/cem_home silence --for 30
  cem simulate ctl mqtt://127.0.0.1:18883/cem_home stuck --device charger
"""


def add_parser(subparsers: Subparsers) -> None:
    """Add the command and its options."""
    parser = subparsers.add_parser(
        "simulate",
        help="play a home with its devices",
        description="Play the home in HOME.yaml until Ctrl-C, or order a fault "
        "from a home that is being played.",
        epilog=EPILOG,
        formatter_class=RawDescriptionHelpFormatter,
    )
    parser.add_argument("home", metavar="HOME.yaml|ctl", help="the home to play")
    parser.add_argument(
        "url", nargs="?", metavar="URL", help="ctl: mqtt://host:port/prefix"
    )
    parser.add_argument(
        "fault",
        nargs="?",
        metavar="FAULT",
        choices=list(Fault),
        help=f"ctl: {', '.join(Fault)}",
    )
    parser.add_argument(
        "--speed",
        type=float,
        default=1.0,
        help="simulated seconds a second, up to 10000",
    )
    parser.add_argument("--seed", type=int, help="instead of simulate.seed")
    parser.add_argument("--start", metavar="TIME", help="begin at this time, not now")
    parser.add_argument(
        "--p1-port", type=_port, help="instead of simulate.p1.port; 0: a free one"
    )
    parser.add_argument(
        "--mqtt-port", type=_port, help="instead of simulate.mqtt.port; 0: no MQTT"
    )
    parser.add_argument(
        "--memory",
        metavar="FILE",
        help="go on with the counters and charges kept there, and keep them there",
    )
    parser.add_argument(
        "--json", action="store_true", help="say what is served as JSON"
    )
    parser.add_argument("--device", help="ctl: whom the fault befalls")
    parser.add_argument(
        "--for", dest="seconds", type=_finite, metavar="S", help="ctl: for how long"
    )
    parser.add_argument(
        "--by",
        type=_finite,
        metavar="N",
        help="ctl: how far: seconds of a clock, amperes of a car",
    )


def _port(text: str) -> int:
    port = int(text) if text.isascii() and text.isdigit() else HIGHEST_PORT + 1
    if port > HIGHEST_PORT:
        raise ArgumentTypeError(f"{text!r} is no port, 0 to {HIGHEST_PORT}")
    return port


def _finite(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise ArgumentTypeError(f"{text!r} is no number of seconds")
    return value


def run(args: Namespace) -> int:
    """Carry out the command and return its exit status."""
    # Help and wrong usage need not wait for asyncio and the MQTT client.
    from optimizer.cli.play_home import play_home  # noqa: PLC0415

    return play_home(args)
