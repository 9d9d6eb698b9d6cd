"""Time a call many times, on the wall and in processor time."""

from collections.abc import Callable, Sequence
from time import perf_counter_ns, thread_time_ns

from benchmarks.figures import Samples


def timed_us[T](
    prepare: Callable[[], T], run: Callable[[T], object], times: int
) -> Samples:
    """Return the microseconds of ``run``; what it is given is prepared untimed."""
    wall_us, cpu_us = [], []
    for _ in range(times):
        given = prepare()
        cpu_ns = thread_time_ns()
        wall_ns = perf_counter_ns()
        run(given)
        wall_us.append((perf_counter_ns() - wall_ns) / 1000)
        cpu_us.append((thread_time_ns() - cpu_ns) / 1000)
    return Samples(wall=wall_us, cpu=cpu_us)


def timed_in_turn_us[T](
    ours: Callable[[T], object],
    theirs: Callable[[T], object] | None,
    given: Sequence[T],
    times: int,
) -> tuple[Samples, Samples | None]:
    """Return the microseconds of both, taken in turn on the same of ``given``.

    What else the machine does meets both alike. None without ``theirs``.
    """
    turns = (ours,) if theirs is None else (ours, theirs)
    wall_us: list[list[float]] = [[] for _ in turns]
    cpu_us: list[list[float]] = [[] for _ in turns]
    for turn in range(times):
        one = given[turn % len(given)]
        for run, wall, cpu in zip(turns, wall_us, cpu_us, strict=True):
            cpu_ns, wall_ns = thread_time_ns(), perf_counter_ns()
            run(one)
            wall.append((perf_counter_ns() - wall_ns) / 1000)
            cpu.append((thread_time_ns() - cpu_ns) / 1000)
    both = [Samples(wall=w, cpu=c) for w, c in zip(wall_us, cpu_us, strict=True)]
    return both[0], None if theirs is None else both[1]
