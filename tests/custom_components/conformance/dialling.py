"""Devices that dial the home: OCPP charging stations, and a battery that speaks S2."""

from typing import Any, ClassVar, Final

from custom_components.cem.const import Kind
from custom_components.cem.home import Home
from tests.cem_core.s2.messages import name
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
    """A battery behind a resource manager."""

    kind = Kind.BATTERY
    module = "tests.cem_core.s2.resource_manager"
    powers_w: tuple[int, ...] = (5000, 1200, 0, -1200, -5000)
    step_w = 1.0
    cannot: frozenset[str] = frozenset({"what_another_orders_is_noticed"})
    _token: Final = "a-token-of-the-battery"

    def arguments(self) -> tuple[str, ...]:
        """Return where the home is."""
        return f"http://{HOST}:{self._port}/s2", self._token

    async def prepare(self) -> dict[str, Any]:
        """Return the battery as it is filled in."""
        return without_entities(self.kind, s2_token=self._token) | {
            "options": {"s2_address": HOST, "s2_port": float(self._port)}
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
