"""What a device can be asked to do."""

from typing import Protocol

from cem_core.model import Message, Setpoint
from cem_core.model.render import Renderer


class DeviceError(Exception):
    """A device that refused an order or did not answer in time.

    ``cause`` is a message where it is the CEM's own, a text where somebody else's.
    """

    def __init__(self, cause: str | Message) -> None:
        """Say ``cause`` in English as an exception's text."""
        super().__init__(cause if isinstance(cause, str) else Renderer().text(cause))
        self.cause = cause


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
