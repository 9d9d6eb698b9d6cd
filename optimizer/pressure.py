"""What holds a device back in a block: a limit, a peak, what is sold; and says so."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from cem_core.model import Direction, Message, Scope
from cem_core.tariff import Deviation
from optimizer.components.activation import Activation
from optimizer.components.reservation import Reservation
from optimizer.components.sub_connection import SubConnection
from optimizer.explain import drawn_kw
from optimizer.home import Basis
from optimizer.ordered import OrderedLimit, ordered_limits
from optimizer.outcome import Outcome, PricedPeak
from optimizer.series import Numbers

_NEAR_KW = 1e-3


@dataclass(frozen=True, slots=True, kw_only=True)
class Pressure:
    """A message for each bound that is touched, and the first limit of them."""

    messages: tuple[Message, ...]
    limited_by: str | None


def pressure_on(outcome: Outcome, device_id: str, block: range) -> Pressure:
    """Return which bounds the plan touches in ``block``."""
    steps = slice(block.start, block.stop)
    limits = list(_limits(outcome, device_id, steps))
    return Pressure(
        messages=(
            *_connection(outcome, steps),
            *_line(outcome, device_id, steps),
            *(_holds(limit, outcome) for limit in limits),
            *_peak(outcome, steps),
            *_sold(outcome, device_id, steps),
        ),
        limited_by=limits[0].id if limits else None,
    )


def _connection(outcome: Outcome, steps: slice) -> Iterator[Message]:
    grid = outcome.home.grid
    most_kw = grid.import_limit_kw
    if most_kw is not None and _reaches(outcome.imported_kw[steps], most_kw):
        yield Message.of("connection_import_reached", limit_kw=most_kw)
    most_kw = grid.export_limit_kw
    if most_kw is not None and _reaches(outcome.exported_kw[steps], most_kw):
        yield Message.of("connection_export_reached", limit_kw=most_kw)


def _line(outcome: Outcome, device_id: str, steps: slice) -> Iterator[Message]:
    for part in outcome.parts.couplings:
        if not isinstance(part, SubConnection) or device_id not in part.devices:
            continue
        limit_kw = part.limit_kw
        drawn = drawn_kw(part.devices, outcome)[steps]
        if limit_kw is not None and _reaches(drawn, limit_kw):
            yield Message.of(
                "sub_connection_reached", connection=part.id, limit_kw=limit_kw
            )


def _sold(outcome: Outcome, device_id: str, steps: slice) -> Iterator[Message]:
    """Return what is paid for in these steps, where that device can deliver it."""
    currency = outcome.home.tariff.currency
    for part in outcome.parts.couplings:
        block = outcome.compiled.model.part[part.name]
        if isinstance(part, Activation):
            delivered_kw = outcome.values(block.delivered)[steps]
            if not part.price.per_kwh or not _reaches(delivered_kw, 2 * _NEAR_KW):
                continue
            price = part.price.per_kwh
            if part.direction is Deviation.REDUCE:
                yield Message.of(
                    "less_is_paid",
                    activation=part.id,
                    price_per_kwh=price,
                    currency=currency,
                )
            else:
                yield Message.of(
                    "more_is_paid",
                    activation=part.id,
                    price_per_kwh=price,
                    currency=currency,
                )
        elif isinstance(part, Reservation) and device_id in part.devices:
            held_kw = outcome.values(block.held)[steps]
            if _reaches(held_kw, 2 * _NEAR_KW):
                most_kw = float(held_kw.max())
                yield Message.of("power_is_held", reservation=part.id, held_kw=most_kw)


def _reaches(flow: Numbers, limit_kw: float) -> bool:
    return bool((flow > limit_kw - _NEAR_KW).any())


def _limits(outcome: Outcome, device_id: str, steps: slice) -> Iterator[OrderedLimit]:
    imported, exported = outcome.imported_kw[steps], outcome.exported_kw[steps]
    own_kw = drawn_kw([device_id], outcome)[steps]
    for limit in ordered_limits(outcome.home):
        touched = np.zeros(outcome.horizon.steps, bool)
        span = outcome.horizon.touching(limit.start, limit.end)
        touched[span.start : span.stop] = True
        if limit.scope is Scope.CONTROLLABLE:
            if device_id not in limit.counted or limit.direction is Direction.EXPORT:
                continue
            flow = drawn_kw(limit.counted, outcome)[steps]
            if limit.basis is Basis.GRID_DRAW:
                flow = np.minimum(flow, imported)
            flow = np.where(own_kw > _NEAR_KW, flow, -np.inf)
        else:
            flow = imported if limit.direction is Direction.IMPORT else exported
        if _reaches(flow[touched[steps]], limit.limit_kw):
            yield limit


def _holds(limit: OrderedLimit, outcome: Outcome) -> Message:
    if limit.end is None:  # it does not end with the plan
        return Message.of("limit_holds", limit=limit.id, limit_kw=limit.limit_kw)
    return Message.of(
        "limit_holds_until",
        limit=limit.id,
        limit_kw=limit.limit_kw,
        end_time=outcome.horizon.local(limit.end),
    )


def _peak(outcome: Outcome, steps: slice) -> Iterator[Message]:
    highest: dict[str, PricedPeak] = {}
    for peak in outcome.priced_peaks_in(steps):
        if peak.mean_kw > highest.get(peak.charge, peak).mean_kw - _NEAR_KW:
            highest[peak.charge] = peak
    for peak in highest.values():
        if peak.price_per_kw is None:
            yield Message.of(
                "peak_stays_on_level",
                integration_minutes=peak.minutes,
                mean_kw=peak.mean_kw,
            )
        else:
            yield Message.of(
                "peak_stays",
                integration_minutes=peak.minutes,
                mean_kw=peak.mean_kw,
                price_per_kw=peak.price_per_kw,
                currency=outcome.home.tariff.currency,
            )
