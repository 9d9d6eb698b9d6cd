"""``cem meter``: what one does with a meter's line while it is connected."""

from argparse import ArgumentTypeError, Namespace, RawDescriptionHelpFormatter
from typing import Final

from cem_core.meter.json_forms.forms import FORMS
from cem_core.transport.port_settings import PortSettings
from optimizer.cli.command import Subparsers
from optimizer.cli.meter_arguments import add_meter_arguments

_DESCRIPTION: Final = """\
Watch a meter: what its line does, what comes, and what is wrong with it. On a
terminal one screen is kept up to date; into a pipe goes one line of JSON a
reading, and to stderr a line for each change of the line and each damaged
telegram. It goes on until Ctrl-C, and connects again by itself.

ADDRESS is one of
  /dev/ttyUSB0                  a serial port; its speed and parity are found
  rfc2217://192.168.1.50:4000   a serial port of another machine, the same
  192.168.1.50[:2001]           bytes over TCP: a gateway, ser2net
  mqtt[s]://[USER:PASSWORD@]HOST[:PORT]/TOPIC
                                messages of a broker: JSON, or a meter's bytes
  FILE                          a recording; with --baud at its pace
"""
_EXAMPLE: Final = """\
examples:
  cem meter watch /dev/ttyUSB0
  cem meter watch /dev/ttyUSB0 --baud "9600 7E1"
  cem meter watch /dev/ttyUSB0 --optical
  cem meter watch 192.168.1.50:2001 | jq .import_power_w
  cem meter watch mqtt://192.168.1.2/zigbee2mqtt/meter
"""


def add_parser(subparsers: Subparsers) -> None:
    """Add the command."""
    parser = subparsers.add_parser(
        "meter",
        help="watch a meter's line",
        description=_DESCRIPTION,
        epilog=_EXAMPLE,
        formatter_class=RawDescriptionHelpFormatter,
    )
    parser.add_argument("action", choices=("watch",), help="what to do")
    parser.add_argument("address", metavar="ADDRESS", help="where the meter is")
    add_meter_arguments(parser)
    parser.add_argument(
        "--baud",
        metavar="SETTINGS",
        type=_port,
        help='of a serial port, such as 115200 or "9600 7E1"; default: found',
    )
    parser.add_argument(
        "--optical",
        action="store_true",
        help="ask the meter through an optical head (IEC 62056-21)",
    )
    parser.add_argument(
        "--form",
        choices=tuple(FORMS),
        metavar="FORM",
        help=f"of JSON over MQTT: {', '.join(FORMS)}; default: found",
    )


def run(args: Namespace) -> int:
    """Watch, and return the exit status."""
    # Help and wrong usage need not wait for asyncio and the clients.
    from optimizer.cli.watch_meter import watch  # noqa: PLC0415

    return watch(args)


def _port(text: str) -> PortSettings:
    try:
        return PortSettings.parse(text)
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from error
