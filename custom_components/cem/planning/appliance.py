"""A run of an appliance, as the worker is told of it."""

from datetime import datetime

from cem_core.model.what_if import What
from custom_components.cem import device_wishes
from custom_components.cem.controlled import ControlledDevice
from custom_components.cem.home import Home
from custom_components.cem.planning import sessions
from custom_components.cem.planning.outlook import Columns, Json, Outlook
from custom_components.cem.planning.steps import STEP, Steps


def appliance(
    home: Home, device: ControlledDevice, outlook: Outlook, columns: Columns
) -> Json | None:
    """Return a run to come; one that is under way is load that nobody can move.

    One that somebody wishes may lie outside the hours of the form.
    """
    profile = device.profile_kw
    if device.running and device.started_at is not None:
        for place, time in enumerate(outlook.steps.times):
            past = (time - device.started_at) // STEP
            if 0 <= past < len(profile):
                columns["load_kw"][place] += profile[past]
        return None
    window = _wished_run(home, device, outlook.steps) or sessions.run_window(
        device, outlook.steps
    )
    if window is None:
        return None
    return {
        "profile_kw": list(profile),
        "profile_step_minutes": 15,
        "earliest_start": window[0].isoformat(),
        "latest_end": window[1].isoformat(),
    }


def _wished_run(
    home: Home, device: ControlledDevice, steps: Steps
) -> tuple[datetime, datetime] | None:
    """Return from when until when the run that somebody wishes lies."""
    for wish in device_wishes.standing(home, steps.now):
        if wish.device_id == device.device_id and wish.what is What.START:
            start = max(wish.start, steps.now)
            # A start within a step is put at the next one.
            end = start + device.run_length + STEP
            return (start, end) if end <= steps.end else None
    return None
