"""A heat pump's day as it can be played again, by the house as it was learned.

What the house must have got beside the heat pump (people, sun, less what became hot
water) is taken from how warm it was measured: played with the measured powers it ends
as warm as it was, whatever the learned house is worth. Courses differ by the heating.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from homeassistant.util import dt as dt_util

from cem_core.insight.heat_balance import missing_gains_kw
from cem_core.model.units import W_PER_KW, kw
from custom_components.cem.controlled import ControlledDevice
from custom_components.cem.home import Home
from custom_components.cem.learning.models import Building, building_of, is_learned
from custom_components.cem.learning.samples import PEAK_W_PER_M2
from custom_components.cem.planning.steps import STEP
from custom_components.cem.saving.observed import Observed

type Json = dict[str, Any]
type Columns = dict[str, Sequence[float]]
type Habit = Sequence[float | None]  # by local hour; None: not known

_STEP_H: Final = STEP.total_seconds() / 3600
_HOURS: Final = 24
_NEWEST_COUNTS: Final = 0.3
# Of what a heat pump's energy cost, while the house is only a typical one.
UNLEARNED_SHARE: Final = 0.25


def thermostat_column(device_id: str) -> str:
    """Return the column of what a heat pump keeps with doing nothing."""
    return f"{device_id}_thermostat_c"


class HeatedDay:
    """One heat pump and its house in one day."""

    def __init__(
        self, home: Home, device: ControlledDevice, building: Building, seen: Observed
    ) -> None:
        """Work out the day's COP and free heat."""
        self._home, self._device, self._building = home, device, building
        self._seen, name = seen, device.device_id
        self.power_kw = seen.heat_pumps[name]
        self._warmth = seen.warmth[name]
        outdoor_c = self._warmth.outdoor_c
        self._cop = [building.cop(each) for each in outdoor_c]
        known = [kw(building.gains_w(sun)) for sun in _sun(home, seen)]
        heat = [
            gains + cop * power
            for gains, cop, power in zip(known, self._cop, self.power_kw, strict=True)
        ]
        more = missing_gains_kw(
            initial_c=self._warmth.indoor_c[0],
            final_c=self._warmth.indoor_c[-1],
            outdoor_c=outdoor_c,
            heat_kw=heat,
            resistance_k_per_kw=building.resistance_k_per_w * W_PER_KW,
            capacitance_kwh_per_k=kw(building.capacitance_wh_per_k),
            step_h=_STEP_H,
        )
        self._gains = [gains + more for gains in known]

    @property
    def left_kwh(self) -> float:
        """What the house held more at the end takes to be put there, in electricity."""
        warmer_k = self._warmth.indoor_c[-1] - self._warmth.indoor_c[0]
        cop = sum(self._cop) / len(self._cop)
        return warmer_k * kw(self._building.capacitance_wh_per_k) / cop

    def unsure(self, prices: Sequence[float]) -> float:
        """Return what may be wrong in it, in currency: nothing once it is learned."""
        if is_learned(self._home.learned, self._device, "building"):
            return 0.0
        paid = sum(p * kw_ for p, kw_ in zip(prices, self.power_kw, strict=True))
        return UNLEARNED_SHARE * max(0.0, paid * _STEP_H)

    def described(self, columns: Columns, thermostat: Sequence[float] | None) -> Json:
        """Return the device, and add what it needs to ``columns``.

        ``thermostat`` are the temperatures that it would keep; None: the lowest wished.
        """
        form, name, count = self._device.form, self._device.device_id, len(self._cop)
        columns.setdefault("outdoor_temperature_c", self._warmth.outdoor_c)
        columns[f"{name}_cop"] = self._cop
        columns[f"{name}_gains_kw"] = self._gains
        columns[f"{name}_min_c"] = [form["comfort_min"]] * count
        columns[f"{name}_max_c"] = [form["comfort_max"]] * count
        if thermostat is not None:
            columns[thermostat_column(name)] = thermostat
        return {
            "max_power_kw": kw(self._device.model.rated_power_w),
            "cop_series": f"{name}_cop",
            "thermal": {
                "resistance_k_per_kw": self._building.resistance_k_per_w * W_PER_KW,
                "capacitance_kwh_per_k": kw(self._building.capacitance_wh_per_k),
                "initial_c": self._warmth.indoor_c[0],
                "gains_series": f"{name}_gains_kw",
            },
            "comfort": {
                "min_series": f"{name}_min_c",
                "max_series": f"{name}_max_c",
                "violation_per_kelvin_hour": form.get("comfort_price", 2),
            },
        }


def heated(home: Home, seen: Observed) -> dict[str, HeatedDay]:
    """Return the heat pumps whose day can be played."""
    found = {}
    for name in seen.heat_pumps:
        building = building_of(home.learned, home.devices[name])
        if building is not None:
            found[name] = HeatedDay(home, home.devices[name], building, seen)
    return found


def kept_temperatures(
    kept: Habit | None, bounds: tuple[float, float], seen: Observed
) -> list[float] | None:
    """Return by the quarter hour what a thermostat keeps by its habit of the day.

    ``kept`` by local hour. What a person did not wish for it would not keep. Between the
    middles of hours the temperature goes straight.
    """
    if kept is None or None in kept:
        return None
    lowest, highest = bounds
    count = len(seen.imported)
    return [
        min(max(_at(kept, seen.start + (k + 0.5) * STEP), lowest), highest)
        for k in range(count)
    ]


def habit(before: Habit | None, seen: Observed, name: str) -> Habit:
    """Return the temperatures by local hour that a thermostat keeps, with one day more.

    The last days count most. Of an hour that no day had nothing is known.
    """
    sums: dict[int, list[float]] = {}
    for k, warm_c in enumerate(seen.warmth[name].indoor_c):
        hour = dt_util.as_local(seen.start + k * STEP).hour
        sums.setdefault(hour, []).append(warm_c)
    old = [None] * _HOURS if before is None else before
    today = {hour: sum(each) / len(each) for hour, each in sums.items()}
    return [_mixed(old[hour], today.get(hour)) for hour in range(_HOURS)]


def _mixed(old: float | None, new: float | None) -> float | None:
    if old is None or new is None:
        return old if new is None else round(new, 3)
    return round(old + _NEWEST_COUNTS * (new - old), 3)


def _at(kept: Habit, time: datetime) -> float:
    local = dt_util.as_local(time)
    place = (local.hour + local.minute / 60 - 0.5) % _HOURS
    before, share = int(place), place % 1
    first, second = kept[before] or 0.0, kept[(before + 1) % _HOURS] or 0.0
    return first + share * (second - first)


def _sun(home: Home, seen: Observed) -> Sequence[float]:
    """Return the sun in W/m2 that the first roof's power tells of."""
    for name, column in seen.solar.items():
        rated_kw = kw(home.devices[name].model.rated_power_w)
        return [power / rated_kw * PEAK_W_PER_M2 for power in column]
    return [0.0] * len(seen.imported)
