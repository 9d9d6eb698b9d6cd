"""A battery's action as four levels of energy: what dispatch keeps on each telegram.

    below `buy`:    charge from the grid up to it
    below `store`:  store surplus
    above `cover`:  cover load
    above `sell`:   discharge into the grid down to it

With a value per kWh that falls as the battery fills, this is the best that can be
done in a step before its load is known: balance, hold, charge and discharge are
cases of it. ``peak_kw`` is the import above which `shave` stands for `cover`.
"""

from dataclasses import dataclass
import math
from typing import Self

import numpy as np

from optimizer.home import Battery
from optimizer.series import Numbers

_SOME_KW = 1e-3
_NEVER = math.inf


@dataclass(frozen=True, slots=True, kw_only=True)
class Levels:
    """Energies in kWh; ``buy <= store``, ``cover <= sell``; powers in kW."""

    buy_kwh: float = -_NEVER
    store_kwh: float = -_NEVER
    cover_kwh: float = _NEVER
    sell_kwh: float = _NEVER
    peak_kw: float = _NEVER
    shave_kwh: float = _NEVER
    export_limit_kw: float = _NEVER

    @classmethod
    def balance(cls, battery: Battery) -> Self:
        """Return "cover load and store surplus", whatever the prices."""
        return cls(store_kwh=battery.capacity_kwh, cover_kwh=battery.min_energy_kwh)

    def power_kw(
        self,
        battery: Battery,
        energy_kwh: Numbers | float,
        net_kw: Numbers | float,
        hours: float,
    ) -> Numbers:
        """Return the battery's power where the rest of the home draws ``net_kw``.

        Shapes broadcast. Positive is charging; bounds, room and what is left in
        the battery are kept.
        """
        gain, loss = battery.charge_efficiency, battery.discharge_efficiency
        room = np.clip(battery.capacity_kwh - energy_kwh, 0.0, None) / (gain * hours)
        left = (
            np.clip(energy_kwh - battery.min_energy_kwh, 0.0, None) * loss / hours
        )
        most = np.minimum(battery.charge_limit_kw, room)
        least = np.minimum(battery.discharge_limit_kw, left)
        buy = np.clip((self.buy_kwh - energy_kwh) / (gain * hours), 0.0, most)
        store = np.clip((self.store_kwh - energy_kwh) / (gain * hours), 0.0, most)
        cover = np.clip((energy_kwh - self.cover_kwh) * loss / hours, 0.0, least)
        sell = np.clip((energy_kwh - self.sell_kwh) * loss / hours, 0.0, least)
        shave = np.clip((energy_kwh - self.shave_kwh) * loss / hours, 0.0, least)
        surplus, load = np.maximum(-np.asarray(net_kw), 0.0), np.maximum(net_kw, 0.0)
        charge = np.maximum(buy, np.minimum(surplus, store))
        discharge = np.maximum(sell, np.minimum(load, cover))
        power = charge - discharge
        if self.peak_kw < _NEVER:
            power = np.minimum(power, np.maximum(self.peak_kw - net_kw, -shave))
        if self.export_limit_kw < _NEVER:
            power = np.maximum(power, np.minimum(-self.export_limit_kw - net_kw, most))
        return np.asarray(power)


def levels_of(
    action: str, side: str | None, power_kw: float, energy_kwh: float, battery: Battery,
    hours: float,
) -> Levels:
    """Return the levels of one step of PLAN; ``power_kw`` positive is charging."""
    low, high = battery.min_energy_kwh, battery.capacity_kwh
    if action == "charge":
        target = energy_kwh + battery.charge_efficiency * hours * max(power_kw, 0.0)
        return Levels(buy_kwh=target, store_kwh=target)
    if action == "discharge":
        given = hours * max(-power_kw, 0.0) / battery.discharge_efficiency
        return Levels(cover_kwh=energy_kwh - given, sell_kwh=energy_kwh - given)
    if action == "balance":
        return Levels(
            store_kwh=high if side in {"store", "both"} else -_NEVER,
            cover_kwh=low if side in {"cover", "both"} else _NEVER,
        )
    return Levels()


def action_of(levels: Levels, battery: Battery, energy_kwh: float) -> str:
    """Return the name of what ``levels`` mean at ``energy_kwh``."""
    tiny = _SOME_KW
    if levels.buy_kwh > energy_kwh + tiny:
        return "charge"
    if levels.sell_kwh < energy_kwh - tiny:
        return "discharge"
    stores = levels.store_kwh > energy_kwh + tiny or energy_kwh >= battery.capacity_kwh
    covers = levels.cover_kwh < energy_kwh - tiny or energy_kwh <= battery.min_energy_kwh
    return "balance" if stores or covers else "hold"
