"""The command line: ``cem``."""

from argparse import ArgumentParser
from collections.abc import Sequence
from importlib.metadata import version


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    parser = ArgumentParser(prog="cem", description="Consumer Energy Manager")
    parser.add_argument("--version", action="version", version=version("cem"))
    parser.parse_args(arguments)
    return 0
