"""For each device and block of steps a message with numbers, and its saving.

The saving of a block is what it is worth against its alternative:

- battery, charging: energy x (value once stored - price paid), the value being
  the marginal one; discharging: energy x (price avoided - value taken out -
  wear). Over a plan the two add up without counting a kWh twice;
- car and heat pump: energy x (mean price over the stay or horizon - price in the
  block): the alternative is the same energy spread evenly;
- appliance: the run at its earliest possible start (its latest, where the earliest
  is chosen) - the run as planned;
- solar, curtailed: what exporting the curtailed energy would have cost.

A kWh consumed costs the import price, or less where the plan has it cheaper
(surplus, battery); a kWh covered saves the import price, or more where the peak
or a limit binds. What the peak or a limit does is said beside it.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import numpy as np

from cem_core.model import Message
from optimizer.components import appliance
from optimizer.explain import (
    appliance_kw,
    bought_price,
    car_value,
    departure_value,
    sold_price,
    stored_value,
)
from optimizer.home import (
    AnyDevice,
    Appliance,
    Battery,
    EvCharger,
    Generator,
    HeatPump,
    Session,
    Solar,
)
from optimizer.outcome import Outcome
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
            yield from _appliance(device, writer)
        case Solar():
            yield from _solar(device, writer)
        case Generator():
            yield from _generator(device, writer)
        case _:
            yield from _runs(writer)


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
        mean = float(np.mean(writer.price[stay.start : stay.stop]))
        here = np.zeros(outcome.horizon.steps, bool)
        here[stay.start : stay.stop] = True
        charging = blocks((power_kw > _SOME_KW) & here)
        yield from car_waits(device, writer, stay, charging)
        for block in charging:
            energy = writer.energy(power_kw, block)
            paid = writer.mean(writer.price, power_kw, block)
            message = Message.of(
                "car_charges",
                energy_kwh=energy,
                price_per_kwh=paid,
                mean_price_per_kwh=mean,
                currency=writer.currency,
            )
            due = _due(session, float(value[block.start]), writer)
            yield writer.reason(block, message.then(due), energy * (mean - paid))
    if device.bidirectional:
        yield from _gives_back(device, writer)


def _gives_back(device: EvCharger, writer: Writer) -> Iterator[Json]:
    outcome = writer.outcome
    block = outcome.block(device.id)
    given_kw, value = outcome.values(block.discharge), car_value(device, outcome)
    exported = outcome.exported_kw > _SOME_KW
    prices = np.where(exported, sold_price(outcome), bought_price(outcome))
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


def _heat_pump(device: HeatPump, writer: Writer) -> Iterator[Json]:
    outcome = writer.outcome
    block = outcome.block(device.id)
    power_kw, indoor = outcome.values(block.power), outcome.values(block.indoor)
    mean = float(np.mean(writer.price))
    lowest = outcome.columns[device.comfort.min_series]
    for run in blocks(power_kw > _SOME_KW):
        energy = writer.energy(power_kw, run)
        paid = writer.mean(writer.price, power_kw, run)
        warmest = float(indoor[run.start : run.stop].max())
        message = Message.of(
            "heat_pump_heats",
            energy_kwh=energy,
            price_per_kwh=paid,
            mean_price_per_kwh=mean,
            currency=writer.currency,
            indoor_c=warmest,
        )
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
        yield writer.reason(run, message, energy * (mean - paid))


def _runs(writer: Writer) -> Iterator[Json]:
    """Say what a store or a load that may be interrupted draws, and when."""
    outcome = writer.outcome
    power_kw = outcome.values(outcome.block(writer.device_id).power)
    mean = float(np.mean(writer.price))
    for run in blocks(power_kw > _SOME_KW):
        energy = writer.energy(power_kw, run)
        paid = writer.mean(writer.price, power_kw, run)
        message = Message.of(
            "load_runs",
            energy_kwh=energy,
            price_per_kwh=paid,
            mean_price_per_kwh=mean,
            currency=writer.currency,
        )
        yield writer.reason(run, message, energy * (mean - paid))


def _generator(device: Generator, writer: Writer) -> Iterator[Json]:
    outcome = writer.outcome
    made_kw = outcome.values(outcome.block(device.id).production)
    exported = outcome.exported_kw > _SOME_KW
    prices = np.where(exported, sold_price(outcome), bought_price(outcome))
    for run in blocks(made_kw > _SOME_KW):
        energy = writer.energy(made_kw, run)
        gained = writer.mean(prices, made_kw, run)
        message = Message.of(
            "generator_makes",
            energy_kwh=energy,
            price_per_kwh=gained,
            fuel_cost_per_kwh=device.fuel_cost_per_kwh,
            currency=writer.currency,
        )
        saving = energy * (gained - device.fuel_cost_per_kwh)
        yield writer.reason(run, message, saving)


def _appliance(device: Appliance, writer: Writer) -> Iterator[Json]:
    outcome = writer.outcome
    part = outcome.part(appliance.Appliance, device.id)
    profile = np.array(part.profile_kw(outcome.horizon)) * writer.hours
    starts = part.starts(outcome.horizon)
    for run in blocks(appliance_kw(device, outcome) > 0):
        spread = len(profile) - 1  # a profile may hold zeros: its run is one block
        chosen = np.flatnonzero(outcome.values(outcome.block(device.id).start) > 0.5)  # noqa: PLR2004
        start = int(chosen[0])
        if run.start > start + spread or run.start != start:
            continue
        cost = _run_cost(profile, writer.price, start)
        other = starts[0] if start != starts[0] else starts[-1]
        elsewhen = _run_cost(profile, writer.price, other)
        message = Message.of(
            "appliance_runs",
            start_time=writer.time(start),
            cost=cost,
            other_time=writer.time(other),
            other_cost=elsewhen,
            currency=writer.currency,
        )
        block = range(start, min(start + len(profile), outcome.horizon.steps))
        yield writer.reason(block, message, elsewhen - cost)


def _run_cost(profile_kwh: Numbers, price: Numbers, start: int) -> float:
    part = price[start : start + len(profile_kwh)]
    return float(part @ profile_kwh[: len(part)])


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
