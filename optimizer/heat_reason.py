"""Why a heat pump heats when it does: what the same warmth would cost at other times."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from cem_core.model import Message
from optimizer.elsewhere import heated_elsewhere, only_heats_the_room
from optimizer.home import HeatPump
from optimizer.sentence import Writer, blocks
from optimizer.series import Numbers

type Json = dict[str, Any]

_SOME_KW = 1e-3
_JUST_K = 0.05


def heat_reasons(device: HeatPump, writer: Writer) -> Iterator[Json]:
    """Return the reasons of a heat pump."""
    outcome = writer.outcome
    block = outcome.block(device.id)
    power_kw, indoor = outcome.values(block.power), outcome.values(block.indoor)
    lowest = outcome.columns[device.comfort.min_series]
    for run in blocks(power_kw > _SOME_KW):
        message = _done(device, writer, power_kw, run)
        further, saving = _warmth(device, writer, power_kw, run)
        message = message.then(*further)
        after = np.flatnonzero(indoor[run.start :] - lowest[run.start :] < _JUST_K)
        if len(after) and message.key == "heat_pump_heats":
            t = run.start + int(after[0])
            message = message.then(
                Message.of(
                    "heat_pump_just_keeps",
                    wished_c=float(lowest[t]),
                    keeps_time=writer.time(t + 1),
                )
            )
        yield writer.reason(run, message, saving)


def _done(device: HeatPump, writer: Writer, power_kw: Numbers, run: range) -> Message:
    """Return what most of the energy of a run is for, and what that comes to."""
    block = writer.outcome.block(device.id)
    part = slice(run.start, run.stop)
    indoor = writer.outcome.values(block.indoor)[part]
    energy, paid = (
        writer.energy(power_kw, run),
        writer.mean(writer.price, power_kw, run),
    )

    def most_is_for(use: str) -> bool:
        if not hasattr(block, use):
            return False
        return (
            2 * writer.energy(writer.outcome.values(getattr(block, use)), run) > energy
        )

    if most_is_for("cooling"):
        return Message.of(
            "heat_pump_cools",
            energy_kwh=energy,
            price_per_kwh=paid,
            currency=writer.currency,
            indoor_c=float(indoor.min()),
        )
    if most_is_for("water"):
        return Message.of(
            "heat_pump_heats_water",
            energy_kwh=energy,
            price_per_kwh=paid,
            currency=writer.currency,
            water_c=float(writer.outcome.values(block.tank.water)[part].max()),
        )
    return Message.of(
        "heat_pump_heats",
        energy_kwh=energy,
        price_per_kwh=paid,
        currency=writer.currency,
        indoor_c=float(indoor.max()),
    )


def _warmth(
    device: HeatPump, writer: Writer, power_kw: Numbers, run: range
) -> tuple[Sequence[Message], float | None]:
    """Return what the alternative of a run is, and what the run saves against it.

    Where there is more than one store of heat, that is the mean price.
    """
    part = slice(run.start, run.stop)
    if not only_heats_the_room(device):
        mean = float(np.average(writer.price, weights=writer.hours))
        paid = writer.mean(writer.price, power_kw, run)
        message = Message.of(
            "mean_price", mean_price_per_kwh=mean, currency=writer.currency
        )
        return [message], writer.energy(power_kw, run) * (mean - paid)
    other = heated_elsewhere(device, writer.outcome, power_kw, run)
    priced, saving, said = np.isfinite(other), None, []
    if priced.any():
        weights = (power_kw * writer.hours)[part][priced]
        price = float(np.average(other[priced], weights=weights))
        here = float(np.average(writer.price[part][priced], weights=weights))
        saving = float(weights.sum() * (price - here))
        said.append(
            Message.of(
                "warmth_elsewhere",
                other_price_per_kwh=price,
                currency=writer.currency,
            )
        )
    if not priced.all():
        said.append(Message.of("warmth_needed_then"))
    return said, saving
