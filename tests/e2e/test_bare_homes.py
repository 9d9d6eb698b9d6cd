"""Homes with nothing to command: each view is useful, and begs for no device."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
import re
import time
from typing import Final

from playwright.async_api import Browser
import pytest

from script.rig.api import Api, Json
from script.rig.browser import (
    PHONE,
    PHONE_DARK,
    WIDE,
    WIDE_DARK,
    Screen,
    View,
    chromium,
    logged_in,
    shoot,
)
from script.rig.flows import entities_present
from script.rig.past import import_past
from script.rig.websocket import WebSocket, connect
from tests.e2e.live_home import LiveHome, running_home

pytestmark = pytest.mark.e2e

SCREENSHOTS = Path(__file__).resolve().parents[2] / "screenshots"
FLOW: Final = "/api/config/config_entries/flow"
GRID: Final = "sensor.grid_power"
BALCONY: Final = "sensor.balcony_power"
PRICE: Final = "sensor.home_electricity_price"
SOLAR: Final = {"add": True, "name": "Inverter", "peak_power": 5}
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
    "Plug-in": {
        "solar": SOLAR | {"name": "Balcony", "power": BALCONY, "peak_power": 0.8}
    },
    "Read-only": {
        "solar": SOLAR | {"power": "sensor.home_solar_power"},
        "battery": BATTERY,
    },
}
SCREENS: Final = {
    "Meter": (WIDE, PHONE_DARK),
    "Plug-in": (PHONE,),
    "Read-only": (WIDE_DARK,),
}
# What a view has to tell: hours with their price, standby, peaks, all with a time.
TELLS: Final = {
    "now": (
        r"(Cheap|Dear) (from|until) (\w{3} )?\d+:\d\d.*€[\d.]+/kWh",
        r"Month's peak",
    ),
    "plan": (r"made \d", r"Show as a table"),
    "limits": (r"of 9\.20\s?kW", r"Month's peak", r"since"),
    "savings": (r"(Cheap|Dear) (from|until) (\w{3} )?\d+:\d\d", r"noon"),
    "energy": (
        r"Standby about \d+\s?W: [\d,]+\s?kWh a year",
        r"Used.*kWh",
        r"Grid|Import",
    ),
    "devices": (r"only observes",),
    "health": (r"answers", r"prices known until"),
}
EMPTY: Final = re.compile(
    r"counted in this period yet\.|Connecting to|does not answer|No meter or device"
    r"|No plan yet|not set up"
)
BEGS: Final = re.compile(
    r"\b(buy|purchase|get a|add a (device|battery|charger)|connect a)\b", re.IGNORECASE
)
TOLD_WITHIN_S: Final = 30.0
GO: Final = """(path) => {
  history.pushState(null, "", path);
  dispatchEvent(new CustomEvent("location-changed"));
}"""


async def set_up(api: Api, name: str) -> str:
    """Add one of the homes by the first forms; return the entry's id."""
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
    form: Json = await api.post(FLOW, {"handler": "cem"})
    while form["type"] != "create_entry":
        path = f"{FLOW}/{form['flow_id']}"
        if form["type"] == "form":
            form = await api.post(path, answers[form["step_id"]])
            assert not form.get("errors"), form
        else:
            await asyncio.sleep(0.5)
            form = await api.get(path)
    return str(form["result"]["entry_id"])


@asynccontextmanager
async def measured(api: Api) -> AsyncIterator[None]:
    """Let meter and balcony tell a new power every two seconds."""

    async def tell() -> None:
        step = 0
        while True:
            step += 1
            for entity_id, power_w in (
                (GRID, 300 + 40 * (step % 7)),
                (BALCONY, 240 + step % 5),
            ):
                said = {"unit_of_measurement": "W", "device_class": "power"}
                state = {"state": str(power_w), "attributes": said}
                await api.post(f"/api/states/{entity_id}", state)
            await asyncio.sleep(2)

    telling = asyncio.create_task(tell())
    try:
        yield
    finally:
        telling.cancel()


async def make_dashboard(socket: WebSocket, name: str, entry_id: str) -> None:
    path = dashboard_of(name)
    await socket.send(
        "lovelace/dashboards/create",
        url_path=path,
        title=name,
        icon="mdi:home",
        show_in_sidebar=True,
        require_admin=False,
    )
    config = {"strategy": {"type": "custom:cem", "entry_id": entry_id}}
    await socket.send("lovelace/config/save", url_path=path, config=config)


def dashboard_of(name: str) -> str:
    return f"bare-{name.lower()}"


@pytest.fixture
async def bare(tmp_path: Path) -> AsyncIterator[LiveHome]:
    """Three homes with four weeks behind them."""
    async with running_home(tmp_path) as live:
        api = live.api
        wanted = {PRICE, "sensor.home_solar_power", "sensor.home_battery_power"}
        await entities_present(api, wanted)
        async with measured(api), connect(api) as socket:
            await entities_present(api, {GRID, BALCONY})
            entries = await asyncio.gather(*(set_up(api, name) for name in HOMES))
            for name, entry_id in zip(HOMES, entries, strict=True):
                await make_dashboard(socket, name, entry_id)
                slug = name.lower().replace("-", "_")
                columns = {
                    f"sensor.{slug}_house_load": "load_kw",
                    f"sensor.{slug}_grid_power": "load_kw",
                }
                await import_past(socket, datetime.now(UTC), columns)
            yield live


@pytest.mark.timeout(300)
async def test_a_home_without_anything_to_command_is_told_what_is_useful(
    bare: LiveHome,
) -> None:
    began = time.monotonic()
    async with chromium() as browser:
        for name, screens in SCREENS.items():
            for screen in screens:
                await look_at(browser, bare.api, name, screen)
    print(f"three homes looked at in {time.monotonic() - began:.1f} s")


async def look_at(browser: Browser, api: Api, name: str, screen: Screen) -> None:
    """Walk through every view of a home."""
    path = dashboard_of(name)
    async with logged_in(browser, api, screen, f"/{path}/now") as view:
        for place, patterns in TELLS.items():
            if place == "devices" and name == "Meter":
                continue  # it has none, and no view of them
            await view.page.evaluate(GO, f"/{path}/{place}")
            if place == "energy":  # the day of a home that is minutes old has little
                month = view.page.locator("cem-energy-card").get_by_text("Month")
                await month.first.click()
            await told(view, patterns, f"{place} of {name}")
            await view.page.wait_for_timeout(300)
            await shoot(view, SCREENSHOTS, f"bare-{name.lower()}-{place}-{screen.name}")
            text = await view.text()
            assert not EMPTY.search(text), (name, place, text)
            assert not BEGS.search(text), (name, place, text)
            beside = "() => document.documentElement.scrollWidth - innerWidth"
            assert await view.page.evaluate(beside) <= 0, (name, place)
        assert not view.errors
        assert not view.outside


async def told(view: View, patterns: tuple[str, ...], where: str) -> None:
    """Wait until a view says all of it."""
    until_s = time.monotonic() + TOLD_WITHIN_S
    while True:
        text = (await view.text()).replace("\N{NO-BREAK SPACE}", " ")
        missing = [each for each in patterns if not re.search(each, text)]
        if not missing:
            return
        assert time.monotonic() < until_s, f"{where} does not say {missing}: {text}"
        await asyncio.sleep(0.3)
