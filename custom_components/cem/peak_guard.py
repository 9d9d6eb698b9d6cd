"""The guard of the month's peak, where the tariff bills one and the user wants it."""

from collections.abc import Mapping
from typing import Any, Final

from homeassistant.util import dt as dt_util

from cem_core.limits import PeakGuard
from cem_core.model.units import w
from cem_core.tariff import CapacityTariff
from cem_core.tariff.capacity_presets import CAPACITY_PRESETS

_QUARTER_MINUTES: Final = 15


def peak_guard(tariff: Mapping[str, Any] | None) -> PeakGuard | None:
    """Return the guard that the answers to the tariff's form ask for, or None."""
    if tariff is None or not tariff.get("keep_peak", True):
        return None
    capacity = _plain(tariff)
    if capacity is None:
        return None
    target_kw = tariff.get("accepted_peak_kw")
    return PeakGuard(
        capacity,
        dt_util.get_default_time_zone(),
        target_w=None if target_kw is None else w(target_kw),
    )


def _plain(tariff: Mapping[str, Any]) -> CapacityTariff | None:
    """Return a tariff that bills the month's highest quarter hour, None: it is not one.

    The guard looks at quarter hours: the mean of several hours it leaves to the plan.
    """
    price_per_kw = tariff.get("capacity_price_per_kw")
    floor_kw = tariff.get("capacity_floor_kw", 0.0)
    if (name := tariff.get("capacity_preset")) is not None:
        preset = CAPACITY_PRESETS[name]
        known = preset.tariff
        if known.integration_minutes != _QUARTER_MINUTES or known.top > 1:
            return None
        price_per_kw = known.price_per_kw if price_per_kw is None else price_per_kw
        floor_kw = floor_kw if preset.needs == "floor_kw" else known.floor_kw
    if not price_per_kw:
        return None
    return CapacityTariff(price_per_kw=price_per_kw, floor_kw=floor_kw)
