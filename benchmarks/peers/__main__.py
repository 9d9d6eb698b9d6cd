"""Compare with other optimisers and with HiGHS alone, in one run; see script/bench."""

import argparse
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
import json
import os
from pathlib import Path
import sys
from tempfile import TemporaryDirectory

from benchmarks.__main__ import machine
from benchmarks.peers import full_home, others, processes
from benchmarks.peers.canonical import TOOLS, Canonical
from benchmarks.peers.missing import MissingError
from benchmarks.peers.rows import Row, as_json, as_table

type Comparison = Callable[[Canonical, int], Iterator[Row]]


def comparisons(source: Path | None) -> Mapping[str, Comparison]:
    """Return all comparisons by name."""
    return {
        "emhass": others.emhass,
        "flexmeasures": others.flexmeasures,
        "haeo": partial(others.haeo_rows, source=source),
        "matrix": full_home.matrix,
        "relaxation": full_home.relaxation,
        "compiled": full_home.compiled,
        "fleet": full_home.fleet,
        "process": processes.whole,
    }


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="script/bench peers",
        description="Plan the canonical homes with other optimisers, with HiGHS alone "
        "and with ours, turn by turn, one thread each. Nothing passes or fails.",
    )
    names = list(comparisons(None))
    parser.add_argument(
        "names",
        nargs="*",
        metavar="COMPARISON",
        help=f"of {', '.join(names)}; all without any",
    )
    parser.add_argument(
        "--tools", type=Path, default=TOOLS, help="the folder with problems.py"
    )
    parser.add_argument(
        "--haeo", type=Path, help="a checkout of HAEO or its git folder; kept for later"
    )
    parser.add_argument("--times", type=int, default=7, help="default: 7")
    parser.add_argument("--json", action="store_true", help="one JSON document")
    options = parser.parse_args(arguments)
    if unknown := [name for name in options.names if name not in names]:
        parser.error(f"no comparison: {', '.join(unknown)}; of {', '.join(names)}")
    if options.times < 1:
        parser.error(f"--times must be above 0, not {options.times}")
    return options


def compared(options: argparse.Namespace, canonical: Canonical) -> list[Row]:
    """Return the rows of all comparisons asked for."""
    rows: list[Row] = []
    for name, compare in comparisons(options.haeo).items():
        if not options.names or name in options.names:
            print(f"bench: {name}", file=sys.stderr, flush=True)
            for row in compare(canonical, options.times):
                said = " ".join(filter(None, (row.what, row.ratio, row.theirs)))
                print(f"bench:   {said}", file=sys.stderr, flush=True)
                rows.append(row)
    return rows


def main(arguments: Sequence[str]) -> int:
    """Run what is asked for."""
    options = parse(arguments)
    before = machine()
    try:
        with TemporaryDirectory(prefix="cem-peers-") as folder:
            rows = compared(options, Canonical(options.tools, Path(folder)))
    except MissingError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    after = machine()
    if options.json:
        found = [as_json(row) for row in rows]
        print(json.dumps({"before": before, "after": after, "rows": found}))
        return 0
    print(
        f"{before['cores']} cores, {before['processor']}, Python {before['python']}; "
        f"load {before['load']} before, {after['load']} after\n"
    )
    if os.getloadavg()[1] > (os.process_cpu_count() or 1):
        print("The machine was busy: rather believe the CPU ratio.\n")
    print(as_table(rows))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
