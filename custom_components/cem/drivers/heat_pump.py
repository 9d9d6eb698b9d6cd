"""Heat pump: a power limit, a room temperature, SG Ready (2 ways) or a switch."""

from collections.abc import Callable, Mapping
from enum import IntEnum
from typing import Any, Final

from homeassistant.core import State

from cem_core.devices import Capability
from cem_core.insight.season import Season
from cem_core.model import HeatUse, Setpoint
from cem_core.model.comfort_week import Band
from custom_components.cem.drivers.heater import by_power_limit, nearest_c
from custom_components.cem.drivers.tank import with_tank
from custom_components.cem.drivers.translation import (
    EntityCall,
    States,
    Translation,
    always,
    select_call,
    switch_call,
)

type Data = Mapping[str, Any]


class SgState(IntEnum):
    """A state of SG Ready, numbered as its label does (bwp)."""

    LOCKED = 1
    NORMAL = 2
    RECOMMENDED = 3
    FORCED = 4


_SG_OPTION: Final = {
    SgState.LOCKED: "sg_off",
    SgState.NORMAL: "sg_normal",
    SgState.RECOMMENDED: "sg_recommended",
    SgState.FORCED: "sg_forced",
}
# The two contacts of each state: that which locks, that which asks for more.
_CONTACTS: Final = {
    SgState.LOCKED: (True, False),
    SgState.NORMAL: (False, False),
    SgState.RECOMMENDED: (False, True),
    SgState.FORCED: (True, True),
}

# Above this share of its power a heat pump is asked to take more than it
# would by itself (SG Ready state 3); below, it runs as it likes.
_RECOMMENDED_ABOVE: Final = 0.6
# At this share of its power it is ordered to start (state 4), where it may be.
_FORCED_FROM: Final = 0.98
# Between the temperatures of a thermostat that heats and cools; many ask for as much.
_APART_K: Final = 1.0


def translation(data: Data) -> Translation:
    """Return how the heat pump that the user described is commanded."""
    compressor = _CONTROLS[data["method"]](data)
    return with_tank(compressor, data) if "tank_setpoint" in data else compressor


def cooling_mode(heating_mode: str) -> str:
    """Return the mode of a thermostat to cool in, where it heats in the other."""
    return "cool" if heating_mode == "heat" else heating_mode


def _climate(data: Data) -> Translation:
    entity_id = data["climate"]
    mode: str | None = data.get("climate_mode")

    def calls(setpoint: Setpoint, states: States) -> tuple[EntityCall, ...]:
        state = states(entity_id)
        runs = _runs_for_rooms(setpoint)
        if mode is not None:
            wanted = cooling_mode(mode) if _to_cool(data) else mode
            return (_mode_call(entity_id, "off" if runs is False else wanted),)
        cools = _cools(data, state)
        if runs and cools and not _to_cool(data):
            runs = False  # heat is meant, and it has none to give in this mode
        band = data["comfort_min"], data["comfort_max"]
        if state is not None and state.attributes.get("target_temp_low") is not None:
            return (_band_call(entity_id, band, state, runs=runs, cools=cools),)
        target = nearest_c(_target_c(band, runs=runs, cools=cools), state)
        return (
            EntityCall(
                entity_id=entity_id,
                action="set_temperature",
                data={"temperature": target},
                leads_to=target,
            ),
        )

    return Translation(
        entities=(entity_id,),
        calls=calls,
        fallback="keeps the last temperature",
        can=always(
            Capability.SET_TEMPERATURE if mode is None else Capability.START_STOP
        ),
    )


def _to_cool(data: Data) -> bool:
    """Tell whether rooms are to be cooled, and it can."""
    return bool(data.get("cools", False)) and data.get("season") == Season.COOLING


def _cools(data: Data, state: State | None) -> bool:
    """Tell whether running makes the rooms colder, by its mode, else by the season."""
    mode = None if state is None else state.state
    return mode == "cool" or (mode != "heat" and _to_cool(data))


def _runs_for_rooms(setpoint: Setpoint) -> bool | None:
    """Tell whether rooms get heat (or cold); None: as the device likes."""
    if setpoint.power_w is None:
        return None
    if setpoint.power_w <= 0:
        return False
    return setpoint.use is None or HeatUse.ROOM in setpoint.use


def _target_c(band: Band, *, runs: bool | None, cools: bool) -> float:
    if runs is None:
        return sum(band) / 2
    least_c, most_c = band
    return least_c if runs is cools else most_c


def _band_call(
    entity_id: str, band: Band, state: State, *, runs: bool | None, cools: bool
) -> EntityCall:
    """Set both temperatures of one that heats below and cools above them.

    The one that makes it run is moved towards the other end, short of it.
    """
    low_c, high_c = band
    gap_c = min(_APART_K, high_c - low_c)
    if runs and cools:
        high_c = low_c + gap_c
    elif runs:
        low_c = high_c - gap_c
    low_c, high_c = nearest_c(low_c, state), nearest_c(high_c, state)
    return EntityCall(
        entity_id=entity_id,
        action="set_temperature",
        data={"target_temp_low": low_c, "target_temp_high": high_c},
        leads_to=high_c if cools else low_c,
        attribute="target_temp_high" if cools else "target_temp_low",
    )


def _mode_call(entity_id: str, mode: str) -> EntityCall:
    return EntityCall(
        entity_id=entity_id,
        action="set_hvac_mode",
        data={"hvac_mode": mode},
        leads_to=mode,
    )


def _sg_ready(data: Data) -> Translation:
    entity_id = data["sg_ready"]

    def calls(setpoint: Setpoint, states: States) -> tuple[EntityCall, ...]:
        del states
        state = _sg_state(data, setpoint, forces="sg_forced" in data)
        return (select_call(entity_id, data[_SG_OPTION[state]]),)

    return Translation(
        entities=(entity_id,),
        calls=calls,
        fallback="keeps the last SG Ready state",
        can=always(Capability.SG_READY),
    )


def _sg_contacts(data: Data) -> Translation:
    lock, more = data["sg_lock"], data["sg_more"]

    def calls(setpoint: Setpoint, states: States) -> tuple[EntityCall, ...]:
        del states
        state = _sg_state(data, setpoint, forces=data.get("sg_forces", False))
        locks, asks = _CONTACTS[state]
        told = switch_call(lock, on=locks), switch_call(more, on=asks)
        # No lock on the way that is not meant: it is let go first, and set last.
        return told[::-1] if locks else told

    return Translation(
        entities=(lock, more),
        calls=calls,
        fallback="keeps the last SG Ready state",
        can=always(Capability.SG_READY),
    )


def _sg_state(data: Data, setpoint: Setpoint, *, forces: bool) -> SgState:
    """Return the state that ``setpoint`` means, the 4th only where it ``forces``."""
    if setpoint.power_w is None:
        return SgState.NORMAL
    share = setpoint.power_w / (data["max_power"] * 1000)
    if share <= 0:
        return SgState.LOCKED
    if share <= _RECOMMENDED_ABOVE or not _may_take_more(setpoint):
        return SgState.NORMAL
    return SgState.FORCED if forces and share >= _FORCED_FROM else SgState.RECOMMENDED


def _may_take_more(setpoint: Setpoint) -> bool:
    """Tell whether rooms may get warmer than usual: not for water alone."""
    return setpoint.limit_id is None and setpoint.use is not HeatUse.WATER


def _on_off(data: Data) -> Translation:
    entity_id = data["switch"]

    def calls(setpoint: Setpoint, states: States) -> tuple[EntityCall, ...]:
        del states
        on = setpoint.power_w is None or setpoint.power_w > 0
        return (switch_call(entity_id, on=on),)

    return Translation(
        entities=(entity_id,),
        calls=calls,
        fallback="stays as last switched",
        can=always(Capability.START_STOP),
    )


_CONTROLS: Final[Mapping[str, Callable[[Data], Translation]]] = {
    "power_limit": by_power_limit,
    "climate": _climate,
    "sg_ready": _sg_ready,
    "sg_contacts": _sg_contacts,
    "on_off": _on_off,
}
