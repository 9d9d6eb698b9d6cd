"""When the car must be charged by, and when an appliance may run."""

from datetime import datetime, time, timedelta
from math import ceil
from typing import Any, Final

from homeassistant.util import dt as dt_util

from cem_core.model.profile import ProfileChoice
from cem_core.model.units import kw
from custom_components.cem.car_needs import at_local, departs
from custom_components.cem.const import Charging
from custom_components.cem.controlled import ControlledDevice
from custom_components.cem.home_profile import is_planned_for
from custom_components.cem.planning import giving_back
from custom_components.cem.planning.steps import STEP, Steps

_FULL_ENOUGH_KWH: Final = 0.1
_DAY: Final = timedelta(days=1)


def car(
    device: ControlledDevice, steps: Steps, profile: ProfileChoice
) -> list[dict[str, Any]]:
    """Return the session of the car that is there; none is ever invented."""
    if device.connected is not True or device.charging is Charging.NOT_TONIGHT:
        return []
    energy_kwh, gives = device.energy_wanted_kwh, giving_back.gives_back(device)
    if energy_kwh < _FULL_ENOUGH_KWH and not gives:
        return []
    depart = departs(device, after=steps.start + STEP)
    if not is_planned_for(device, profile, depart):
        return []
    if device.charging is Charging.NOW:
        efficiency = device.data.get("charge_efficiency", 90) / 100
        hours = energy_kwh / (kw(device.model.rated_power_w) * efficiency)
        taken = steps.now - steps.start + timedelta(hours=hours)
        depart = steps.start + ceil(taken / STEP + 1e-9) * STEP
    return [
        {
            "arrive": steps.start.isoformat(),
            "depart": depart.isoformat(),
            "energy_kwh": round(energy_kwh, 3),
            **(giving_back.session_fields(device) if gives else {}),
        }
    ]


def run_window(
    device: ControlledDevice, steps: Steps
) -> tuple[datetime, datetime] | None:
    """Return from when until when the appliance's next run may lie.

    None: it is not ready, ran already in this window, or there is no room.
    """
    if device.connected is False or device.running:
        return None
    data, length = device.data, device.run_length
    earliest = time.fromisoformat(data["earliest_start"])
    latest = time.fromisoformat(data["latest_end"])
    today = dt_util.as_local(steps.start).date()
    for day in (today - _DAY, today, today + _DAY):
        opens = at_local(earliest, day)
        closes = at_local(latest, day)
        if closes <= opens:  # over midnight
            closes = at_local(latest, day + _DAY)
        ran = device.started_at is not None and opens <= device.started_at < closes
        start = max(opens, steps.now)
        if ran and "ready" not in data:
            continue
        if start + length <= closes <= steps.end:
            return start, closes
    return None
