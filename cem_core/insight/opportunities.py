"""When an appliance or a car would best be started by hand, and what that saves."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from cem_core.model import Series


@dataclass(frozen=True, slots=True, kw_only=True)
class Opportunity:
    """The cheapest start, beside a start now; costs in the prices' currency."""

    start: datetime
    cost: float
    cost_now: float
    price_per_kwh: float
    price_now_per_kwh: float

    @property
    def saving(self) -> float:
        """What it saves to wait; 0 where now is best."""
        return self.cost_now - self.cost


def best_start(
    profile_kw: Sequence[float],
    step: timedelta,
    prices: Series,
    *,
    now: datetime,
    latest_end: datetime,
) -> Opportunity | None:
    """Return the best start on a full ``step`` from ``now`` until ``latest_end``.

    ``profile_kw`` has the mean power of each ``step`` of a run; ``prices`` are what
    one kWh more costs at the connection point, per kWh. Of equal starts the first is
    taken. None: prices do not reach to the end of a run, or it needs no energy.
    """
    length, energy_kwh = len(profile_kw) * step, _energy_kwh(profile_kw, step)
    cost_now = _cost(profile_kw, step, prices, now)
    if cost_now is None or energy_kwh <= 0:
        return None
    best, best_cost = now, cost_now
    start = now + (-(now - datetime.min.replace(tzinfo=now.tzinfo)) % step)
    while start + length <= latest_end:
        cost = _cost(profile_kw, step, prices, start)
        if cost is None:
            break
        if cost < best_cost - 1e-9:
            best, best_cost = start, cost
        start += step
    return Opportunity(
        start=best,
        cost=best_cost,
        cost_now=cost_now,
        price_per_kwh=best_cost / energy_kwh,
        price_now_per_kwh=cost_now / energy_kwh,
    )


def steady(energy_kwh: float, power_kw: float, step: timedelta) -> tuple[float, ...]:
    """Return the mean power of each ``step`` of drawing ``energy_kwh`` at one power.

    It is drawn without a break, so that the last step may have less. Empty for none.
    """
    full_kwh = power_kw * (step / timedelta(hours=1))
    steps = ceil(energy_kwh / full_kwh - 1e-9)
    last_kwh = energy_kwh - (steps - 1) * full_kwh
    if steps < 1:
        return ()
    return (power_kw,) * (steps - 1) + (power_kw * last_kwh / full_kwh,)


def _energy_kwh(profile_kw: Sequence[float], step: timedelta) -> float:
    return sum(profile_kw) * (step / timedelta(hours=1))


def _cost(
    profile_kw: Sequence[float], step: timedelta, prices: Series, start: datetime
) -> float | None:
    end = prices.end
    if end is None or start + len(profile_kw) * step > end:
        return None
    cost, hours = 0.0, step / timedelta(hours=1)
    for place, power_kw in enumerate(profile_kw):
        price = prices.mean(start + place * step, start + (place + 1) * step)
        if price is None:
            return None
        cost += power_kw * hours * price
    return cost
