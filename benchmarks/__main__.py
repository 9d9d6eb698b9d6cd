"""Run benchmarks and print what they found; see script/bench and README.md."""

import argparse
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from importlib import import_module
import json
import os
import platform
import sys
from typing import Final

from benchmarks.figures import Figure, as_json, as_table

# Each is imported when it is run: they need different things.
BENCHMARKS: Final[Mapping[str, str]] = {
    "dispatch": "benchmarks.dispatch",
    "meter": "benchmarks.meter",
    "setpoint": "benchmarks.setpoint",
    "polling": "benchmarks.polling",
    "optimize": "benchmarks.optimize",
    "building": "benchmarks.building",
    "loaded": "benchmarks.loaded",
    "order": "benchmarks.live.order",
    "stall": "benchmarks.live.stall",
    "memory": "benchmarks.live.memory",
}


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="script/bench",
        description="Measure, and print medians, 99th percentiles and ratios to a "
        "baseline of the same run. Nothing passes or fails.",
    )
    parser.add_argument(
        "names",
        nargs="*",
        metavar="BENCHMARK",
        help=f"of {', '.join(BENCHMARKS)}; all without any",
    )
    parser.add_argument(
        "--where",
        type=float,
        metavar="MS",
        help="of stall and loaded: say what held the event loop up longer than that",
    )
    parser.add_argument("--json", action="store_true", help="one JSON document")
    options = parser.parse_args(arguments)
    if unknown := [name for name in options.names if name not in BENCHMARKS]:
        parser.error(f"no benchmark: {', '.join(unknown)}; of {', '.join(BENCHMARKS)}")
    return options


def machine() -> dict[str, object]:
    """Return what the figures depend on: the machine and how busy it is."""
    return {
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
        "processor": platform.machine(),
        "cores": os.process_cpu_count(),
        "load": [round(load, 2) for load in os.getloadavg()],
        "python": platform.python_version(),
    }


def main(arguments: Sequence[str]) -> int:
    """Run what is asked for."""
    options = parse(arguments)
    before, found = machine(), []
    for name in options.names or BENCHMARKS:
        print(f"bench: {name}", file=sys.stderr, flush=True)
        run: Callable[..., list[Figure]] = import_module(BENCHMARKS[name]).figures
        found += run(above_ms=options.where) if name in {"loaded", "stall"} else run()
    after = machine()
    if options.json:
        figures = [as_json(figure) for figure in found]
        print(json.dumps({"before": before, "after": after, "figures": figures}))
        return 0
    print(
        f"{before['cores']} cores, {before['processor']}, Python {before['python']}; "
        f"load {before['load']} before, {after['load']} after\n"
    )
    print(as_table(found))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
