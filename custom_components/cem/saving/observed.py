"""A day as it was measured: columns by the quarter hour, from five-minute statistics."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from homeassistant.const import Platform
from homeassistant.helpers import entity_registry as er

from cem_core.model.units import kw
from custom_components.cem.const import DOMAIN, Kind
from custom_components.cem.controlled import ControlledDevice
from custom_components.cem.home import Home
from custom_components.cem.learning.models import building_of
from custom_components.cem.learning.statistics import FIVE_MINUTES, Column, async_means
from custom_components.cem.planning.steps import STEP
from custom_components.cem.planning.water_heater import AMBIENT_C
from custom_components.cem.recorded import charge_entity, power_entity, sign

_PER_STEP: Final = STEP // FIVE_MINUTES
_MOVES_KW: Final = 0.05
_STEP_H: Final = STEP / timedelta(hours=1)


# Beside these the home can be told; what else is measured is told if it was.
_ALWAYS: Final = frozenset({Kind.SOLAR, Kind.BATTERY, Kind.EV_CHARGER})
_TEMPERATURES: Final = ("indoor_temperature", "outdoor_temperature")
_WATER: Final = "water_temperature"
_ENOUGH: Final = 0.9
# From this daily mean on houses are not heated (heating limit of VDI 4710-2).
_HEATING_BELOW_C: Final = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Warmth:
    """Means in °C by the quarter hour: of the rooms, and outside; of water, and around."""

    indoor_c: Sequence[float]
    outdoor_c: Sequence[float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """Means in kW by the quarter hour from ``start`` on; charge from 0 to 1.

    ``measured_share`` of the quarter hours were measured; the others stand in for
    them as the ones before. ``charge`` is that of each battery at the start,
    ``charge_after`` at the end, ``cars_charge`` that of each car that may give back by
    the quarter hour. A heat pump, a water heater or an appliance that was not measured for
    nine tenths of the time, temperatures included, is not there; nor is a
    heat pump on a day that was too warm to heat.
    """

    start: datetime
    measured_share: float
    imported: Sequence[float]
    exported: Sequence[float]
    solar: Mapping[str, Sequence[float]]
    batteries: Mapping[str, Sequence[float]]
    cars: Mapping[str, Sequence[float]]
    charge: Mapping[str, float] = field(default_factory=dict)
    charge_after: Mapping[str, float] = field(default_factory=dict)
    cars_charge: Mapping[str, Sequence[float | None]] = field(default_factory=dict)
    heat_pumps: Mapping[str, Sequence[float]] = field(default_factory=dict)
    water_heaters: Mapping[str, Sequence[float]] = field(default_factory=dict)
    warmth: Mapping[str, Warmth] = field(default_factory=dict)
    appliances: Mapping[str, Sequence[float]] = field(default_factory=dict)

    @property
    def produced_kwh(self) -> float:
        """What the roofs gave."""
        return sum(map(sum, self.solar.values())) * _STEP_H

    @property
    def batteries_move(self) -> bool:
        """Whether any battery did something."""
        return any(abs(kw_) > _MOVES_KW for b in self.batteries.values() for kw_ in b)

    def load_kw(self, played: Iterable[Sequence[float]]) -> list[float]:
        """Return the grid's balance without roofs, batteries and what else is played."""
        apart = (
            *((1, column) for column in self.solar.values()),
            *((-1, column) for column in self.batteries.values()),
            *((-1, column) for column in played),
        )
        return [
            max(0.0, into - out + sum(sign * column[t] for sign, column in apart))
            for t, (into, out) in enumerate(
                zip(self.imported, self.exported, strict=True)
            )
        ]


async def async_observed(home: Home, start: datetime, end: datetime) -> Observed | None:
    """Return what was measured from ``start`` to ``end``, None without a grid meter."""
    grid = er.async_get(home.hass).async_get_entity_id(
        Platform.SENSOR, DOMAIN, f"{home.entry.entry_id}_grid_power"
    )
    if grid is None:
        return None
    measured = _apart(home)
    recorded = {each for entities in measured.values() for each in entities.values()}
    rows = (end - start) // FIVE_MINUTES
    wanted = [grid, *recorded]
    found = await async_means(home.hass, wanted, start, rows, FIVE_MINUTES)
    powers = {
        name: found[entities["power"]]
        for name, entities in measured.items()
        if home.devices[name].kind in _ALWAYS
    }
    known = [
        None not in values for values in zip(found[grid], *powers.values(), strict=True)
    ]
    drawn = _filled(found[grid])
    by_kind: dict[Kind, dict[str, list[float]]] = {kind: {} for kind in Kind}
    warmth: dict[str, Warmth] = {}
    charges: dict[str, Column] = {}
    cars_charge: dict[str, Sequence[float | None]] = {}
    for name, entities in measured.items():
        device = home.devices[name]
        columns = {key: found[entity] for key, entity in entities.items()}
        if device.kind not in _ALWAYS and not all(map(_is_told, columns.values())):
            continue
        if device.kind is Kind.BATTERY:
            charges[name] = columns["charge"]
        elif device.kind is Kind.EV_CHARGER:
            cars_charge[name] = _shares(columns.get("charge", []))
        elif device.kind is Kind.HEAT_PUMP:
            indoor_c, outdoor_c = (_means(_filled(columns[k])) for k in _TEMPERATURES)
            if sum(outdoor_c) >= _HEATING_BELOW_C * len(outdoor_c):
                continue  # it cooled, or heated water: no room was kept warm
            warmth[name] = Warmth(indoor_c=indoor_c, outdoor_c=outdoor_c)
        elif device.kind is Kind.WATER_HEATER:
            water_c = _means(_filled(columns[_WATER]))
            warmth[name] = Warmth(
                indoor_c=water_c, outdoor_c=[AMBIENT_C] * len(water_c)
            )
        by_kind[device.kind][name] = _power_kw(device, columns["power"])
    return Observed(
        start=start,
        measured_share=sum(known) / rows if rows else 0.0,
        imported=_quarters([max(0.0, power_w) for power_w in drawn]),
        exported=_quarters([max(0.0, -power_w) for power_w in drawn]),
        solar=by_kind[Kind.SOLAR],
        batteries=by_kind[Kind.BATTERY],
        cars=by_kind[Kind.EV_CHARGER],
        charge=_first(charges),
        charge_after=_first({name: c[::-1] for name, c in charges.items()}),
        cars_charge=cars_charge,
        heat_pumps=by_kind[Kind.HEAT_PUMP],
        water_heaters=by_kind[Kind.WATER_HEATER],
        warmth=warmth,
        appliances=by_kind[Kind.APPLIANCE],
    )


def _apart(home: Home) -> dict[str, dict[str, str]]:
    """Return what is played, and where its power and what else it needs is recorded.

    It is measured, and a roof or something that a plan can move.
    """
    measured: dict[str, dict[str, str]] = {}
    for name, device in home.devices.items():
        power, besides = power_entity(home.hass, device), _besides(home, device)
        if power is not None and besides is not None:
            measured[name] = {"power": power} | besides
    return measured


def _besides(home: Home, device: ControlledDevice) -> dict[str, str] | None:
    """Return what a device needs beside its power, None if it is not played."""
    match device.kind:
        case Kind.BATTERY if device.controllable:
            charge = charge_entity(home.hass, device)
            return None if charge is None else {"charge": charge}
        case Kind.HEAT_PUMP if is_played(home, device):
            return {key: device.data[key] for key in _TEMPERATURES}
        case Kind.WATER_HEATER if is_tank_played(home, device):
            return {_WATER: device.data[_WATER]}
        case Kind.APPLIANCE if device.controllable:
            return {}
        case Kind.SOLAR | Kind.EV_CHARGER:
            return _lends(device)
    return None


def _lends(device: ControlledDevice) -> dict[str, str]:
    """Return what tells how much a car might have given, nothing where it gives none."""
    if device.model.rated_discharge_w and "car_state_of_charge" in device.data:
        return {"charge": device.data["car_state_of_charge"]}
    return {}


def is_played(home: Home, heat_pump: ControlledDevice) -> bool:
    """Tell whether another day's heating could be told: what is measured, the house."""
    data = heat_pump.data
    return (
        heat_pump.controllable
        and power_entity(home.hass, heat_pump) is not None
        and all(key in data for key in _TEMPERATURES)
        and building_of(home.learned, heat_pump) is not None
    )


def is_tank_played(home: Home, water_heater: ControlledDevice) -> bool:
    """Tell whether another day's hot water could be told: its heat is measured."""
    return (
        water_heater.controllable
        and power_entity(home.hass, water_heater) is not None
        and _WATER in water_heater.data
    )


def _is_told(column: Column) -> bool:
    return sum(value is not None for value in column) >= _ENOUGH * len(column)


def _power_kw(device: ControlledDevice, column: Column) -> list[float]:
    signed = [sign(device) * power_w for power_w in _filled(column)]
    if device.kind is not Kind.BATTERY and not device.model.rated_discharge_w:
        signed = [max(0.0, power_w) for power_w in signed]
    return _quarters(signed)


def _first(charges: Mapping[str, Column]) -> dict[str, float]:
    """Return the first charge that is known, from 0 to 1."""
    first = {
        name: next((percent / 100 for percent in column if percent is not None), None)
        for name, column in charges.items()
    }
    return {name: share for name, share in first.items() if share is not None}


def _filled(column: Column) -> list[float]:
    """Let what was measured last, at the start next, stand for what was not."""
    filled = []
    last = next((value for value in column if value is not None), 0.0)
    for value in column:
        last = last if value is None else value
        filled.append(last)
    return filled


def _shares(percents: Column) -> list[float | None]:
    """Return what each quarter hour began with, from 0 to 1."""
    return [None if p is None else p / 100 for p in percents[::_PER_STEP]]


def _means(values: Sequence[float]) -> list[float]:
    """Return the means by the quarter hour of those by five minutes."""
    return [
        sum(values[k : k + _PER_STEP]) / _PER_STEP
        for k in range(0, len(values), _PER_STEP)
    ]


def _quarters(powers_w: Sequence[float]) -> list[float]:
    """Return means in kW by the quarter hour of means in W by five minutes."""
    return [kw(power_w) for power_w in _means(powers_w)]
