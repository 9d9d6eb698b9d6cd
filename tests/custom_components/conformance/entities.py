"""Devices of another integration: what the home sets are entities of that one."""

import asyncio
from collections.abc import Mapping
from typing import Any, ClassVar

from homeassistant.components.climate import (
    ClimateEntity,
    ClimateEntityFeature,
    HVACMode,
)
from homeassistant.components.number import NumberEntity
from homeassistant.components.select import SelectEntity
from homeassistant.components.switch import SwitchEntity
from homeassistant.components.water_heater import (
    WaterHeaterEntity,
    WaterHeaterEntityFeature,
)
from homeassistant.const import UnitOfTemperature
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.entity import Entity
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import setup_test_component_platform

from custom_components.cem.const import Kind
from custom_components.cem.home import Home
from tests.custom_components.conformance.peer import CHARGER_W, PHASES_W
from tests.custom_components.house import DATA, W


class Entities:
    """A device behind entities; each says which, and what they mean together."""

    kind: Kind
    powers_w: tuple[int, ...]
    step_w = 10.0
    cannot: frozenset[str] = frozenset({"what_another_orders_is_noticed"})
    filled_in: ClassVar[Mapping[str, Any]]

    def __init__(self, hass: HomeAssistant) -> None:
        """Belong to the integration `test`."""
        self._hass = hass
        self._refuses = False
        self._goes_on = asyncio.Event()
        self._goes_on.set()
        self.orders = 0
        self.entities: dict[str, Entity] = self.made()

    def made(self) -> dict[str, Entity]:
        """Return its entities by their domain."""
        raise NotImplementedError

    def forget(self) -> None:
        """Hold what nobody ordered."""
        raise NotImplementedError

    @property
    def told_w(self) -> float | None:
        """What its entities hold it at."""
        raise NotImplementedError

    async def act(self) -> None:
        """Take an order, unless it is to be refused."""
        await self._goes_on.wait()
        if self._refuses:
            raise HomeAssistantError("locked by its owner")
        self.orders += 1

    async def prepare(self) -> dict[str, Any]:
        """Add the entities."""
        for domain, entity in self.entities.items():
            entity.entity_id = f"{domain}.garage"
            entity._attr_should_poll = False
            setup_test_component_platform(self._hass, domain, [entity])
            assert await async_setup_component(
                self._hass, domain, {domain: {"platform": "test"}}
            )
        await self._hass.async_block_till_done()
        return {**DATA[self.kind], "power": "sensor.garage", **self.filled_in}

    async def come(self, home: Home | None = None) -> None:
        """Be available."""
        del home
        self._show(available=True)

    async def leave(self) -> None:
        """Be unavailable, and forget what was told."""
        self.forget()
        self._show(available=False)

    def _show(self, *, available: bool) -> None:
        for entity in self.entities.values():
            entity._attr_available = available
            entity.async_write_ha_state()

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

    async def meddle(self) -> None:
        """Let somebody else order it: an event of Home Assistant, tested elsewhere."""
        raise NotImplementedError

    async def rubbish(self) -> None:
        """Show what is no number."""
        self._hass.states.async_set("sensor.garage", "much", W)

    async def close(self) -> None:
        """Leave nobody waiting."""
        self._goes_on.set()


class _Number(NumberEntity):
    def __init__(
        self, peer: Entities, value: float, least: float, step: float, unit: str
    ) -> None:
        self._peer = peer
        self._attr_native_max_value = max(value, -least)
        self._attr_native_min_value = least
        self._attr_native_step = step
        self._attr_native_unit_of_measurement = unit
        self._attr_native_value = value if least >= 0 else 0.0

    async def async_set_native_value(self, value: float) -> None:
        await self._peer.act()
        self._attr_native_value = value
        self.async_write_ha_state()


class _Switch(SwitchEntity):
    _attr_is_on: bool = True

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


class _Select(SelectEntity):
    _attr_current_option: str

    def __init__(self, peer: Entities, *options: str) -> None:
        self._peer = peer
        self._attr_options = list(options)
        self._attr_current_option = options[0]

    async def async_select_option(self, option: str) -> None:
        await self._peer.act()
        self._attr_current_option = option
        self.async_write_ha_state()


class _Climate(ClimateEntity):
    _attr_hvac_mode = HVACMode.HEAT
    _attr_supported_features = ClimateEntityFeature.TARGET_TEMPERATURE
    _attr_target_temperature: float = 21.0
    _attr_temperature_unit = UnitOfTemperature.CELSIUS

    def __init__(self, peer: Entities) -> None:
        self._peer = peer
        self._attr_hvac_modes = [HVACMode.HEAT]

    async def async_set_temperature(self, **said: Any) -> None:
        await self._peer.act()
        self._attr_target_temperature = said["temperature"]
        self.async_write_ha_state()


class _Boiler(WaterHeaterEntity):
    _attr_supported_features = WaterHeaterEntityFeature.TARGET_TEMPERATURE
    _attr_temperature_unit = UnitOfTemperature.CELSIUS
    _attr_min_temp = 30.0
    _attr_max_temp = 70.0
    _attr_current_temperature = 48.0
    _attr_current_operation = "eco"
    _attr_target_temperature: float = 50.0

    def __init__(self, peer: Entities) -> None:
        self._peer = peer

    async def async_set_temperature(self, **said: Any) -> None:
        await self._peer.act()
        self._attr_target_temperature = said["temperature"]
        self.async_write_ha_state()


class Charger(Entities):
    """A charger with a current and a switch."""

    kind = Kind.EV_CHARGER
    powers_w: tuple[int, ...] = CHARGER_W
    step_w = PHASES_W
    filled_in: ClassVar = {"throttle": "number.garage", "switch": "switch.garage"}

    def made(self) -> dict[str, Entity]:
        """Return the current and the switch."""
        self._current, self._switch = _Number(self, 16, 6, 1, "A"), _Switch(self)
        return {"number": self._current, "switch": self._switch}

    def forget(self) -> None:
        """Be on at a current of its own."""
        self._current._attr_native_value, self._switch._attr_is_on = 15, True

    @property
    def told_w(self) -> float | None:
        """The power that the current lets through; at the most it is left alone."""
        ampere = self._current.native_value
        assert ampere is not None
        if not self._switch.is_on:
            return 0.0
        return ampere * PHASES_W if ampere < 16 else None


class TwoWayCharger(Charger):
    """A charger whose current goes below 0: its car gives back."""

    powers_w: tuple[int, ...] = (11_040, 4140, 0, -4140, -11_040)
    filled_in: ClassVar = {
        **Charger.filled_in,
        "car_state_of_charge": "sensor.car_charge",
        "car_capacity": 60,
        "discharge_limit": 11.04,
    }

    def made(self) -> dict[str, Entity]:
        """Return the current and the switch."""
        entities = super().made()
        self._current._attr_native_min_value = -16
        return entities


class Battery(Entities):
    """A battery with a setpoint and a mode."""

    kind = Kind.BATTERY
    powers_w: tuple[int, ...] = (5000, 1200, 0, -1200, -5000)
    filled_in: ClassVar = {"setpoint": "number.garage", "mode": "select.garage"}

    def made(self) -> dict[str, Entity]:
        """Return the setpoint and the mode."""
        self._setpoint = _Number(self, 5000, -5000, 10, "W")
        self._mode = _Select(self, "own", "external")
        return {"number": self._setpoint, "select": self._mode}

    def forget(self) -> None:
        """Balance by itself."""
        self._setpoint._attr_native_value = 0
        self._mode._attr_current_option = "own"

    @property
    def told_w(self) -> float | None:
        """The setpoint, where the mode lets others set it."""
        own = self._mode.current_option == "own"
        return None if own else self._setpoint.native_value


class Solar(Entities):
    """An inverter with a limit in per cent of its 6 kW."""

    kind = Kind.SOLAR
    powers_w: tuple[int, ...] = (6000, 3000, 600, 0)
    step_w = 60.0
    filled_in: ClassVar = {"curtailment": "number.garage"}

    def made(self) -> dict[str, Entity]:
        """Return the limit."""
        self._limit = _Number(self, 100, 0, 1, "%")
        return {"number": self._limit}

    def forget(self) -> None:
        """Come back with a limit that is not ours."""
        self._limit._attr_native_value = 99

    @property
    def told_w(self) -> float | None:
        """The limit; at the most it is left alone."""
        percent = self._limit.native_value
        assert percent is not None
        return percent * 60 if percent < 100 else None


class HeatPump(Entities):
    """A heat pump with a power limit."""

    kind = Kind.HEAT_PUMP
    powers_w: tuple[int, ...] = (2500, 1000, 500, 0)
    step_w = 50.0
    filled_in: ClassVar = {"method": "power_limit", "power_limit": "number.garage"}

    def made(self) -> dict[str, Entity]:
        """Return the limit."""
        self._limit = _Number(self, 2500, 0, 50, "W")
        return {"number": self._limit}

    def forget(self) -> None:
        """Come back with a limit that is not ours."""
        self._limit._attr_native_value = 2450

    @property
    def told_w(self) -> float | None:
        """The limit; at the most it is left alone."""
        limit_w = self._limit.native_value
        assert limit_w is not None
        return limit_w if limit_w < 2500 else None


class SgReady(Entities):
    """A heat pump whose SG Ready state is selected: 2.5 kW, 1 kW by itself, locked."""

    kind = Kind.HEAT_PUMP
    powers_w: tuple[int, ...] = (1000, 2500, 0)  # left to itself it is as at 1000 W
    step_w = 1.0
    filled_in: ClassVar = {
        "method": "sg_ready",
        "sg_ready": "select.garage",
        "sg_off": "off",
        "sg_normal": "normal",
        "sg_recommended": "recommended",
    }

    def made(self) -> dict[str, Entity]:
        """Return the state."""
        self._state = _Select(self, "normal", "recommended", "off")
        return {"select": self._state}

    def forget(self) -> None:
        """Do as it likes."""
        self._state._attr_current_option = "normal"

    @property
    def told_w(self) -> float | None:
        """The power that goes with the state, None for the normal one."""
        return {"off": 0.0, "recommended": 2500.0}.get(self._state._attr_current_option)


class Thermostat(Entities):
    """A heat pump that follows a room temperature: 22, 20, or 21 °C by itself."""

    kind = Kind.HEAT_PUMP
    powers_w: tuple[int, ...] = (2500, 0)
    step_w = 1.0
    filled_in: ClassVar = {"method": "climate", "climate": "climate.garage"}

    def made(self) -> dict[str, Entity]:
        """Return the thermostat."""
        self._climate = _Climate(self)
        return {"climate": self._climate}

    def forget(self) -> None:
        """Have its own temperature."""
        self._climate._attr_target_temperature = 21.0

    @property
    def told_w(self) -> float | None:
        """The power that goes with the temperature."""
        target_c = self._climate._attr_target_temperature
        return {20.0: 0.0, 22.0: 2500.0}.get(target_c)


class Switched(Entities):
    """A heat pump that is switched."""

    kind = Kind.HEAT_PUMP
    powers_w: tuple[int, ...] = (2500, 0)
    filled_in: ClassVar = {"method": "on_off", "switch": "switch.garage"}

    def made(self) -> dict[str, Entity]:
        """Return the switch."""
        self._switch = _Switch(self)
        return {"switch": self._switch}

    def forget(self) -> None:
        """Run."""
        self._switch._attr_is_on = True

    @property
    def told_w(self) -> float | None:
        """Nothing when off; when on it does as it likes."""
        return None if self._switch.is_on else 0.0


class Boiler(Entities):
    """A water heater that follows a set temperature: 60, 45, or 50 °C by itself."""

    kind = Kind.WATER_HEATER
    powers_w: tuple[int, ...] = (2000, 0)
    step_w = 1.0
    filled_in: ClassVar = {"water_heater": "water_heater.garage"}

    def made(self) -> dict[str, Entity]:
        """Return the water heater."""
        self._boiler = _Boiler(self)
        return {"water_heater": self._boiler}

    def forget(self) -> None:
        """Have its own temperature."""
        self._boiler._attr_target_temperature = 50.0

    @property
    def told_w(self) -> float | None:
        """The power that goes with the temperature."""
        return {45.0: 0.0, 60.0: 2000.0}.get(self._boiler._attr_target_temperature)


class HeatingRod(Entities):
    """A heating rod in a tank, with a power limit."""

    kind = Kind.WATER_HEATER
    powers_w: tuple[int, ...] = (2000, 1000, 500, 0)
    step_w = 50.0
    filled_in: ClassVar = {"method": "power_limit", "power_limit": "number.garage"}

    def made(self) -> dict[str, Entity]:
        """Return the limit."""
        self._limit = _Number(self, 2000, 0, 50, "W")
        return {"number": self._limit}

    def forget(self) -> None:
        """Come back with a limit that is not ours."""
        self._limit._attr_native_value = 1950

    @property
    def told_w(self) -> float | None:
        """The limit; at the most it is left alone."""
        limit_w = self._limit.native_value
        assert limit_w is not None
        return limit_w if limit_w < 2000 else None
