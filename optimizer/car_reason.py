"""Why a car charges when it does: what its other times would cost."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from cem_core.model import Message
from optimizer.elsewhere import charged_elsewhere, is_full
from optimizer.explain import bought_price, car_value, departure_value, sold_price
from optimizer.home import EvCharger, Session
from optimizer.sentence import Writer, blocks
from optimizer.waiting import car_waits

type Json = dict[str, Any]

_SOME_KW = 1e-3


def car_reasons(device: EvCharger, writer: Writer) -> Iterator[Json]:
    """Return the reasons of a charger."""
    outcome = writer.outcome
    power_kw = outcome.values(outcome.block(device.id).charge)
    value = departure_value(device, outcome)
    for session in device.sessions:
        stay = outcome.horizon.inside(session.arrive, session.depart)
        if not stay:
            continue
        here = np.zeros(outcome.horizon.steps, bool)
        here[stay.start : stay.stop] = True
        charging = blocks((power_kw > _SOME_KW) & here)
        yield from car_waits(device, writer, stay, charging)
        for block in charging:
            last = float(value[block.start])
            message, saving = _charges(device, writer, stay, block, last)
            due = _due(session, last, writer)
            yield writer.reason(block, message.then(due), saving)
    if device.bidirectional:
        yield from _gives_back(device, writer)


def _charges(
    device: EvCharger, writer: Writer, stay: range, block: range, last: float
) -> tuple[Message, float | None]:
    """Return what is said of a block and what it saves.

    ``last`` is what the last kWh in the car costs.
    """
    outcome = writer.outcome
    power_kw = outcome.values(outcome.block(device.id).charge)
    energy = writer.energy(power_kw, block)
    paid = writer.mean(writer.price, power_kw, block)
    other = charged_elsewhere(device, outcome, stay, block)
    if not last and paid <= 0:
        message = Message.of(
            "car_takes_what_is_paid_for",
            energy_kwh=energy,
            price_per_kwh=paid,
            currency=writer.currency,
        )
        return message, -energy * paid
    if other is None:
        message = Message.of(
            "car_charges_only_then",
            energy_kwh=energy,
            price_per_kwh=paid,
            currency=writer.currency,
        )
        return message, None
    message = Message.of(
        "car_charges",
        energy_kwh=energy,
        price_per_kwh=paid,
        other_price_per_kwh=other,
        currency=writer.currency,
    )
    if is_full(device.id, outcome, (t for t in stay if t not in block), paid):
        message = message.then(Message.of("elsewhere_is_full"))
    return message, energy * (other - paid)


def _gives_back(device: EvCharger, writer: Writer) -> Iterator[Json]:
    outcome = writer.outcome
    block = outcome.block(device.id)
    given_kw, value = outcome.values(block.discharge), car_value(device, outcome)
    exported = outcome.exported_kw > _SOME_KW
    prices = np.where(
        exported, sold_price(outcome, device.id), bought_price(outcome, device.id)
    )
    for run in blocks(given_kw > _SOME_KW):
        energy = writer.energy(given_kw, run)
        gained = writer.mean(prices, given_kw, run)
        cost = writer.mean(value, given_kw, run) * device.taken_out_per_kwh
        cost += device.wear_per_kwh
        message = Message.of(
            "car_gives_back",
            energy_kwh=energy,
            price_per_kwh=gained,
            worth_per_kwh=cost,
            currency=writer.currency,
        )
        yield writer.reason(run, message, energy * (gained - cost))


def _due(session: Session, last: float, writer: Writer) -> Message:
    """Say what is due when the car leaves, and what the last of it costs."""
    depart_time = writer.outcome.horizon.local(session.depart)
    if not last:
        return Message.of(
            "car_is_due", due_kwh=session.energy_kwh, depart_time=depart_time
        )
    return Message.of(
        "car_is_due_at_cost",
        due_kwh=session.energy_kwh,
        depart_time=depart_time,
        last_price_per_kwh=last,
        currency=writer.currency,
    )
