"""A simulated home and the CEM in Home Assistant, in one event loop, at one time.

A second passes when the test says so, and takes some milliseconds: the clock of the day
(`freezer`) and that of the event loop move together. What the two say to each other
goes through sockets, as it would between two machines.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

from freezegun import freeze_time
from freezegun.api import FrozenDateTimeFactory, real_monotonic
from homeassistant.core import HomeAssistant, ServiceCall
from ruamel.yaml import YAML

from cem_core.model import Action, Balance, DevicePlan, Plan, PlanStatus, PlanStep
from cem_core.simulation.build import build_home
from cem_core.simulation.config import read_setup
from cem_core.simulation.day_series import read_day_series
from cem_core.simulation.faults import Fault, Order
from cem_core.simulation.home import Home as SimulatedHome
from cem_core.simulation.orders import obey
from cem_core.simulation.simulator import Simulator, wall_clock
from cem_core.transport.eebus_identity import Identity
from custom_components.cem.const import Kind, Mode
from custom_components.cem.controlled import ControlledDevice
from custom_components.cem.home import Home
from custom_components.cem.power_cuts import PowerCuts
from script.rig.processes import free_port
from tests.custom_components.closed_loop.under_way import UnderWay
from tests.custom_components.conftest import SetUp
from tests.custom_components.house import DATA
from tests.custom_components.test_listeners import without_entities
from tests.use_cases.closed_loop import BRUSSELS, DEMO

HOST: Final = "127.0.0.1"
PASSWORD: Final = "a-long-password"
BATTERY_TOKEN: Final = "a-token-of-the-battery"
HEAT_PUMP_TOKEN: Final = "a-token-of-the-heat-pump"
FAILSAFE_KW: Final = 1.5
STRIDE_S: Final = 5  # well below what makes a meter a silent one
NAMES: Final[Mapping[Kind, str]] = {
    Kind.EV_CHARGER: "charger",
    Kind.BATTERY: "battery",
    Kind.HEAT_PUMP: "heat_pump",
    Kind.SOLAR: "solar",
}

PLANNED_EVERY: Final = timedelta(minutes=10)

type Powers = dict[str, list[float]]


class Wait(Exception):  # noqa: N818 (it is what failed)
    """What was waited for did not happen."""


class Time:
    """The event loop's time: real until it is stopped, and then the test's."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Take the time of ``loop`` over, before the clock of the day is frozen."""
        self._real = real_monotonic
        self._offset_s = 0.0
        self._stands_at_s: float | None = None
        loop.set_debug(False)  # it would take each jump for a task that blocks
        loop.time = self._now_s  # type: ignore[method-assign] # the tests' own loop

    def _now_s(self) -> float:
        if self._stands_at_s is not None:
            return self._stands_at_s
        return self._real() + self._offset_s

    def stop(self) -> None:
        """Let it stand."""
        self._stands_at_s = self._now_s()

    def go(self) -> None:
        """Let it run by itself, from where it stands."""
        if self._stands_at_s is not None:
            self._offset_s = self._stands_at_s - self._real()
            self._stands_at_s = None

    def pass_(self, seconds: float) -> None:
        """Let time pass at once."""
        if self._stands_at_s is not None:
            self._stands_at_s += seconds


@dataclass
class Played:
    """Both homes, and what has happened so far."""

    hass: HomeAssistant
    time: Time
    under_way: UnderWay
    day: FrozenDateTimeFactory
    simulated: SimulatedHome
    simulator: Simulator
    home: Home
    grid_w: list[float] = field(default_factory=list)
    power_w: Powers = field(default_factory=dict)
    charge: list[float] = field(default_factory=list)
    plan_until: datetime = field(init=False)
    _steps: Mapping[str, PlanStep] = field(default_factory=dict)

    def device(self, kind: Kind) -> ControlledDevice:
        """Return the CEM's device of a kind."""
        [found] = [d for d in self.home.devices.values() if d.kind is kind]
        return found

    async def second(self) -> None:
        """Let a second pass, and all that was said in it arrive."""
        self.time.pass_(1.0)
        self.day.tick(1.0)
        await self.under_way.over()
        home = self.simulated
        self.grid_w.append(home.grid_power_w)
        if home.battery is not None:
            self.charge.append(home.battery.state_of_charge)
        for device in NAMES.values():
            part = getattr(home, device)
            if part is not None:
                self.power_w.setdefault(device, []).append(part.power_w)

    async def leap(self, seconds: int) -> None:
        """Let time pass in strides, in which the meter is never silent for long."""
        for begun_s in range(0, seconds, STRIDE_S):
            stride_s = min(STRIDE_S, seconds - begun_s)
            self.time.pass_(stride_s)
            self.day.tick(stride_s)
            await self.under_way.over()
            while self.simulated.now + timedelta(seconds=1) < wall_clock():
                await self.under_way.over()

    async def run(self, seconds: int) -> None:
        """Let time pass; a plan is made anew before it is too old to be followed."""
        for _ in range(seconds):
            if self.home.plan and self.simulated.now >= self.plan_until:
                self.plan(**self._steps)
            await self.second()

    async def until(self, done: Callable[[], bool], within_s: int) -> int:
        """Let time pass until ``done()``; return how many seconds that took."""
        for passed_s in range(within_s + 1):
            if done():
                return passed_s
            await self.second()
        raise Wait(f"not within {within_s} s")

    async def die(self) -> None:
        """End the CEM without a word, as a machine does that loses its power."""
        with patch.object(PowerCuts, "stop", lambda _: None):
            self.time.go()
            entry_id = self.home.entry.entry_id
            assert await self.hass.config_entries.async_unload(entry_id)
            self.time.stop()

    async def live_again(self, boot: str) -> None:
        """Start the CEM anew, on the run of the machine that ``boot`` names."""
        with patch("custom_components.cem.boot_id", lambda: boot):
            self.time.go()
            entry_id = self.home.entry.entry_id
            assert await self.hass.config_entries.async_setup(entry_id)
            self.time.stop()
        self.home = self.home.entry.runtime_data

    def befall(self, fault: Fault, device: str, seconds: float) -> None:
        """Let something fail."""
        self.simulated.befall(Order(fault=fault, device=device, seconds=seconds))

    def plan(self, **steps: PlanStep) -> None:
        """Have the CEM carry out one step of four hours; devices by kind."""
        self._steps = steps
        self.plan_until = self.simulated.now + PLANNED_EVERY
        ids = {
            device.kind.value: device_id
            for device_id, device in self.home.devices.items()
        }
        now = self.simulated.now
        self.home.plan = Plan(
            created_at=now,
            edges=(now, now + timedelta(hours=4)),
            status=PlanStatus.OPTIMAL,
            devices={ids[k]: DevicePlan(steps=(step,)) for k, step in steps.items()},
        )
        self.home.cycle()

    def draws(self, device: str, power_w: float) -> bool:
        """Tell whether a device draws ``power_w`` now, within 5 percent."""
        return abs(self.power_w[device][-1] - power_w) <= power_w / 20

    def mean_w(self, device: str, last_s: int) -> float:
        """Return the mean power of a device."""
        return sum(self.power_w[device][-last_s:]) / last_s


def at(action: Action, power_w: int, balance: Balance | None = None) -> PlanStep:
    """Return a step."""
    return PlanStep(action=action, power_w=power_w, balance=balance)


def simulated_home(
    start: datetime, state: Path, changes: Mapping[str, Any], peer: str
) -> SimulatedHome:
    """Return the demo's home at ``start``, with ``changes`` of its section simulate."""
    document = YAML(typ="safe", pure=True).load(DEMO / "home.yaml")
    # So cold that the heat pump takes all that it may.
    document["simulate"] |= {"p1": {}, "mqtt": {}, "heat_pump": {"target_c": 25}}
    document["simulate"] |= changes
    if "eebus" in changes:
        document["simulate"]["eebus"] |= {"state": str(state), "peer": peer}
    setup = read_setup(document)
    series = read_day_series(DEMO / setup.series, BRUSSELS)
    return build_home(setup, series, start)


def own(kind: Kind, **changes: Any) -> dict[str, Any]:
    """Return a device that is neither commanded nor measured by entities."""
    return {k: v for k, v in without_entities(kind).items() if k != "power_sign"} | (
        changes
    )


def _stand_in(hass: HomeAssistant, simulated: SimulatedHome) -> None:
    """Let Home Assistant start the dishwasher, as an integration of its would."""

    async def press(call: ServiceCall) -> None:
        assert call.data["entity_id"] == "button.dishwasher"
        obey(simulated, "dishwasher", "start", "")

    hass.services.async_register("button", "press", press)


@asynccontextmanager
async def played(
    hass: HomeAssistant,
    set_up: SetUp,
    *,
    start: datetime,
    identity: Identity,
    state: Path,
    speaks: Mapping[Kind, str],
    meter: str,
) -> AsyncGenerator[Played]:
    """Play the demo's home; ``speaks`` says which protocol each device speaks.

    ``meter`` is the standard that its telegrams follow.
    """
    clock, under_way = Time(hass.loop), UnderWay(hass.loop)
    with freeze_time(start) as day:
        assert isinstance(day, FrozenDateTimeFactory)
        ocpp_port, s2_port = free_port(), free_port()
        networks = _networks(speaks, ocpp_port, s2_port)
        networks["p1"] = {"standard": meter}
        simulated = simulated_home(start, state, networks, identity.ski)
        simulator = Simulator(simulated, clock=wall_clock)
        await simulator.start()
        ending = asyncio.Event()
        running = asyncio.create_task(simulator.run(ending))
        options = {
            "ocpp_address": HOST,
            "ocpp_port": float(ocpp_port),
            "s2_address": HOST,
            "s2_port": float(s2_port),
            "listen_address": HOST,
            "listen_port": float(free_port()),
        }
        try:
            with patch.dict(DATA, _subentries(speaks, simulator)):
                home = await set_up(Kind.METER, *speaks, options=options)
            _stand_in(hass, simulated)
            clock.stop()
            it = Played(hass, clock, under_way, day, simulated, simulator, home)
            devices = home.devices.values()
            await it.until(lambda: all(d.available for d in devices), within_s=60)
            home.store.mode = Mode.CONTROL
            await it.run(5)
            yield it
            clock.go()
            assert await hass.config_entries.async_unload(home.entry.entry_id)
        finally:
            clock.go()
            ending.set()
            await asyncio.wait([running])
            await simulator.stop()


def _subentries(
    speaks: Mapping[Kind, str], simulator: Simulator
) -> dict[Kind, dict[str, Any]]:
    found = {kind: _data(kind, how, simulator) for kind, how in speaks.items()}
    found[Kind.METER] = {
        "method": "tcp",
        "host": HOST,
        "port": simulator.p1_port,
        "silent_after": 20,
    }
    return found


def _networks(
    speaks: Mapping[Kind, str], ocpp_port: int, s2_port: int
) -> dict[str, Any]:
    tokens = {Kind.BATTERY: BATTERY_TOKEN, Kind.HEAT_PUMP: HEAT_PUMP_TOKEN}
    s2 = {
        f"{NAMES[kind]}_token": tokens[kind]
        for kind, how in speaks.items()
        if how == "s2"
    }
    found: dict[str, Any] = {}
    for kind, how in speaks.items():
        match how.split():
            case ["ocpp", version]:
                found["ocpp"] = {
                    "url": f"ws://{HOST}:{ocpp_port}/ocpp",
                    "station": "wall",
                    "password": PASSWORD,
                    "version": version,
                }
            case ["eebus", *offers]:
                found["eebus"] = {"device": NAMES[kind], "offers_runs": bool(offers)}
            case ["modbus"]:
                found["modbus"] = {"port": 0}
    if s2:
        found["s2"] = {"url": f"ws://{HOST}:{s2_port}/s2"} | s2
    return found


def _data(kind: Kind, how: str, simulator: Simulator) -> dict[str, Any]:
    match how.split():
        case ["ocpp", _]:
            return own(kind, station="wall", station_password=PASSWORD)
        case ["s2"]:
            token = BATTERY_TOKEN if kind is Kind.BATTERY else HEAT_PUMP_TOKEN
            return own(kind, s2_token=token)
        case ["eebus", *_]:
            device = simulator.eebus
            assert device is not None
            return own(
                kind,
                ski=device.ski,
                host=HOST,
                port=device.port,
                failsafe_power=FAILSAFE_KW,
            )
        case ["entities"]:
            return dict(DATA[kind])
        case ["modbus"]:
            unit = 4 if kind is Kind.BATTERY else 3
            return own(
                kind,
                modbus_map="sunspec",
                modbus_host=HOST,
                modbus_port=simulator.modbus_port,
                modbus_unit=unit,
            )
    raise ValueError(how)
