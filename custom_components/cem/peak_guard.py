"""The guard of the month's peak, where the tariff bills one and the user wants it."""

from collections.abc import Mapping
from typing import Any

from homeassistant.util import dt as dt_util

from cem_core.limits import PeakGuard
from cem_core.model.units import w
from cem_core.tariff import CapacityTariff


def peak_guard(tariff: Mapping[str, Any] | None) -> PeakGuard | None:
    """Return the guard that the answers to the tariff's form ask for, or None."""
    if tariff is None or not tariff.get("keep_peak", True):
        return None
    price_per_kw = tariff.get("capacity_price_per_kw")
    if not price_per_kw:
        return None
    target_kw = tariff.get("accepted_peak_kw")
    return PeakGuard(
        CapacityTariff(
            price_per_kw=price_per_kw, floor_kw=tariff.get("capacity_floor_kw", 0.0)
        ),
        dt_util.get_default_time_zone(),
        target_w=None if target_kw is None else w(target_kw),
    )
