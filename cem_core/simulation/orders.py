"""What a device makes of an order that reaches it: obey, or say why not."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Final

from cem_core.simulation.battery import BatteryMode
from cem_core.simulation.faults import LATE, Fault
from cem_core.simulation.heat_pump import SgReady
from cem_core.simulation.home import Home

LOWEST_TARGET_C: Final = 15.0
HIGHEST_TARGET_C: Final = 25.0


type Order = Callable[[Home, str], None]


class RefusedError(ValueError):
    """A device did not take an order."""


def obey(home: Home, device: str, key: str, payload: str) -> None:
    """Carry out one order, or raise `RefusedError` and change nothing."""
    order = ORDERS.get((device, key))
    if order is None:
        raise RefusedError(f"{device} has nothing called {key} to set")
    if home.faults.active(Fault.REFUSE, device, home.now):
        raise RefusedError(f"{device} takes no orders at the moment")
    if home.faults.active(Fault.LATE, device, home.now):
        home.late.append((home.now + LATE, partial(_swallowed, order, home, payload)))
        return
    order(home, payload.strip())


def _swallowed(order: Order, home: Home, payload: str) -> None:
    """Carry it out late, when nobody waits for a refusal any more."""
    with suppress(RefusedError):
        order(home, payload.strip())


def _number(payload: str, low: float, high: float, unit: str) -> float:
    try:
        value = float(payload)
    except ValueError as error:
        raise RefusedError(f"{payload!r} is no number") from error
    if not low <= value <= high:
        raise RefusedError(f"{payload} {unit} is outside {low:g} to {high:g} {unit}")
    return value


def _one_of(payload: str, allowed: tuple[str, ...]) -> str:
    if payload not in allowed:
        raise RefusedError(f"{payload!r} is not one of {', '.join(allowed)}")
    return payload


def _battery_setpoint(home: Home, payload: str) -> None:
    if home.battery is None:
        raise RefusedError("there is no battery")
    p = home.battery.parameters
    setpoint_w = _number(payload, -p.discharge_limit_w, p.charge_limit_w, "W")
    home.battery.order_setpoint(setpoint_w)


def _battery_mode(home: Home, payload: str) -> None:
    if home.battery is None:
        raise RefusedError("there is no battery")
    home.battery.order_mode(BatteryMode(_one_of(payload, tuple(BatteryMode))))


def _charger_current(home: Home, payload: str) -> None:
    if home.charger is None:
        raise RefusedError("there is no charger")
    p = home.charger.parameters
    current_a = _number(payload, p.min_current_a, p.max_current_a, "A")
    if current_a != int(current_a):
        raise RefusedError(f"{payload} A is no whole number of amperes")
    home.charger.current_limit_a = int(current_a)


def _charger_enabled(home: Home, payload: str) -> None:
    if home.charger is None:
        raise RefusedError("there is no charger")
    home.charger.enabled = _one_of(payload, ("ON", "OFF")) == "ON"


def _charger_contactor(home: Home, payload: str) -> None:
    if home.charger is None:
        raise RefusedError("there is no charger")
    home.charger.supplied = _one_of(payload, ("ON", "OFF")) == "ON"


def _solar_limit(home: Home, payload: str) -> None:
    if home.solar is None:
        raise RefusedError("there is no solar inverter")
    rated_w = home.solar.parameters.rated_w
    home.solar.limit_w = _number(payload, 0, rated_w, "W")


def _heat_pump_limit(home: Home, payload: str) -> None:
    if home.heat_pump is None:
        raise RefusedError("there is no heat pump")
    max_power_w = home.heat_pump.parameters.max_power_w
    home.heat_pump.power_limit_w = _number(payload, 0, max_power_w, "W")


def _sg_ready(home: Home, payload: str) -> None:
    if home.heat_pump is None:
        raise RefusedError("there is no heat pump")
    home.heat_pump.sg_ready = SgReady(_one_of(payload, tuple(SgReady)))


def _climate_mode(home: Home, payload: str) -> None:
    if home.heat_pump is None:
        raise RefusedError("there is no heat pump")
    home.heat_pump.heating = _one_of(payload, ("heat", "off")) == "heat"


def _climate_temperature(home: Home, payload: str) -> None:
    if home.heat_pump is None:
        raise RefusedError("there is no heat pump")
    target_c = _number(payload, LOWEST_TARGET_C, HIGHEST_TARGET_C, "°C")
    home.heat_pump.target_c = target_c


def _start(home: Home, _payload: str) -> None:
    if home.appliance is None:
        raise RefusedError("there is no dishwasher")
    if not home.appliance.start():
        raise RefusedError(f"it is {home.appliance.state}, not ready")


ORDERS: Final[Mapping[tuple[str, str], Order]] = {
    ("battery", "setpoint"): _battery_setpoint,
    ("battery", "mode"): _battery_mode,
    ("charger", "current"): _charger_current,
    ("charger", "enabled"): _charger_enabled,
    ("contactor", "contactor"): _charger_contactor,
    ("solar", "limit"): _solar_limit,
    ("heat_pump", "power_limit"): _heat_pump_limit,
    ("heat_pump", "sg_ready"): _sg_ready,
    ("heat_pump", "climate_mode"): _climate_mode,
    ("heat_pump", "climate_temperature"): _climate_temperature,
    ("dishwasher", "start"): _start,
}
