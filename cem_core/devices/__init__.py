"""Drivers: how an order reaches a device.

A driver is picked by name from `DRIVERS`, an explicit table. The driver that
acts through Home Assistant's entities lives in the integration, because
nothing here knows Home Assistant; it obeys the same protocols.
"""

from collections.abc import Mapping
from typing import Final

from cem_core.devices.capability import Connect, DeviceError, Driver
from cem_core.devices.command_queue import CommandQueue

DRIVERS: Final[Mapping[str, Connect]] = {}

__all__ = ["DRIVERS", "CommandQueue", "Connect", "DeviceError", "Driver"]
