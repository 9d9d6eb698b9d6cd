"""``cem replay``: solve again what Home Assistant's diagnostics say was planned."""

from argparse import Namespace, RawDescriptionHelpFormatter
from typing import Final

from optimizer.cli.command import Subparsers

_DESCRIPTION: Final = """\
Solve again the last problem of a home, from the diagnostics that its owner downloaded
in Home Assistant, and say whether the plan is the same. Curves of use are means there
unless the owner let them out: then costs may differ, and that is said. Where they are
let out the last day's savings are computed again too.
"""
_EXAMPLE: Final = """\
examples:
  cem replay config_entry-cem.json
  cem replay config_entry-cem.json --plan again.json --html again.html

exit status: 0 solved, and the same plan and savings where the curves are whole; 1
others, or a file without a problem in it; 2 wrong usage
"""


def add_parser(subparsers: Subparsers) -> None:
    """Add the command."""
    parser = subparsers.add_parser(
        "replay",
        help="solve again what diagnostics say was planned",
        description=_DESCRIPTION,
        epilog=_EXAMPLE,
        formatter_class=RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "diagnostics", metavar="DIAGNOSTICS", help="a file, or - for stdin"
    )
    parser.add_argument("--plan", metavar="PLAN", help="write the new plan as JSON")
    parser.add_argument("--html", metavar="REPORT", help="write a page with charts")
    parser.add_argument("--json", action="store_true", help="print the comparison")


def run(args: Namespace) -> int:
    """Solve, compare, and return the exit status."""
    # Help and wrong usage need not wait for the readers and for numpy.
    from optimizer.cli.replay_plan import replay_plan  # noqa: PLC0415

    return replay_plan(args)
