"""``cem diff``: what moved from one plan to the next, and which input caused it."""

from argparse import Namespace, RawDescriptionHelpFormatter
from typing import Final

from optimizer.cli.command import Subparsers

_DESCRIPTION: Final = """\
Compare two plans that `cem optimize` wrote: which blocks moved and what it costs.
With what each was made of, also why: the old problem takes prices, load, sun,
weather, state, limits, wishes and the rest from the new one, in this order, and is
solved again each time.
"""
_EXAMPLE: Final = """\
examples:
  cem diff noon.json one.json
  cem diff noon.json one.json --old noon.yaml noon.csv --new one.yaml one.csv

exit status: 0 compared; 1 bad input, or no time in common; 2 wrong usage
"""


def add_parser(subparsers: Subparsers) -> None:
    """Add the command."""
    parser = subparsers.add_parser(
        "diff",
        help="say what moved between two plans, and why",
        description=_DESCRIPTION,
        epilog=_EXAMPLE,
        formatter_class=RawDescriptionHelpFormatter,
    )
    parser.add_argument("old_plan", metavar="OLD", help="the earlier PLAN.json")
    parser.add_argument("new_plan", metavar="NEW", help="the later PLAN.json")
    for name in ("old", "new"):
        parser.add_argument(
            f"--{name}",
            nargs=2,
            metavar=("HOME", "SERIES"),
            help=f"what the {name} plan was made of",
        )
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(args: Namespace) -> int:
    """Compare and return the exit status."""
    # Help and wrong usage need not wait for the readers and for numpy.
    from optimizer.cli.diff_plans import diff_plans  # noqa: PLC0415

    return diff_plans(args)
