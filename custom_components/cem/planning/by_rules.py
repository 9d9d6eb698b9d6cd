"""A plan without a solver."""

from datetime import datetime
from typing import Any

from cem_core.dispatch import rule_plan
from cem_core.model import DeviceKind, Plan
from custom_components.cem.home import Home
from custom_components.cem.planning import sessions
from custom_components.cem.planning.show import show_plan
from custom_components.cem.planning.steps import Steps


def plan_by_rules(home: Home, now: datetime) -> tuple[Plan, dict[str, Any]]:
    """Return a plan by rules, and how it is shown."""
    steps = Steps.from_now(now, None)
    starts, lengths = {}, {}
    for device in home.by_kind(DeviceKind.APPLIANCE):
        window = sessions.run_window(device, steps)
        if window is not None:
            starts[device.device_id] = window[0]
            lengths[device.device_id] = device.run_length
    plan = rule_plan(
        now=now,
        devices=[device.model for device in home.devices.values()],
        states=home.snapshot.states,
        earliest_starts=starts,
        run_times=lengths,
        currency=home.hass.config.currency,
    )
    return plan, show_plan(home, plan)
