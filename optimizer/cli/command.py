"""What a module must offer to be a command of ``cem``."""

from argparse import ArgumentParser, HelpFormatter, Namespace
from typing import Protocol


class Subparsers(Protocol):
    """What argparse's `add_subparsers` returns; its own type has no name."""

    def add_parser(
        self,
        name: str,
        *,
        help: str,  # noqa: A002  argparse calls it so
        description: str = ...,
        epilog: str = ...,
        formatter_class: type[HelpFormatter] = ...,
    ) -> ArgumentParser:
        """Add a command and return its parser."""
        ...


class CommandModule(Protocol):
    """What the module of a command offers."""

    def add_parser(self, subparsers: Subparsers) -> None:
        """Add the command's own parser."""

    def run(self, args: Namespace) -> int:
        """Run the command and return its exit status."""
