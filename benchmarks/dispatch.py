"""One dispatch, arbitration included, against a loop that shares power evenly."""

from benchmarks.figures import Aim, Figure
from benchmarks.fleet import FREE_W, LIMITED_W, Play
from benchmarks.timing import timed_us

SIZES = (5, 20, 50)
TELEGRAMS = 3000
AIM = Aim(statistic="p99", below=200)
AIM_FOR = 20


def figures(*, telegrams: int = TELEGRAMS) -> list[Figure]:
    """Return a row for each size, free and under limits that bind."""
    return [
        _figure(size, name, import_w, telegrams)
        for size in SIZES
        for name, import_w in (("free", FREE_W), ("limited", LIMITED_W))
    ]


def _figure(size: int, name: str, import_w: int, telegrams: int) -> Figure:
    play = Play(size, import_w)
    play.dispatch(play.telegram())
    base = timed_us(play.telegram, play.baseline, telegrams)
    return Figure(
        benchmark="dispatch",
        case=f"{size} devices, {name}",
        unit="us",
        samples=timed_us(play.telegram, play.dispatch, telegrams),
        baseline="even shares",
        base=base,
        aim=AIM if size == AIM_FOR else None,
    )
