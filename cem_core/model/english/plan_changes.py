"""How a plan differs from the one before."""

from collections.abc import Mapping
from typing import Final

PLAN_CHANGES: Final[Mapping[str, str]] = {
    # What moved between two plans
    "run_moved": "{device} starts at {start_time} instead of {other_time}.",
    "run_added": "{device} starts at {start_time}.",
    "run_dropped": "{device} does not start at {other_time}.",
    "more_planned": (
        "{device}: {energy_kwh} kWh more from {start_time} to {end_time}."
    ),
    "less_planned": (
        "{device}: {energy_kwh} kWh less from {start_time} to {end_time}."
    ),
    # What caused it
    "cause_prices": "Prices",
    "cause_load": "Load",
    "cause_solar": "Sun",
    "cause_weather": "Weather",
    "cause_state": "State of charge and temperatures",
    "cause_limits": "Limits",
    "cause_wishes": "Wishes",
    "cause_other": "Devices",
    "cause_costs": "{cause}: {more_cost} {currency} more.",
    "cause_saves": "{cause}: {less_cost} {currency} less.",
    "cause_costs_nothing": "{cause}: at the same cost.",
}
