"""A Modbus device as the home sees it: by its register map, or as SunSpec has it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from fractions import Fraction
import logging
import time
from typing import Any, Final, Protocol

from homeassistant.util import dt as dt_util

from cem_core.devices import Capability
from cem_core.modbus import ModbusUnit, RefusedError, RegisterMap
from cem_core.modbus.quantity import Field, Quantity
from cem_core.modbus.steering import (
    Sizes,
    Step,
    Wish,
    fallback,
    held_w,
    phase_steps,
    phases_said,
    plugged,
    steps,
    switches_phases,
    takes,
    water_step,
)
from cem_core.modbus.sunspec_control import reverts
from cem_core.modbus.sunspec_storage import STORAGE_POWERS, Direction, says_direction
from cem_core.modbus.values import Value
from cem_core.modbus.write_budget import BudgetError, WriteBudget
from cem_core.transport.modbus_device import ModbusDevice
from cem_core.transport.sunspec_device import OUTPUT_CONTROLS, SunSpecDevice
from custom_components.cem.const import NOMINAL_VOLTAGE_V, Kind

_LOGGER = logging.getLogger(__name__)

REVERT_S: Final = 60
INVERTERS: Final = (101, 102, 103, 111, 112, 113, 701)
STORAGES: Final = (124, 713, 802)
_ALIVE: Final = Field(Quantity.ALIVE)
_CONTACT: Final = Field(Quantity.SG_READY_INPUT, "1")
_MEANS: Final = {
    Quantity.CURRENT_LIMIT: Capability.SET_CURRENT,
    Quantity.ENABLED: Capability.START_STOP,
    Quantity.POWER_SETPOINT: Capability.SET_POWER,
    Quantity.CHARGE_POWER_LIMIT: Capability.LIMIT_POWER,
    Quantity.SURPLUS_POWER: Capability.SET_POWER,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a device last said of itself; None: it does not."""

    power_w: int | None = None
    state_of_charge: float | None = None
    plugged: bool | None = None
    held_w: int | None = None
    phases: int | None = None
    water_c: float | None = None


class Told(Protocol):
    """A device that is read, told, and kept as it was told."""

    fallback: str

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What it can be told."""

    async def read(self) -> Said:
        """Return what it says; raises ModbusError."""

    async def obey(self, wish: Wish) -> str | None:
        """Tell it; return why it was spared, None: it was told.

        Raises ModbusError or OrderError.
        """

    async def tend(self) -> None:
        """Do what it needs to hear now and then; raises ModbusError."""

    async def changed(self) -> tuple[str, ...]:
        """Return what somebody else has set since it was told; raises ModbusError."""

    def forget(self) -> None:
        """Take that it may have forgotten what it was told."""

    def left(self) -> Mapping[str, int]:
        """Return how often each stored register may still be written today."""


def sizes(kind: Kind, data: Mapping[str, Any]) -> Sizes:
    """Return what the user said of the device."""
    if kind is Kind.EV_CHARGER:
        phases = int(data["phases"])
        most_w = round(data["max_current"] * phases * NOMINAL_VOLTAGE_V)
        return Sizes(most_w=most_w, phases=phases)
    if kind is Kind.BATTERY:
        return Sizes(
            most_w=round(data["charge_limit"] * 1000),
            discharge_w=round(data["discharge_limit"] * 1000),
        )
    key = "peak_power" if kind is Kind.SOLAR else "max_power"
    return Sizes(most_w=round(data[key] * 1000))


class ToldByMap:
    """A device with a register map, and a budget for what it stores."""

    def __init__(
        self, unit: ModbusUnit, known: RegisterMap, size: Sizes, budget: WriteBudget
    ) -> None:
        """Speak to ``unit``."""
        self._device = ModbusDevice(unit=unit, register_map=known, budget=budget)
        self._size = size
        self._wired = size.phases
        self._said: Mapping[Field, Value] = {}
        self.fallback = fallback(known)

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What its map can tell it."""
        known = self._device.register_map
        if takes(known, _CONTACT):
            return frozenset({Capability.SG_READY})
        found = {means for each, means in _MEANS.items() if takes(known, Field(each))}
        if switches_phases(known):
            found.add(Capability.SWITCH_PHASES)
        return frozenset(found)

    async def read(self) -> Said:
        """Return what its registers say."""
        said = self._said = await self._device.read()
        known = self._device.register_map
        power_w = said.get(Field(Quantity.POWER))
        percent = said.get(Field(Quantity.STATE_OF_CHARGE))
        return Said(
            power_w=round(power_w) if isinstance(power_w, Fraction) else None,
            state_of_charge=_share(percent),
            plugged=plugged(known, said),
            held_w=held_w(known, said, self._size),
            phases=phases_said(said),
            water_c=_water_c(said.get(Field(Quantity.HOT_WATER_TEMPERATURE))),
        )

    async def obey(self, wish: Wish) -> str | None:
        """Write its registers; a limit and a hand-back pass whatever the budget says."""
        passes = wish.limited or wish.power_w is None
        now = dt_util.utcnow()
        known = self._device.register_map
        switching: tuple[Step, ...] = ()
        if wish.phases is not None:
            count = self._wired if wish.power_w is None else wish.phases
            switching = phase_steps(known, self._said, count)
            # Until it says that it has left three phases, the current counts thrice.
            in_force = max(count, phases_said(self._said) or self._wired)
            self._size = replace(self._size, phases=in_force)
        for step in (*steps(known, wish, self._size), *switching):
            try:
                await self._device.write(step.field, step.value, at=now, safety=passes)
            except BudgetError as error:
                return str(error)
        await self._set_water(wish, now)
        if wish.power_w is None:
            self.forget()  # anybody may set it now
        return None

    async def _set_water(self, wish: Wish, now: datetime) -> None:
        """Set its tank, after what limits the power; a refusal holds no order up."""
        step = water_step(self._device.register_map, wish)
        if step is None:
            return
        try:
            await self._device.write(step.field, step.value, at=now)
        except (BudgetError, RefusedError) as error:
            _LOGGER.warning("The hot water was not set: %s", error)

    async def changed(self) -> tuple[str, ...]:
        """Return which of its registers hold something else by now."""
        return await self._device.changed()

    def forget(self) -> None:
        """Expect nothing of its registers."""
        self._device.forget()

    async def tend(self) -> None:
        """Tell a device that asks for it that somebody is there."""
        if takes(self._device.register_map, _ALIVE):
            await self._device.write(_ALIVE, Fraction(1), at=dt_util.utcnow())

    def left(self) -> Mapping[str, int]:
        """Return how often each stored register may still be written today."""
        return self._device.left(dt_util.utcnow())


@dataclass(slots=True)
class ToldBySunSpec:
    """An inverter or a battery that ends its limits by itself, where it can."""

    unit: ModbusUnit
    kind: Kind
    size: Sizes
    clock: Callable[[], float] = time.monotonic
    fallback: str = field(default="keeps the last limit", init=False)
    _direction: Direction = field(default_factory=Direction, init=False)
    _device: SunSpecDevice = field(init=False)

    def __post_init__(self) -> None:
        """Nothing is known of the device before it is read."""
        self._device = SunSpecDevice(unit=self.unit, revert_s=REVERT_S)

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What models 123 and 704, or 124, are for."""
        solar = self.kind is Kind.SOLAR
        return frozenset({Capability.CURTAIL if solar else Capability.SET_POWER})

    async def read(self) -> Said:
        """Return what its models say; look for them first."""
        if not self._device.models:
            await self._device.find()
            numbers = (124,) if self.kind is Kind.BATTERY else OUTPUT_CONTROLS
            said = await self._device.read(numbers)
            if reverts(said) or "InOutWRte_RvrtTms" in said:
                self.fallback = f"ends the limit by itself within {REVERT_S} s"
        if self.kind is Kind.SOLAR:
            power_w = (await self._device.read(INVERTERS)).get("W")
            return Said(power_w=None if power_w is None else round(Fraction(power_w)))
        said = await self._device.read(STORAGES)
        return Said(
            power_w=await self._storage_w(),
            state_of_charge=_share(said.get("ChaState", said.get("SoC"))),
        )

    async def _storage_w(self) -> int | None:
        """Return what the battery draws, by the first model that tells it apart."""
        there = {model.number for model in self._device.models}
        for number, given_out_w in STORAGE_POWERS.items():
            if number in there:
                said = await self._device.read((number,))
                if (power_w := given_out_w(said)) is not None:
                    drawn_w = -round(power_w)
                    if says_direction(said):
                        return drawn_w
                    return self._direction.drawn_w(drawn_w, self.clock())
        return None

    async def obey(self, wish: Wish) -> str | None:
        """Limit the output, or hold the battery at its power from both sides."""
        power_w = wish.power_w
        if self.kind is Kind.SOLAR:
            whole = power_w is None or power_w >= self.size.most_w
            limit_w = None if whole or power_w is None else Fraction(power_w)
            await self._device.limit_output(limit_w)
        else:
            most_w = None if power_w is None else Fraction(power_w)
            least_w = None if most_w is None else -most_w
            await self._device.limit_storage(charge_w=most_w, discharge_w=least_w)
            self._direction.ordered(power_w, self.clock())
        return None

    async def changed(self) -> tuple[str, ...]:
        """Return which points hold something else by now."""
        return await self._device.changed()

    def forget(self) -> None:
        """Expect nothing of its points."""
        self._device.forget()

    async def tend(self) -> None:
        """Send again what the device would soon end."""
        await self._device.renew()

    def left(self) -> Mapping[str, int]:
        """Return nothing: these controls are not stored."""
        return {}


def _water_c(said: Value | None) -> float | None:
    """Return how hot the water is; what no tank holds is no value."""
    if not isinstance(said, Fraction) or not 0 <= said <= 100:  # noqa: PLR2004
        return None
    return float(said)


def _share(percent: Fraction | str | None) -> float | None:
    """Return a state of charge from 0 to 1; nonsense is none."""
    if not isinstance(percent, Fraction) or not 0 <= percent <= 100:  # noqa: PLR2004
        return None
    return float(percent / 100)
