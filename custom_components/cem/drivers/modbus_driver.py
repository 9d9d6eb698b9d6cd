"""Carries out setpoints by writing a device's registers over Modbus."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from homeassistant.core import State

from cem_core.devices import Capability, DeviceError
from cem_core.devices.rivalry import Meddled
from cem_core.modbus import ModbusError
from cem_core.modbus.order import OrderError
from cem_core.modbus.steering import Wish
from cem_core.model import Action, HeatUse, Setpoint
from custom_components.cem.const import Kind
from custom_components.cem.drivers.modbus_told import Said, Told
from custom_components.cem.drivers.reading_pace import ReadingPace
from custom_components.cem.drivers.tank import target_c
from custom_components.cem.phase_choice import THREE


class ModbusDriver:
    """One device on a bus or behind an address; away until it was read."""

    entities: tuple[str, ...] = ()
    controllable = True

    def __init__(self, kind: Kind, data: Mapping[str, Any]) -> None:
        """Command the device that the user described."""
        self.kind = kind
        self.data = data
        self.spared: str | None = None  # why the last order was not written
        self.pace = ReadingPace()
        self._told: Told | None = None
        self._why = "connecting"
        switches = data.get("modbus_switches_phases", False)
        self._phases = THREE if switches and data["phases"] == "3" else None
        self._sets_water: bool = data.get("own_tank", False)
        self._said: Said | None = None
        self._ordered: Setpoint | None = None
        self._meddled: Meddled | None = None
        self._lock = asyncio.Lock()  # the orders of one device are never mixed
        self._written: Callable[[], None] = lambda: None

    def attach(self, told: Told | None, written: Callable[[], None]) -> None:
        """Speak through ``told`` from now on; ``written`` hears of each order."""
        self._told, self._written = told, written

    @property
    def fallback(self) -> str:
        """What the device does while nobody commands it."""
        return "keeps what was written" if self._told is None else self._told.fallback

    @property
    def available(self) -> bool:
        """Whether it answers."""
        return self._said is not None

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What its map or its models can tell it; nothing while it does not answer."""
        if self._told is None or not self.available:
            return frozenset()
        return self._told.capabilities

    @property
    def plugged(self) -> bool | None:
        """Whether a car is there, where its registers say so."""
        return None if self._said is None else self._said.plugged

    @property
    def phases(self) -> int | None:
        """On how many phases it says that it charges."""
        return None if self._said is None else self._said.phases

    def use_phases(self, count: int) -> None:
        """Have it charge on ``count`` phases from the next order on, if it may."""
        if self._phases is not None:
            self._phases = count

    @property
    def state_of_charge(self) -> float | None:
        """How full it is, from 0 to 1, where its registers say so."""
        return None if self._said is None else self._said.state_of_charge

    @property
    def water_c(self) -> float | None:
        """How hot its tank is, where its registers say so."""
        return None if self._said is None else self._said.water_c

    def writes_left(self) -> Mapping[str, int]:
        """Return how often each stored register may still be written today."""
        return {} if self._told is None else self._told.left()

    def measured_w(self) -> int | None:
        """Return what it draws (solar: produces), None if it does not say."""
        return None if self._said is None else self._said.power_w

    def held_w(self) -> int | None:
        """Return the power that it is held at, None: it does not say, nor was told."""
        if self._said is not None and self._said.held_w is not None:
            return self._said.held_w
        return None if self._ordered is None else self._ordered.power_w

    def insist(self) -> None:
        """Write the next order: each one is, unless a stored register holds it."""

    def is_as(self, setpoint: Setpoint) -> bool:
        """Tell whether it took, and held, what ``setpoint`` means."""
        told = self._ordered
        if not self.available or told is None or told.power_w != setpoint.power_w:
            return False
        return not self._sets_water or target_c(told, self.data) == target_c(
            setpoint, self.data
        )

    def is_as_ordered(self) -> bool:
        """Tell whether what it is held at is an order of ours."""
        return self._ordered is not None and self._ordered.power_w is not None

    def is_ours(self, state: State) -> bool:
        """Tell whether ``state`` came from an order of ours: no entity is commanded."""
        del state
        return True

    def meddled(self) -> Meddled | None:
        """Return which registers somebody else wrote since this was asked last."""
        found, self._meddled = self._meddled, None
        return found

    def lost(self, why: str) -> None:
        """Take that the device is away; what it was told may be gone."""
        self._why, self._said, self._ordered = why, None, None
        if self._told is not None:
            self._told.forget()

    async def poll(self) -> None:
        """Read it, and do what it needs to hear; raises ModbusError."""
        if self._told is None:
            return
        async with self._lock:
            said = await self._told.read()
            await self._compare(self._told)
            await self._told.tend()
        self._said = said

    async def _compare(self, told: Told) -> None:
        """See whether it still holds what was written; raises ModbusError."""
        if changed := await told.changed():
            self._meddled = Meddled(protocol="Modbus", setting=", ".join(changed))

    async def obey(self, setpoint: Setpoint) -> None:
        """Write what ``setpoint`` means; without a power it is handed back."""
        told = self._told
        if told is None or not self.available:
            raise DeviceError(f"it is not connected over Modbus: {self._why}")
        wish = Wish(
            power_w=setpoint.power_w,
            limited=setpoint.limit_id is not None,
            balances=setpoint.action is Action.BALANCE,
            phases=self._phases,
            water_c=target_c(setpoint, self.data) if self._sets_water else None,
            water_alone=self._sets_water and setpoint.use is HeatUse.WATER,
        )
        try:
            async with self._lock:
                await self._compare(told)  # the order would cover it up
                spared = await told.obey(wish)
        except (ModbusError, OrderError) as error:
            raise DeviceError(str(error)) from error
        finally:
            self._written()  # a write that went wrong counts as well
        self.spared = spared
        if spared is None:
            if not self.is_as(setpoint):
                self.pace.told()
            self._ordered = setpoint
