"""Chargers over OCPP and batteries over S2, in processes of their own."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
import json
import sys
from typing import Any, Final
from unittest.mock import patch

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import issue_registry as ir
import pytest

from cem_core.model import Direction, LimitSource, PowerLimit, Scope
from custom_components.cem.const import DOMAIN, Kind, Mode
from custom_components.cem.controlled import ControlledDevice
from custom_components.cem.home import Home
from script.rig.processes import free_port
from tests.cem_core.s2.messages import name
from tests.custom_components.conftest import SetUp
from tests.custom_components.house import CONTRACT, DATA
from tests.custom_components.test_config_flow import body, start
from tests.custom_components.test_control_box import until

pytestmark = pytest.mark.usefixtures("socket_enabled")
_PASSWORD: Final = "a-long-password"
_TOKEN: Final = "a-token-of-the-battery"
_HOST: Final = "127.0.0.1"
_ENTITIES: Final = ("switch", "throttle", "power", "plugged", "setpoint", "mode")


@pytest.fixture(autouse=True)
def expected_lingering_timers() -> bool:
    """Let aiohttp end its heartbeat by itself: it is due once more after a close."""
    return True


class Peer:
    """A device in its own process."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        """Read what it prints."""
        self.process = process

    async def hears(self, event: str) -> dict[str, Any]:
        """Return the next line about ``event``."""
        output = self.process.stdout
        async with asyncio.timeout(20):
            while output is not None and (line := await output.readline()):
                said: dict[str, Any] = json.loads(line)
                if said["event"] == event:
                    return said
        raise AssertionError(f"it ended without {event}")

    async def does(self, line: str) -> None:
        """Have it do something."""
        if self.process.stdin is not None:
            self.process.stdin.write(f"{line}\n".encode())
            await self.process.stdin.drain()


@asynccontextmanager
async def peer(*arguments: str) -> AsyncGenerator[Peer]:
    """Run a module of the tests as a process."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", *arguments),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        yield Peer(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


def wallbox(home: Home) -> Any:
    """Run the charging station of ``home``."""
    url = f"http://{_HOST}:{port_of(home)}/ocpp"
    module = "tests.cem_core.ocpp.charging_station"
    return peer(module, url, "wall", _PASSWORD, "ocpp1.6")


def manager(home: Home) -> Any:
    """Run the resource manager of the battery of ``home``."""
    url = f"http://{_HOST}:{port_of(home)}/s2"
    return peer("tests.cem_core.s2.resource_manager", url, _TOKEN)


def port_of(home: Home) -> int:
    """Return the port at which the home listens."""
    [port] = [each.port for each in home.links.listeners if each.port is not None]
    return port


def without_entities(kind: Kind, **changes: Any) -> dict[str, Any]:
    """Return a device that no entity commands."""
    kept = {k: v for k, v in DATA[kind].items() if k not in _ENTITIES}
    return kept | changes


CHARGER: Final = without_entities(
    Kind.EV_CHARGER, station="wall", station_password=_PASSWORD
)
BATTERY: Final = without_entities(Kind.BATTERY, s2_token=_TOKEN) | {
    "power": DATA[Kind.BATTERY]["power"]
}


@asynccontextmanager
async def listening(
    set_up: SetUp, kind: Kind, data: dict[str, Any]
) -> AsyncGenerator[tuple[Home, ControlledDevice]]:
    """Set a home up that listens for its one device, on a free port."""
    kinds = {Kind.EV_CHARGER: "ocpp", Kind.BATTERY: "s2"}
    options = {
        f"{kinds[kind]}_address": _HOST,
        f"{kinds[kind]}_port": float(free_port()),
    }
    # The contract's limit would stop a device that starts beside what others draw.
    with patch.dict(DATA, {kind: data}), patch.dict(CONTRACT, {"import_limit": 40}):
        home = await set_up(Kind.METER, kind, options=options)
    [device] = home.devices.values()
    await until(lambda: any(each.port for each in home.links.listeners))
    yield home, device


def order(home: Home, limit_w: int) -> None:
    """Order a limit on what can be controlled."""
    home.store.orders.order(
        PowerLimit(
            limit_id="operator",
            source=LimitSource.ORDER,
            issuer="operator",
            direction=Direction.IMPORT,
            scope=Scope.CONTROLLABLE,
            limit_w=limit_w,
        )
    )
    home.cycle()


def period(said: dict[str, Any]) -> dict[str, Any]:
    """Return the one period of a profile."""
    found: dict[str, Any]
    (found,) = said["profile"]["charging_schedule"]["charging_schedule_period"]
    return found


async def test_nothing_listens_without_a_device_that_needs_it(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    home = await set_up(Kind.METER, Kind.EV_CHARGER)
    await hass.async_block_till_done()
    assert [each.port for each in home.links.listeners] == [None, None]


async def test_a_station_is_measured_limited_and_freed(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    async with listening(set_up, Kind.EV_CHARGER, CHARGER) as (home, device):
        assert not device.available
        async with wallbox(home) as wall:
            await until(lambda: device.available)
            await wall.does("plug")
            assert (await wall.hears("started"))["status"] == "Accepted"
            await wall.does("measure 9000")
            await until(lambda: device.power_w == 9000)
            assert device.connected is True
            connected = "binary_sensor.wallbox_ocpp_connected"
            await until(lambda: hass.states.is_state(connected, "on"))
            power = "sensor.wallbox_power_by_its_own_measurement"
            await until(lambda: hass.states.is_state(power, "9000"))
            home.store.mode = Mode.CONTROL
            order(home, 4200)
            said = await wall.hears("profile")
            # 6 A is the least: 4.14 kW on three phases.
            assert period(said)["limit"] == 6
            assert said["profile"]["charging_schedule"]["duration"] == 600
            stays = await wall.hears("profile")
            assert stays["profile"]["stack_level"] == 0
            home.store.orders.end("operator", "operator", administrator=True)
            home.cycle()
            assert await hass.config_entries.async_unload(home.entry.entry_id)
            assert (await wall.hears("cleared"))["id"] == 101


async def test_a_station_that_comes_back_is_ordered_at_once(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    async with listening(set_up, Kind.EV_CHARGER, CHARGER) as (home, device):
        home.store.mode = Mode.CONTROL
        async with wallbox(home) as wall:
            await until(lambda: device.available)
            await wall.does("plug")
            order(home, 4200)
            await wall.hears("profile")
        await until(lambda: not device.available)
        connected = "binary_sensor.wallbox_ocpp_connected"
        await until(lambda: hass.states.is_state(connected, "off"))
        async with wallbox(home) as wall:
            # Its car is not seen yet: it gets the least, or nothing.
            assert period(await wall.hears("profile"))["limit"] in (0, 6)
        assert await hass.config_entries.async_unload(home.entry.entry_id)


async def test_a_refused_profile_is_a_problem_of_the_device(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    async with listening(set_up, Kind.EV_CHARGER, CHARGER) as (home, device):
        home.store.mode = Mode.CONTROL
        async with wallbox(home) as wall:
            await until(lambda: device.available)
            await wall.does("refuse reject")
            await wall.does("plug")
            order(home, 4200)
            await until(lambda: device.problem is not None)
            assert device.problem == "the station says Rejected to a profile"
        assert await hass.config_entries.async_unload(home.entry.entry_id)


async def test_a_battery_over_s2_is_instructed_and_handed_back(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    async with (
        listening(set_up, Kind.BATTERY, BATTERY) as (home, device),
        manager(home) as battery,
    ):
        await battery.hears("activated")
        await until(lambda: device.available)
        home.store.mode = Mode.CONTROL
        hass.states.async_set(BATTERY["power"], "3000", {"unit_of_measurement": "W"})
        order(home, 0)
        told = await battery.hears("instruction")
        assert told["operation_mode"] in (name("charge"), name("discharge"))
        assert told["operation_mode_factor"] in (0, 1)
        assert told["abnormal_condition"] is True
        home.store.orders.end("operator", "operator", administrator=True)
        home.cycle()
        assert await hass.config_entries.async_unload(home.entry.entry_id)
        await battery.hears("deactivated")


async def test_a_port_that_is_taken_is_an_issue(
    hass: HomeAssistant, set_up: SetUp, issue_registry: ir.IssueRegistry
) -> None:
    server = await asyncio.start_server(lambda *_: None, _HOST, 0)
    port = server.sockets[0].getsockname()[1]
    options = {"ocpp_address": _HOST, "ocpp_port": float(port)}
    async with server:
        with patch.dict(DATA, {Kind.EV_CHARGER: CHARGER}):
            home = await set_up(Kind.METER, Kind.EV_CHARGER, options=options)
        issue_id = f"not_listening_OCPP_{home.entry.entry_id}"
        await until(lambda: (DOMAIN, issue_id) in issue_registry.issues)
        issue = issue_registry.async_get_issue(DOMAIN, issue_id)
        assert issue is not None
        assert issue.translation_placeholders is not None
        assert issue.translation_placeholders["port"] == str(port)
        assert "uses this address and port" in issue.translation_placeholders["reason"]
    assert await hass.config_entries.async_reload(home.entry.entry_id)
    await until(lambda: (DOMAIN, issue_id) not in issue_registry.issues)
    assert await hass.config_entries.async_unload(home.entry.entry_id)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"station_password": "short"}, "station_password_short"),
        ({"switch": "switch.charger"}, "ocpp_alone"),
        ({"s2_token": "a-token-of-sixteen"}, "s2_alone"),
    ],
)
async def test_what_is_wrong_in_the_form_is_said(
    hass: HomeAssistant, changes: dict[str, Any], error: str
) -> None:
    flow = await start(hass, Kind.EV_CHARGER)
    with patch.dict(DATA, {Kind.EV_CHARGER: CHARGER}):
        answers = body(Kind.EV_CHARGER, **changes)
    shown = await hass.config_entries.subentries.async_configure(
        flow["flow_id"], answers
    )
    assert shown["type"] is FlowResultType.FORM
    assert error in (shown["errors"] or {}).values()
