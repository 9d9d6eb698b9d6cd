"""``cem optimize``: a home and its series in, the cheapest plan out."""

from argparse import ArgumentTypeError, Namespace, RawDescriptionHelpFormatter
import math
from typing import Final

from optimizer.cli.command import Subparsers

_DESCRIPTION: Final = """\
Plan a home: what its battery, car, heat pump, solar and appliances should do in
each step, at the lowest cost within every limit. HOME is YAML 1.2 or JSON
(`cem schema home` prints all its fields), SERIES a CSV or parquet table of
prices, load and what the devices name.
"""
_EXAMPLE: Final = """\
examples:
  cem optimize home.yaml --series day.csv
  cem optimize home.yaml --series day.csv --json | jq .cost
  cem optimize home.yaml --series day.csv --what-if car=now --what-if battery=20:00
  cem optimize home.yaml --series day.csv --limit-cost
  cem optimize home.yaml --series day.csv --plan plan.json --html plan.html

exit status: 0 a plan; 1 bad input, a wish or a limit that cannot be kept, or no
proof in time (stderr says which); 2 wrong usage
"""


def add_parser(subparsers: Subparsers) -> None:
    """Add the command."""
    parser = subparsers.add_parser(
        "optimize",
        help="plan a home against its prices",
        description=_DESCRIPTION,
        epilog=_EXAMPLE,
        formatter_class=RawDescriptionHelpFormatter,
    )
    parser.add_argument("home", metavar="HOME", help="a file, or - for stdin")
    parser.add_argument(
        "--series", metavar="SERIES", help=".csv or .parquet, or - for CSV on stdin"
    )
    parser.add_argument("--plan", metavar="PLAN", help="write JSON; - for stdout")
    parser.add_argument("--html", metavar="REPORT", help="write a page with charts")
    parser.add_argument(
        "--time-limit", metavar="S", type=_positive, default=30.0, help="default: 30"
    )
    parser.add_argument(
        "--gap", metavar="REL", type=_share, default=1e-3, help="default: 0.001"
    )
    parser.add_argument(
        "--what-if",
        metavar="DEVICE=WHEN",
        type=_wish,
        action="append",
        default=[],
        help="say what it would cost instead: now, HH:MM (a car or an appliance starts"
        " then; a heat pump or a battery's discharge waits until then) or never; may"
        " be repeated",
    )
    parser.add_argument(
        "--limit-cost",
        action="store_true",
        help="say what the limits in HOME cost: the plan with them and without",
    )
    parser.add_argument(
        "--model",
        metavar="MODEL",
        type=_model,
        help="write the equations for other solvers: .lp, .mps or .nl",
    )
    parser.add_argument("--json", action="store_true", help="the same as --plan -")


def _model(text: str) -> str:
    if not text.endswith((".lp", ".mps", ".nl")):
        raise ArgumentTypeError(f"{text} ends in neither .lp, .mps nor .nl")
    return text


def _wish(text: str) -> str:
    device, mark, when = text.partition("=")
    if not (device and mark and when):
        raise ArgumentTypeError(f"{text!r} is not DEVICE=WHEN, as in car=now")
    return text


def _positive(text: str) -> float:
    value = _number(text)
    if value <= 0:
        raise ArgumentTypeError(f"{text} is not above 0")
    return value


def _share(text: str) -> float:
    value = _number(text)
    if value < 0:
        raise ArgumentTypeError(f"{text} is below 0")
    return value


def _number(text: str) -> float:
    try:
        value = float(text)
    except ValueError as error:
        raise ArgumentTypeError(f"{text!r} is no number") from error
    if not math.isfinite(value):
        raise ArgumentTypeError(f"{text} is not finite")
    return value


def run(args: Namespace) -> int:
    """Plan and return the exit status."""
    # Help and wrong usage need not wait for the readers and for numpy.
    from optimizer.cli.plan_home import plan_home  # noqa: PLC0415

    return plan_home(args)
