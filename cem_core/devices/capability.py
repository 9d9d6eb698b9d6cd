"""What a device can be asked to do."""

from typing import Protocol

from cem_core.model import Setpoint


class DeviceError(Exception):
    """A device that refused an order or did not answer in time."""


class Driver(Protocol):
    """A device that takes setpoints.

    ``fallback`` says in a sentence what the device does when no more orders
    come: it keeps the last one, or falls back to something of its own.
    """

    @property
    def fallback(self) -> str:
        """What the device does while nobody commands it."""

    async def obey(self, setpoint: Setpoint) -> None:
        """Carry out ``setpoint``; one without power hands the device back.

        Raises `DeviceError` when the device refuses or does not answer.
        """
