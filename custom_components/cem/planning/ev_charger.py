"""A charger and the stays of its car, as the worker is told of them."""

from cem_core.model.profile import ProfileChoice
from cem_core.model.units import kw
from custom_components.cem import device_wishes
from custom_components.cem.controlled import ControlledDevice
from custom_components.cem.home import Home
from custom_components.cem.phase_choice import THREE, least_power_w, most_power_w
from custom_components.cem.planning import giving_back, sessions
from custom_components.cem.planning.outlook import Columns, Json, Outlook


def _car_powers(device: ControlledDevice) -> Json:
    """Return what it can draw; with phases to switch there is a gap between them."""
    if device.choice is None:
        least_w, most_w = device.model.min_power_w, device.dispatched_most_w
        return {"min_power_kw": kw(least_w), "max_power_kw": kw(most_w)}
    least_w, most_w = least_power_w(device), most_power_w(device)
    return {
        "min_power_kw": kw(least_w),
        "max_power_kw": kw(most_w),
        "power_ranges": [
            {"min_kw": kw(least_w), "max_kw": kw(most_w / THREE)},
            {"min_kw": kw(THREE * least_w), "max_kw": kw(most_w)},
        ],
    }


def ev_charger(
    home: Home, device: ControlledDevice, outlook: Outlook, columns: Columns
) -> Json:
    """Return what it can draw, and what each car that comes has to get."""
    del columns
    data, profile = device.data, home.store.profile
    if any(
        wish.device_id == device.device_id
        for wish in device_wishes.standing(home, outlook.steps.now)
    ):
        profile = ProfileChoice()  # somebody is there who wants something of it
    return {
        **_car_powers(device),
        "efficiency": data.get("charge_efficiency", 90) / 100,
        "sessions": sessions.car(device, outlook.steps, profile),
        **giving_back.fields(device),
    }
