"""What a device can be asked to do."""

from enum import StrEnum
from typing import Protocol

from cem_core.model import Message, Setpoint
from cem_core.model.render import Renderer


class Capability(StrEnum):
    """What one unit can, as it is connected, and not what its model could."""

    MEASURE_POWER = "measure_power"
    STATE_OF_CHARGE = "state_of_charge"
    LIMIT_POWER = "limit_power"  # it draws that much at most
    SET_POWER = "set_power"  # it draws, or gives, just that
    SET_CURRENT = "set_current"  # A a phase, at most
    SWITCH_PHASES = "switch_phases"
    START_STOP = "start_stop"
    SET_TEMPERATURE = "set_temperature"
    SG_READY = "sg_ready"
    CURTAIL = "curtail"  # it produces that much at most
    RUN_ONCE = "run_once"


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
