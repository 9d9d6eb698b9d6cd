"""``cem evidence``: what proves that limits were kept, exported and checked."""

from argparse import Namespace, RawDescriptionHelpFormatter
from typing import Final

from optimizer.cli.command import Subparsers

_DESCRIPTION: Final = """\
Read the evidence that the integration keeps: a folder for each home below cem_evidence
in Home Assistant's configuration. `verify` tells whether any entry was changed, removed or
inserted; with a head that was kept elsewhere also whether all of it was written anew.
"""
_EXAMPLE: Final = """\
examples:
  cem evidence verify /config/cem_evidence/HOME
  cem evidence verify /config/cem_evidence/HOME --head head-of-march.json
  cem evidence export /config/cem_evidence/HOME --format html > march.html

exit status: 0 done, nothing is wrong; 1 something is; 2 wrong usage
"""


def add_parser(subparsers: Subparsers) -> None:
    """Add the command."""
    parser = subparsers.add_parser(
        "evidence",
        help="export and check what proves that limits were kept",
        description=_DESCRIPTION,
        epilog=_EXAMPLE,
        formatter_class=RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "action", choices=("export", "verify"), help="print the entries, or check them"
    )
    parser.add_argument("folder", metavar="FOLDER", help="the folder of the evidence")
    export = parser.add_argument_group("export")
    export.add_argument(
        "--format", choices=("csv", "json", "html"), default="csv", help="default: csv"
    )
    for name in ("from", "to"):
        export.add_argument(
            f"--{name}",
            dest=f"{name}_time",
            metavar="TIME",
            help="entries from, or to before, this time (ISO 8601 with offset)",
        )
    parser.add_argument_group("verify").add_argument(
        "--head",
        action="append",
        default=[],
        metavar="HEAD.json",
        help="a signed head that was kept elsewhere; any number of times",
    )


def run(args: Namespace) -> int:
    """Export or check, and return the exit status."""
    # Help and wrong usage need not wait for SQLite and for cryptography.
    from optimizer.cli.read_evidence import export, verify  # noqa: PLC0415

    return export(args) if args.action == "export" else verify(args)
