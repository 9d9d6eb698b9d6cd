"""The other end of a contender: one home a line in, one schedule a line out.

Runs in the contender's own environment, on Python 3.12 and later.
"""

from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
import json
import os
import platform
import resource
import sys
from time import perf_counter, process_time
from typing import Any

import numpy as np

type Home = dict[str, Any]
type Answer = Mapping[str, Any]

_KB = 1024


def serve(
    orders: Mapping[str, Callable[[Home], Answer]], packages: Sequence[str]
) -> None:
    """Answer each line on stdin, ``{"order", "home"}``, until it closes.

    An order returns ``seconds`` and its ``schedule``: lists of kW by name, and
    ``starts`` of appliances by step.
    """
    # What a package prints must not get between the answers.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    versions = {name: version(name) for name in packages}
    versions["python"] = platform.python_version()
    print(json.dumps(versions), file=answers, flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        if asked["order"] == "memory":
            answer: Answer = _memory()
        else:
            answer = orders[asked["order"]](_arrays(asked["home"]))
        print(json.dumps(answer, default=_plain), file=answers, flush=True)


def timed[T](run: Callable[[], T]) -> tuple[T, dict[str, float]]:
    """Return what ``run`` returns, and its seconds by the clock and of the processor."""
    cpu, wall = process_time(), perf_counter()
    found = run()
    seconds, cpu_seconds = perf_counter() - wall, process_time() - cpu
    return found, {"seconds": seconds, "cpu_seconds": cpu_seconds}


def _memory() -> Answer:
    return {"peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _KB}


def _arrays(value: Any) -> Any:  # noqa: ANN401 - JSON
    """Return ``value`` with lists of numbers as arrays."""
    if isinstance(value, dict):
        return {name: _arrays(each) for name, each in value.items()}
    if isinstance(value, list) and value and isinstance(value[0], int | float):
        return np.array(value)
    return value


def _plain(value: Any) -> Any:  # noqa: ANN401 - numpy
    return value.tolist()
