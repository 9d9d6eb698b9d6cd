"""What the rest of the house draws, seen past devices that are still moving."""

from collections.abc import Iterable

from cem_core.dispatch.live import Live


def observe(grid_w: int, moving: Iterable[Live], before_w: float | None) -> float:
    """Return the power at the connection without the devices in ``moving``.

    What they draw is known only within bounds while they follow an order, so
    the rest is too. Of all values within its bounds the one nearest to
    ``before_w`` is taken: the house load is believed to change only when
    nothing else explains what the meter shows. So a correction never goes past
    what is needed, whatever the delay, as long as it is within `settle_s`.
    """
    now_w = least_w = most_w = 0
    for live in moving:
        if live.solar:
            now_w -= live.now_w
            least_w -= live.most_w
            most_w -= live.least_w
        else:
            now_w += live.now_w
            least_w += live.least_w
            most_w += live.most_w
    if before_w is None:
        return grid_w - now_w
    return min(max(before_w, grid_w - most_w), grid_w - least_w)
