"""Storages and bounded devices over S2: from the wire by a plan to an instruction.

The other end is the resource manager of s2-python, in a process of its own.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest

from custom_components.cem.const import Kind
from custom_components.cem.planning.document import request
from tests.cem_core.s2.messages import battery, level, name
from tests.custom_components.conftest import SetUp
from tests.custom_components.test_control_box import until
from tests.custom_components.test_listeners import peer
from tests.custom_components.test_planner import outlook
from tests.custom_components.test_s2_devices import driver, planned, setpoint, there

pytestmark = pytest.mark.usefixtures("socket_enabled")


@pytest.fixture(autouse=True)
def expected_lingering_timers() -> bool:
    """Let aiohttp end its heartbeat by itself: it is due once more after a close."""
    return True


async def test_a_tank_with_two_actuators(hass: HomeAssistant, set_up: SetUp) -> None:
    async with there(set_up, Kind.HEAT_PUMP, "tank") as (home, device, other):
        await until(lambda: any(kw for _, _, kw in driver(device).demand_kw()))
        count = len(request(home, outlook(dt_util.utcnow())).series["time"])
        asked, found = await planned(home, import_price=[0.3] * count)
        [described] = asked.home["devices"]
        assert described["kind"] == "storage"
        assert described["efficiency"] == pytest.approx(1)
        assert described["min_off_minutes"] == 10
        [rod] = described["sources"]
        assert rod["efficiency"] == pytest.approx(1 / 3)
        # 2 kW of heat are 0.67 kW of the pump's current.
        demand = asked.series[described["demand_series"]]
        assert max(demand) == pytest.approx(2 / 3)
        [target] = described["targets"]
        capacity = described["capacity_kwh"]
        assert target["energy_kwh"] == pytest.approx(0.55 * capacity)
        # At one price the pump is the cheaper of the two, and has the time.
        pump, second = (each["power_kw"] for each in found["sources"])
        assert max(pump) > 0
        assert max(second) == pytest.approx(0, abs=1e-6)
        assert max(found["energy_kwh"]) >= 0.55 * capacity - 1e-3

        device.order(setpoint(device, 2000))
        told = await other.hears("instruction")
        assert told["actuator_id"] == name("pump")
        assert told["operation_mode_factor"] == 1
        await device.join()
        device.order(setpoint(device, 4500))
        told = await other.hears("instruction")
        assert told["operation_mode"] == name("rod on")
        await device.join()
        device.order(setpoint(device, 0))
        stopped = [await other.hears("instruction") for _ in range(2)]
        assert {each["operation_mode"] for each in stopped} == {
            name("pump off"),
            name("rod off"),
        }
        await device.join()
        # The pump rests: what is ordered now the rod draws.
        device.order(setpoint(device, 2000))
        told = await other.hears("instruction")
        assert told["operation_mode"] == name("rod on")
        [resting] = request(home, outlook(dt_util.utcnow())).home["devices"]
        assert resting["held_minutes"] == 10


async def test_a_battery_that_turns_slowly(hass: HomeAssistant, set_up: SetUp) -> None:
    async with there(set_up, Kind.BATTERY, "slow battery") as (home, device, other):
        asked, found = await planned(home)
        [described] = asked.home["devices"]
        assert described["charging"]["min_on_minutes"] == 20
        assert described["turn_minutes"] == 15
        assert "charge_kw" in found

        device.order(setpoint(device, 3000))
        told = await other.hears("instruction")
        assert told["operation_mode"] == name("charge")
        await device.join()
        [charging] = request(home, outlook(dt_util.utcnow())).home["devices"]
        assert charging["charging"]["initially_on"]
        assert charging["charging"]["held_minutes"] == 20
        # It charges on, at nothing, until its run is over.
        device.order(setpoint(device, -3000))
        told = await other.hears("instruction")
        assert told["operation_mode"] == name("charge")
        assert told["operation_mode_factor"] == 0


async def test_what_has_to_be_drawn_by_a_time_is_planned_and_allowed(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    async with there(set_up, Kind.EV_CHARGER, "pool") as (home, device, other):

        def load() -> Mapping[str, Any] | None:
            found = driver(device).described(dt_util.utcnow())
            return found if found and found.get("kind") == "flexible_load" else None

        await until(lambda: load() is not None)
        asked, found = await planned(home)
        [described] = asked.home["devices"]
        assert described["kind"] == "flexible_load"
        assert described["energy_kwh"] == pytest.approx(2, abs=0.01)
        [window] = described["windows"]
        assert datetime.fromisoformat(window["end"]) > dt_util.utcnow()
        assert max(found["power_kw"]) > 0

        device.order(setpoint(device, 1000))
        told = await other.hears("instruction")
        assert told["message_type"] == "PEBC.Instruction"
        [bounds] = told["power_envelopes"]
        [element] = bounds["power_envelope_elements"]
        assert element["upper_limit"] == pytest.approx(1000)


async def test_a_battery_that_describes_itself_anew_in_the_middle_of_a_run(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    async with there(set_up, Kind.BATTERY, "battery") as (_, device, other):
        device.order(setpoint(device, 3000))
        told = await other.hears("instruction")
        assert told["operation_mode_factor"] == pytest.approx(0.6)
        await device.join()
        said = driver(device).described
        await other.does("revoke")
        await until(lambda: said(dt_util.utcnow()) is None)
        for text in (battery(power_w=4000), level(50)):
            await other.does(f"say {text}")
        await until(lambda: said(dt_util.utcnow()) is not None)
        # The same order again, though it has been told: the device is another.
        device.order(setpoint(device, 3000))
        told = await other.hears("instruction")
        assert told["operation_mode_factor"] == pytest.approx(0.75)
        await device.join()
        assert device.problem is None


async def test_a_battery_that_dies_and_comes_back_as_another(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    async with there(set_up, Kind.BATTERY, "battery") as (home, device, other):
        device.order(setpoint(device, 3000))
        await other.hears("instruction")
        await device.join()
        other.process.kill()
        await until(lambda: not driver(device).available)
        assert driver(device).held_w() is None
        assert driver(device).described(dt_util.utcnow()) is None
        [port] = [each.port for each in home.links.listeners if each.port is not None]
        url = f"http://127.0.0.1:{port}/s2"
        module = "tests.cem_core.s2.resource_manager"
        async with peer(module, url, driver(device).token, "slow battery") as again:
            await until(lambda: driver(device).described(dt_util.utcnow()) is not None)
            device.order(setpoint(device, 3000))
            told = await again.hears("instruction")
            assert told["operation_mode"] == name("charge")
            await device.join()
            [described] = request(home, outlook(dt_util.utcnow())).home["devices"]
            assert described["charging"]["held_minutes"] == 20
