"""The power profile of an appliance's run, as the user writes it."""

from datetime import timedelta
from typing import Final

MAX_PROFILE_STEPS: Final = 96
PROFILE_STEP: Final = timedelta(minutes=15)


def profile_kw(words: str) -> tuple[float, ...]:
    """Return the powers in ``words``: kW a quarter of an hour, by commas.

    Raises ValueError for what is no power.
    """
    powers = tuple(float(word) for word in words.replace(";", ",").split(","))
    if not 0 < len(powers) <= MAX_PROFILE_STEPS:
        raise ValueError(words)
    if not all(0 <= power < float("inf") for power in powers):
        raise ValueError(words)
    return powers
