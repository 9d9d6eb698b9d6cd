"""§14a EnWG: which devices an operator may limit, and what it has to leave them.

BNetzA BK6-22-300, annex 1. Steerable (2.4.1) are charge points, storage, heat pumps
and cooling above 4.2 kW that were put into service since 2024 and are registered with
the operator; heat pumps are summed before that threshold and then count as one device,
and so is cooling (2.4.2). An energy manager is left at least (4.5.2)

    P_min = base + (n - 1) GZF(n) 4.2 kW

with n steerable devices; base is 4.2 kW, or 0.4 of the heat pumps' or of the
coolings' sum, whichever is more, where such a group exceeds 11 kW. The numbers are
those of a `SteerableRule`: the authority may change them. All powers are in kW.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from cem_core.tariff.country_rules import SteerableRule, rules_in_force


class Group(StrEnum):
    """What a device is for §14a EnWG (BNetzA BK6-22-300, annex 1, 2.4.1)."""

    CHARGE_POINT = "charge_point"
    STORAGE = "storage"
    HEAT_PUMP = "heat_pump"
    COOLING = "cooling"


@dataclass(frozen=True, slots=True, kw_only=True)
class RatedDevice:
    """A device as it is registered with the operator.

    ``rated_kw`` is the power on the name plate, of a heat pump with its auxiliary
    heater, of storage for charging. ``commissioned`` None: since the rule began.
    A ``voluntary`` one is older and was put under the rule by its owner (10.).
    """

    device_id: str
    group: Group
    rated_kw: float
    commissioned: date | None = None
    registered: bool = True
    voluntary: bool = False


def _current() -> SteerableRule:
    (rule,) = rules_in_force("DE", SteerableRule, date.max)
    return rule


CURRENT: Final = _current()
_SUMMED: Final = (Group.HEAT_PUMP, Group.COOLING)


def steerable(
    devices: Iterable[RatedDevice], rule: SteerableRule = CURRENT
) -> Sequence[Sequence[RatedDevice]]:
    """Return the steerable devices; those that count as one are together."""
    summed: Mapping[Group, list[RatedDevice]] = {group: [] for group in _SUMMED}
    single: list[list[RatedDevice]] = []
    for device in devices:
        if not _is_subject(device, rule):
            continue
        if device.group in summed:
            summed[device.group].append(device)
        else:
            single.append([device])
    return [part for part in (*single, *summed.values()) if _kw(part) > rule.above_kw]


def guaranteed_kw(
    devices: Iterable[RatedDevice], rule: SteerableRule = CURRENT
) -> float:
    """Return P_min for ``devices``, 0 where none is steerable."""
    parts = steerable(devices, rule)
    if not parts:
        return 0.0
    return _base_kw(parts, rule) + (len(parts) - 1) * _further_kw(len(parts), rule)


def shares_kw(
    devices: Iterable[RatedDevice], rule: SteerableRule = CURRENT
) -> Mapping[str, float]:
    """Return what of P_min each steerable device is left, by its id.

    The rule guarantees a sum and leaves its division to the home. Here all parts
    get the same, but a group above 11 kW gets the base that it is the reason of;
    inside a group each device gets its share by rated power.
    """
    parts = steerable(devices, rule)
    if not parts:
        return {}
    count, base_kw = len(parts), _base_kw(parts, rule)
    further_kw = _further_kw(count, rule)
    largest = max(range(count), key=lambda i: _large_kw(parts[i], rule))
    is_large = _large_kw(parts[largest], rule) > 0
    even_kw = (base_kw + (count - 1) * further_kw) / count
    shares = {}
    for i, part in enumerate(parts):
        part_kw = even_kw
        if is_large:
            part_kw = base_kw if i == largest else further_kw
        for device in part:
            shares[device.device_id] = part_kw * device.rated_kw / _kw(part)
    return shares


def _is_subject(device: RatedDevice, rule: SteerableRule) -> bool:
    since = device.commissioned
    is_old = since is not None and since < rule.commissioned_from
    return device.registered and (device.voluntary or not is_old)


def _kw(part: Iterable[RatedDevice]) -> float:
    return sum(device.rated_kw for device in part)


def _large_kw(part: Sequence[RatedDevice], rule: SteerableRule) -> float:
    """Return the power of a group that is large, else 0."""
    power_kw = _kw(part)
    is_large = part[0].group in _SUMMED and power_kw > rule.large_group_above_kw
    return power_kw if is_large else 0.0


def _base_kw(parts: Iterable[Sequence[RatedDevice]], rule: SteerableRule) -> float:
    large_kw = max(_large_kw(part, rule) for part in parts)
    return rule.large_group_share * large_kw if large_kw else rule.per_device_kw


def _further_kw(count: int, rule: SteerableRule) -> float:
    """Return what each device but the first adds: GZF(n) 4.2 kW."""
    factors = rule.simultaneity
    return factors[min(count, len(factors)) - 1] * rule.per_device_kw
