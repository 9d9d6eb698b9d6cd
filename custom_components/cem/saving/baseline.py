"""What "doing nothing" means, device by device."""

from homeassistant.core import HomeAssistant

from cem_core.model import Message
from custom_components.cem.const import Kind
from custom_components.cem.controlled import ControlledDevice
from custom_components.cem.recorded import power_entity


def doing_nothing(
    hass: HomeAssistant, device: ControlledDevice, *, own_rule: bool
) -> Message:
    """Say what a device is taken to do without a CEM."""
    match device.kind:
        case Kind.BATTERY:
            return _battery(device, own_rule=own_rule)
        case Kind.EV_CHARGER if power_entity(hass, device) is not None:
            return Message.of("without_cem_car_at_once")
        case Kind.SOLAR:
            return Message.of("without_cem_solar")
        case Kind.HEAT_PUMP:
            return Message.of("without_cem_heat_pump")
        case Kind.WATER_HEATER:
            return Message.of("without_cem_water_heater")
        case _:
            return Message.of("without_cem_as_measured")


def _battery(device: ControlledDevice, *, own_rule: bool) -> Message:
    if not device.controllable:
        return Message.of("without_cem_as_measured")
    if own_rule:
        return Message.of("without_cem_battery_balances")
    return Message.of("without_cem_battery_rests")
