"""The protocols of its own by which a home speaks to devices: EEBUS, OCPP, S2 and more."""

from typing import TYPE_CHECKING, Final

from custom_components.cem.eebus_network import EebusNetwork
from custom_components.cem.evcc_loadpoints import EvccLoadpoints
from custom_components.cem.grid_values import grid_values
from custom_components.cem.listeners import PROTOCOLS, Listener
from custom_components.cem.modbus_devices import ModbusDevices

if TYPE_CHECKING:
    from custom_components.cem.home import Home

_PLUGGED: Final = "plug"


class DeviceLinks:
    """Each link is there, and opens nothing unless a device or a setting asks for it."""

    def __init__(self, home: Home) -> None:
        """Open nothing yet."""
        hass, entry = home.hass, home.entry
        devices = tuple(home.devices.values())

        def plugged() -> None:
            home.replan_wanted(_PLUGGED)

        self.eebus: EebusNetwork = EebusNetwork(
            hass,
            entry,
            home.store,
            home.evidence,
            devices,
            values=lambda: grid_values(home.snapshot),
            changed=home.cycle,
            plugged=plugged,
        )
        self.listeners = tuple(
            Listener(
                hass,
                entry,
                devices,
                protocol,
                changed=home.cycle,
                plugged=plugged,
                models_changed=home.models_changed,
            )
            for protocol in PROTOCOLS
        )
        self._modbus = ModbusDevices(
            hass, entry, home.store, devices, changed=home.cycle, plugged=plugged
        )
        self._loadpoints = EvccLoadpoints(
            hass,
            entry,
            devices,
            changed=home.cycle,
            plugged=plugged,
            taken_over=home.changes.taken_over_in_evcc,
        )

    async def async_start(self) -> None:
        """Listen where that is set up, and call the devices that are called."""
        await self.eebus.async_start()
        for listener in self.listeners:
            await listener.async_start()
        self._modbus.start()
        self._loadpoints.start()

    async def async_stop(self) -> None:
        """Close every link."""
        await self.eebus.async_stop()
        for listener in self.listeners:
            await listener.async_stop()
        await self._modbus.async_stop()
        await self._loadpoints.async_stop()
