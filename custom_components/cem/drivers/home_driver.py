"""What the home asks of a driver, whatever the device is commanded by."""

from typing import Protocol

from homeassistant.core import State

from cem_core.devices import Capability, Driver
from cem_core.devices.rivalry import Meddled
from cem_core.model import Setpoint


class HomeDriver(Driver, Protocol):
    """A device that takes setpoints and says what it was told."""

    @property
    def entities(self) -> tuple[str, ...]:
        """The entities that it sets."""

    @property
    def controllable(self) -> bool:
        """Whether there is anything to command the device by."""

    @property
    def available(self) -> bool:
        """Whether everything it is commanded by answers."""

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What it can be ordered, as far as this unit has said; empty: not yet."""

    @property
    def plugged(self) -> bool | None:
        """Whether a car is there, where the device itself shows it."""

    @property
    def state_of_charge(self) -> float | None:
        """How full it is, from 0 to 1, where the device itself shows it."""

    @property
    def water_c(self) -> float | None:
        """How hot its water is, where the device itself shows it."""

    def measured_w(self) -> int | None:
        """Return what the device itself measures, None if it does not."""

    def held_w(self) -> int | None:
        """Return the power that it is held at, None if it does not say."""

    def insist(self) -> None:
        """Send the next order also where the device says that it is so already."""

    def is_as(self, setpoint: Setpoint) -> bool:
        """Tell whether the device already says what ``setpoint`` means."""

    def is_as_ordered(self) -> bool:
        """Tell whether what it is held at is an order of ours, not a choice."""

    def meddled(self) -> Meddled | None:
        """Return what somebody else set past Home Assistant since this was asked last.

        None also where the protocol does not show it.
        """

    def is_ours(self, state: State) -> bool:
        """Tell whether ``state`` came from an order of ours, or equals it."""
