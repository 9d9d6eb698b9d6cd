"""Which devices a reservation may count on, and why not on others."""

from cem_core.tariff import Deviation
from optimizer import home
from optimizer.home import Home


def deliverers(given: Home, held: home.Reservation) -> list[home.AnyDevice]:
    """Return the devices that a reservation may count on."""
    if held.devices:
        return [device for device in given.devices if device.id in held.devices]
    return [device for device in given.devices if not refusal(given, held, device)]


def refusal(given: Home, held: home.Reservation, device: home.AnyDevice) -> str | None:
    """Return why a reservation cannot count on ``device``, or None."""
    if device.connection is not None:
        return "is on a sub-connection"
    if any(device.id in inverter.devices for inverter in given.inverters):
        return "shares an inverter"
    match device:
        case home.Battery() if held.direction is Deviation.REDUCE or device.grid_charge:
            return None
        case home.Battery():
            return "charges from a surplus only"
        case home.Solar() if (
            held.direction is Deviation.INCREASE and device.curtailable
        ):
            return None
    return "is no battery, and no solar that may produce less when more is wanted"
