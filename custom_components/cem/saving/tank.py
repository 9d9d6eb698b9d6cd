"""A water heater's day as it can be played again: its tank, as it was drawn from.

A tank is played as a heat pump's house is: one resistance, one capacitance. What was
drawn off is what its own temperatures and power ask for, at the hours of the day at which
hot water is usually drawn: as it was learned, before that those of a typical day. Courses differ by the heating.
"""

from collections.abc import Sequence
from typing import Any, Final

from cem_core.insight.heat_balance import missing_gains_kw
from cem_core.insight.learned.hot_water import WATER_WH_PER_LITRE_K
from cem_core.model.profile import ProfileChoice
from cem_core.model.units import kw
from custom_components.cem.controlled import ControlledDevice
from custom_components.cem.home import Home
from custom_components.cem.learning.models import hot_water_of
from custom_components.cem.planning.steps import STEP
from custom_components.cem.planning.water_heater import (
    AMBIENT_C,
    drawn_kw,
    loss_kw_per_k,
)
from custom_components.cem.saving.heat import (
    UNLEARNED_SHARE,
    Columns,
    thermostat_column,
)
from custom_components.cem.saving.observed import Observed

type Json = dict[str, Any]

_STEP_H: Final = STEP.total_seconds() / 3600


class TankDay:
    """One water heater and its tank in one day."""

    def __init__(self, home: Home, device: ControlledDevice, seen: Observed) -> None:
        """Work out what was drawn off."""
        self._home, self._device = home, device
        data, name = device.data, device.device_id
        self.power_kw = seen.water_heaters[name]
        self._water_c = seen.warmth[name].indoor_c
        self._capacity_kwh_per_k = kw(data["volume"] * WATER_WH_PER_LITRE_K)
        lost_kw_per_k = loss_kw_per_k(
            data.get("daily_loss", 1.5), data["set_temperature"]
        )
        self._resistance_k_per_kw = 1 / max(lost_kw_per_k, 1e-6)
        self._cop: float = data.get("cop", 1)
        count = len(self.power_kw)
        times = [seen.start + k * STEP for k in range(count)]
        week = hot_water_of(home.learned, device)
        usual_kw = drawn_kw(times, 1.0, ProfileChoice(), week)
        more = missing_gains_kw(
            initial_c=self._water_c[0],
            final_c=self._water_c[-1],
            outdoor_c=[AMBIENT_C] * count,
            heat_kw=[self._cop * power for power in self.power_kw],
            resistance_k_per_kw=self._resistance_k_per_kw,
            capacitance_kwh_per_k=self._capacity_kwh_per_k,
            step_h=_STEP_H,
            shape=usual_kw,
        )
        self._drawn_kw = [-more * share for share in usual_kw]
        # All that is played as a house has one outdoor temperature in HOME.
        pumps = [seen.warmth[pump].outdoor_c for pump in seen.heat_pumps]
        self._outdoor_c = pumps[0] if pumps else [AMBIENT_C] * count

    @property
    def is_plausible(self) -> bool:
        """Whether it gave water off, and was not heated against legionella.

        Such a cycle is due whoever controls it, and a replay knows none.
        """
        cycle = (
            None if self._device.protection is None else self._device.protection.cycle
        )
        was_cycle = cycle is not None and max(self._water_c) >= cycle.temperature_c
        return sum(self._drawn_kw) >= 0.0 and not was_cycle

    @property
    def left_kwh(self) -> float:
        """What the tank held more at the end takes to be put there, in electricity."""
        warmer_k = self._water_c[-1] - self._water_c[0]
        return warmer_k * self._capacity_kwh_per_k / self._cop

    def unsure(self, prices: Sequence[float]) -> float:
        """Return what may be wrong in it, in currency: nothing once its habit is known."""
        if self._device.subentry_id in self._home.savings.temperatures:
            return 0.0
        paid = sum(p * kw_ for p, kw_ in zip(prices, self.power_kw, strict=True))
        return UNLEARNED_SHARE * max(0.0, paid * _STEP_H)

    def described(self, columns: Columns, thermostat: Sequence[float] | None) -> Json:
        """Return the device, and add what it needs to ``columns``.

        ``thermostat`` are the temperatures that it would keep; None: its set one.
        """
        device, name, count = self._device, self._device.device_id, len(self.power_kw)
        usual_c, most_c = device.data["set_temperature"], device.data["max_temperature"]
        columns.setdefault("outdoor_temperature_c", self._outdoor_c)
        columns[f"{name}_cop"] = [self._cop] * count
        columns[f"{name}_gains_kw"] = [
            (AMBIENT_C - outdoor_c) / self._resistance_k_per_kw - drawn
            for outdoor_c, drawn in zip(self._outdoor_c, self._drawn_kw, strict=True)
        ]
        columns[f"{name}_min_c"] = [device.form["min_temperature"]] * count
        columns[f"{name}_max_c"] = [most_c] * count
        columns[thermostat_column(name)] = thermostat or [usual_c] * count
        return {
            "kind": "heat_pump",
            "max_power_kw": kw(device.model.rated_power_w),
            "cop_series": f"{name}_cop",
            "thermal": {
                "resistance_k_per_kw": self._resistance_k_per_kw,
                "capacitance_kwh_per_k": self._capacity_kwh_per_k,
                "initial_c": self._water_c[0],
                "gains_series": f"{name}_gains_kw",
            },
            "comfort": {
                "min_series": f"{name}_min_c",
                "max_series": f"{name}_max_c",
                "violation_per_kelvin_hour": device.data.get("comfort_price", 1),
            },
        }


def drawn_from(home: Home, seen: Observed) -> dict[str, TankDay]:
    """Return the water heaters whose day can be played."""
    found = {
        name: TankDay(home, home.devices[name], seen) for name in seen.water_heaters
    }
    return {name: day for name, day in found.items() if day.is_plausible}
