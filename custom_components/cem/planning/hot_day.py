"""A hot day between cool ones: rooms of a heat pump that cools are kept from it too.

The season follows the weather of whole days, so that it is late for a single one. What
tells of that is the forecast, in the house as it was learned, with its sun.
"""

from typing import TYPE_CHECKING, Final

from cem_core.insight.season import House, Season, overheats
from cem_core.model.units import W_PER_KW, kw
from custom_components.cem.const import Kind
from custom_components.cem.controlled import ControlledDevice
from custom_components.cem.home import Home
from custom_components.cem.home_profile import tell_season
from custom_components.cem.learning.models import building_of
from custom_components.cem.planning.heat_pump import irradiance_ahead, outdoor_ahead
from custom_components.cem.planning.steps import STEP

if TYPE_CHECKING:
    from custom_components.cem.planning.outlook import Outlook

_AHEAD: Final = 96  # steps: a day


def look_ahead(home: Home, outlook: Outlook) -> None:
    """See which heat pumps are to cool by what is foretold of the next day."""
    for device in home.devices.values():
        if device.kind is not Kind.HEAT_PUMP or not device.data.get("cools", False):
            continue
        if _gets_hot(home, device, outlook):
            home.weather.hot_ahead.add(device.device_id)
        else:
            home.weather.hot_ahead.discard(device.device_id)
        tell_season(device, home.season_of(device), home.profile)


def _gets_hot(home: Home, device: ControlledDevice, outlook: Outlook) -> bool:
    """Tell whether its rooms get too warm; without a forecast nobody knows."""
    building = building_of(home.learned, device)
    state = home.snapshot.states.get(device.device_id)
    indoor_c = state.indoor_temperature_c if state else None
    foretold = outlook.outdoor.get(device.device_id)
    if building is None or indoor_c is None or not foretold or not foretold.intervals:
        return False
    lowest_c, highest_c = device.form["comfort_min"], device.form["comfort_max"]
    house = House(
        indoor_c=indoor_c + outlook.walls_apart_k.get(device.device_id, 0.0),
        resistance_k_per_kw=building.resistance_k_per_w * W_PER_KW,
        capacitance_kwh_per_k=kw(building.capacitance_wh_per_k),
        lowest_c=lowest_c,
        highest_c=highest_c,
    )
    gains_kw = [kw(building.gains_w(sun)) for sun in irradiance_ahead(home, outlook)]
    return overheats(
        house,
        outdoor_ahead(device, outlook)[:_AHEAD],
        gains_kw[:_AHEAD],
        STEP.total_seconds() / 3600,
        cooled=device.data.get("season") == Season.COOLING,
    )
