"""The home -> what its devices say on their topics."""

from datetime import datetime
from typing import Final

from cem_core.simulation.faults import PRICES, Fault
from cem_core.simulation.forecasts import price_now, sky_now_w
from cem_core.simulation.home import Home

# What Home Assistant takes for an unknown state of a sensor.
UNKNOWN: Final = "None"


def states(home: Home) -> dict[tuple[str, str], str]:
    """Return (device, key) -> payload, for every device that speaks now."""
    said: dict[tuple[str, str], str] = {}
    for device, values in (
        ("battery", _battery(home)),
        ("charger", _charger(home)),
        ("contactor", _contactor(home)),
        ("heat_pump", _heat_pump(home)),
        ("solar", _solar(home)),
        ("dishwasher", _dishwasher(home)),
        ("tariff", _prices(home, home.now)),
        ("weather", {"outdoor_temperature": f"{home.outdoor_c:.1f}"}),
    ):
        silent = home.faults.active(Fault.SILENCE, device, home.now)
        if not silent and not home.faults.absent(device, home.now):
            said |= {(device, key): value for key, value in values.items()}
    return said


def _battery(home: Home) -> dict[str, str]:
    battery = home.battery
    if battery is None:
        return {}
    return {
        "power": _watts(battery.power_w),
        "state_of_charge": f"{100 * battery.state_of_charge:.1f}",
        "setpoint": _watts(battery.setpoint_w),
        "mode": battery.mode,
    }


def _charger(home: Home) -> dict[str, str]:
    charger = home.charger
    if charger is None:
        return {}
    return {
        "power": _watts(charger.power_w),
        "current": f"{charger.current_limit_a:g}",
        "enabled": _on_off(charger.enabled),
        "plugged": _on_off(charger.car.plugged),
        "status": charger.status,
        "car_state_of_charge": f"{100 * charger.car.state_of_charge:.0f}",
    }


def _contactor(home: Home) -> dict[str, str]:
    if home.charger is None:
        return {}
    return {"contactor": _on_off(home.charger.supplied)}


def _heat_pump(home: Home) -> dict[str, str]:
    heat_pump, building = home.heat_pump, home.building
    if heat_pump is None or building is None:
        return {}
    action = "heating" if heat_pump.running else "idle"
    return {
        "power": _watts(heat_pump.power_w),
        "indoor_temperature": f"{building.air_c:.1f}",
        "climate_mode": "heat" if heat_pump.heating else "off",
        "climate_temperature": f"{heat_pump.target_c:.1f}",
        "climate_action": action if heat_pump.heating else "off",
        "sg_ready": heat_pump.sg_ready,
        "power_limit": _watts(heat_pump.power_limit_w),
    }


def _solar(home: Home) -> dict[str, str]:
    if home.solar is None:
        return {}
    return {
        "power": _watts(home.solar.power_w),
        "limit": _watts(home.solar.limit_w),
        "forecast": _watts(sky_now_w(home)),
    }


def _dishwasher(home: Home) -> dict[str, str]:
    if home.appliance is None:
        return {}
    return {
        "power": _watts(home.appliance.power_w),
        "state": home.appliance.state,
    }


def _prices(home: Home, now: datetime) -> dict[str, str]:
    load = home.setup.load
    gap = home.faults.active(Fault.PRICE_GAP, PRICES, now)
    return {
        key: UNKNOWN if gap else f"{price_now(home, column):.4f}"
        for key, column in (
            ("import_price", load.import_price),
            ("export_price", load.export_price),
        )
    }


def _watts(power_w: float) -> str:
    return str(round(power_w))


def _on_off(value: bool) -> str:
    return "ON" if value else "OFF"
