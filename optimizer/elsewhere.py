"""What the energy of a block would cost at another time, peak and limits counted.

It is priced at the plan's marginal prices, which rise when more is taken: so it
would cost at least that. Where integers are not in the way a plan's block is never
dearer than its alternatives at these prices.
"""

from collections.abc import Iterable

import numpy as np

from optimizer.components import ev_charger, heat_pump
from optimizer.home import EvCharger, FlexibleLoad, HeatPump
from optimizer.outcome import Outcome
from optimizer.series import Numbers

_SOME_KW = 1e-3
_AT_BOUND_K = 0.01


def charged_elsewhere(
    device: EvCharger, outcome: Outcome, stay: range, block: range
) -> float | None:
    """Return the mean price of a block's energy in other steps of the stay.

    None where the charger has no power left in any of them.
    """
    power_kw = outcome.values(outcome.block(device.id).charge)
    part = outcome.part(ev_charger.EvCharger, device.id)
    room_kw = np.minimum(part.most_kw, device.max_power_kw) - power_kw
    return _elsewhere(device.id, outcome, power_kw, room_kw, steps=stay, block=block)


def drawn_elsewhere(
    device: FlexibleLoad, outcome: Outcome, power_kw: Numbers, block: range
) -> float | None:
    """Return the mean price of a block's energy in other steps of its windows."""
    steps = {
        t
        for window in device.windows
        for t in outcome.horizon.inside(window.start, window.end)
    }
    room_kw = device.max_power_kw - power_kw
    return _elsewhere(
        device.id, outcome, power_kw, room_kw, steps=sorted(steps), block=block
    )


def _elsewhere(
    device_id: str,
    outcome: Outcome,
    power_kw: Numbers,
    room_kw: Numbers,
    *,
    steps: Iterable[int],
    block: range,
) -> float | None:
    hours, price = outcome.horizon.hours, outcome.price_at(device_id)
    left_kwh = float(power_kw[block.start : block.stop].sum()) * hours
    paid, taken_kwh = 0.0, 0.0
    others = [t for t in steps if t not in block and room_kw[t] > _SOME_KW]
    for t in sorted(others, key=lambda t: price[t]):
        part_kwh = min(left_kwh, room_kw[t] * hours)
        paid += part_kwh * price[t]
        taken_kwh, left_kwh = taken_kwh + part_kwh, left_kwh - part_kwh
        if left_kwh <= 0:
            break
    return paid / taken_kwh if taken_kwh else None


def is_full(
    device_id: str, outcome: Outcome, steps: Iterable[int], price: float
) -> bool:
    """Tell whether a peak or a limit alone makes one of ``steps`` dearer than that."""
    bought, _ = outcome.tariff_at(device_id)
    counted = outcome.price_at(device_id)
    return any(bought[t] < price - 1e-4 <= counted[t] for t in steps)


def only_heats_the_room(device: HeatPump) -> bool:
    """Tell whether the room is the one store of what it makes."""
    thermal = device.thermal
    further = thermal.floor, thermal.buffer, device.hot_water, device.cooling_series
    return not device.backup_heater_kw and all(each is None for each in further)


def heated_elsewhere(
    device: HeatPump, outcome: Outcome, power_kw: Numbers, run: range
) -> Numbers:
    """Return by step of a run what the same warmth costs at another time.

    That may be earlier, since the house was last as warm as it may be, or later,
    until it is next as cold as it may be; what leaks out meanwhile is counted.
    Not a number where the heat pump has no power left then.
    """
    block, hours = outcome.block(device.id), outcome.horizon.hours
    indoor = outcome.values(block.indoor)
    cop = np.asarray(outcome.part(heat_pump.HeatPump, device.id).cop)
    cold = indoor - outcome.columns[device.comfort.min_series] < _AT_BOUND_K
    warm = outcome.columns[device.comfort.max_series] - indoor < _AT_BOUND_K
    thermal = device.thermal
    kept = 1 - hours / (thermal.resistance_k_per_kw * thermal.capacitance_kwh_per_k)
    free = power_kw < device.max_power_kw - _SOME_KW
    price, counted = np.full(len(run), np.nan), outcome.price_at(device.id)
    for place, t in enumerate(run):
        before = np.flatnonzero(warm[:t])
        after = np.flatnonzero(cold[t:])
        first = int(before[-1]) + 1 if len(before) else 0
        last = t + int(after[0]) if len(after) else outcome.horizon.steps - 1
        steps = np.arange(first, last + 1)
        steps = steps[free[steps] & ((steps < run.start) | (steps >= run.stop))]
        if len(steps):
            as_warm = cop[t] / cop[steps] * kept ** (steps - t)
            price[place] = float((counted[steps] * as_warm).min())
    return price
