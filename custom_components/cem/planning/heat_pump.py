"""A heat pump in the HOME document: the rooms it heats or cools, and its tank."""

from typing import TYPE_CHECKING, Any, Final

from cem_core.insight.carnot import cooling_eer, water_cop
from cem_core.insight.season import Season
from cem_core.model import DeviceKind, Series
from cem_core.model.units import W_PER_KW, kw
from custom_components.cem.controlled import ControlledDevice
from custom_components.cem.drivers.tank import MAX_C, MIN_C, USUAL_C
from custom_components.cem.home import Home
from custom_components.cem.home_profile import band_at, is_cooled
from custom_components.cem.learning.models import Building, building_of
from custom_components.cem.learning.samples import PEAK_W_PER_M2
from custom_components.cem.planning.water_heater import (
    WHOLE_HOURS,
    Tank,
    drawn_from,
    least_w,
    tank_document,
)

if TYPE_CHECKING:
    from custom_components.cem.planning.outlook import Columns, Outlook

type Json = dict[str, Any]

_MILD_C: Final = 10.0
_INDOOR_C: Final = 20.5
# The modes of a thermostat in which it does not cool, whatever it is set to.
_NOT_COOLING: Final = ("off", "heat", "fan_only")


def heat_pump(
    home: Home, device: ControlledDevice, outlook: Outlook, columns: Columns
) -> Json | None:
    """Return the heat pump by what the season asks of it; None: it is left to itself.

    With rooms that are neither heated nor cooled it is a water heater, if anything.
    """
    outdoor_c = outdoor_ahead(device, outlook)
    water = _hot_water(home, device, outlook, columns, outdoor_c)
    building = building_of(home.learned, device)
    if home.season_of(device) is Season.HEATING:
        if building is None:
            return None  # the worker has not said yet what such a house is like
        described = _rooms(home, device, building, outlook, columns)
        columns[f"{device.device_id}_cop"] = [building.cop(t) for t in outdoor_c]
        described["cop_series"] = f"{device.device_id}_cop"
    elif building is not None and is_cooled(device) and _would_cool(device):
        described = _rooms(home, device, building, outlook, columns)
        eer = device.data.get("eer")
        columns[f"{device.device_id}_eer"] = [
            cooling_eer(t) if eer is None else cooling_eer(t, eer) for t in outdoor_c
        ]
        described["cooling_series"] = f"{device.device_id}_eer"
    else:
        return None if water is None else _for_water_only(device, water)
    columns["outdoor_temperature_c"] = outdoor_c
    return described if water is None else described | water


def outdoor_ahead(device: ControlledDevice, outlook: Outlook) -> list[float]:
    """Return how warm it will be outside by step, as it is now where nothing tells."""
    now_c = device.outdoor_c
    return outlook.steps.lay(
        outlook.outdoor.get(device.device_id, Series(())),
        lambda _: _MILD_C if now_c is None else now_c,
    )


def _would_cool(device: ControlledDevice) -> bool:
    """Tell whether its thermostat, if it has one, is in a mode in which it cools."""
    if "climate" not in device.data or "climate_mode" in device.data:
        return True  # it knows by itself, or its mode is set with each order
    mode = device.said("climate")
    return mode is None or mode not in _NOT_COOLING


def _rooms(
    home: Home,
    device: ControlledDevice,
    building: Building,
    outlook: Outlook,
    columns: Columns,
) -> Json:
    """Return the house and the band that is wished."""
    data, steps, name = device.data, outlook.steps, device.device_id
    columns[f"{name}_gains_kw"] = [
        kw(building.gains_w(sun)) for sun in irradiance_ahead(home, outlook)
    ]
    bands = [band_at(device, time, home.store.profile.at(time)) for time in steps.times]
    columns[f"{name}_min_c"] = [lowest_c for lowest_c, _ in bands]
    columns[f"{name}_max_c"] = [highest_c for _, highest_c in bands]
    state = home.snapshot.states.get(name)
    indoor = state.indoor_temperature_c if state else None
    # A thermometer shows the air; what stores the heat is behind it.
    walls = outlook.walls_apart_k.get(name, 0.0)
    return {
        "max_power_kw": kw(device.dispatched_most_w),
        "thermal": {
            "resistance_k_per_kw": building.resistance_k_per_w * W_PER_KW,
            "capacitance_kwh_per_k": kw(building.capacitance_wh_per_k),
            "initial_c": _INDOOR_C if indoor is None else indoor + walls,
            "gains_series": f"{name}_gains_kw",
        },
        "comfort": {
            "min_series": f"{name}_min_c",
            "max_series": f"{name}_max_c",
            "violation_per_kelvin_hour": data.get("comfort_price", 2),
        },
    }


def irradiance_ahead(home: Home, outlook: Outlook) -> list[float]:
    """Return the sun in W/m2 that the first roof's forecast tells of, by step."""
    roofs = home.by_kind(DeviceKind.SOLAR)
    if not roofs:
        return [0.0] * outlook.steps.count
    foretold = outlook.solar.get(roofs[0].device_id, Series(()))
    powers = outlook.steps.lay(foretold, lambda _: 0.0)
    return [
        max(0.0, power_w) / roofs[0].model.rated_power_w * PEAK_W_PER_M2
        for power_w in powers
    ]


def _hot_water(
    home: Home,
    device: ControlledDevice,
    outlook: Outlook,
    columns: Columns,
    outdoor_c: list[float],
) -> Json | None:
    """Return the tank that can be heated by order, while it says how warm it is."""
    if not device.model.heats_water or device.water_c is None:
        return None
    data, name = device.data, device.device_id
    usual_c = data.get("tank_usual", USUAL_C)
    tank = Tank(
        volume_l=data.get("tank_volume", 200),
        least_c=device.form.get("tank_min", MIN_C),
        usual_c=usual_c,
        most_c=data.get("tank_max", MAX_C),
        daily_loss_kwh=data.get("tank_loss", 1.5),
    )
    columns[f"{name}_draw_kw"] = drawn_from(
        home, device, outlook.steps.times, data.get("tank_draw", 5.8)
    )
    columns[f"{name}_water_cop"] = [water_cop(t, usual_c) for t in outdoor_c]
    return {
        "hot_water": tank_document(home, device, tank, outlook.steps.now)
        | {"draw_series": f"{name}_draw_kw"},
        "water_cop_series": f"{name}_water_cop",
    }


def drawn_electric_kw(
    home: Home, device: ControlledDevice, outlook: Outlook
) -> list[float]:
    """Return what is drawn off its tank as the electricity that it takes to heat it."""
    data, outdoor_c = device.data, outdoor_ahead(device, outlook)
    heat_kw = drawn_from(home, device, outlook.steps.times, data.get("tank_draw", 5.8))
    usual_c = data.get("tank_usual", USUAL_C)
    return [
        drawn / water_cop(outside, usual_c)
        for drawn, outside in zip(heat_kw, outdoor_c, strict=True)
    ]


def _for_water_only(device: ControlledDevice, water: Json) -> Json:
    return {
        "kind": DeviceKind.WATER_HEATER.value,
        "max_power_kw": kw(device.dispatched_most_w),
        "min_power_kw": kw(least_w(device)),
        "whole_hours": WHOLE_HOURS,
        "cop_series": water["water_cop_series"],
        "tank": water["hot_water"],
    }
