"""What the planner hears of a car that can give back, and of how much it may give."""

from typing import Any

from custom_components.cem.car_needs import give_efficiency
from custom_components.cem.const import Charging
from custom_components.cem.controlled import ControlledDevice

type Json = dict[str, Any]


def gives_back(device: ControlledDevice) -> bool:
    """Tell whether the car that is there may give back now.

    Not a guest's, nor while somebody wants it charged at once or by an amount of
    energy; and only one that says that it holds more than it keeps.
    """
    if device.model.rated_discharge_w == 0 or device.guest:
        return False
    if device.charging is not Charging.PLAN:
        return False
    if device.wish is not None and device.wish.session_wh is not None:
        return False
    charge = device.state_of_charge
    return charge is not None and charge > device.model.least_state_of_charge


def fields(device: ControlledDevice) -> Json:
    """Return the fields of the charger in HOME, none where nothing may be given.

    A car that holds more than it needs is one vehicle: only so may it leave with less
    than it came with.
    """
    if not gives_back(device):
        return {}
    data = device.data
    found = {
        "bidirectional": True,
        "discharge_limit_kw": data["discharge_limit"],
        "discharge_efficiency": give_efficiency(device),
        "wear_per_kwh": data.get("wear_per_kwh", 0.05),
    }
    if _missing_kwh(device) <= 0:
        held_kwh, kept_kwh = _held_kwh(device), _kept_kwh(device)
        found["vehicle"] = {
            "capacity_kwh": held_kwh,
            "min_energy_kwh": min(kept_kwh, held_kwh),
            "initial_energy_kwh": held_kwh,
        }
    return found


def session_fields(device: ControlledDevice) -> Json:
    """Return what a stay of a car that may give back has beside its times."""
    missing_kwh, kept_kwh = _missing_kwh(device), _kept_kwh(device)
    if missing_kwh <= 0:
        leaves_kwh = _held_kwh(device) + missing_kwh
        trip_kwh = max(0.0, leaves_kwh - kept_kwh)
        return {"energy_kwh": 0.0, "trip_kwh": round(trip_kwh, 3)}
    lent_kwh = _held_kwh(device) - kept_kwh
    return {
        "energy_kwh": round(missing_kwh, 3),
        "min_energy_kwh": -round(max(0.0, lent_kwh), 3),
        "max_energy_kwh": round(missing_kwh, 3),
    }


def _held_kwh(device: ControlledDevice) -> float:
    charge: float = device.state_of_charge or 0.0
    return round(charge * float(device.data["car_capacity"]), 3)


def _kept_kwh(device: ControlledDevice) -> float:
    share = device.model.least_state_of_charge
    return round(share * float(device.data["car_capacity"]), 3)


def _missing_kwh(device: ControlledDevice) -> float:
    """Return what it needs beyond what it holds; below 0: it holds more."""
    target: float = device.data.get("target_state_of_charge", 80) / 100
    return target * float(device.data["car_capacity"]) - _held_kwh(device)
