"""For each device and block of steps a message with numbers, and its saving.

The saving of a block is what it is worth against its alternative:

- battery, charging: energy x (value once stored - price paid), the value being
  the marginal one; discharging: energy x (price avoided - value taken out -
  wear). Over a plan the two add up without counting a kWh twice;
- car, flexible load: energy x (price at the cheapest other times of its stay or
  windows - price paid);
- heat pump: the same, at other times that keep the house as warm when it matters;
  one with further stores, and other stores: energy x (mean price - price paid);
- appliance: the plan with another start - the plan;
- generator: energy x (price avoided - fuel);
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
from optimizer.car_reason import car_reasons
from optimizer.elsewhere import drawn_elsewhere
from optimizer.explain import bought_price, sold_price, stored_value
from optimizer.heat_reason import heat_reasons
from optimizer.home import (
    AnyDevice,
    Appliance,
    Battery,
    EvCharger,
    FlexibleLoad,
    Generator,
    HeatPump,
    Solar,
)
from optimizer.outcome import Outcome
from optimizer.run_reason import run_reason
from optimizer.sentence import Writer, blocks
from optimizer.series import Numbers
from optimizer.waiting import battery_waits

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
            yield from car_reasons(device, writer)
        case HeatPump():
            yield from heat_reasons(device, writer)
        case Appliance():
            yield from run_reason(device, writer)
        case Solar():
            yield from _solar(device, writer)
        case Generator():
            yield from _generator(device, writer)
        case FlexibleLoad():
            yield from _flexible_load(device, writer)
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
    prices = sold_price(outcome, device.id) if sold else writer.price
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
    prices = np.where(
        exported, sold_price(outcome, device.id), bought_price(outcome, device.id)
    )
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


def _flexible_load(device: FlexibleLoad, writer: Writer) -> Iterator[Json]:
    power_kw = writer.outcome.values(writer.outcome.block(device.id).power)
    for run in blocks(power_kw > _SOME_KW):
        energy = writer.energy(power_kw, run)
        paid = writer.mean(writer.price, power_kw, run)
        other = drawn_elsewhere(device, writer.outcome, power_kw, run)
        if other is None:
            message = Message.of(
                "load_runs_only_then",
                energy_kwh=energy,
                price_per_kwh=paid,
                currency=writer.currency,
            )
            yield writer.reason(run, message, None)
            continue
        message = Message.of(
            "load_runs_in_window",
            energy_kwh=energy,
            price_per_kwh=paid,
            other_price_per_kwh=other,
            currency=writer.currency,
        )
        yield writer.reason(run, message, energy * (other - paid))


def _runs(writer: Writer) -> Iterator[Json]:
    """Say what a store draws, and when."""
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
    prices = np.where(
        exported, sold_price(outcome, device.id), bought_price(outcome, device.id)
    )
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


def _solar(device: Solar, writer: Writer) -> Iterator[Json]:
    outcome = writer.outcome
    produced = outcome.values(outcome.block(device.id).production)
    lost_kw = outcome.columns[device.series] - produced
    for block in blocks(lost_kw > _SOME_KW):
        energy = writer.energy(lost_kw, block)
        price = writer.mean(sold_price(outcome, device.id), lost_kw, block)
        message = Message.of("solar_unused", energy_kwh=energy)
        if price < 0:
            message = Message.of(
                "solar_unused_at_cost",
                energy_kwh=energy,
                price_per_kwh=-price,
                currency=writer.currency,
            )
        yield writer.reason(block, message, max(0.0, -price) * energy)
