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
    """Return a row for each class of home."""
    base = _plans(range(runs), CLASSES[0][1], only=LINEAR)
    return [
        Figure(
            benchmark="optimize",
            case=f"a plan of 24 h, {name} car",
            unit="s",
            samples=_plans(range(runs), least_car_kw),
            baseline="roof and battery",
            base=base,
        )
        for name, least_car_kw in CLASSES
    ]


def _plans(
    seeds: Sequence[int], least_car_kw: float, only: frozenset[str] | None = None
) -> Samples:
    wall_s, cpu_s = [], []
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
        assert plan["status"] in {"optimal", "feasible"}, plan["status"]
    return Samples(wall=wall_s, cpu=cpu_s)
