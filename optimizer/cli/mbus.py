"""``cem mbus``: find and read the meters on a wired M-Bus."""

from argparse import ArgumentTypeError, Namespace, RawDescriptionHelpFormatter
from typing import Final

from cem_core.meter import mbus_address
from cem_core.meter.mbus_address import Address
from optimizer.cli.command import Subparsers
from optimizer.cli.meter_arguments import key_of

_DESCRIPTION: Final = """\
Ask the meters on a wired M-Bus, through a gateway or a level converter. find looks
for them by their number, or, with --primary, at each primary address; read reads
those that are named. A line of JSON goes out for each meter, and to stderr a line for
each that cannot be read. Nothing is set in a meter.

ADDRESS is host:port of a gateway (or ser2net), or a serial port. A METER is a primary
address (0 to 250) or the eight digits of its number.
"""
_EXAMPLE: Final = """\
examples:
  cem mbus find 192.168.1.60:10001
  cem mbus find /dev/ttyUSB0 --primary
  cem mbus read /dev/ttyUSB0 3 12345678 | jq .values
"""
_BAUDS: Final = (300, 600, 1200, 2400, 4800, 9600, 19_200)


def add_parser(subparsers: Subparsers) -> None:
    """Add the command."""
    parser = subparsers.add_parser(
        "mbus",
        help="find and read meters on a wired M-Bus",
        description=_DESCRIPTION,
        epilog=_EXAMPLE,
        formatter_class=RawDescriptionHelpFormatter,
    )
    actions = parser.add_subparsers(metavar="ACTION", dest="action", required=True)
    find = actions.add_parser("find", help="look for meters")
    find.add_argument(
        "--primary", action="store_true", help="at each primary address (two minutes)"
    )
    read = actions.add_parser("read", help="read meters")
    for action in (find, read):
        action.add_argument("address", metavar="ADDRESS", help="where the bus is")
        action.add_argument(
            "--baud", type=int, choices=_BAUDS, default=2400, help="default: 2400"
        )
    read.add_argument(
        "meters", metavar="METER", nargs="+", type=_meter, help="which to read"
    )
    read.add_argument(
        "--key", metavar="HEX", type=key_of, help="of meters that encrypt: 32 digits"
    )


def run(args: Namespace) -> int:
    """Ask, and return the exit status."""
    # Help and wrong usage need not wait for asyncio and the clients.
    from optimizer.cli.ask_mbus import ask  # noqa: PLC0415

    return ask(args)


def _meter(text: str) -> Address:
    try:
        return mbus_address.parse(text)
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from error
