"""A solved model -> PLAN, the document that `cem optimize` writes."""

from collections.abc import Sequence
from datetime import datetime
import math
from typing import Any, Final

import numpy as np

from cem_core.model.message_json import message_to_json
from cem_core.model.render import Renderer
from optimizer.components import appliance, programme
from optimizer.components.activation import Activation
from optimizer.components.reservation import Reservation
from optimizer.explain import actions, ordered_kw
from optimizer.home import (
    AnyDevice,
    Appliance,
    Battery,
    Column,
    EvCharger,
    Generator,
    Programme,
    Ranged,
    Session,
    Solar,
    Source,
    Storage,
)
from optimizer.ordered import OrderedLimit, ordered_limits
from optimizer.outcome import Outcome
from optimizer.problem import softs
from optimizer.reasons import reasons
from optimizer.series import Numbers
from optimizer.shadow_prices import constraints_json
from optimizer.solve import VIOLATED

type Json = dict[str, Any]

_PARTS: Final = {
    "power_kw": "power",
    "indoor_temperature_c": "indoor",
    "floor_temperature_c": "floor",
    "backup_kw": "backup",
    "cooling_kw": "cooling",
    "hot_water_kw": "water",
    "energy_kwh": "energy",
    "unmet_kw": "unmet",
}


def plan_document(outcome: Outcome, build_seconds: float, solve_seconds: float) -> Json:
    """Return PLAN, ready for JSON."""
    solution, home = outcome.solution, outcome.home
    planned = schedule(outcome)
    for device in home.devices:
        planned["devices"][device.id] |= actions(device, outcome)
    return {
        "status": str(solution.status),
        "method": str(solution.method),
        "objective": tidy(solution.objective),
        "bound": _proven(solution.bound),
        "gap": _proven(solution.gap),
        "build_seconds": round(build_seconds, 6),
        "solve_seconds": round(solve_seconds, 6),
        "currency": home.tariff.currency,
        "cost": costs_json(outcome),
        "times": planned["times"],
        "minutes": planned["minutes"],
        "grid": {
            # Fine enough to bill by: a price per kW multiplies what is cut off.
            "import_kw": _column(outcome.imported_kw, 9),
            "export_kw": _column(outcome.exported_kw, 9),
        },
        **_meters(outcome),
        **_flexibility(outcome),
        "load_kw": _column(outcome.columns[Column.LOAD]),
        "prices": {
            "import": _column(outcome.columns[Column.IMPORT_PRICE]),
            "export": _column(outcome.columns[Column.EXPORT_PRICE]),
        },
        "marginal_price": _column(outcome.node_price),
        "limits": [_limit(limit, outcome) for limit in ordered_limits(home)],
        "devices": planned["devices"],
        **_inverters(outcome),
        "reasons": reasons(outcome),
        "constraints": constraints_json(outcome),
        "relaxed": relaxed_json(outcome),
    }


def schedule(outcome: Outcome) -> Json:
    """Return `times`, `minutes` and the powers and energies of `devices`."""
    return {
        "times": [_local(outcome, time) for time in outcome.horizon.times],
        "minutes": _column(60 * outcome.horizon.hours),
        "devices": {
            device.id: {"kind": str(device.kind), **_device(device, outcome)}
            for device in outcome.home.devices
        },
    }


def _meters(outcome: Outcome) -> Json:
    """Return what the meters beside the connection's count, if there are any."""
    net = {m.id: outcome.meter_kw(m.id) for m in outcome.parts.meters}
    if not net:
        return {}
    return {
        "meters": {
            name: {
                "import_kw": _column(np.maximum(kw, 0.0), 9),
                "export_kw": _column(np.maximum(-kw, 0.0), 9),
            }
            for name, kw in net.items()
        }
    }


def _flexibility(outcome: Outcome) -> Json:
    """Return what is delivered and what is held, if anything is sold."""
    sold: dict[str, Json] = {}
    for part in outcome.parts.couplings:
        block = outcome.compiled.model.part[part.name]
        if isinstance(part, Activation):
            delivered_kw = outcome.values(block.delivered)
            sold[part.id] = {"delivered_kw": _column(delivered_kw, 9)}
        elif isinstance(part, Reservation):
            sold[part.id] = {"held_kw": _column(outcome.values(block.held), 9)}
    return {"flexibility": sold} if sold else {}


def tidy(value: float) -> float:
    """Return ``value`` as PLAN writes money."""
    return round(float(value), 9) + 0.0  # no -0.0


def _proven(value: float) -> float | None:
    return tidy(value) if math.isfinite(value) else None


def _column(values: Numbers | Sequence[float], digits: int = 6) -> list[float]:
    rounded: list[float] = (np.round(values, digits) + 0.0).tolist()  # no -0.0
    return rounded


def _local(outcome: Outcome, time: datetime) -> str:
    return outcome.horizon.local(time).isoformat()


def costs_json(outcome: Outcome) -> dict[str, float]:
    """Return the cost by part, in currency."""
    total = {"energy": 0.0, "capacity": 0.0, "wear": 0.0, "comfort": 0.0}
    for name, cost in outcome.compiled.costs(outcome.solution.values).items():
        total[name] = tidy(cost)
    return total


def _limit(limit: OrderedLimit, outcome: Outcome) -> Json:
    return {
        "id": limit.id,
        "direction": str(limit.direction),
        "scope": str(limit.scope),
        "basis": str(limit.basis),
        "limit_kw": limit.limit_kw,
        "start": None if limit.start is None else _local(outcome, limit.start),
        "end": None if limit.end is None else _local(outcome, limit.end),
    }


def _inverters(outcome: Outcome) -> Json:
    """Return what passes each inverter, where there are any."""
    found = {}
    for inverter in outcome.home.inverters:
        given, taken = outcome.converted_kw(inverter)
        # One without losses may do both at once; then only the difference is real.
        both = np.minimum(given, taken)
        found[inverter.id] = {
            "to_home_kw": _column(given - both),
            "from_home_kw": _column(taken - both),
        }
    return {"inverters": found} if found else {}


def _device(device: AnyDevice, outcome: Outcome) -> Json:
    block = outcome.block(device.id)
    match device:
        case Solar() | Generator():
            return {"power_kw": _column(outcome.values(block.production))}
        case Battery():
            return {
                "charge_kw": _column(outcome.values(block.charge)),
                "discharge_kw": _column(outcome.values(block.discharge)),
                "energy_kwh": _column(outcome.values(block.energy)),
            }
        case EvCharger():
            power_kw = outcome.values(block.charge)
            if device.bidirectional:
                power_kw = power_kw - outcome.values(block.discharge)
            energy_kwh = _charged_kwh(device, power_kw, outcome)
            return {"power_kw": _column(power_kw), "energy_kwh": _column(energy_kwh)}
        case Appliance():
            return _appliance(device, outcome)
        case Programme():
            return _programme(device, outcome)
        case _:
            return _parts(device, block, outcome)


def _parts(device: AnyDevice, block: Any, outcome: Outcome) -> Json:  # noqa: ANN401 - Pyomo
    """Return the power and whatever else there is on ``block``."""
    found = {
        name: getattr(block, part)
        for name, part in _PARTS.items()
        if hasattr(block, part)
    }
    if hasattr(block, "tank") and hasattr(block.tank, "water"):
        found["hot_water_temperature_c"] = block.tank.water
    if hasattr(block, "buffer") and hasattr(block.buffer, "water"):
        found["buffer_temperature_c"] = block.buffer.water
        found["heating_kw"] = block.buffer.given_on
    columns = {name: _column(outcome.values(part)) for name, part in found.items()}
    if isinstance(device, Ranged) and device.starts_late:
        columns["order_kw"] = _column(ordered_kw(device, outcome))
    if isinstance(device, Storage) and device.sources:
        return columns | {"sources": _sources(device, block, outcome)}
    return columns


def _sources(
    device: Storage,
    block: Any,  # noqa: ANN401 - Pyomo
    outcome: Outcome,
) -> list[Json]:
    """Return what each way to fill a storage draws, its own first."""
    ways: list[tuple[Storage | Source, Any]] = [
        (device, block),
        *zip(device.sources, block.filled_by, strict=True),
    ]
    return [
        {"id": way.id, "power_kw": _column(outcome.values(part.electric))}
        for way, part in ways
    ]


def _charged_kwh(device: EvCharger, power_kw: Numbers, outcome: Outcome) -> Numbers:
    """Return the energy at each step's end, from 0 at arrival, 0 while away."""
    horizon = outcome.horizon
    energy_kwh = np.zeros(horizon.steps)
    for session in device.sessions:
        steps = _steps(session, outcome)
        power = power_kw[steps.start : steps.stop]
        per_kwh = np.where(power > 0, device.efficiency, device.taken_out_per_kwh)
        hours = horizon.hours[steps.start : steps.stop]
        energy_kwh[steps.start : steps.stop] = np.cumsum(hours * per_kwh * power)
    return energy_kwh


def _steps(session: Session, outcome: Outcome) -> range:
    return outcome.horizon.inside(session.arrive, session.depart)


def _appliance(device: Appliance, outcome: Outcome) -> Json:
    horizon, block = outcome.horizon, outcome.block(device.id)
    chosen = np.flatnonzero(outcome.values(block.start) > 0.5)  # noqa: PLR2004
    power_kw = np.zeros(horizon.steps)
    if not len(chosen):
        return {"power_kw": _column(power_kw), "start": None}
    start = int(chosen[0])
    part = outcome.part(appliance.Appliance, device.id)
    run = part.run(horizon, start)
    power_kw[run.start : run.stop] = part.profile_kw(horizon, start)
    return {
        "power_kw": _column(power_kw),
        "start": _local(outcome, horizon.time(start)),
    }


def _programme(device: Programme, outcome: Outcome) -> Json:
    """Return its power, its sections with when and as what they run, and its pauses.

    `order_kw` is 0 in the steps in which it is paused.
    """
    horizon, block = outcome.horizon, outcome.block(device.id)
    part = outcome.part(programme.Programme, device.id)
    legs = part.chosen(outcome.each(block.leg), horizon)
    order_kw: list[float | None] = [None] * horizon.steps
    for t in programme.paused(legs, horizon, begun=device.begun):
        order_kw[t] = 0.0
    begun = {leg.before.section: leg for leg in reversed(legs)}
    return {
        "power_kw": _column(outcome.values(block.electric)),
        "order_kw": order_kw,
        "start": _local(outcome, legs[0].begins) if legs else None,
        "sections": [
            {
                "id": device.sections[place].id,
                "option": device.sections[place].options[leg.option].id,
                "start": _local(outcome, leg.begins),
            }
            for place, leg in sorted(begun.items())
        ],
    }


def relaxed_json(outcome: Outcome) -> list[Json]:
    """Return what gave way, and by how much."""
    entries = []
    for soft in softs(outcome.parts, outcome.compiled.model, outcome.horizon):
        slacks = outcome.solution.values[outcome.compiled.columns_of(soft.slack)]
        by = float(slacks.max(initial=0.0)) * soft.by_per_slack
        if by <= VIOLATED:
            continue
        message = soft.message(by)
        entries.append(
            {
                "constraint": soft.constraint,
                "by": round(by, 4),
                "unit": soft.unit,
                "text": Renderer().text(message),
                **message_to_json(message),
            }
        )
    return entries
