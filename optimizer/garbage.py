"""No search for cyclic garbage while a plan is made."""

from collections.abc import Iterator
from contextlib import contextmanager
import gc


@contextmanager
def uncollected() -> Iterator[None]:
    """Let cyclic garbage wait: each search costs milliseconds, a first plan several.

    What a plan makes and drops holds no cycles; what it keeps are matrices.
    """
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()
