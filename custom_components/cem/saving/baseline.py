"""What "doing nothing" means, device by device."""

from typing import Final

from homeassistant.util import dt as dt_util

from cem_core.model import Message
from custom_components.cem.const import Kind
from custom_components.cem.controlled import ControlledDevice
from custom_components.cem.home import Home
from custom_components.cem.learning.models import is_learned
from custom_components.cem.recorded import power_entity
from custom_components.cem.saving.heat import UNLEARNED_SHARE
from custom_components.cem.saving.observed import is_played, is_tank_played
from custom_components.cem.saving.runs import usual

_DAY_MINUTES: Final = 24 * 60
_NOON_MINUTE: Final = 12 * 60
_OTHERS: Final = {
    Kind.SOLAR: Message.of("without_cem_solar_possible"),
    Kind.WATER_HEATER: Message.of("without_cem_water_heater"),
}


def doing_nothing(home: Home, device: ControlledDevice) -> Message:
    """Say what a device is taken to do without a CEM."""
    measured = power_entity(home.hass, device) is not None
    match device.kind:
        case Kind.BATTERY:
            return _battery(device, own_rule=home.savings.own_rule)
        case Kind.HEAT_PUMP if is_played(home, device):
            return _heat_pump(home, device)
        case Kind.WATER_HEATER if is_tank_played(home, device):
            return _water_heater(home, device)
        case Kind.APPLIANCE if measured and device.controllable:
            return _appliance(home, device)
        case Kind.EV_CHARGER if measured:
            return _car(device)
        case kind:
            return _OTHERS.get(kind, Message.of("without_cem_as_measured"))


def _battery(device: ControlledDevice, *, own_rule: bool) -> Message:
    if not device.controllable:
        return Message.of("without_cem_as_measured")
    if own_rule:
        return Message.of("without_cem_battery_balances")
    return Message.of("without_cem_battery_rests")


def _car(device: ControlledDevice) -> Message:
    if device.model.rated_discharge_w:
        return Message.of("without_cem_car_gives_nothing")
    return Message.of("without_cem_car_at_once")


def _heat_pump(home: Home, device: ControlledDevice) -> Message:
    if not is_learned(home.learned, device, "building"):
        return Message.of(
            "without_cem_heat_pump_typical",
            unsure_percent=round(100 * UNLEARNED_SHARE),
        )
    if device.subentry_id not in home.savings.temperatures:
        return Message.of("without_cem_heat_pump_lowest")
    return Message.of("without_cem_heat_pump_kept")


def _water_heater(home: Home, device: ControlledDevice) -> Message:
    if device.subentry_id not in home.savings.temperatures:
        return Message.of(
            "without_cem_water_heater_set",
            unsure_percent=round(100 * UNLEARNED_SHARE),
        )
    return Message.of("without_cem_water_heater_kept")


def _appliance(home: Home, device: ControlledDevice) -> Message:
    if "ready" in device.data:
        return Message.of("without_cem_appliance_ready")
    minute = usual(home.savings.starts.get(device.subentry_id, ()))
    if minute is None:
        return Message.of("without_cem_appliance_as_started")
    # Of today: a time of another day would be told with the day.
    hours, minutes = divmod((_NOON_MINUTE + minute) % _DAY_MINUTES, 60)
    start = dt_util.now().replace(hour=hours, minute=minutes, second=0, microsecond=0)
    return Message.of("without_cem_appliance_usual", start_time=start)
