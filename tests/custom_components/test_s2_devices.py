"""Devices of each control type, from the form by a plan to an instruction.

The other end is the resource manager of s2-python, in a process of its own.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any, Final
from unittest.mock import patch

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest

from cem_core.dispatch import DispatchSettings
from cem_core.model import (
    Action,
    Cause,
    Direction,
    LimitSource,
    Owner,
    PowerLimit,
    Scope,
    Setpoint,
)
from cem_core.model.plan_json import plan_from_json
from custom_components.cem.const import Kind, Mode
from custom_components.cem.controlled import ControlledDevice
from custom_components.cem.drivers import S2Driver
from custom_components.cem.home import Home
from custom_components.cem.planning.document import Request, request
from custom_components.cem.settings import HomeSettings
from optimizer.optimize import Options, optimize
from optimizer.read_home import home_from_json
from optimizer.series import table
from script.rig.processes import free_port
from tests.cem_core.s2 import other_devices
from tests.cem_core.s2.messages import name
from tests.custom_components.conftest import SetUp
from tests.custom_components.house import DATA, W
from tests.custom_components.test_control_box import until
from tests.custom_components.test_listeners import Peer, peer
from tests.custom_components.test_planner import outlook

pytestmark = pytest.mark.usefixtures("socket_enabled")

_HOST: Final = "127.0.0.1"
_TOKEN: Final = "a-token-of-the-device"
_ENTITIES: Final = ("start", "ready", "ready_state", "power")
_COMMANDS: Final = ("switch", "throttle", "power_limit")
LIMIT: Final = PowerLimit(
    limit_id="operator",
    source=LimitSource.ORDER,
    issuer="operator",
    direction=Direction.IMPORT,
    scope=Scope.CONNECTION,
    limit_w=500,
)


@pytest.fixture(autouse=True)
def expected_lingering_timers() -> bool:
    """Let aiohttp end its heartbeat by itself: it is due once more after a close."""
    return True


@asynccontextmanager
async def there(
    set_up: SetUp, kind: Kind, device: str, **more: Any
) -> AsyncGenerator[tuple[Home, ControlledDevice, Peer]]:
    """Set a home up with ``device`` of `resource_manager`, described by now."""
    data = {k: v for k, v in DATA[kind].items() if k not in (*_ENTITIES, *_COMMANDS)}
    data |= {"s2_token": _TOKEN, **more}
    if kind is Kind.HEAT_PUMP:
        data["method"] = "s2"
    options = {"s2_address": _HOST, "s2_port": float(free_port())}
    with patch.dict(DATA, {kind: data}):
        home = await set_up(Kind.METER, kind, options=options)
    [found] = home.devices.values()
    await until(lambda: any(each.port for each in home.links.listeners))
    [port] = [each.port for each in home.links.listeners if each.port is not None]
    url = f"http://{_HOST}:{port}/s2"
    async with peer("tests.cem_core.s2.resource_manager", url, _TOKEN, device) as other:
        said = driver(found).described
        await until(lambda: said(dt_util.utcnow()) is not None, within_s=50)
        yield home, found, other
        await home.hass.config_entries.async_unload(home.entry.entry_id)


def driver(device: ControlledDevice) -> S2Driver:
    found = device.driver
    assert isinstance(found, S2Driver)
    return found


async def planned(home: Home, **changes: Any) -> tuple[Request, dict[str, Any]]:
    """Return what was asked, and the plan of its one device; prices may change."""
    asked = request(home, outlook(dt_util.utcnow()))
    asked.series |= changes
    # In a thread: the loop has to answer meanwhile.
    plan = await asyncio.to_thread(
        optimize,
        home_from_json(asked.home),
        table(asked.series),
        Options(time_limit_s=20),
    )
    # The hour at which this runs may leave a car too little time.
    assert plan["status"] in ("optimal", "feasible", "relaxed")
    [device] = asked.home["devices"]
    return asked, plan["devices"][device["id"]]


def setpoint(device: ControlledDevice, power_w: int | None) -> Setpoint:
    return Setpoint(
        device_id=device.device_id,
        action=Action.RUN if power_w else Action.HOLD,
        power_w=power_w,
        cause=Cause.PLAN,
    )


@pytest.fixture
def returned_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let power come back after a limit within a second, not in up to three minutes."""
    settings = DispatchSettings(return_least_s=0, return_most_s=0)
    monkeypatch.setattr(HomeSettings, "dispatch", lambda *_: settings)


@pytest.mark.usefixtures("returned_at_once")
async def test_a_dishwasher_is_planned_scheduled_paused_and_let_go_on(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    async with there(set_up, Kind.APPLIANCE, "dishwasher") as (home, device, other):
        asked, found = await planned(home)
        [described] = asked.home["devices"]
        assert described["kind"] == "programme"
        assert [len(each["options"]) for each in described["sections"]] == [2, 1]
        # The saving wash draws 0.45 kWh, the hot one 0.4.
        assert [each["option"] for each in found["sections"]] == [
            name("hot"),
            name("cold"),
        ]
        assert not device.model.interruptible

        home.store.mode = Mode.CONTROL
        device.order(setpoint(device, 2000))
        for container, sequence in (("wash", "hot"), ("rinse", "cold")):
            told = await other.hears("instruction")
            assert told["message_type"] == "PPBC.ScheduleInstruction"
            assert told["sequence_container_id"] == name(container)
            assert told["power_sequence_id"] == name(sequence)
        await device.join()
        # Between its orders it stays selected: it would offer no run any more.
        device.hand_back()
        await device.join()
        assert device.problem is None
        await other.does(f"say {other_devices.container('wash', 'EXECUTING')}")
        await until(lambda: device.model.interruptible)
        [left] = request(home, outlook(dt_util.utcnow())).home["devices"]
        assert left["begun"]

        await other.does("measure 2000")
        await until(lambda: device.power_w == 2000)
        hass.states.async_set("sensor.grid", "2400", W)
        home.store.orders.order(LIMIT)
        home.cycle()
        told = await other.hears("instruction")
        assert told["message_type"] == "PPBC.StartInterruptionInstruction"
        assert told["abnormal_condition"] is True
        await other.does(f"say {other_devices.container('wash', 'INTERRUPTED')}")
        await other.does("measure 0")
        await until(lambda: device.power_w == 0)
        home.store.orders.end("operator", "operator", administrator=True)
        hass.states.async_set("sensor.grid", "400", W)
        home.cycle()
        told = await other.hears("instruction")
        assert told["message_type"] == "PPBC.EndInterruptionInstruction"
        assert device.owner is Owner.PLAN


async def test_a_run_is_paused_as_it_is_planned(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    async with there(set_up, Kind.APPLIANCE, "dishwasher") as (home, device, other):
        count = len(request(home, outlook(dt_util.utcnow())).series["time"])
        home.store.mode = Mode.CONTROL
        device.order(setpoint(device, 2000))
        for _ in range(2):
            await other.hears("instruction")
        await device.join()
        await other.does(f"say {other_devices.container('wash', 'EXECUTING')}")
        await until(lambda: device.model.interruptible)

        prices = [9.0] * 3 + [0.1] * (count - 3)
        asked, _ = await planned(home, import_price=prices)
        document = await asyncio.to_thread(
            optimize, home_from_json(asked.home), table(asked.series), Options()
        )
        assert document["devices"][device.device_id]["order_kw"][0] == 0
        plan = plan_from_json(document, created_at=dt_util.utcnow())
        home.take_plan(plan, document)
        told = await other.hears("instruction")
        assert told["message_type"] == "PPBC.StartInterruptionInstruction"
        assert told["abnormal_condition"] is False
        await until(lambda: driver(device).held_w() == 0)


async def test_a_run_that_was_refused_is_scheduled_again(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    async with there(set_up, Kind.APPLIANCE, "dishwasher") as (_, device, other):
        await other.does("refuse")
        device.order(setpoint(device, 2000))
        told = await other.hears("instruction")
        assert not told["taken"]
        await until(lambda: device.problem is not None)
        await device.join()
        await other.does("agree")
        device.queue.forget()
        device.order(setpoint(device, 2000))
        told = await other.hears("instruction")
        while not told["taken"]:  # the second container's, of the refused run
            told = await other.hears("instruction")
        assert told["sequence_container_id"] == name("wash")
        await until(lambda: device.problem is None)


@pytest.mark.parametrize(("price", "power_kw"), [(0.30, 1.0), (3.00, 0.0)])
async def test_a_hybrid_heats_with_what_is_cheaper(
    hass: HomeAssistant, set_up: SetUp, price: float, power_kw: float
) -> None:
    async with there(set_up, Kind.HEAT_PUMP, "hybrid") as (home, device, other):
        await until(lambda: any(p for _, _, p in driver(device).demand_kw()))
        count = len(request(home, outlook(dt_util.utcnow())).series["time"])
        asked, found = await planned(home, import_price=[price] * count)
        [described] = asked.home["devices"]
        assert described["kind"] == "storage"
        [boiler] = described["sources"]
        assert not boiler["electric"]
        assert boiler["cost_per_hour"] == pytest.approx(2.16)
        # In kW: 3 kW of heat are 1 kW of current, at most.
        assert max(asked.series[described["demand_series"]]) == pytest.approx(1.0)
        first_kw = found["power_kw"][0]
        assert first_kw == pytest.approx(power_kw, abs=0.02)

        device.order(setpoint(device, round(first_kw * 1000)))
        told = [await other.hears("instruction") for _ in range(2)]
        modes = {each["actuator_id"]: each["operation_mode_id"] for each in told}
        on = "pump" if power_kw else "boiler"
        assert modes[name(on)] == name(f"{on} on")
        await device.join()
        assert driver(device).held_w() == round(first_kw * 1000)


async def test_a_tank_is_drawn_from_as_its_form_says(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    """It foretells nothing: else no plan would heat water that nobody draws."""
    more = {"own_tank": True, "tank_draw": 6.0, "tank_usual": 50}
    async with there(set_up, Kind.HEAT_PUMP, "hot water", **more) as (
        home,
        device,
        other,
    ):
        assert device.water_c == pytest.approx(48)
        asked, found = await planned(home)
        [described] = asked.home["devices"]
        assert described["kind"] == "storage"
        # 20 K of 200 l are 4.65 kWh of heat, a third of that in electricity.
        assert described["capacity_kwh"] == pytest.approx(20 * 0.2326 / 3, rel=0.01)
        drawn_kw = asked.series[described["demand_series"]]
        assert max(drawn_kw) == pytest.approx(6 * 1.61 / 5.845 / 3, rel=0.5)
        # Water at 48 °C does not last: somewhere it is heated.
        assert max(found["power_kw"]) > 0.1
        device.order(setpoint(device, 1500))
        told = await other.hears("instruction")
        assert told["operation_mode_factor"] == pytest.approx(0.75)
        await device.join()


async def test_a_device_with_modes_is_planned_in_its_stages(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    async with there(set_up, Kind.EV_CHARGER, "stages") as (home, device, other):
        asked, found = await planned(home)
        [described] = asked.home["devices"]
        assert described["power_ranges"] == [
            {"min_kw": 1.4, "max_kw": 1.4},
            {"min_kw": 3.0, "max_kw": 3.68},
        ]
        assert described["start_cost"] == pytest.approx(0.05)
        assert described["initially_on"] is False
        powers = {round(power_kw, 3) for power_kw in found["power_kw"]}
        assert any(powers)
        for power_kw in powers:
            assert power_kw in (0, 1.4) or 3.0 <= power_kw <= 3.68

        device.order(setpoint(device, 1400))
        told = await other.hears("instruction")
        assert told["message_type"] == "OMBC.Instruction"
        assert told["operation_mode_id"] == name("low")
        await device.join()
        # It runs for five minutes at least: nothing but another stage is told.
        device.order(setpoint(device, 0))
        await device.join()
        device.order(setpoint(device, 3340))
        told = await other.hears("instruction")
        assert told["operation_mode_id"] == name("high")
        assert told["operation_mode_factor"] == pytest.approx(0.5)
