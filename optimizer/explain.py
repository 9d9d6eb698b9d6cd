"""What each device does in each step, and what a kWh in its store is worth.

The marginal value is the dual of the store's own balance with the integers held:
what the whole plan would cost less with one kWh more in it. A battery covers
load while a kWh bought costs more than the kWh taken out is worth, and stores
surplus while a kWh sold brings less; then it balances instead of following a
forecast, and only where the grid is meant to charge it (or to be fed by it) does
it get a power.
"""

from collections.abc import Container, Mapping
from typing import Any

import numpy as np

from cem_core.model import Action, Balance
from optimizer.components import appliance, ev_charger
from optimizer.home import (
    AnyDevice,
    Appliance,
    Battery,
    EvCharger,
    Generator,
    Ranged,
    Runs,
    Solar,
    Storage,
)
from optimizer.outcome import Outcome
from optimizer.series import Numbers
from optimizer.terminals import terminals

type Json = dict[str, Any]

_SOME_KW = 1e-3
_WHOLLY = 1e-6  # short of it a step draws something before a start is over
_MARGIN = 1e-4  # currency per kWh; less is a tie


def actions(device: AnyDevice, outcome: Outcome) -> Json:
    """Return `action`, and `balance` and the marginal value where there are any."""
    match device:
        case Battery():
            return _battery(device, outcome)
        case EvCharger():
            return _ev_charger(device, outcome)
        case Solar():
            production = outcome.values(outcome.block(device.id).production)
            least = outcome.columns[device.series] - _SOME_KW
            return {"action": _where(production < least, Action.CURTAIL, Action.RUN)}
        case Appliance():
            power_kw = appliance_kw(device, outcome)
        case Generator():
            power_kw = outcome.values(outcome.block(device.id).production)
        case Ranged() if device.starts_late:
            power_kw = ordered_kw(device, outcome)
        case _:
            power_kw = outcome.values(outcome.block(device.id).power)
    return {"action": _where(power_kw > _SOME_KW, Action.RUN, Action.OFF)}


def ordered_kw(device: Ranged, outcome: Outcome) -> Numbers:
    """Return what is to be ordered: before a start is over, what it starts for."""
    block = outcome.block(device.id)
    if not isinstance(device, Storage):
        return _ordered_kw(device, block.power, block, outcome)
    ordered = _ordered_kw(device, block.electric, block, outcome)
    for source, part in zip(device.sources, block.filled_by, strict=True):
        if source.electric:
            ordered += _ordered_kw(source, part.electric, part, outcome)
    return ordered


def _ordered_kw(
    device: Runs,
    power: Mapping[int, Any],
    block: Any,  # noqa: ANN401 - Pyomo
    outcome: Outcome,
) -> Numbers:
    power_kw = outcome.values(power).copy()
    if not device.start_minutes:
        return power_kw
    lost, begun = block.chosen.lost, np.zeros(outcome.horizon.steps)
    for place in range(len(device.ranges)):
        begun += outcome.values({t: lost[t, r] for t, r in lost if r == place})
    for t in reversed(range(len(begun))):
        if begun[t] < 1 - _WHOLLY:
            power_kw[t] /= 1 - begun[t]
        elif t + 1 < len(begun):  # of one that ends after the plan nothing is known
            power_kw[t] = power_kw[t + 1]
    return power_kw


def appliance_kw(device: Appliance, outcome: Outcome) -> Numbers:
    """Return the power of an appliance in each step."""
    starts = outcome.values(outcome.block(device.id).start)
    part, horizon = outcome.part(appliance.Appliance, device.id), outcome.horizon
    power_kw = np.zeros(horizon.steps)
    for s in np.flatnonzero(np.round(starts)):
        run = part.run(horizon, int(s))
        power_kw[run.start : run.stop] += part.profile_kw(horizon, int(s))
    return power_kw


def drawn_kw(devices: Container[str], outcome: Outcome) -> Numbers:
    """Return what ``devices`` draw together in each step."""
    drawn = np.zeros(outcome.horizon.steps)
    for device in outcome.home.devices:
        if device.id not in devices:
            continue
        if device.id not in outcome.drawn_kw:
            outcome.drawn_kw[device.id] = _drawn_by(device, outcome)
        drawn += outcome.drawn_kw[device.id]
    return drawn


def _drawn_by(device: AnyDevice, outcome: Outcome) -> Numbers:
    if isinstance(device, Appliance):
        return appliance_kw(device, outcome)
    return outcome.values(getattr(outcome.block(device.id), "draw", {}))


def _where(condition: Any, yes: Action, no: Action) -> list[str]:  # noqa: ANN401 - array
    found: list[str] = np.where(condition, str(yes), str(no)).tolist()
    return found


def stored_value(device: Battery, outcome: Outcome) -> Numbers:
    """Return what one more kWh in the battery is worth at each step's end."""
    return _of_store(device.id, outcome)


def car_value(device: EvCharger, outcome: Outcome) -> Numbers:
    """Return what one more kWh in a car with a store is worth at each step's end."""
    return _of_store(device.id, outcome)


def _of_store(device_id: str, outcome: Outcome) -> Numbers:
    return outcome.stored_value(device_id)


def bought_price(outcome: Outcome, device_id: str) -> Numbers:
    """Return what a kWh bought costs a device in each step, peak and limits counted."""
    return _prices(outcome, device_id)[0]


def sold_price(outcome: Outcome, device_id: str) -> Numbers:
    """Return what a kWh sold by a device brings in each step, limits counted."""
    return _prices(outcome, device_id)[1]


def _prices(outcome: Outcome, device_id: str) -> tuple[Numbers, Numbers]:
    bought, sold = outcome.tariff_at(device_id)
    price = outcome.price_at(device_id)
    if not outcome.parts.grid.netted:
        return np.maximum(bought, price), np.minimum(sold, price)
    buying = outcome.billed_kw > _SOME_KW
    selling = outcome.billed_kw < -_SOME_KW
    bought = np.where(buying, np.maximum(bought, price), bought)
    sold = np.where(selling, np.minimum(sold, price), sold)
    # What is sold takes off what is bought in the same period, and the reverse.
    return np.where(selling, sold, bought), np.where(buying, bought, sold)


def _battery(device: Battery, outcome: Outcome) -> Json:
    block = outcome.block(device.id)
    charge, discharge = outcome.values(block.charge), outcome.values(block.discharge)
    value = stored_value(device, outcome)
    ends = terminals(device, outcome, sold_price(outcome, device.id))
    taken_out = value / device.discharge_efficiency + device.wear_per_kwh
    put_in = value * device.charge_efficiency / ends.unsold
    bought = bought_price(outcome, device.id)
    covers = bought > taken_out / ends.reaches_home + _MARGIN
    stores = ends.sold_price < put_in - _MARGIN
    imports, exports = outcome.imported_kw > _SOME_KW, outcome.exported_kw > _SOME_KW
    at_limit = discharge > device.discharge_limit_kw - _SOME_KW
    action: list[str] = []
    balance: list[str | None] = []
    for t in outcome.horizon.index:
        if charge[t] > _SOME_KW and imports[t]:
            chosen, side = Action.CHARGE, None
        elif discharge[t] > _SOME_KW and (
            exports[t] or (imports[t] and not at_limit[t])
        ):
            chosen, side = Action.DISCHARGE, None
        else:
            cover = bool(covers[t]) or discharge[t] > _SOME_KW
            store = bool(stores[t]) or charge[t] > _SOME_KW
            chosen, side = _side(cover, store)
        action.append(str(chosen))
        balance.append(None if side is None else str(side))
    return {
        "action": action,
        "balance": balance,
        "marginal_value_per_kwh": [round(float(v), 6) + 0.0 for v in value],
    }


def _side(cover: bool, store: bool) -> tuple[Action, Balance | None]:
    if cover and store:
        return Action.BALANCE, Balance.BOTH
    if cover:
        return Action.BALANCE, Balance.COVER
    if store:
        return Action.BALANCE, Balance.STORE
    return Action.HOLD, None


def departure_value(device: EvCharger, outcome: Outcome) -> Numbers:
    """Return what one more kWh in the car is worth in each step of a stay."""
    part = outcome.part(ev_charger.EvCharger, device.id)
    duals = outcome.duals(outcome.block(device.id).departure)
    value = np.zeros(outcome.horizon.steps)
    for place, steps in enumerate(part.stays(outcome.horizon)):
        value[steps.start : steps.stop] = max(duals.get(place, 0.0), 0.0)
    return value


def _discharging(outcome: Outcome) -> Any:  # noqa: ANN401 - an array of truths
    """Tell in which steps a store gives: what a car draws then is no surplus."""
    given = np.zeros(outcome.horizon.steps)
    for device in outcome.home.devices:
        block = outcome.block(device.id)
        if hasattr(block, "discharge"):
            given += outcome.values(block.discharge)
    return given > _SOME_KW


def _ev_charger(device: EvCharger, outcome: Outcome) -> Json:
    block = outcome.block(device.id)
    power_kw = outcome.values(block.charge)
    given_kw = np.zeros(outcome.horizon.steps)
    if device.bidirectional:
        given_kw = outcome.values(block.discharge)
    plugged = np.zeros(outcome.horizon.steps, bool)
    for session in device.sessions:
        steps = outcome.horizon.inside(session.arrive, session.depart)
        plugged[steps.start : steps.stop] = True
    value = departure_value(device, outcome)
    stores = sold_price(outcome, device.id) < value * device.efficiency - _MARGIN
    supplied = (outcome.imported_kw > _SOME_KW) | _discharging(outcome)
    action: list[str] = []
    balance: list[str | None] = []
    for t in outcome.horizon.index:
        side = None
        if not plugged[t]:
            chosen = Action.OFF
        elif power_kw[t] > _SOME_KW:
            chosen = Action.CHARGE if supplied[t] else Action.BALANCE
        elif given_kw[t] > _SOME_KW:
            chosen = Action.DISCHARGE
        else:
            chosen = Action.BALANCE if stores[t] else Action.HOLD
        if chosen is Action.BALANCE:
            side = str(Balance.STORE)
        action.append(str(chosen))
        balance.append(side)
    return {
        "action": action,
        "balance": balance,
        "marginal_value_per_kwh": [round(float(v), 6) + 0.0 for v in value],
    }
