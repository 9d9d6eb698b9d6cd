"""What a house draws when nobody wants anything of it."""

from collections.abc import Sequence
from math import ceil
from typing import Final

LEAST_HOURS: Final = 72
_SHARE: Final = 0.1


def standby_w(hourly_means_w: Sequence[float | None]) -> float | None:
    """Return the standby in W: the mean of the lowest tenth of the hours.

    Hours that are not known do not count. It is an estimate: what runs through in
    every hour, as a fridge, is in it. None below three days of hours.
    """
    known = sorted(power_w for power_w in hourly_means_w if power_w is not None)
    if len(known) < LEAST_HOURS:
        return None
    lowest = known[: ceil(_SHARE * len(known))]
    return max(0.0, sum(lowest) / len(lowest))
