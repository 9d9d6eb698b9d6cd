"""A battery's action as four levels of energy: what dispatch keeps on each telegram.

    below `buy`:    charge from the grid up to it
    below `store`:  store surplus
    above `cover`:  cover load
    above `sell`:   discharge into the grid down to it

With a value per kWh that falls as the battery fills, this is the best that can be
done in a step before its load is known: balance, hold, charge and discharge are
cases of it. Above each import of ``peaks_kw`` its level of ``shave_kwh`` stands
for `cover`: the higher a peak, the more of the battery is given to avoid it.
"""

from dataclasses import dataclass
import math
from typing import Self

import numpy as np

from optimizer.home import Battery
from optimizer.series import Numbers

_NEVER = math.inf
_STORES = frozenset({"store", "both"})
_COVERS = frozenset({"cover", "both"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Levels:
    """Energies in kWh; ``buy <= store``, ``cover <= sell``; powers in kW."""

    buy_kwh: float = -_NEVER
    store_kwh: float = -_NEVER
    cover_kwh: float = _NEVER
    sell_kwh: float = _NEVER
    peaks_kw: tuple[float, ...] = ()
    shave_kwh: tuple[float, ...] = ()
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
        left = np.clip(energy_kwh - battery.min_energy_kwh, 0.0, None) * loss / hours
        most = np.minimum(battery.charge_limit_kw, room)
        least = np.minimum(battery.discharge_limit_kw, left)
        buy = np.clip((self.buy_kwh - energy_kwh) / (gain * hours), 0.0, most)
        store = np.clip((self.store_kwh - energy_kwh) / (gain * hours), 0.0, most)
        cover = np.clip((energy_kwh - self.cover_kwh) * loss / hours, 0.0, least)
        sell = np.clip((energy_kwh - self.sell_kwh) * loss / hours, 0.0, least)
        surplus, load = np.maximum(-np.asarray(net_kw), 0.0), np.maximum(net_kw, 0.0)
        charge = np.maximum(buy, np.minimum(surplus, store))
        discharge = np.maximum(sell, np.minimum(load, cover))
        power = charge - discharge
        for peak_kw, level in zip(self.peaks_kw, self.shave_kwh, strict=True):
            shave = np.clip((energy_kwh - level) * loss / hours, 0.0, least)
            power = np.minimum(power, np.maximum(peak_kw - net_kw, -shave))
        if self.export_limit_kw < _NEVER:
            power = np.maximum(power, np.minimum(-self.export_limit_kw - net_kw, most))
        return np.asarray(power)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedStep:
    """A battery's step of PLAN; ``power_kw`` positive is charging."""

    action: str
    side: str | None
    power_kw: float

    def levels(self, battery: Battery, energy_kwh: float, hours: float) -> Levels:
        """Return the levels that do the same from ``energy_kwh`` on."""
        match self.action:
            case "charge":
                stored = battery.charge_efficiency * hours * max(self.power_kw, 0.0)
                target = energy_kwh + stored
                return Levels(buy_kwh=target, store_kwh=target)
            case "discharge":
                taken = hours * max(-self.power_kw, 0.0) / battery.discharge_efficiency
                target = energy_kwh - taken
                return Levels(cover_kwh=target, sell_kwh=target)
            case "balance":
                stores, covers = self.side in _STORES, self.side in _COVERS
                return Levels(
                    store_kwh=battery.capacity_kwh if stores else -_NEVER,
                    cover_kwh=battery.min_energy_kwh if covers else _NEVER,
                )
            case _:
                return Levels()
