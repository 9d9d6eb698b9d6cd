"""§14a EnWG: which devices an operator may limit, and what it has to leave them.

BNetzA BK6-22-300, annex 1. Steerable (2.4.1) are charge points, storage, heat
pumps and cooling above 4.2 kW that were put into service since 2024; heat pumps
are summed before that threshold and then count as one device, and so is cooling
(2.4.2). An energy manager is left at least (4.5.2)

    P_min = base + (n - 1) GZF(n) 4.2 kW

with n steerable devices; base is 4.2 kW, or 0.4 of the heat pumps' or of the
coolings' sum, whichever is more, where such a group exceeds 11 kW.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Final

from optimizer.home_devices import Consumer, Group

PER_DEVICE_KW: Final = 4.2
SIMULTANEITY: Final = (1.0, 0.80, 0.75, 0.70, 0.65, 0.60, 0.55, 0.50, 0.45)
_SINCE: Final = date(2024, 1, 1)
_LARGE_KW: Final = 11.0
_SHARE_OF_LARGE: Final = 0.4
_SUMMED: Final = (Group.HEAT_PUMP, Group.COOLING)


def group_of(device: Consumer) -> Group | None:
    """Return the group of ``device``; None: an ordinary load."""
    return device.usual_group if device.group is None else device.group


def rated_kw(device: Consumer) -> float:
    """Return the power on the name plate of ``device``."""
    given = device.rated_power_kw
    return device.most_draw_kw if given is None else given


def steerable(devices: Iterable[Consumer]) -> Sequence[Sequence[Consumer]]:
    """Return the steerable devices; those that count as one are together."""
    summed: Mapping[Group, list[Consumer]] = {group: [] for group in _SUMMED}
    single: list[list[Consumer]] = []
    for device in devices:
        since = device.commissioning_date
        group = group_of(device)
        if group is None or (since is not None and since < _SINCE):
            continue
        if group in summed:
            summed[group].append(device)
        else:
            single.append([device])
    return [
        part
        for part in (*single, *summed.values())
        if sum(map(rated_kw, part)) > PER_DEVICE_KW
    ]


def guaranteed_kw(devices: Iterable[Consumer]) -> float:
    """Return P_min for ``devices``, 0 where none is steerable."""
    parts = steerable(devices)
    if not parts:
        return 0.0
    count = len(parts)
    large_kw = max(
        (
            total
            for part in parts
            if group_of(part[0]) in _SUMMED
            and (total := sum(map(rated_kw, part))) > _LARGE_KW
        ),
        default=0.0,
    )
    base_kw = _SHARE_OF_LARGE * large_kw if large_kw else PER_DEVICE_KW
    factor = SIMULTANEITY[min(count, len(SIMULTANEITY)) - 1]
    return base_kw + (count - 1) * factor * PER_DEVICE_KW
