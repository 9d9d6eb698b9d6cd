"""``cem schema``: the JSON Schema of HOME.yaml, and of what is published."""

from argparse import Namespace, RawDescriptionHelpFormatter
import json
from typing import Final

from cem_core.exchange.message import JSON_SCHEMA
from optimizer.cli.command import Subparsers
from optimizer.cli.status import DONE
from optimizer.schema import home_schema

_EXAMPLE: Final = """\
examples:
  cem schema home > home.schema.json
  cem schema nrtd > nrtd.schema.json
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
    parser.add_argument(
        "what",
        choices=("home", "nrtd"),
        help="HOME.yaml, or a message that is published",
    )


def run(args: Namespace) -> int:
    """Print it and return the exit status."""
    schema = home_schema() if args.what == "home" else JSON_SCHEMA
    print(json.dumps(schema, indent=2))
    return DONE
