"""A battery, as the worker is told of it."""

from collections.abc import Sequence

from cem_core.model.units import kw
from custom_components.cem.controlled import ControlledDevice
from custom_components.cem.home import Home
from custom_components.cem.learning.models import store_of
from custom_components.cem.planning.outlook import Columns, Json, Outlook


def planned_battery(
    home: Home, device: ControlledDevice, outlook: Outlook, columns: Columns
) -> Json | None:
    """Return a battery as it is now, None where it cannot be planned."""
    del outlook
    charged = device.state_of_charge
    if charged is None or not device.controllable:
        return None  # no one can tell what it holds, or order it about
    return battery(home, device, charged, columns["import_price"])


def battery(
    home: Home, device: ControlledDevice, charged: float, prices: Sequence[float]
) -> Json:
    """Return a battery that is ``charged`` from 0 to 1, where imports cost ``prices``."""
    data = device.data
    one_way = (data.get("efficiency", 90) / 100) ** 0.5
    capacity, stored, given = data["capacity"], one_way, one_way
    if (real := store_of(home.learned, device)) is not None:
        capacity = kw(real.capacity_wh)
        stored, given = real.charge_efficiency, real.discharge_efficiency
    most = capacity * data.get("max_state_of_charge", 100) / 100
    energy = min(charged * capacity, most)
    # What the battery was left with below its floor is not asked back at once.
    least = min(capacity * data.get("min_state_of_charge", 10) / 100, energy)
    worth = sum(prices) / len(prices) * given - data.get("wear_per_kwh", 0.02)
    return {
        "capacity_kwh": most,
        "min_energy_kwh": least,
        "initial_energy_kwh": energy,
        "charge_limit_kw": data["charge_limit"],
        "discharge_limit_kw": data["discharge_limit"],
        "charge_efficiency": stored,
        "discharge_efficiency": given,
        "wear_per_kwh": data.get("wear_per_kwh", 0.02),
        "end_value_per_kwh": max(0.0, worth),
    }
