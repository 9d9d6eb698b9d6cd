"""``cem curves``: load curves made of telegrams, read, converted and checked."""

from argparse import ArgumentTypeError, Namespace, RawDescriptionHelpFormatter
from typing import Final

from optimizer.cli.command import Subparsers

_DESCRIPTION: Final = """\
Make load curves of what a meter sent, or read them from a file, and write them in another
format. FILE is a recording of telegrams in any format that `cem decode` reads, a load curve
in one of the formats below, or the archive that the integration keeps (curves.sqlite).

An interval's energy is the difference of the meter's register at its two ends. Each has a
status: metered, calculated (an end lies between two telegrams up to --tolerance away), estimated
(only with --spread) or missing. Without a register of an MID meter (--mid) curves say
"not for billing".

formats:
  csv      one line an interval
  json     a document with a schema version
  compact  the fewest bytes: a day of 96 values below 1.2 kB
  parquet  the columns of the CSV
  espi     Green Button, an Atom feed (NAESB REQ.21)
  cim      MeterReadings (IEC 61968-9)
  mscons   EDIFACT D.04B, as it is used in Germany
  summary  for people, written only: a line a curve
"""
_EXAMPLE: Final = """\
examples:
  cem curves telegrams.txt > curve.csv
  cem curves --write mscons --day 2026-03-29 --time-zone Europe/Berlin curve.csv
  cem curves --write summary /config/cem_curves/HOME/curves.sqlite

exit status: 0 done; 1 something in it was bad, or no curve is in it; 2 wrong usage
"""
FORMATS: Final = ("csv", "json", "compact", "parquet", "espi", "cim", "mscons")


def add_parser(subparsers: Subparsers) -> None:
    """Add the command."""
    parser = subparsers.add_parser(
        "curves",
        help="make, convert and check load curves",
        description=_DESCRIPTION,
        epilog=_EXAMPLE,
        formatter_class=RawDescriptionHelpFormatter,
    )
    parser.add_argument("file", metavar="FILE", help="a file, or - for stdin")
    parser.add_argument(
        "--read",
        choices=("auto", "telegrams", "archive", *FORMATS),
        default="auto",
        help="what FILE is (default: found by itself)",
    )
    parser.add_argument(
        "--write", choices=(*FORMATS, "summary"), default="csv", help="default: csv"
    )
    parser.add_argument(
        "--output", metavar="FILE", default="-", help="default: - for stdout"
    )
    parser.add_argument(
        "--resolution",
        metavar="MINUTES",
        type=int,
        choices=(5, 15, 30, 60),
        help="5, 15, 30 or 60 (default: as it is; of telegrams and the archive 15)",
    )
    for name in ("from", "to"):
        parser.add_argument(
            f"--{name}",
            dest=f"{name}_time",
            metavar="TIME",
            help=f"intervals {name} this time (ISO 8601 with offset)",
        )
    parser.add_argument(
        "--day", metavar="DATE", help="the intervals of a day of --time-zone"
    )
    parser.add_argument(
        "--time-zone",
        metavar="ZONE",
        default="UTC",
        help="of --day and of the times in a CSV (default: UTC)",
    )
    parser.add_argument(
        "--spread",
        action="store_true",
        help="spread what was counted over a gap evenly: estimated",
    )
    parser.add_argument(
        "--tolerance",
        metavar="S",
        type=_seconds,
        default=30.0,
        help="how far a telegram may be from an end that is calculated (default: 30)",
    )
    parser.add_argument(
        "--mid", action="store_true", help="the registers are those of an MID meter"
    )
    for name in ("key", "auth-key"):
        parser.add_argument(
            f"--{name}", metavar="HEX", help=f"of telegrams: see cem decode --{name}"
        )


def run(args: Namespace) -> int:
    """Read, cut, sum and write; return the exit status."""
    # Help and wrong usage need not wait for every format.
    from optimizer.cli.convert_curves import convert  # noqa: PLC0415

    return convert(args)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= 3600:  # noqa: PLR2004 - an hour
        raise ArgumentTypeError("expected seconds, 0 to 3600")
    return seconds
