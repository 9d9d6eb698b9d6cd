"""Devices for the conformance test: one adapter a protocol, all asked the same way."""

import asyncio
from contextlib import AsyncExitStack
import json
from pathlib import Path
import signal
import sys
from typing import Any, ClassVar, Final, Protocol

from homeassistant.components.number import NumberEntity
from homeassistant.components.switch import SwitchEntity
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import setup_test_component_platform

from cem_core.transport.eebus_identity import Identity
from custom_components.cem.const import Kind
from custom_components.cem.home import Home
from script.rig.eebus_peer import EebusPeer, eebus_peer
from script.rig.processes import free_port
from tests.cem_core.s2.messages import name
from tests.custom_components.house import DATA, W

_HOST: Final = "127.0.0.1"
_PASSWORD: Final = "a-long-password"
_ENTITIES: Final = ("switch", "throttle", "power", "plugged", "setpoint", "mode")
_PHASES_W: Final = 690.0  # 1 A on three phases
_CHARGER_W: Final = (11_040, 7000, 4200, 0)


def without_entities(kind: Kind, **changes: Any) -> dict[str, Any]:
    """Return a device that no entity commands."""
    return {k: v for k, v in DATA[kind].items() if k not in _ENTITIES} | changes


class Peer(Protocol):
    """A device at the other end of a driver.

    ``told_w`` is the power that it was told and took last, in W; None: it is left to
    itself. ``orders`` counts what it was told.
    """

    kind: Kind
    powers_w: tuple[int, ...]
    step_w: float
    told_w: float | None
    orders: int

    async def prepare(self) -> dict[str, Any]:
        """Return how the device is filled in."""

    async def come(self, home: Home | None = None) -> None:
        """Be there, at first or again; it has forgotten what it was told."""

    async def leave(self) -> None:
        """Be gone without a word."""

    async def stall(self, *, on: bool) -> None:
        """Answer nothing, or go on."""

    async def refuse(self, *, on: bool) -> None:
        """Refuse what is ordered, or take it."""

    async def measure(self, power_w: int) -> None:
        """Say what is drawn."""

    async def rubbish(self) -> None:
        """Say what has no meaning."""

    async def close(self) -> None:
        """End for good."""


class _Process:
    """What devices that dial the home have in common: a process and its lines."""

    module: str
    orders = 0
    told_w: float | None = None

    def __init__(self) -> None:
        """Start nothing yet."""
        self._process: asyncio.subprocess.Process | None = None
        self._reading: asyncio.Task[None] | None = None
        self._port = free_port()

    def arguments(self) -> tuple[str, ...]:
        """Return what the process is given."""
        raise NotImplementedError

    def heard(self, said: dict[str, Any]) -> None:
        """Take one thing that it says."""
        raise NotImplementedError

    async def come(self, home: Home | None = None) -> None:
        """Start the process."""
        del home
        self.told_w = None
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", self.module, *self.arguments()),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        self._reading = asyncio.create_task(self._read(self._process))

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        async for line in process.stdout:
            self.heard(json.loads(line))

    async def does(self, line: str) -> None:
        """Have it do something."""
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n".encode())
        await self._process.stdin.drain()

    async def leave(self) -> None:
        """Kill the process."""
        if self._process is not None and self._reading is not None:
            if self._process.returncode is None:
                self._process.kill()
            await self._process.wait()
            await self._reading
        self._process = None

    async def stall(self, *, on: bool) -> None:
        """Stop the process where it is."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP if on else signal.SIGCONT)

    async def measure(self, power_w: int) -> None:
        """Say what is drawn."""
        await self.does(f"measure {power_w}")

    async def close(self) -> None:
        """End for good."""
        await self.leave()


class Ocpp(_Process):
    """A charging station with a car."""

    kind = Kind.EV_CHARGER
    module = "tests.cem_core.ocpp.charging_station"
    powers_w = _CHARGER_W
    step_w = _PHASES_W
    version: ClassVar[str]

    def arguments(self) -> tuple[str, ...]:
        """Return where the home is, and what is spoken."""
        return f"http://{_HOST}:{self._port}/ocpp", "wall", _PASSWORD, self.version

    async def prepare(self) -> dict[str, Any]:
        """Return the charger as it is filled in."""
        return without_entities(
            self.kind, station="wall", station_password=_PASSWORD
        ) | {"options": {"ocpp_address": _HOST, "ocpp_port": float(self._port)}}

    async def come(self, home: Home | None = None) -> None:
        """Start, with a car."""
        await super().come(home)
        await self.does("plug")

    def heard(self, said: dict[str, Any]) -> None:
        """Take the profile that ends by itself; the other one is its fallback."""
        if said["event"] == "profile":
            schedule = said["profile"]["charging_schedule"]
            schedule = schedule[0] if isinstance(schedule, list) else schedule
            if "duration" in schedule and "reject" not in self._refused:
                [period] = schedule["charging_schedule_period"]
                ampere = schedule["charging_rate_unit"] == "A"
                self.told_w = period["limit"] * (_PHASES_W if ampere else 1)
                self.orders += 1
        elif said["event"] == "cleared":
            self.told_w = None

    _refused: frozenset[str] = frozenset()

    async def refuse(self, *, on: bool) -> None:
        """Reject profiles."""
        self._refused = frozenset({"reject"} if on else ())
        await self.does("refuse reject" if on else "agree reject")

    async def rubbish(self) -> None:
        """Say what is no OCPP, and come back if that ends the connection."""
        await self.does('say [2, {"what": []}, "?"]')
        await self.does("say {{{")


class Ocpp16(Ocpp):
    """OCPP 1.6."""

    version = "ocpp1.6"


class Ocpp201(Ocpp):
    """OCPP 2.0.1."""

    version = "ocpp2.0.1"


class S2(_Process):
    """A battery behind a resource manager."""

    kind = Kind.BATTERY
    module = "tests.cem_core.s2.resource_manager"
    powers_w = (5000, 1200, 0, -1200, -5000)
    step_w = 1.0
    _token: Final = "a-token-of-the-battery"

    def arguments(self) -> tuple[str, ...]:
        """Return where the home is."""
        return f"http://{_HOST}:{self._port}/s2", self._token

    async def prepare(self) -> dict[str, Any]:
        """Return the battery as it is filled in."""
        return without_entities(self.kind, s2_token=self._token) | {
            "options": {"s2_address": _HOST, "s2_port": float(self._port)}
        }

    def heard(self, said: dict[str, Any]) -> None:
        """Take the instruction."""
        if said["event"] == "instruction" and said["taken"]:
            least_w = 0.0 if said["operation_mode"] == name("charge") else -5000.0
            self.told_w = least_w + 5000.0 * said["operation_mode_factor"]
            self.orders += 1
        elif said["event"] == "deactivated":
            self.told_w = None

    async def refuse(self, *, on: bool) -> None:
        """Reject instructions."""
        await self.does("refuse" if on else "agree")

    async def rubbish(self) -> None:
        """Say what is no message."""
        await self.does('say {"message_type": "PowerMeasurement", "values": "much"}')
        await self.does("say {{{")


class Eebus:
    """A wallbox that the home dials."""

    kind = Kind.EV_CHARGER
    powers_w = _CHARGER_W
    step_w = 1.0

    def __init__(self, identity: Identity, folder: Path) -> None:
        """Trust the home of ``identity``."""
        self._arguments = ("--peer", identity.ski)
        self._folder = folder
        self._open = AsyncExitStack()
        self._peer: EebusPeer | None = None
        self._port = 0

    @property
    def _wallbox(self) -> EebusPeer:
        assert self._peer is not None
        return self._peer

    @property
    def told_w(self) -> float | None:
        """The limit that it applies."""
        said = self._wallbox.said
        limit_w: float = said.get("import_limit_w", 0.0)
        return limit_w if said.get("state") == "limited" else None

    @property
    def orders(self) -> int:
        """How often it was written to."""
        taken: int = self._wallbox.said.get("limits_taken", 0)
        return taken

    async def prepare(self) -> dict[str, Any]:
        """Start it, as its SKI is made then."""
        await self.come()
        self._port = self._wallbox.port
        return without_entities(
            self.kind, ski=self._wallbox.ski, host=_HOST, port=self._wallbox.port
        )

    async def come(self, home: Home | None = None) -> None:
        """Start the process where it was."""
        if home is not None and self._peer is not None:
            return  # it is there since it was filled in
        port = ("--port", str(self._port)) if self._port else ()
        self._peer = await self._open.enter_async_context(
            eebus_peer("wallbox", self._folder, *self._arguments, *port)
        )
        self._peer.tell("plug on")

    async def leave(self) -> None:
        """Kill the process."""
        await self._open.aclose()

    async def stall(self, *, on: bool) -> None:
        """Stop the process where it is."""
        self._wallbox.process.send_signal(signal.SIGSTOP if on else signal.SIGCONT)

    async def refuse(self, *, on: bool) -> None:
        """Answer limits with an error."""
        self._wallbox.tell(f"refuse {'on' if on else 'off'}")

    async def measure(self, power_w: int) -> None:
        """Draw."""
        self._wallbox.tell("rubbish off")
        self._wallbox.tell(f"power {power_w}")

    async def rubbish(self) -> None:
        """Measure what is no number."""
        self._wallbox.tell("rubbish on")

    async def close(self) -> None:
        """End for good."""
        await self._open.aclose()


class _Current(NumberEntity):
    entity_id = "number.garage"
    _attr_should_poll = False
    _attr_native_min_value = 6
    _attr_native_max_value = 16
    _attr_native_step = 1
    _attr_native_unit_of_measurement = "A"
    _attr_native_value: float = 16

    def __init__(self, peer: Entities) -> None:
        self._peer = peer

    async def async_set_native_value(self, value: float) -> None:
        await self._peer.act()
        self._attr_native_value = value
        self.async_write_ha_state()


class _Contact(SwitchEntity):
    entity_id = "switch.garage"
    _attr_should_poll = False
    _attr_is_on = True

    def __init__(self, peer: Entities) -> None:
        self._peer = peer

    async def async_turn_on(self, **_: Any) -> None:
        await self._turn(on=True)

    async def async_turn_off(self, **_: Any) -> None:
        await self._turn(on=False)

    async def _turn(self, *, on: bool) -> None:
        await self._peer.act()
        self._attr_is_on = on
        self.async_write_ha_state()


class Entities:
    """A charger of another integration: a current, a switch and a sensor."""

    kind = Kind.EV_CHARGER
    powers_w = _CHARGER_W
    step_w = _PHASES_W

    def __init__(self, hass: HomeAssistant) -> None:
        """Belong to the integration `test`."""
        self._hass = hass
        self._current, self._contact = _Current(self), _Contact(self)
        self._refuses = False
        self._goes_on = asyncio.Event()
        self._goes_on.set()
        self.orders = 0

    async def act(self) -> None:
        """Take an order, unless it is to be refused."""
        await self._goes_on.wait()
        if self._refuses:
            raise HomeAssistantError("locked by its owner")
        self.orders += 1

    @property
    def told_w(self) -> float | None:
        """The power that the current lets through; at the most it is left alone."""
        ampere = self._current.native_value
        assert ampere is not None
        if not self._contact.is_on:
            return 0.0
        return ampere * _PHASES_W if ampere < 16 or self.orders == 0 else None

    async def prepare(self) -> dict[str, Any]:
        """Add the entities."""
        for domain, entity in (("number", self._current), ("switch", self._contact)):
            setup_test_component_platform(self._hass, domain, [entity])
            assert await async_setup_component(
                self._hass, domain, {domain: {"platform": "test"}}
            )
        await self._hass.async_block_till_done()
        return DATA[self.kind] | {
            "throttle": "number.garage",
            "switch": "switch.garage",
            "power": "sensor.garage",
        }

    async def come(self, home: Home | None = None) -> None:
        """Be available."""
        del home
        await self._show(available=True)

    async def leave(self) -> None:
        """Be unavailable, and forget what was told."""
        self._current._attr_native_value, self._contact._attr_is_on = 15, True
        await self._show(available=False)

    async def _show(self, *, available: bool) -> None:
        for entity in (self._current, self._contact):
            entity._attr_available = available
            entity.async_write_ha_state()
        await self._hass.async_block_till_done()

    async def stall(self, *, on: bool) -> None:
        """Hold every call up, or let it go on."""
        if on:
            self._goes_on.clear()
        else:
            self._goes_on.set()

    async def refuse(self, *, on: bool) -> None:
        """Raise."""
        self._refuses = on

    async def measure(self, power_w: int) -> None:
        """Show what is drawn."""
        self._hass.states.async_set("sensor.garage", str(power_w), W)

    async def rubbish(self) -> None:
        """Show what is no number."""
        self._hass.states.async_set("sensor.garage", "much", W)

    async def close(self) -> None:
        """Leave nobody waiting."""
        self._goes_on.set()
