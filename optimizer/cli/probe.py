"""``cem probe``: what is on a port, a host or the network."""

from argparse import (
    ArgumentParser,
    ArgumentTypeError,
    Namespace,
    RawDescriptionHelpFormatter as Raw,
)
from typing import Final

from optimizer.cli.command import Subparsers

_DESCRIPTION: Final = """\
Find and show what is on a port, a host or the network. Nothing is written to a
device and nothing is switched: modbus reads registers, ocpp waits for a charging
station and only answers it, s2 waits for a resource manager, asks what it is and
hands it back, eebus listens for announcements.
"""
_EXAMPLE: Final = """\
examples:
  cem probe modbus 192.168.1.60                   which SunSpec models a device has
  cem probe modbus 192.168.1.60 --map eastron_sdm630 --unit 2
                                                  the values of a register map
  cem probe modbus /dev/ttyUSB0 --baud 9600 --dump input:0-40
  cem probe ocpp --listen 0.0.0.0:9000 --station wallbox --password …
  cem probe s2 --listen 0.0.0.0:8080 --token …
  cem probe eebus
"""


def add_parser(subparsers: Subparsers) -> None:
    """Add the command."""
    parser = subparsers.add_parser(
        "probe",
        help="find and show what is on a port, a host or the network",
        description=_DESCRIPTION,
        epilog=_EXAMPLE,
        formatter_class=Raw,
    )
    kinds = parser.add_subparsers(dest="kind", metavar="KIND", required=True)
    _add_modbus(kinds.add_parser("modbus", help="registers of a device"))
    _add_listener(
        kinds.add_parser("ocpp", help="a charging station that connects"), 9000
    ).add_argument("--station", metavar="ID", required=True, help="its identifier")
    kinds.choices["ocpp"].add_argument(
        "--password", metavar="TEXT", required=True, help="its password"
    )
    _add_listener(
        kinds.add_parser("s2", help="a resource manager that connects"), 8080
    ).add_argument("--token", metavar="TEXT", required=True, help="its bearer token")
    eebus = kinds.add_parser("eebus", help="devices that announce themselves")
    _add_common(eebus, 5.0)


def _add_modbus(parser: ArgumentParser) -> None:
    parser.add_argument(
        "address",
        metavar="HOST[:PORT]|PORT",
        type=_address,
        nargs="?",
        help="over TCP, or a serial port",
    )
    parser.add_argument("--unit", metavar="N", type=_unit, default=1, help="default: 1")
    parser.add_argument(
        "--map", metavar="ID", help="a register map; --map list names them all"
    )
    parser.add_argument(
        "--dump",
        metavar="TABLE:FIRST-LAST",
        type=_span,
        help="registers as they are, such as holding:0-99",
    )
    parser.add_argument(
        "--rtu", action="store_true", help="a gateway passes serial frames through"
    )
    parser.add_argument("--baud", metavar="N", type=int, default=9600)
    parser.add_argument("--parity", choices=("N", "E", "O"), default="N")
    parser.add_argument("--json", action="store_true", help="for a program to read")


def _add_listener(parser: ArgumentParser, port: int) -> ArgumentParser:
    parser.add_argument(
        "--listen",
        metavar="HOST:PORT",
        type=_listen,
        default=("127.0.0.1", port),
        help=f"default: 127.0.0.1:{port}, which only this machine reaches",
    )
    _add_common(parser, 60.0)
    return parser


def _add_common(parser: ArgumentParser, seconds: float) -> None:
    parser.add_argument(
        "--for",
        dest="seconds",
        metavar="S",
        type=float,
        default=seconds,
        help=f"how long to wait; default: {seconds:g}",
    )
    parser.add_argument("--json", action="store_true", help="for a program to read")


def run(args: Namespace) -> int:
    """Probe, and return the exit status."""
    # Help and wrong usage need not wait for asyncio and the clients.
    if args.kind == "modbus":
        from optimizer.cli.probe_modbus import probe_modbus  # noqa: PLC0415

        return probe_modbus(args)
    if args.kind == "eebus":
        from optimizer.cli.probe_eebus import probe_eebus  # noqa: PLC0415

        return probe_eebus(args)
    from optimizer.cli.probe_listen import probe_ocpp, probe_s2  # noqa: PLC0415

    return probe_ocpp(args) if args.kind == "ocpp" else probe_s2(args)


def _address(text: str) -> str:
    """Return a serial port or a host, whose port is a number where it has one."""
    if not text.startswith("/") and ":" in text:
        _listen(text)
    return text


def _unit(text: str) -> int:
    if not text.isdecimal() or not 0 <= int(text) <= 255:  # noqa: PLR2004 - a byte
        raise ArgumentTypeError("expected a number from 0 to 255")
    return int(text)


def _listen(text: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    if not colon or not port.isdecimal() or int(port) > 65_535:  # noqa: PLR2004
        raise ArgumentTypeError("expected HOST:PORT with a port of 0 to 65535")
    return host, int(port)


def _span(text: str) -> tuple[str, int, int]:
    table, _, span = text.partition(":")
    first, _, last = span.partition("-")
    last = last or first
    right = first.isdecimal() and last.isdecimal() and int(first) <= int(last) < 65_536  # noqa: PLR2004
    if table not in {"holding", "input"} or not right:
        raise ArgumentTypeError("expected such as holding:0-99 or input:0-40")
    return table, int(first), int(last)
