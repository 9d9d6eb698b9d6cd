"""HOME as a replay takes it: plain devices, from a quarter hour on, no tiers.

What a replay does not play (starts that cost, least run times, orders of an operator)
is left out for every course alike.
"""

from collections.abc import Mapping
from typing import Any, Final

type Json = dict[str, Any]

_LEFT_OUT: Final = frozenset(
    {
        *("start_cost", "start_minutes", "initially_on", "held_minutes"),
        *("min_on_minutes", "min_off_minutes"),
        *("charging", "giving", "turn_minutes"),  # runs of a battery
    }
)
_OF_HOME: Final = frozenset({"tiers", "limits"})


def played_home(home: Mapping[str, Any], start: str) -> Json:
    """Return ``home`` with its devices as they are played from ``start`` on."""
    kept = {key: value for key, value in home.items() if key not in _OF_HOME}
    devices = [
        {key: value for key, value in device.items() if key not in _LEFT_OUT}
        for device in home["devices"]
    ]
    tariff = dict(home["tariff"])
    if "capacity" in tariff:
        tariff["capacity"] = tariff["capacity"] | {"open_period_kwh": None}
    return kept | {
        "start": start,
        "step_minutes": 15,
        "devices": devices,
        "tariff": tariff,
    }
