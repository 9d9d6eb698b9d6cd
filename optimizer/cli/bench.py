"""``cem bench``: how long the standard problems take on this machine."""

from argparse import ArgumentTypeError, Namespace, RawDescriptionHelpFormatter
from collections.abc import Sequence
from dataclasses import replace
import json
from statistics import median
import sys
from typing import Any, Final

from optimizer.cli.command import Subparsers
from optimizer.cli.status import BAD_INPUT, DONE

_EXAMPLE: Final = """\
example:
  cem bench               every standard problem, several minutes
  cem bench --homes 3     fewer homes of each
  cem bench --only peak   those with this in their name
"""
_HEAD: Final = ("problem", "homes", "first", "again", "/ LP", "MIP", "MIP /", "gap")


def add_parser(subparsers: Subparsers) -> None:
    """Add the command."""
    parser = subparsers.add_parser(
        "bench",
        help="time the standard problems",
        description="Time the standard problems and print medians in seconds: the"
        " first plan of a home, a plan on new data and its ratio to a linear"
        " relaxation, HiGHS alone on the same matrices and its ratio to ours, and"
        " the largest gap. Nothing passes or fails.",
        epilog=_EXAMPLE,
        formatter_class=RawDescriptionHelpFormatter,
    )
    parser.add_argument("--homes", type=_count, help="homes of each problem")
    parser.add_argument("--only", default="", help="problems with this in their name")
    parser.add_argument("--json", action="store_true", help="one JSON document")


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        message = f"must be a whole number above 0, not {text!r}"
        raise ArgumentTypeError(message)
    return int(text)


def run(args: Namespace) -> int:
    """Print the table and return the exit status."""
    from optimizer.standard import STANDARD  # noqa: PLC0415 - takes seconds

    chosen = [problem for problem in STANDARD if args.only in problem.name]
    if not chosen:
        names = "; ".join(problem.name for problem in STANDARD)
        print(f"cem bench: no problem has {args.only!r} in: {names}", file=sys.stderr)
        return BAD_INPUT
    found = []
    for problem in chosen:
        if sys.stderr.isatty():
            print(f"{problem.name} ...", file=sys.stderr, flush=True)
        homes = problem.homes if args.homes is None else args.homes
        found.append(_row(replace(problem, homes=homes)))
    if args.json:
        print(json.dumps(found))
        return DONE
    lines = [_HEAD, *(_cells(row) for row in found)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        print("  ".join(map(str.ljust, line, widths, strict=True)).rstrip())
    return DONE


def _row(problem: Any) -> dict[str, Any]:  # noqa: ANN401 - Standard, imported late
    from optimizer.measure import measure  # noqa: PLC0415

    homes = list(measure(problem))
    again, searched = (
        [getattr(home, name) for home in homes] for name in ("again", "searched")
    )
    return {
        "problem": problem.name,
        "homes": len(homes),
        "first_s": median(home.first for home in homes),
        "again_s": median(again),
        "again_over_relaxation": median(home.again / home.relaxed for home in homes),
        "mip_s": median(searched),
        "mip_over_again": sum(searched) / sum(again),
        "largest_gap": max(home.gap for home in homes),
    }


def _cells(row: dict[str, Any]) -> Sequence[str]:
    return (
        row["problem"],
        str(row["homes"]),
        f"{row['first_s']:.3f}",
        f"{row['again_s']:.4f}",
        f"{row['again_over_relaxation']:.1f}",
        f"{row['mip_s']:.3f}",
        f"{row['mip_over_again']:.1f}",
        f"{row['largest_gap']:.1e}",
    )
