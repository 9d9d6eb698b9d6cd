"""Frost: when heating may not be kept back, whatever it costs."""

from collections.abc import Iterable
from typing import Final

# A threshold left by less than this is not left: no one is switched back and forth.
_RELEASED_K: Final = 1.0

type Watched = tuple[float | None, float | None]  # temperature, threshold; °C


def threatens(watched: Iterable[Watched], *, before: bool) -> bool:
    """Tell whether a temperature is below its threshold.

    What is not known, or has no threshold, says nothing. ``before``: it did
    threaten the last time.
    """
    above_k = _RELEASED_K if before else 0.0
    return any(
        now_c is not None and least_c is not None and now_c < least_c + above_k
        for now_c, least_c in watched
    )
