"""The command line: ``cem``.

Each command lives in a module of its own, which is imported only when that
command is asked for: ``cem decode`` never waits for the solver's packages.
"""

from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Sequence
from dataclasses import dataclass
import importlib
from importlib.metadata import version
import os
import sys
from types import TracebackType
from typing import Final, cast

from optimizer.cli.command import CommandModule, Subparsers
from optimizer.cli.status import BAD_INPUT, INTERRUPTED, WRONG_USAGE


@dataclass(frozen=True, slots=True)
class Command:
    """One command: its module, and its line in ``cem --help``."""

    module: str
    help: str


COMMANDS: Final = {
    "backtest": Command("optimizer.cli.backtest", "play a home's history again"),
    "bench": Command("optimizer.cli.bench", "time the standard problems"),
    "completion": Command("optimizer.cli.completion", "print what a shell completes"),
    "curves": Command("optimizer.cli.curves", "make, convert and check load curves"),
    "decode": Command("optimizer.cli.decode", "read what a meter sent"),
    "diff": Command("optimizer.cli.diff", "say what moved between two plans, and why"),
    "evidence": Command(
        "optimizer.cli.evidence", "export and check what proves that limits were kept"
    ),
    "mbus": Command("optimizer.cli.mbus", "find and read meters on a wired M-Bus"),
    "meter": Command("optimizer.cli.meter", "watch a meter's line"),
    "optimize": Command("optimizer.cli.optimize", "plan a home against its prices"),
    "probe": Command(
        "optimizer.cli.probe", "find what is on a port, a host or the network"
    ),
    "publish": Command(
        "optimizer.cli.publish", "publish what a meter says, on a consent"
    ),
    "replay": Command(
        "optimizer.cli.replay", "solve again what diagnostics say was planned"
    ),
    "schema": Command("optimizer.cli.schema", "print the JSON Schema of HOME.yaml"),
    "simulate": Command("optimizer.cli.simulate", "play a home with its devices"),
}
_DESCRIPTION: Final = "The Consumer Energy Manager on the command line."
_EXAMPLE: Final = """\
example:
  cem decode telegram.txt
  cem COMMAND --help    explains one command, with an example
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status: 0 done, 1 bad input, 2 usage."""
    if arguments is None:  # this process is ours alone
        sys.excepthook = _one_line
    argv = sys.argv[1:] if arguments is None else list(arguments)
    name = next((a for a in argv if not a.startswith("-")), None)
    command: CommandModule | None = None
    parser = ArgumentParser(
        prog="cem",
        description=_DESCRIPTION,
        epilog=_EXAMPLE,
        formatter_class=RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"cem {version('cem')}")
    subparsers = cast(
        "Subparsers",
        parser.add_subparsers(metavar="COMMAND", dest="command", required=True),
    )
    for known, entry in COMMANDS.items():
        if known == name:
            try:
                command = cast("CommandModule", importlib.import_module(entry.module))
            except ModuleNotFoundError as error:
                return _fail(f"cem {name}: the package {error.name} is not installed")
            command.add_parser(subparsers)
        else:
            subparsers.add_parser(known, help=entry.help)
    args = parser.parse_args(argv)
    return WRONG_USAGE if command is None else _run(command, args)


def _run(command: CommandModule, args: Namespace) -> int:
    try:
        status = command.run(args)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # The reader has gone (`cem … | head`). Python would complain once more
        # when it flushes stdout at exit: give it somewhere to write.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BAD_INPUT
    except ModuleNotFoundError as error:
        return _fail(f"cem {args.command}: the package {error.name} is not installed")
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        reason = error.strerror or type(error).__name__
        return _fail(f"cem {args.command}: {where}{reason}", WRONG_USAGE)
    return status


def _fail(message: str, status: int = BAD_INPUT) -> int:
    print(message, file=sys.stderr)
    return status


def _one_line(
    kind: type[BaseException], error: BaseException, _: TracebackType | None
) -> None:
    """Report what nobody foresaw without a traceback; Python exits with 1."""
    if not issubclass(kind, KeyboardInterrupt):
        print(f"cem: internal error: {kind.__name__}: {error}", file=sys.stderr)
