"""How time and memory of a plan grow with steps, horizon and devices.

    script/bench growth                  prints a table, draws into docs/images
    script/bench growth --images FOLDER  draws there

Homes are those of `optimizer/standard.py`. Each size has a process of its own, so
that its memory is its own too. Times are of the processor, which other load on the
machine changes little.
"""

import argparse
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path
import resource
from statistics import median
import sys
from typing import Final

from benchmarks.chart import Chart, svg
from benchmarks.peers.serve import timed
from optimizer.home import Home
from optimizer.optimize import Options, optimize
from optimizer.series import Table
from optimizer.standard import Standard, standard_home, standard_series
from optimizer.structures import Structures

_IMAGES: Final = Path(__file__).resolve().parents[1] / "docs" / "images"
_HOMES: Final = 5
_LIMIT_S: Final = 30.0
_KB: Final = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """One size of a problem; ``together`` homes share a connection."""

    axis: str
    value: int
    hours: int = 24
    step_minutes: int = 15
    together: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Grown:
    """Medians of processor seconds over homes, and the process's largest memory."""

    devices: int
    build: float  # of the first plan
    solve: float
    again: float  # a plan on new data
    gap: float  # the largest
    peak_mb: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """Processor seconds and gap of one plan."""

    build: float
    solve: float
    gap: float


SIZES: Final = (
    *(
        Size(axis="steps", value=48 * 60 // minutes, hours=48, step_minutes=minutes)
        for minutes in (60, 30, 15, 5)
    ),
    *(Size(axis="horizon", value=hours, hours=hours) for hours in (24, 48, 96, 168)),
    *(Size(axis="devices", value=6 * n, together=n) for n in (1, 2, 3, 5)),
)
_AXES: Final[Mapping[str, tuple[str, str]]] = {
    "steps": ("Two days, 8 devices: finer steps", "steps"),
    "horizon": ("15 minutes, 6 to 18 devices: a longer horizon", "hours"),
    "devices": ("A day in 15 minutes: more devices", "devices"),
}


def grown(size: Size) -> Grown:
    """Plan homes of one size, twice each."""
    problem = Standard(name=size.axis, hours=size.hours, step_minutes=size.step_minutes)
    options = Options(time_limit_s=_LIMIT_S)
    firsts: list[Planned] = []
    laters: list[Planned] = []
    devices = 0
    for seed in range(_HOMES):
        home = _together(problem, range(seed, seed + size.together))
        devices = len(home.devices)
        structures = Structures()
        for plans, day in ((firsts, seed), (laters, seed + _HOMES)):
            series = standard_series(problem, day)
            plans.append(_planned(home, series, options, structures))
    peak_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return Grown(
        devices=devices,
        build=median(plan.build for plan in firsts),
        solve=median(plan.solve for plan in firsts),
        again=median(plan.build + plan.solve for plan in laters),
        gap=max(plan.gap for plan in (*firsts, *laters)),
        peak_mb=peak_kb / _KB,
    )


def _planned(
    home: Home, series: Table, options: Options, structures: Structures
) -> Planned:
    """Plan; what PLAN counts had the share of the processor that the call had."""
    plan, took = timed(lambda: optimize(home, series, options, structures))
    share = took["cpu_seconds"] / took["seconds"]
    return Planned(
        build=plan["build_seconds"] * share,
        solve=plan["solve_seconds"] * share,
        gap=plan["gap"],
    )


def _together(problem: Standard, seeds: Sequence[int]) -> Home:
    """Return the homes of ``seeds`` behind one connection, as large as all theirs."""
    homes = [standard_home(problem, seed) for seed in seeds]
    count, first = len(homes), homes[0]

    def all_together(kw: float | None) -> float | None:
        return None if kw is None else count * kw

    return replace(
        first,
        grid=replace(
            first.grid,
            import_limit_kw=all_together(first.grid.import_limit_kw),
            export_limit_kw=all_together(first.grid.export_limit_kw),
        ),
        limits=tuple(
            replace(limit, limit_kw=all_together(limit.limit_kw))
            for limit in first.limits
        ),
        devices=tuple(
            replace(device, id=f"{device.id} of {place}")
            for place, home in enumerate(homes)
            for device in home.devices
        ),
    )


def charts(found: Mapping[Size, Grown]) -> Iterator[tuple[str, Chart]]:
    """Yield a name and a chart for each axis, and one of memory."""
    kinds: Mapping[str, Callable[[Grown], float]] = {
        "first: build": lambda each: each.build * 1000,
        "first: solve": lambda each: each.solve * 1000,
        "on new data": lambda each: each.again * 1000,
    }
    for axis, (title, across) in _AXES.items():
        sizes = [size for size in found if size.axis == axis]
        lines = {
            name: [(size.value, take(found[size])) for size in sizes]
            for name, take in kinds.items()
        }
        chart = Chart(title=title, across=across, up="ms", lines=lines)
        yield f"growth-{axis}", chart
    memory = {
        name: [
            (_cells(size, each), each.peak_mb)
            for size, each in found.items()
            if size.axis == axis
        ]
        for axis, name in (
            ("steps", "finer steps"),
            ("horizon", "longer"),
            ("devices", "more devices"),
        )
    }
    title, across = "Largest memory of the process", "steps x devices"
    yield "growth-memory", Chart(title=title, across=across, up="MB", lines=memory)


def _cells(size: Size, each: Grown) -> int:
    return size.hours * 60 // size.step_minutes * each.devices


def table(found: Mapping[Size, Grown]) -> str:
    """Return all sizes as a Markdown table."""
    head = "| grows | steps | devices | first: build | solve | on new data | gap | MB |"
    rows = [
        f"| {size.axis} | {size.hours * 60 // size.step_minutes} | {each.devices} "
        f"| {each.build * 1000:.3g} ms | {each.solve * 1000:.3g} ms "
        f"| {each.again * 1000:.3g} ms | {each.gap:.1e} | {each.peak_mb:.0f} |"
        for size, each in found.items()
    ]
    return "\n".join([head, "|---" * 8 + "|", *rows])


def measured(sizes: Iterable[Size]) -> dict[Size, Grown]:
    """Return what each size takes, one after the other."""
    found = {}
    with ProcessPoolExecutor(
        1, mp_context=get_context("spawn"), max_tasks_per_child=1
    ) as pool:
        for size in sizes:
            print(f"bench: {size.axis} {size.value}", file=sys.stderr, flush=True)
            found[size] = pool.submit(grown, size).result()
    return found


def main(arguments: Sequence[str]) -> int:
    """Measure, draw and print."""
    parser = argparse.ArgumentParser(
        prog="script/bench growth",
        description="Plan standard homes of growing size, print medians of "
        f"{_HOMES} homes and draw them.",
    )
    parser.add_argument(
        "--images", type=Path, default=_IMAGES, help="default: docs/images"
    )
    options = parser.parse_args(arguments)
    found = measured(SIZES)
    options.images.mkdir(parents=True, exist_ok=True)
    for name, chart in charts(found):
        (options.images / f"{name}.svg").write_text(svg(chart), encoding="utf-8")
    print(table(found))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
