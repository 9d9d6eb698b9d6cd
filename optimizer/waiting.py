"""Why a device that could do something does nothing yet."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from cem_core.model import Message
from optimizer.explain import sold_price, stored_value
from optimizer.home import Battery, EvCharger
from optimizer.sentence import Writer, blocks
from optimizer.terminals import terminals

type Json = dict[str, Any]

_SOME_KW = 1e-3
_SOME_KWH = 0.05
_SHOWN = 3  # decimals of a price in a sentence
_SHORTEST = 2  # steps; a shorter rest needs no sentence


def battery_waits(device: Battery, writer: Writer) -> Iterator[Json]:
    """Say what energy is kept for; a rest has no saving of its own.

    What it is worth is booked where it is used.
    """
    outcome = writer.outcome
    block = outcome.block(device.id)
    rests = outcome.values(block.charge) + outcome.values(block.discharge) < _SOME_KW
    energy = outcome.values(block.energy)
    kept = energy - device.min_energy_kwh
    value = stored_value(device, outcome)
    worth = value / device.discharge_efficiency + device.wear_per_kwh
    worth /= terminals(device, outcome, sold_price(outcome, device.id)).reaches_home
    for rest in blocks(rests & (kept > _SOME_KWH)):
        last = rest.stop - 1
        if len(rest) < _SHORTEST or worth[last] <= 0:
            continue
        now = writer.mean_price(rest)
        message = Message.of(
            "battery_keeps",
            energy_kwh=float(energy[last]),
            worth_per_kwh=float(worth[last]),
            price_per_kwh=now,
            currency=writer.currency,
        )
        yield writer.reason(rest, message, None)


def car_waits(
    device: EvCharger, writer: Writer, stay: range, charging: list[range]
) -> Iterator[Json]:
    """Say until when a plugged-in car waits, and for which price."""
    outcome = writer.outcome
    power_kw = outcome.values(outcome.block(device.id).charge)
    for block in charging:
        earlier = [other.stop for other in charging if other.stop <= block.start]
        start = max([stay.start, *earlier])
        if block.start - start < _SHORTEST:
            continue
        rest = range(start, block.start)
        now = writer.mean_price(rest)
        later = writer.mean(writer.price, power_kw, block)
        until = writer.time(block.start)
        message = wait_until(until, now, later, writer.currency)
        yield writer.reason(rest, message, None)


def wait_until(
    until: datetime, now_per_kwh: float, later_per_kwh: float, currency: str
) -> Message:
    """Say what waiting is for; only a price that is seen to be lower is a reason."""
    if round(later_per_kwh, _SHOWN) < round(now_per_kwh, _SHOWN):
        return Message.of(
            "car_waits_for_price",
            price_per_kwh=now_per_kwh,
            later_price_per_kwh=later_per_kwh,
            currency=currency,
            start_time=until,
        )
    return Message.of(
        "car_fits_in_later",
        price_per_kwh=now_per_kwh,
        later_price_per_kwh=later_per_kwh,
        currency=currency,
        start_time=until,
    )
