"""What each device's models are learned from, as the worker is asked."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from homeassistant.util import dt as dt_util

from cem_core.model.units import W_PER_KW
from custom_components.cem.car_needs import default_need_wh
from custom_components.cem.const import Kind
from custom_components.cem.controlled import ControlledDevice
from custom_components.cem.drivers.tank import USUAL_C
from custom_components.cem.home import Home
from custom_components.cem.learning.statistics import (
    FIVE_MINUTES,
    HOUR,
    Column,
    async_means,
)
from custom_components.cem.planning.water_heater import AMBIENT_C, loss_kw_per_k
from custom_components.cem.recorded import charge_entity, power_entity, sign

type Json = dict[str, Any]

PEAK_W_PER_M2: Final = 1000.0  # the sun for which a roof's peak power is stated
_BUILDING_FOR: Final = timedelta(days=60)
_MAY_COOL_FROM_C: Final = 18.0
_BATTERY_FOR: Final = timedelta(days=10)  # so long five-minute statistics are kept
_DWELLING: Final = {"kind": "terraced", "floor_area_m2": 120, "building_year": 1985}
# The form's names and units -> the models'.
_STATED_BUILDING: Final[Mapping[str, tuple[str, float]]] = {
    "resistance": ("resistance_k_per_w", 1 / W_PER_KW),
    "capacitance": ("capacitance_wh_per_k", W_PER_KW),
    "gains": ("internal_gains_w", W_PER_KW),
    "cop": ("cop_at_7_c", 1.0),
}
LEARNED_KINDS: Final = (
    Kind.HEAT_PUMP,
    Kind.WATER_HEATER,
    Kind.BATTERY,
    Kind.EV_CHARGER,
)
_NO_WATER: Final[Mapping[str, list[Any]]] = {
    name: [] for name in ("time", "water_c", "electric_w", "away")
}
_NO_SAMPLES: Final[Mapping[str, list[Any]]] = {
    name: []
    for name in (
        *("time", "indoor_c", "outdoor_c", "electric_w", "solar_w_per_m2"),
        *("heat_w", "flow_c", "away"),
    )
}


def stated(device: ControlledDevice) -> Json:
    """Return what the user said of a device, by which start values are chosen."""
    data = device.data
    match device.kind:
        case Kind.HEAT_PUMP:
            return {
                "kind": "building",
                "dwelling": {
                    "kind": data.get("dwelling", _DWELLING["kind"]),
                    "floor_area_m2": data.get("floor_area", _DWELLING["floor_area_m2"]),
                    "building_year": int(
                        data.get("building_year", _DWELLING["building_year"])
                    ),
                },
                "stated": {
                    name: data[key] * factor
                    for key, (name, factor) in _STATED_BUILDING.items()
                    if key in data
                },
            } | ({"hot_water": {"stated": _tank(data)}} if has_tank(device) else {})
        case Kind.WATER_HEATER:
            return {"kind": "hot_water", "stated": _tank(data)}
        case Kind.BATTERY:
            return {
                "kind": "battery",
                "stated": {
                    "capacity_wh": data["capacity"] * W_PER_KW,
                    "round_trip_efficiency": data.get("efficiency", 90) / 100,
                },
            }
        case _:
            hour, minute, *_ = (int(part) for part in data["departure"].split(":"))
            return {
                "kind": "car",
                "stated": {
                    "departs_h": hour + minute / 60,
                    "need_wh": default_need_wh(device),
                },
            }


def has_tank(device: ControlledDevice) -> bool:
    """Tell whether its hot water is described: what is drawn off can be learned."""
    if device.kind is Kind.HEAT_PUMP:
        return "tank_setpoint" in device.data or device.data.get("own_tank", False)
    return device.kind is Kind.WATER_HEATER


def _tank(data: Mapping[str, Any]) -> Json:
    """Return the tank of a water heater, else that of a heat pump."""
    shared = "volume" not in data
    draw, volume, loss, usual = (
        ("tank_draw", "tank_volume", "tank_loss", "tank_usual")
        if shared
        else ("daily_draw", "volume", "daily_loss", "set_temperature")
    )
    lost_kw_per_k = loss_kw_per_k(data.get(loss, 1.5), data.get(usual, USUAL_C))
    return {
        "wh_per_day": data.get(draw, 5.8) * W_PER_KW,
        "litres": data.get(volume, 200),
        "loss_w_per_k": lost_kw_per_k * W_PER_KW,
        "around_c": AMBIENT_C,
        "cop": data.get("cop", 1),
        "shared": shared,
    }


def without_samples(device: ControlledDevice) -> Json:
    """Return the part of a request that asks for start values only."""
    if device.kind is Kind.EV_CHARGER:
        return stated(device) | {"sessions": []}
    if device.kind is Kind.BATTERY:
        names = ("time", "power_w", "state_of_charge")
        return stated(device) | {"samples": {name: [] for name in names}}
    if device.kind is Kind.WATER_HEATER:
        return stated(device) | {"samples": dict(_NO_WATER)}
    part = stated(device) | {"samples": dict(_NO_SAMPLES)}
    return part | _with_water(part, dict(_NO_WATER))


def _with_water(part: Json, samples: Json) -> Json:
    """Return the tank of a heat pump with its samples; nothing where it has none."""
    tank = part.get("hot_water")
    return {} if tank is None else {"hot_water": tank | {"samples": samples}}


async def async_part(home: Home, device: ControlledDevice, now: datetime) -> Json:
    """Return the part of a request that lets a device be learned."""
    part = stated(device)
    found = part | await _SAMPLES[device.kind](home, device, now)
    if "hot_water" in part:
        water = await _hot_water(home, device, now)
        found |= _with_water(part, water["samples"])
    return found


async def _heat_pump(home: Home, device: ControlledDevice, now: datetime) -> Json:
    end = now.replace(minute=0, second=0, microsecond=0)
    start = max(end - _BUILDING_FOR, home.learned.began(device.subentry_id))
    start = start.replace(minute=0, second=0, microsecond=0)
    rows = max(0, (end - start) // HOUR)
    away = frozenset(home.learned.away)
    columns = await async_building(home, device, start, rows)
    times = [start + row * HOUR for row in range(rows)]
    return {
        "samples": {
            "time": [time.isoformat() for time in times],
            **columns,
            "away": [
                dt_util.as_local(time).date().isoformat() in away for time in times
            ],
        }
    }


async def async_building(
    home: Home, device: ControlledDevice, start: datetime, rows: int
) -> dict[str, Column]:
    """Return what is recorded of a heat pump and its house, by hour."""
    data = device.data
    entities = {
        "indoor_c": data.get("indoor_temperature"),
        "outdoor_c": data.get("outdoor_temperature"),
        "electric_w": power_entity(home.hass, device),
        "heat_w": data.get("heat_power"),
        "flow_c": data.get("flow_temperature"),
    }
    roofs = [each for each in home.devices.values() if each.kind is Kind.SOLAR]
    sun = roofs[0] if roofs else None
    named = [entity for entity in entities.values() if entity]
    if sun is not None:
        named.append(sun.data["power"])
    found = await async_means(home.hass, named, start, rows)
    empty: Column = [None] * rows
    columns = {
        name: found[entity] if entity else empty for name, entity in entities.items()
    }
    if data.get("cools", False):
        columns |= _without_cooling(columns)
    if sun is None:
        # Nothing tells of the sun, in the past as in what is to come.
        return columns | {"solar_w_per_m2": [0.0] * rows}
    return columns | {
        "solar_w_per_m2": [
            None if power_w is None else irradiance(sun, power_w)
            for power_w in found[sun.data["power"]]
        ]
    }


def _without_cooling(columns: Mapping[str, Column]) -> dict[str, Column]:
    """Return what it drew and gave without warm hours: who knows whether it cooled."""
    return {
        name: [
            None if outdoor_c is not None and outdoor_c >= _MAY_COOL_FROM_C else value
            for value, outdoor_c in zip(
                columns[name], columns["outdoor_c"], strict=True
            )
        ]
        for name in ("electric_w", "heat_w")
    }


def irradiance(roof: ControlledDevice, power_w: float) -> float:
    """Return the sun in W/m2 that a roof's power tells of: 1 kWp is 1000 W/m2."""
    produced_w = -power_w if roof.data.get("production_negative") else power_w
    return max(0.0, round(produced_w / roof.model.rated_power_w * PEAK_W_PER_M2, 1))


async def _battery(home: Home, device: ControlledDevice, now: datetime) -> Json:
    power, charge = power_entity(home.hass, device), charge_entity(home.hass, device)
    if power is None or charge is None:
        return {"samples": {"time": [], "power_w": [], "state_of_charge": []}}
    end = now - (now - datetime.min.replace(tzinfo=now.tzinfo)) % FIVE_MINUTES
    start = max(end - _BATTERY_FOR, home.learned.began(device.subentry_id))
    rows = max(0, (end - start) // FIVE_MINUTES)
    start = end - rows * FIVE_MINUTES
    found = await async_means(home.hass, (power, charge), start, rows, FIVE_MINUTES)
    return {
        "samples": {
            "time": [(start + row * FIVE_MINUTES).isoformat() for row in range(rows)],
            "power_w": [None if w is None else sign(device) * w for w in found[power]],
            "state_of_charge": [None if p is None else p / 100 for p in found[charge]],
        }
    }


async def _hot_water(home: Home, device: ControlledDevice, now: datetime) -> Json:
    """Return its water and power by five minutes: an hour's mean hides a shower."""
    power, water = power_entity(home.hass, device), device.data.get("water_temperature")
    if power is None or water is None:
        return {"samples": dict(_NO_WATER)}
    end = now.replace(minute=0, second=0, microsecond=0)
    start = max(end - _BATTERY_FOR, home.learned.began(device.subentry_id))
    rows = max(0, (end - start) // FIVE_MINUTES)
    start = end - rows * FIVE_MINUTES
    found = await async_means(home.hass, (power, water), start, rows, FIVE_MINUTES)
    times = [start + row * FIVE_MINUTES for row in range(rows)]
    away = frozenset(home.learned.away)
    return {
        "samples": {
            "time": [time.isoformat() for time in times],
            "water_c": found[water],
            "electric_w": found[power],
            "away": [
                dt_util.as_local(time).date().isoformat() in away for time in times
            ],
        }
    }


async def _car(home: Home, device: ControlledDevice, now: datetime) -> Json:
    del now
    away = frozenset(home.learned.away)
    sessions = [
        session
        | {
            "away": dt_util.as_local(datetime.fromisoformat(session["arrive"]))
            .date()
            .isoformat()
            in away
        }
        for session in home.learned.sessions.get(device.subentry_id, ())
    ]
    return {"sessions": sessions}


type Samples = Callable[[Home, ControlledDevice, datetime], Awaitable[Json]]

_SAMPLES: Final[Mapping[Kind, Samples]] = {
    Kind.HEAT_PUMP: _heat_pump,
    Kind.WATER_HEATER: _hot_water,
    Kind.BATTERY: _battery,
    Kind.EV_CHARGER: _car,
}
