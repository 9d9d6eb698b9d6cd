"""Time a call many times, on the wall and in processor time."""

from collections.abc import Callable
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
