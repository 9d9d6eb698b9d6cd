"""Devices that dial the home: OCPP charging stations, and those that speak S2."""

import asyncio
from typing import Any, ClassVar, Final

from custom_components.cem.const import Kind
from custom_components.cem.home import Home
from tests.cem_core.s2.messages import name
from tests.cem_core.s2.other_devices import STAGES
from tests.custom_components.conformance.peer import (
    CHARGER_W,
    HOST,
    PHASES_W,
    Process,
    without_entities,
)

_PASSWORD: Final = "a-long-password"


class Dialling(Process):
    """One that connects, and says what it was told."""

    told_w: float | None = None

    def forget(self) -> None:
        """Be left to itself."""
        self.told_w = None


class Ocpp(Dialling):
    """A charging station with a car."""

    kind = Kind.EV_CHARGER
    module = "tests.cem_core.ocpp.charging_station"
    powers_w: tuple[int, ...] = CHARGER_W
    step_w = PHASES_W
    version: ClassVar[str]

    def arguments(self) -> tuple[str, ...]:
        """Return where the home is, and what is spoken."""
        return f"http://{HOST}:{self._port}/ocpp", "wall", _PASSWORD, self.version

    async def prepare(self) -> dict[str, Any]:
        """Return the charger as it is filled in."""
        return without_entities(
            self.kind, station="wall", station_password=_PASSWORD
        ) | {"options": {"ocpp_address": HOST, "ocpp_port": float(self._port)}}

    async def come(self, home: Home | None = None) -> None:
        """Start, with a car."""
        await super().come(home)
        await self.does("plug")
        await self.does("charge DEADBEEF")

    def heard(self, said: dict[str, Any]) -> None:
        """Take the profile that ends by itself; the other one is its fallback."""
        if said["event"] == "profile":
            schedule = said["profile"]["charging_schedule"]
            schedule = schedule[0] if isinstance(schedule, list) else schedule
            if "duration" in schedule and "reject" not in self._refused:
                [period] = schedule["charging_schedule_period"]
                ampere = schedule["charging_rate_unit"] == "A"
                self.told_w = period["limit"] * (PHASES_W if ampere else 1)
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
    """OCPP 1.6, which has no words for the limits of others."""

    version = "ocpp1.6"
    cannot: frozenset[str] = frozenset({"what_another_orders_is_noticed"})


class Ocpp201(Ocpp):
    """OCPP 2.0.1."""

    version = "ocpp2.0.1"

    async def meddle(self) -> None:
        """Say that an energy management system limits it."""
        limit = '{"chargingLimit": {"chargingLimitSource": "EMS"}}'
        await self.does(f'say [2, "other", "NotifyChargingLimit", {limit}]')


class S2(Dialling):
    """One behind a resource manager."""

    module = "tests.cem_core.s2.resource_manager"
    step_w = 1.0
    cannot: frozenset[str] = frozenset({"what_another_orders_is_noticed"})
    kind: ClassVar[Kind]
    powers_w: ClassVar[tuple[int, ...]]
    device: ClassVar[str]
    _token: Final = "a-token-of-the-device"

    def __init__(self) -> None:
        """Start nothing yet."""
        super().__init__()
        self._selected = asyncio.Event()

    async def come(self, home: Home | None = None) -> None:
        """Start, and be taken over: on a busy machine that takes its time."""
        self._selected.clear()
        await super().come(home)
        async with asyncio.timeout(60):
            await self._selected.wait()

    def arguments(self) -> tuple[str, ...]:
        """Return where the home is, and what the device is."""
        return f"http://{HOST}:{self._port}/s2", self._token, self.device

    async def prepare(self) -> dict[str, Any]:
        """Return the device as it is filled in."""
        return without_entities(self.kind, s2_token=self._token) | {
            "options": {"s2_address": HOST, "s2_port": float(self._port)}
        }

    def heard(self, said: dict[str, Any]) -> None:
        """Take the instruction."""
        if said["event"] == "instruction" and said["taken"]:
            self.obey(said)
        elif said["event"] == "activated":
            self._selected.set()
        elif said["event"] == "deactivated":
            self.told_w = None

    def obey(self, said: dict[str, Any]) -> None:
        """Do what an instruction says."""
        raise NotImplementedError

    async def refuse(self, *, on: bool) -> None:
        """Reject instructions."""
        await self.does("refuse" if on else "agree")

    async def rubbish(self) -> None:
        """Say what is no message."""
        await self.does('say {"message_type": "PowerMeasurement", "values": "much"}')
        await self.does("say {{{")


class S2FillRate(S2):
    """A battery."""

    kind = Kind.BATTERY
    powers_w = (5000, 1200, 0, -1200, -5000)
    device = "battery"

    def obey(self, said: dict[str, Any]) -> None:
        """Charge or discharge."""
        least_w = 0.0 if said["operation_mode"] == name("charge") else -5000.0
        self.told_w = least_w + 5000.0 * said["operation_mode_factor"]
        self.orders += 1


class S2TwoWayCharger(S2FillRate):
    """A charger whose car gives back: a storage like a battery's."""

    kind = Kind.EV_CHARGER

    async def prepare(self) -> dict[str, Any]:
        """Return the charger as it is filled in."""
        return await super().prepare() | {
            "car_state_of_charge": "sensor.car_charge",
            "car_capacity": 60,
            "discharge_limit": 5,
        }


class S2OperationModes(S2):
    """A charger in two stages that may change between them at once."""

    kind = Kind.EV_CHARGER
    powers_w = (3680, 3340, 1400, 0)
    device = "modes"

    def obey(self, said: dict[str, Any]) -> None:
        """Go into a stage."""
        stages = {name(stage): powers_w for stage, powers_w in STAGES.items()}
        low_w, high_w = stages[said["operation_mode_id"]]
        self.told_w = low_w + (high_w - low_w) * said["operation_mode_factor"]
        self.orders += 1


class S2DemandDriven(S2):
    """A heat pump beside a gas boiler: one of both meets the demand."""

    kind = Kind.HEAT_PUMP
    powers_w = (1000, 0)
    device = "hybrid"

    async def prepare(self) -> dict[str, Any]:
        """Return the heat pump as it is filled in."""
        return await super().prepare() | {"method": "s2"}

    def obey(self, said: dict[str, Any]) -> None:
        """Heat with the pump, or let the boiler do it."""
        if said["actuator_id"] == name("pump"):
            on = said["operation_mode_id"] == name("pump on")
            self.told_w = 2000.0 * said["operation_mode_factor"] if on else 0.0
            self.orders += 1


class S2PowerEnvelope(S2):
    """A charger that is bounded, and charges as much as it is let."""

    kind = Kind.EV_CHARGER
    powers_w = (3000, 1200, 0)
    device = "bounded"

    def obey(self, said: dict[str, Any]) -> None:
        """Charge up to the bound."""
        [envelope] = said["power_envelopes"]
        [element] = envelope["power_envelope_elements"]
        self.told_w = element["upper_limit"]
        self.orders += 1


class S2PowerProfile(S2):
    """A dishwasher that is done and filled again as soon as it was scheduled.

    A run is no state that is ended: what it was told counts for a moment.
    """

    kind = Kind.APPLIANCE
    powers_w = (2000, 900)
    device = "quick dishwasher"
    _runs_for_s: Final = 0.7

    def obey(self, said: dict[str, Any]) -> None:
        """Wash hot or saving."""
        programmes = {name("hot"): 2000.0, name("saving"): 900.0}
        if said["power_sequence_id"] in programmes:
            self.told_w = programmes[said["power_sequence_id"]]
            self.orders += 1
            asyncio.get_running_loop().call_later(self._runs_for_s, self.forget)
