"""What each constraint that binds costs: by how much less of it would save money.

The price of a block of steps is the sum of the duals of its rows, with the integers
held: what the plan would cost less with one unit more of the limit in every one
of these steps, or one unit less of the wish.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from cem_core.model import Message
from cem_core.model.message_json import message_to_json
from cem_core.model.render import Renderer
from optimizer.components.capacity import Capacity
from optimizer.components.operator_limit import OperatorLimit
from optimizer.departures import stays_of
from optimizer.home import Battery, EvCharger, HeatPump
from optimizer.outcome import Outcome

type Json = dict[str, Any]

_PRICED: Final = 1e-6  # currency per unit; less is the solver's tolerance


@dataclass(frozen=True, slots=True, kw_only=True)
class ShadowPrice:
    """What one unit costs in ``steps``, a run of steps in which it binds."""

    constraint: str
    steps: range
    price: float
    unit: str  # of the limit or the wish
    message: Message


def shadow_prices(outcome: Outcome) -> list[ShadowPrice]:
    """Return every constraint that binds, in order of time for each."""
    return [
        *_connection(outcome),
        *_ordered(outcome),
        *_peaks(outcome),
        *(
            price
            for device in outcome.home.devices
            for price in _wishes(device, outcome)
        ),
    ]


def constraints_json(outcome: Outcome) -> list[Json]:
    """Return the field `constraints` of PLAN."""
    horizon = outcome.horizon
    return [
        {
            "constraint": each.constraint,
            "start": horizon.local(horizon.time(each.steps.start)).isoformat(),
            "end": horizon.local(horizon.time(each.steps.stop)).isoformat(),
            "price": round(each.price, 6),
            "unit": f"{outcome.home.tariff.currency}/{each.unit}",
            "text": Renderer().text(each.message),
            **message_to_json(each.message),
        }
        for each in shadow_prices(outcome)
    ]


def _runs(prices: Mapping[int, float]) -> Iterator[tuple[range, float]]:
    """Return the runs of steps that have a price, and its sum."""
    steps: range | None = None
    total = 0.0
    for t in sorted(t for t, price in prices.items() if price > _PRICED):
        if steps is not None and t == steps.stop:
            steps, total = range(steps.start, t + 1), total + prices[t]
            continue
        if steps is not None:
            yield steps, total
        steps, total = range(t, t + 1), prices[t]
    if steps is not None:
        yield steps, total


def _upper(outcome: Outcome, rows: Mapping[int, Any]) -> Mapping[int, float]:
    """Return what one unit more of an upper bound saves."""
    return {t: -dual for t, dual in outcome.duals(rows).items()}


def _connection(outcome: Outcome) -> Iterator[ShadowPrice]:
    grid = outcome.parts.grid
    excess = outcome.compiled.model.part[grid.name].excess
    for direction, limit_kw in grid.limits():
        for steps, price in _runs(_upper(outcome, excess[direction].limit)):
            yield ShadowPrice(
                constraint=f"{direction} limit of the connection",
                steps=steps,
                price=price,
                unit="kW",
                message=_connection_message(direction, limit_kw, price, outcome),
            )


def _connection_message(
    direction: str, limit_kw: float, price: float, outcome: Outcome
) -> Message:
    currency = outcome.home.tariff.currency
    if direction == "import":
        return Message.of(
            "connection_import_costs",
            limit_kw=limit_kw,
            price_per_kw=price,
            currency=currency,
        )
    return Message.of(
        "connection_export_costs",
        limit_kw=limit_kw,
        price_per_kw=price,
        currency=currency,
    )


def _ordered(outcome: Outcome) -> Iterator[ShadowPrice]:
    for part in outcome.parts.couplings:
        if not isinstance(part, OperatorLimit):
            continue
        rows = outcome.compiled.model.part[part.name].limited
        for steps, price in _runs(_upper(outcome, rows)):
            yield ShadowPrice(
                constraint=f"limit {part.limit.id}",
                steps=steps,
                price=price,
                unit="kW",
                message=Message.of(
                    "limit_costs",
                    limit=part.limit.id,
                    limit_kw=part.limit.limit_kw,
                    price_per_kw=price,
                    currency=outcome.home.tariff.currency,
                ),
            )


def _peaks(outcome: Outcome) -> Iterator[ShadowPrice]:
    charges = [p for p in outcome.parts.couplings if isinstance(p, Capacity)]
    for part in charges:
        name = "capacity charge" if len(charges) == 1 else part.name
        priced, means = _period_prices(part, outcome)
        for steps, price in _runs(priced):
            yield ShadowPrice(
                constraint=name,
                steps=steps,
                price=price,
                unit="kW",
                message=Message.of(
                    "peak_costs",
                    mean_kw=max(means[t] for t in steps),
                    price_per_kw=price,
                    currency=outcome.home.tariff.currency,
                ),
            )


def _period_prices(
    part: Capacity, outcome: Outcome
) -> tuple[Mapping[int, float], Mapping[int, float]]:
    """Return by step its part of its period's price, and its period's mean import."""
    priced: dict[int, float] = {}
    means: dict[int, float] = {}
    blocks = outcome.compiled.model.part[part.name].window
    for w, window in enumerate(part.windows()):
        for i, price in _upper(outcome, blocks[w].peak).items():
            weighed = window.periods[i]
            shares = weighed.period.shares
            mean = float(weighed.period.mean(outcome.imported_at(part.meter)))
            for t, _ in shares:
                part_price = price * weighed.weight / len(shares)
                priced[t] = priced.get(t, 0.0) + part_price
                means[t] = max(means.get(t, 0.0), mean)
    return priced, means


def _wishes(device: object, outcome: Outcome) -> Iterator[ShadowPrice]:
    match device:
        case EvCharger():
            yield from _departures(device, outcome)
        case Battery():
            yield from _reserves(device, outcome)
        case HeatPump():
            yield from _comfort(device, outcome)


def _departures(device: EvCharger, outcome: Outcome) -> Iterator[ShadowPrice]:
    stays = stays_of(device, outcome.horizon)
    for place, price in outcome.duals(outcome.block(device.id).departure).items():
        session, steps = stays[place]
        depart_time = outcome.horizon.local(min(session.depart, outcome.horizon.end))
        if price > _PRICED:
            yield ShadowPrice(
                constraint=f"{device.id} energy by {depart_time:%H:%M}",
                steps=steps,
                price=price,
                unit="kWh",
                message=Message.of(
                    "departure_costs",
                    device=device.id,
                    depart_time=depart_time,
                    price_per_kwh=price,
                    currency=outcome.home.tariff.currency,
                ),
            )


def _reserves(device: Battery, outcome: Outcome) -> Iterator[ShadowPrice]:
    horizon = outcome.horizon
    for steps, price in _runs(outcome.duals(outcome.block(device.id).reserve)):
        at_end = steps.stop == horizon.steps
        yield ShadowPrice(
            constraint=f"{device.id} {'energy at the end' if at_end else 'least energy'}",
            steps=steps,
            price=price,
            unit="kWh",
            message=Message.of(
                "reserve_costs",
                device=device.id,
                end_time=horizon.local(horizon.time(steps.stop)),
                price_per_kwh=price,
                currency=outcome.home.tariff.currency,
            ),
        )


def _comfort(device: HeatPump, outcome: Outcome) -> Iterator[ShadowPrice]:
    block, currency = outcome.block(device.id), outcome.home.tariff.currency
    for steps, price in _runs(outcome.duals(block.warm_enough)):
        message = Message.of(
            "warmth_costs", device=device.id, saved_cost=price, currency=currency
        )
        yield _kelvin(device, "lowest temperature", steps, price, message)
    for steps, price in _runs(_upper(outcome, block.cool_enough)):
        message = Message.of(
            "coolness_costs", device=device.id, saved_cost=price, currency=currency
        )
        yield _kelvin(device, "highest temperature", steps, price, message)


def _kelvin(
    device: HeatPump, bound: str, steps: range, price: float, message: Message
) -> ShadowPrice:
    return ShadowPrice(
        constraint=f"{device.id} {bound}",
        steps=steps,
        price=price,
        unit="K",
        message=message,
    )
