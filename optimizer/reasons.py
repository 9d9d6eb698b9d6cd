"""For each device and block of steps a message with numbers, and its saving.

The saving of a block is what it is worth against its alternative:

- battery, charging: energy x (value once stored - price paid), the value being
  the marginal one; discharging: energy x (price avoided - value taken out -
  wear). Over a plan the two add up without counting a kWh twice;
- car: energy x (price at the cheapest other times of its stay - price paid);
- heat pump: the same, at other times that keep the house as warm when it matters;
- appliance: the plan with another start - the plan;
- solar, curtailed: what exporting the curtailed energy would have cost.

A kWh consumed costs the import price, or less where the plan has it cheaper
(surplus, battery); a kWh covered saves the import price, or more where the peak
or a limit binds. The alternative is at marginal prices, peak and limits counted.
What the peak or a limit does is said beside it, and where a block by itself is
dearer than its alternative, why it is there all the same.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import numpy as np

from cem_core.model import Message
from optimizer.elsewhere import charged_elsewhere, heated_elsewhere, is_full
from optimizer.explain import bought_price, departure_value, sold_price, stored_value
from optimizer.home import (
    AnyDevice,
    Appliance,
    Battery,
    EvCharger,
    HeatPump,
    Session,
    Solar,
)
from optimizer.outcome import Outcome
from optimizer.run_reason import run_reason
from optimizer.sentence import Writer, blocks
from optimizer.series import Numbers
from optimizer.waiting import battery_waits, car_waits

type Json = dict[str, Any]

_SOME_KW = 1e-3


def reasons(outcome: Outcome) -> list[Json]:
    """Return the reasons of all devices, in order of time for each."""
    return [
        reason
        for device in outcome.home.devices
        for reason in sorted(
            _reasons(device, outcome),
            key=lambda reason: datetime.fromisoformat(reason["start"]),
        )
    ]


def _reasons(device: AnyDevice, outcome: Outcome) -> Iterator[Json]:
    writer = Writer(device.id, outcome)
    match device:
        case Battery():
            yield from _battery(device, writer)
        case EvCharger():
            yield from _ev_charger(device, writer)
        case HeatPump():
            yield from _heat_pump(device, writer)
        case Appliance():
            yield from run_reason(device, writer)
        case Solar():
            yield from _solar(device, writer)


def _battery(device: Battery, writer: Writer) -> Iterator[Json]:
    outcome = writer.outcome
    block = outcome.block(device.id)
    charge, discharge = outcome.values(block.charge), outcome.values(block.discharge)
    value = stored_value(device, outcome)
    from_grid = (charge > _SOME_KW) & (outcome.imported_kw > _SOME_KW)
    from_surplus = (charge > _SOME_KW) & ~from_grid
    found = [_charging(device, writer, run, charge, value) for run in blocks(from_grid)]
    found += [
        _charging(device, writer, run, charge, value, sold=True)
        for run in blocks(from_surplus)
    ]
    found += [
        _discharging(device, writer, run, discharge, value)
        for run in blocks(discharge > _SOME_KW)
    ]
    found += battery_waits(device, writer)
    yield from found


def _charging(
    device: Battery,
    writer: Writer,
    block: range,
    charge: Numbers,
    value: Numbers,
    *,
    sold: bool = False,
) -> Json:
    outcome = writer.outcome
    energy = writer.energy(charge, block)
    prices = sold_price(outcome) if sold else writer.price
    paid = writer.mean(prices, charge, block)
    worth = writer.mean(value, charge, block) * device.charge_efficiency
    if sold:
        message = Message.of(
            "battery_stores_surplus",
            energy_kwh=energy,
            price_per_kwh=paid,
            worth_per_kwh=worth,
            currency=writer.currency,
        )
    else:
        message = Message.of(
            "battery_stores",
            energy_kwh=energy,
            price_per_kwh=paid,
            worth_per_kwh=worth,
            currency=writer.currency,
        )
    return writer.reason(block, message, energy * (worth - paid))


def _discharging(
    device: Battery, writer: Writer, block: range, discharge: Numbers, value: Numbers
) -> Json:
    outcome = writer.outcome
    energy = writer.energy(discharge, block)
    exported = outcome.exported_kw > _SOME_KW
    prices = np.where(exported, sold_price(outcome), bought_price(outcome))
    gained = writer.mean(prices, discharge, block)
    cost = writer.mean(value, discharge, block) / device.discharge_efficiency
    cost += device.wear_per_kwh
    if exported[block.start : block.stop].any():
        message = Message.of(
            "battery_sells_or_covers",
            energy_kwh=energy,
            price_per_kwh=gained,
            worth_per_kwh=cost,
            currency=writer.currency,
        )
    else:
        message = Message.of(
            "battery_covers",
            energy_kwh=energy,
            price_per_kwh=gained,
            worth_per_kwh=cost,
            currency=writer.currency,
        )
    return writer.reason(block, message, energy * (gained - cost))


def _ev_charger(device: EvCharger, writer: Writer) -> Iterator[Json]:
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
    if is_full(outcome, (t for t in stay if t not in block), paid):
        message = message.then(Message.of("elsewhere_is_full"))
    return message, energy * (other - paid)


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


def _heat_pump(device: HeatPump, writer: Writer) -> Iterator[Json]:
    outcome = writer.outcome
    block = outcome.block(device.id)
    power_kw, indoor = outcome.values(block.electric), outcome.values(block.indoor)
    lowest = outcome.columns[device.comfort.min_series]
    for run in blocks(power_kw > _SOME_KW):
        energy = writer.energy(power_kw, run)
        paid = writer.mean(writer.price, power_kw, run)
        warmest = float(indoor[run.start : run.stop].max())
        other = heated_elsewhere(device, outcome, power_kw, run)
        message = Message.of(
            "heat_pump_heats",
            energy_kwh=energy,
            price_per_kwh=paid,
            currency=writer.currency,
            indoor_c=warmest,
        )
        saving = None
        priced = np.isfinite(other)
        if priced.any():
            weights = power_kw[run.start : run.stop][priced]
            price = float(np.average(other[priced], weights=weights))
            here = np.average(
                writer.price[run.start : run.stop][priced], weights=weights
            )
            saving = float(weights.sum() * writer.hours * (price - here))
            message = message.then(
                Message.of(
                    "warmth_elsewhere",
                    other_price_per_kwh=price,
                    currency=writer.currency,
                )
            )
        if not priced.all():
            message = message.then(Message.of("warmth_needed_then"))
        after = np.flatnonzero(indoor[run.start :] - lowest[run.start :] < 0.05)  # noqa: PLR2004 - K
        if len(after):
            t = run.start + int(after[0])
            message = message.then(
                Message.of(
                    "heat_pump_just_keeps",
                    wished_c=float(lowest[t]),
                    keeps_time=writer.time(t + 1),
                )
            )
        yield writer.reason(run, message, saving)


def _solar(device: Solar, writer: Writer) -> Iterator[Json]:
    outcome = writer.outcome
    produced = outcome.values(outcome.block(device.id).production)
    lost_kw = outcome.columns[device.series] - produced
    for block in blocks(lost_kw > _SOME_KW):
        energy = writer.energy(lost_kw, block)
        price = writer.mean(sold_price(outcome), lost_kw, block)
        message = Message.of("solar_unused", energy_kwh=energy)
        if price < 0:
            message = Message.of(
                "solar_unused_at_cost",
                energy_kwh=energy,
                price_per_kwh=-price,
                currency=writer.currency,
            )
        yield writer.reason(block, message, max(0.0, -price) * energy)
