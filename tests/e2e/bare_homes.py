"""Three homes with nothing that the CEM could control, in one Home Assistant."""

import asyncio
from typing import Final

from script.rig.api import Api, Json
from tests.e2e.live_home import LiveHome

FLOW: Final = "/api/config/config_entries/flow"
GRID: Final = "sensor.grid_power"
PRICE: Final = "sensor.home_electricity_price"
SOLAR_POWER: Final = "sensor.home_solar_power"
PLUG_IN: Final = {
    "add": True,
    "name": "Balcony",
    "power": SOLAR_POWER,
    "peak_power": 0.8,
}
INVERTER: Final = PLUG_IN | {"name": "Inverter", "peak_power": 5}
BATTERY: Final = {
    "add": True,
    "name": "Battery",
    "power": "sensor.home_battery_power",
    "power_sign": "charge_positive",
    "state_of_charge": "sensor.home_battery_state_of_charge",
    "capacity": 10,
    "charge_limit": 5,
    "discharge_limit": 5,
}
HOMES: Final[dict[str, Json]] = {
    "Meter": {},
    "Plug-in": {"solar": PLUG_IN},
    "Read-only": {"solar": INVERTER, "battery": BATTERY},
}


async def set_up(live: LiveHome, name: str) -> str:
    """Add one of the homes by the first forms; return the entry's id."""
    api = live.api
    form: Json = await api.post(FLOW, {"handler": "cem"})
    answers: dict[str, Json] = {
        "user": {
            "name": name,
            "import_limit": 9.2,
            "export_limit": 9.2,
            "phases": "1",
            "power": GRID,
            "power_sign": "import_positive",
            "price_entity": PRICE,
        },
        "prices": {"price_entity": PRICE, "export_price": 0.05, "advanced": {}},
        "devices": HOMES[name],
        "first_day": {},
    }
    while form["type"] != "create_entry":
        if form["type"] == "form":
            said = answers[form["step_id"]]
            form = await api.post(f"{FLOW}/{form['flow_id']}", said)
            assert not form.get("errors"), form
        else:
            form = await _planned(api, form["flow_id"])
    return str(form["result"]["entry_id"])


async def _planned(api: Api, flow_id: str) -> Json:
    await asyncio.sleep(0.5)
    return await api.get(f"{FLOW}/{flow_id}")
