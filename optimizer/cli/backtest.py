"""``cem backtest``: a home and its years in, what each policy would have cost out."""

from argparse import ArgumentTypeError, Namespace, RawDescriptionHelpFormatter
from datetime import datetime, time
from typing import Final

from optimizer.cli.command import Subparsers

_DESCRIPTION: Final = """\
Play a home's history again. At each plan only what was known then is seen:
prices up to today's end (tomorrow's from --prices-known-from), loads and
production up to now, forecasts of the rest. The plan's first actions meet what
really happened, limits are enforced, and the whole is settled by the tariff,
beside a self-consumption rule and perfect hindsight.

A column named as another with _forecast behind it (pv_kw_forecast) is what a
service said beforehand of that row; it need not be there.
"""
_EXAMPLE: Final = """\
examples:
  cem backtest home.yaml --series year.csv --from 2024-03-01
  cem backtest home.yaml --series year.csv --policy peak_shaving --json | jq .cost
  cem backtest home.yaml --series year.csv --state run.json --html report.html

exit status: 0 done; 1 bad input, or a limit that could not be kept (stderr says
which); 2 wrong usage
"""


def add_parser(subparsers: Subparsers) -> None:
    """Add the command."""
    parser = subparsers.add_parser(
        "backtest",
        help="play a home's history again and say what plans are worth",
        description=_DESCRIPTION,
        epilog=_EXAMPLE,
        formatter_class=RawDescriptionHelpFormatter,
    )
    parser.add_argument("home", metavar="HOME", help="a file, or - for stdin")
    parser.add_argument(
        "--series", metavar="YEARS", help=".csv or .parquet, or - for CSV on stdin"
    )
    parser.add_argument(
        "--from",
        dest="start",
        metavar="TIME",
        type=_time,
        help="play from here; rows before are history (default: the first row)",
    )
    parser.add_argument(
        "--to", dest="end", metavar="TIME", type=_time, help="default: the last row"
    )
    parser.add_argument(
        "--forecast",
        choices=("perfect", "naive", "learned"),
        default="learned",
        help="of load, production and weather; default: learned",
    )
    parser.add_argument(
        "--policy",
        choices=("plan", "self_consumption", "peak_shaving", "none"),
        default="plan",
        help="default: plan",
    )
    parser.add_argument(
        "--prices-known-from",
        metavar="HH:MM",
        type=_clock,
        default=time(13),
        help="when tomorrow's prices are known, home's time; default: 13:00",
    )
    parser.add_argument(
        "--know-current-step",
        action="store_true",
        help="a plan sees the mean of the step that is running",
    )
    parser.add_argument(
        "--every",
        metavar="MINUTES",
        type=_count,
        default=60,
        help="how often is planned again; default: 60",
    )
    parser.add_argument("--trace", metavar="STEPS", help="write every step as CSV")
    parser.add_argument("--html", metavar="REPORT", help="write a page with charts")
    parser.add_argument(
        "--state", metavar="FILE", help="keep progress here and go on from it"
    )
    parser.add_argument(
        "--jobs",
        metavar="N",
        type=_count,
        default=1,
        help="processes: what it is measured against runs beside the policy; default: 1",
    )
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def _time(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        message = f"{text!r} is no ISO 8601 time"
        raise ArgumentTypeError(message) from error


def _clock(text: str) -> time:
    try:
        found = time.fromisoformat(text)
    except ValueError as error:
        message = f"{text!r} is no time of day, as 13:00 is"
        raise ArgumentTypeError(message) from error
    if found.tzinfo is not None:
        message = f"{text!r} has an offset; it is on the home's clock"
        raise ArgumentTypeError(message)
    return found


def _count(text: str) -> int:
    try:
        number = int(text)
    except ValueError as error:
        message = f"{text!r} is no whole number"
        raise ArgumentTypeError(message) from error
    if number < 1:
        message = f"{text} is below 1"
        raise ArgumentTypeError(message)
    return number


def run(args: Namespace) -> int:
    """Play and return the exit status."""
    # Help and wrong usage need not wait for the readers and for numpy.
    from optimizer.cli.play_years import play_years  # noqa: PLC0415

    return play_years(args)
