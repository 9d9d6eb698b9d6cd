"""Each kind of device, as the worker is told of it."""

from collections.abc import Callable, Mapping
from typing import Final

from cem_core.model import Series
from cem_core.model.units import kw
from custom_components.cem.const import Kind
from custom_components.cem.controlled import ControlledDevice
from custom_components.cem.home import Home
from custom_components.cem.planning.appliance import appliance
from custom_components.cem.planning.battery import planned_battery
from custom_components.cem.planning.ev_charger import ev_charger
from custom_components.cem.planning.heat_pump import heat_pump
from custom_components.cem.planning.outlook import Columns, Json, Outlook
from custom_components.cem.planning.water_heater import water_heater

# In the home's currency, to full power. Less than what a person would move a run for,
# but more than what two devices gain by taking turns below a peak.
_START_COST: Final = 0.02
_STANDBY_W: Final = 50  # electronics draw so much while nothing runs


def _solar(
    home: Home, device: ControlledDevice, outlook: Outlook, columns: Columns
) -> Json:
    del home
    column = f"{device.device_id}_kw"
    series = outlook.solar.get(device.device_id, Series(()))
    powers = outlook.steps.lay(series, lambda _: 0.0)
    most_w = device.model.rated_power_w
    columns[column] = [kw(min(max(0.0, power), most_w)) for power in powers]
    return {"series": column, "curtailable": device.controllable}


def _starting(device: ControlledDevice) -> Json:
    """Say what a start costs; what runs already does not start."""
    power_w = device.power_w
    runs = power_w is not None and power_w > _STANDBY_W
    return {"start_cost": _START_COST, "initially_on": runs}


def _least_times(device: ControlledDevice) -> Json:
    times = {
        "min_on_minutes": int(device.data.get("min_on_time", 0)),
        "min_off_minutes": int(device.data.get("min_off_time", 0)),
    }
    return {key: minutes for key, minutes in times.items() if minutes}


def _ev_charger(
    home: Home, device: ControlledDevice, outlook: Outlook, columns: Columns
) -> Json:
    return ev_charger(home, device, outlook, columns) | _starting(device)


def _heat_pump(
    home: Home, device: ControlledDevice, outlook: Outlook, columns: Columns
) -> Json | None:
    described = heat_pump(home, device, outlook, columns)
    if described is None:
        return None
    return described | _least_times(device) | _starting(device)


def _water_heater(
    home: Home, device: ControlledDevice, outlook: Outlook, columns: Columns
) -> Json:
    described = water_heater(home, device, outlook, columns)
    return described | _least_times(device) | _starting(device)


type Describe = Callable[[Home, ControlledDevice, Outlook, Columns], Json | None]

DESCRIBE: Final[Mapping[Kind, Describe]] = {
    Kind.SOLAR: _solar,
    Kind.BATTERY: planned_battery,
    Kind.EV_CHARGER: _ev_charger,
    Kind.HEAT_PUMP: _heat_pump,
    Kind.WATER_HEATER: _water_heater,
    Kind.APPLIANCE: appliance,
}
