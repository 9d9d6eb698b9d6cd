"""From what the user filled in to what dispatch has to know of a device."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN, UnitOfTemperature
from homeassistant.core import HomeAssistant, State
from homeassistant.util.unit_conversion import TemperatureConverter

from cem_core.model import Device, DeviceKind
from custom_components.cem.const import NOMINAL_VOLTAGE_V, OWN_PROTOCOLS, Kind
from custom_components.cem.numbers import ATTR_UNIT, finite, number_range, scale_w
from custom_components.cem.phases import on_phases
from custom_components.cem.profile import profile_kw

type Data = Mapping[str, Any]

POWER_UNITS: Final = ("W", "kW")
_S_PER_MINUTE: Final = 60
# No home draws this, and no building or garden is as cold or warm as that.
_NO_POWER_W: Final = 1e8
_COLDEST_C: Final = -60.0
_WARMEST_C: Final = 80.0
# bwp, SG Ready: a state is kept for ten minutes at least.
_SG_READY_HELD_S: Final = 600
_SETS_A_TANK: Final = ("modbus_map", "ski")
_SG_READY: Final = ("sg_ready", "sg_contacts")


def describe(
    hass: HomeAssistant, kind: Kind, data: Data, *, device_id: str, name: str
) -> Device:
    """Return the device as dispatch sees it."""
    return Device(
        device_id=device_id,
        name=name,
        kind=DeviceKind(kind),
        shed_rank=int(data.get("shed_rank", 0)),
        has_contactor="contactor" in data,
        min_on_s=max(data.get("min_on_time", 0) * _S_PER_MINUTE, _held_s(data)),
        min_off_s=max(data.get("min_off_time", 0) * _S_PER_MINUTE, _held_s(data)),
        standing_limit_w=(
            round(data["standing_limit"] * 1000) if "standing_limit" in data else None
        ),
        **on_phases(data),
        **_DESCRIBE[kind](hass, data),
    )


def _held_s(data: Data) -> int:
    """Return how long a state has to last at least, whatever the user filled in."""
    return _SG_READY_HELD_S if data.get("method") in _SG_READY else 0


def _power_step_w(hass: HomeAssistant, entity_id: str | None) -> int:
    state = hass.states.get(entity_id) if entity_id else None
    if state is None or state.attributes.get(ATTR_UNIT) not in POWER_UNITS:
        return 1
    return max(1, round(number_range(state)[2] * scale_w(state)))


def _solar(hass: HomeAssistant, data: Data) -> dict[str, Any]:
    peak_w = round(data["peak_power"] * 1000)
    return {
        "rated_power_w": peak_w,
        # A switch lets it produce all or nothing.
        "step_w": peak_w
        if "curtail_switch" in data
        else _power_step_w(hass, data.get("curtailment")),
        "counts_as_controllable": False,
    }


def _battery(hass: HomeAssistant, data: Data) -> dict[str, Any]:
    return {
        "rated_power_w": round(data["charge_limit"] * 1000),
        "rated_discharge_w": round(data["discharge_limit"] * 1000),
        "step_w": _power_step_w(
            hass, data.get("setpoint", data.get("charge_setpoint"))
        ),
        "capacity_wh": round(data["capacity"] * 1000),
        "least_state_of_charge": data.get("min_state_of_charge", 10) / 100,
    }


def _ev_charger(hass: HomeAssistant, data: Data) -> dict[str, Any]:
    phase_w = NOMINAL_VOLTAGE_V * int(data["phases"])
    throttle = data.get("throttle")
    most_w = round(data["max_current"] * phase_w)
    # Without a throttle only a charger of our own takes more than all or nothing.
    if throttle is None and data.keys().isdisjoint(OWN_PROTOCOLS):
        return {"rated_power_w": most_w, "min_power_w": most_w, "step_w": most_w}
    state = hass.states.get(throttle) if throttle else None
    step_w = _power_step_w(hass, throttle)
    if state is not None and state.attributes.get(ATTR_UNIT) == "A":
        step_w = max(1, round(number_range(state)[2] * phase_w))
    if "evcc_url" in data:
        step_w = phase_w  # most of its chargers take whole amperes
    return {
        "rated_power_w": most_w,
        "min_power_w": round(data["min_current"] * phase_w),
        "step_w": step_w,
        "rated_discharge_w": round(data.get("discharge_limit", 0) * 1000),
        "least_state_of_charge": data.get("min_state_of_charge", 50) / 100,
    }


def _heater(hass: HomeAssistant, data: Data) -> dict[str, Any]:
    most_w = round(data["max_power"] * 1000)
    heats_water = "tank_setpoint" in data or _sets_water(data)
    if data["method"] not in ("power_limit", "eebus", "s2"):  # runs or does not
        return {
            "rated_power_w": most_w,
            "min_power_w": most_w,
            "step_w": most_w,
            "frost_floor_w": most_w if data.get("min_power", 0) > 0 else 0,
            "heats_water": heats_water,
        }
    return {
        "rated_power_w": most_w,
        "min_power_w": round(data.get("min_power", 0) * 1000),
        "frost_floor_w": round(data.get("min_power", 0) * 1000),
        "step_w": _power_step_w(hass, data.get("power_limit")),
        "heats_water": heats_water,
    }


def _sets_water(data: Data) -> bool:
    """Tell whether its own protocol sets its tank; over S2 the tank is all it describes."""
    return data.get("own_tank", False) and not data.keys().isdisjoint(_SETS_A_TANK)


def _appliance(hass: HomeAssistant, data: Data) -> dict[str, Any]:
    del hass
    return {
        "rated_power_w": round(max(profile_kw(data["profile"])) * 1000),
        "interruptible": False,
        "counts_as_controllable": False,
    }


_DESCRIBE: Final[Mapping[Kind, Callable[[HomeAssistant, Data], dict[str, Any]]]] = {
    Kind.SOLAR: _solar,
    Kind.BATTERY: _battery,
    Kind.EV_CHARGER: _ev_charger,
    Kind.HEAT_PUMP: _heater,
    Kind.WATER_HEATER: _heater,
    Kind.APPLIANCE: _appliance,
}


def known(state: State | None) -> State | None:
    """Return ``state`` unless its entity says nothing."""
    if state is None or state.state in (STATE_UNAVAILABLE, STATE_UNKNOWN):
        return None
    return state


def number_of(state: State | None) -> float | None:
    """Return the number in ``state``, or None: nonsense is not a value."""
    if (state := known(state)) is None:
        return None
    return finite(state.state)


def power_of(state: State | None) -> int | None:
    """Return the power in ``state`` in W, or None.

    The form took W or kW; an entity that changes its unit later says nothing.
    """
    value = number_of(state)
    if value is None or state is None:
        return None
    if state.attributes.get(ATTR_UNIT) not in POWER_UNITS:
        return None
    power_w = value * scale_w(state)
    return round(power_w) if abs(power_w) < _NO_POWER_W else None


def temperature_of(state: State | None) -> float | None:
    """Return the temperature in ``state`` in °C, or None."""
    value = number_of(state)
    if value is None or state is None:
        return None
    if state.attributes.get(ATTR_UNIT) == UnitOfTemperature.FAHRENHEIT:
        value = TemperatureConverter.convert(
            value, UnitOfTemperature.FAHRENHEIT, UnitOfTemperature.CELSIUS
        )
    return value if _COLDEST_C <= value <= _WARMEST_C else None


def phases_in_use(state: State | None) -> int | None:
    """Return on how many phases a charger says that it charges, or None."""
    count = number_of(state)
    return int(count) if count in (1, 2, 3) else None
