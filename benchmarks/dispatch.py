"""One dispatch, arbitration included, against a loop that shares power evenly.

A dispatch is pure, so each is made once as it comes and then some times over:
the best of those leaves out what else the machine does, and its 99th percentile
is that of the telegrams themselves.
"""

from time import perf_counter_ns

from benchmarks.figures import Aim, Figure, Samples
from benchmarks.fleet import FREE_W, LIMITED_W, Play
from benchmarks.timing import timed_us

SIZES = (5, 20, 50)
TELEGRAMS = 3000
REPEATS = 5
AIM = Aim(statistic="p99", below=200)
AIM_FOR = 20


def figures(*, telegrams: int = TELEGRAMS) -> list[Figure]:
    """Return two rows for each size, free and under limits that bind."""
    return [
        figure
        for size in SIZES
        for name, import_w in (("free", FREE_W), ("limited", LIMITED_W))
        for figure in _figures(size, name, import_w, telegrams)
    ]


def _figures(size: int, name: str, import_w: int, telegrams: int) -> list[Figure]:
    play = Play(size, import_w)
    play.dispatch(play.telegram())
    base = timed_us(play.telegram, play.baseline, telegrams)
    return [
        Figure(
            benchmark="dispatch",
            case=case,
            unit="us",
            samples=samples,
            baseline="even shares",
            base=base,
            aim=AIM if size == AIM_FOR else None,
        )
        for case, samples in (
            (
                f"{size} devices, {name}",
                timed_us(play.telegram, play.dispatch, telegrams),
            ),
            (
                f"{size} devices, {name}, best of {REPEATS}",
                Samples(wall=[_best_us(play) for _ in range(telegrams)]),
            ),
        )
    ]


def _best_us(play: Play) -> float:
    reading = play.telegram()
    taken_ns = []
    for _ in range(REPEATS):
        began_ns = perf_counter_ns()
        play.decide(reading)
        taken_ns.append(perf_counter_ns() - began_ns)
    play.dispatch(reading)
    return min(taken_ns) / 1000
