"""What people call a limit: who ordered it, not the id it goes by."""

from collections.abc import Iterable, Mapping
from typing import Final

from cem_core.dispatch import IMBALANCE, SITE
from cem_core.limits import PEAK_ISSUER
from cem_core.model import (
    Action,
    Direction,
    LimitSource,
    Message,
    PowerLimit,
    Priority,
    Scope,
    Setpoint,
)
from cem_core.model.units import kw
from custom_components.cem.const import AUTOMATION

# What bounds no flow at the connection, by its issuer.
_BESIDE_TOTALS: Final = {
    SITE: Message.of("of_charging_site"),
    IMBALANCE: Message.of("of_imbalance"),
}


def limit_names(limits: Iterable[PowerLimit]) -> Mapping[str, Message]:
    """Return by id what fits after "the limit" or "Limit"; each is unique."""
    names: dict[str, Message] = {}
    for limit in limits:
        called = _with_phase(limit)
        name, number = called, 1
        while name in names.values():
            number += 1
            name = Message.of("numbered", limit=called, number=number)
        names[limit.limit_id] = name
    return names


def _with_phase(limit: PowerLimit) -> Message:
    called = _of_source_and_flow(limit)
    if limit.phase is None:
        return called
    return Message.of("of_phase", limit=called, phase=limit.phase)


def _of_source_and_flow(limit: PowerLimit) -> Message:
    if limit.source is LimitSource.CONTRACT and limit.issuer != PEAK_ISSUER:
        return _of_contract(limit)
    match limit.source, limit.direction:
        case LimitSource.METER, Direction.IMPORT:
            return Message.of("of_meter_for_import")
        case LimitSource.METER, Direction.EXPORT:
            return Message.of("of_meter_for_export")
        case _:
            return _of_source(limit)


def _of_contract(limit: PowerLimit) -> Message:
    if limit.issuer in _BESIDE_TOTALS:
        return _BESIDE_TOTALS[limit.issuer]
    fuse = limit.phase is not None or limit.limit_id.startswith("contract_fuse")
    match limit.direction, fuse, limit.priority:
        case Direction.EXPORT, _, Priority.OBLIGATION:
            return Message.of("of_feed_in_cap")
        case Direction.IMPORT, True, _:
            return Message.of("of_fuse_for_import")
        case Direction.EXPORT, True, _:
            return Message.of("of_fuse_for_export")
        case Direction.IMPORT, _, _:
            return Message.of("of_contract_for_import")
        case _:
            return Message.of("of_contract_for_export")


def _of_source(limit: PowerLimit) -> Message:
    match limit.source:
        case LimitSource.CONTRACT if limit.issuer == PEAK_ISSUER:
            return Message.of("of_capacity_tariff")
        case LimitSource.CONTRACT:
            return Message.of("of_contract")
        case LimitSource.METER:
            return Message.of("of_meter")
        case LimitSource.ORDER if limit.issuer == AUTOMATION:
            return Message.of("ordered_by_automation")
        case _:
            return Message.of("ordered_by", issuer=limit.issuer)


def flow(limit: PowerLimit) -> Message:
    """Return what a limit bounds."""
    match limit.direction, limit.scope:
        case Direction.IMPORT, Scope.CONNECTION:
            return Message.of("import_at_connection")
        case Direction.IMPORT, _:
            return Message.of("import_of_controllable")
        case _, Scope.CONNECTION:
            return Message.of("export_at_connection")
        case _:
            return Message.of("export_of_controllable")


def turned_up(limit: PowerLimit, order: Setpoint) -> Message | None:
    """Return what a limit makes of a device that works against it; None: it does not.

    A storage that discharges keeps an import limit, one that charges an export limit.
    """
    if order.power_w is None or limit.issuer in {IMBALANCE, SITE}:
        return None
    called, bounded, limit_kw = _of_source(limit), flow(limit), kw(limit.limit_w)
    if limit.direction is Direction.IMPORT and order.power_w < 0:
        return Message.of(
            "discharges_for_limit", limit=called, flow=bounded, limit_kw=limit_kw
        )
    charges = order.action in {Action.CHARGE, Action.BALANCE} and order.power_w > 0
    if limit.direction is Direction.EXPORT and charges:
        return Message.of(
            "charges_for_limit", limit=called, flow=bounded, limit_kw=limit_kw
        )
    return None


def ceiling(limit: PowerLimit, order: Setpoint) -> Message:
    """Return what a limit lets an inverter produce that produces far less."""
    if limit.issuer == IMBALANCE:
        return turned_down(limit)
    return Message.of(
        "solar_below_ceiling",
        limit=_of_source(limit),
        ceiling_kw=kw(order.power_w or 0),
        flow=flow(limit),
        limit_kw=kw(limit.limit_w),
    )


def turned_down(limit: PowerLimit) -> Message:
    """Return what a limit does to a device that it holds back."""
    if limit.source is LimitSource.CONTRACT and limit.issuer == IMBALANCE:
        return Message.of("turned_down_for_imbalance", limit_kw=kw(limit.limit_w))
    if limit.source is LimitSource.CONTRACT and limit.issuer == SITE:
        return Message.of("turned_down_for_site", limit_kw=kw(limit.limit_w))
    called, bounded, limit_kw = _of_source(limit), flow(limit), kw(limit.limit_w)
    if limit.end is None:
        return Message.of("turned_down", limit=called, flow=bounded, limit_kw=limit_kw)
    return Message.of(
        "turned_down_until",
        limit=called,
        flow=bounded,
        limit_kw=limit_kw,
        end_time=limit.end,
    )
