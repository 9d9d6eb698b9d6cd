"""Whole plans of homes drawn from a seed, against the same homes made linear.

`three-phase` has a car that cannot charge below 4.14 kW, the hard class. The
linear home is the roof and the battery alone. The plans are real ones; the
worker makes the same, at a lower priority.
"""

from collections.abc import Sequence
from time import perf_counter, thread_time
from typing import Any

import numpy as np

from benchmarks.figures import Figure, Samples
from benchmarks.homes import generated_home, generated_series
from optimizer.optimize import Options, optimize
from optimizer.read_home import home_from_json

RUNS = 10
CLASSES = (("one-phase", 1.4), ("three-phase", 4.14))
LINEAR = frozenset({"solar", "battery"})


def figures(*, runs: int = RUNS) -> list[Figure]:
    """Return two rows for each class of home: how long, and how near the best."""
    base, _ = _plans(range(runs), CLASSES[0][1], only=LINEAR)
    found = []
    for name, least_car_kw in CLASSES:
        seconds, gaps = _plans(range(runs), least_car_kw)
        found += [
            Figure(
                benchmark="optimize",
                case=f"a plan of 24 h, {name} car",
                unit="s",
                samples=seconds,
                baseline="roof and battery",
                base=base,
            ),
            Figure(
                benchmark="optimize",
                case=f"gap left by these plans, {name} car",
                unit="%",
                samples=gaps,
            ),
        ]
    return found


def _plans(
    seeds: Sequence[int], least_car_kw: float, only: frozenset[str] | None = None
) -> tuple[Samples, Samples]:
    wall_s, cpu_s, gaps = [], [], []
    for seed in seeds:
        rng = np.random.default_rng(seed)
        document: dict[str, Any] = generated_home(rng, least_car_kw)
        if only is not None:
            document["devices"] = [d for d in document["devices"] if d["kind"] in only]
        series = generated_series(rng)
        began, ran = perf_counter(), thread_time()
        plan = optimize(home_from_json(document), series, Options())
        wall_s.append(perf_counter() - began)
        cpu_s.append(thread_time() - ran)
        gaps.append(100 * plan["gap"])
        assert plan["status"] in {"optimal", "feasible"}, plan["status"]
    return Samples(wall=wall_s, cpu=cpu_s), Samples(wall=gaps)
