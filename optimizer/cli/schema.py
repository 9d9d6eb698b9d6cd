"""``cem schema``: the JSON Schema of an input."""

from argparse import Namespace, RawDescriptionHelpFormatter
import json
from typing import Final

from optimizer.cli.command import Subparsers
from optimizer.cli.status import DONE
from optimizer.schema import home_schema

_EXAMPLE: Final = """\
example:
  cem schema home > home.schema.json
"""


def add_parser(subparsers: Subparsers) -> None:
    """Add the command."""
    parser = subparsers.add_parser(
        "schema",
        help="print the JSON Schema of HOME.yaml",
        description="Print the JSON Schema with all kinds, fields and defaults.",
        epilog=_EXAMPLE,
        formatter_class=RawDescriptionHelpFormatter,
    )
    parser.add_argument("what", choices=("home",), help="the input")


def run(args: Namespace) -> int:
    """Print it and return the exit status."""
    del args
    print(json.dumps(home_schema(), indent=2))
    return DONE
