"""Drivers: how an order reaches a device.

The driver that acts through Home Assistant's entities lives in the integration,
because nothing here knows Home Assistant; it obeys the protocol given here.
"""

from cem_core.devices.ability import Ability, Promise
from cem_core.devices.capability import Capability, DeviceError, Driver
from cem_core.devices.command_queue import CommandQueue
from cem_core.devices.reaction import Followed, Reaction, ReactionWatch, trial_w

__all__ = [
    "Ability",
    "Capability",
    "CommandQueue",
    "DeviceError",
    "Driver",
    "Followed",
    "Promise",
    "Reaction",
    "ReactionWatch",
    "trial_w",
]
