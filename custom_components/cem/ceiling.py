"""What a limit takes from a device that its owner commands, and gives back."""

from dataclasses import replace

from cem_core.model import Setpoint
from custom_components.cem.drivers import HomeDriver


class Ceiling:
    """Lowers what the owner of a device chose; never raises it, never turns it on.

    The owner is a person, or the device itself while the CEM observes. What they
    chose comes back as far as the limit rises, and whole when it ends.
    """

    def __init__(self, driver: HomeDriver) -> None:
        """Lower nothing yet."""
        self._driver = driver
        self._own_w: int | None = None  # the owner's choice, while it is lowered
        self._last: Setpoint | None = None

    def forget(self) -> None:
        """Take what the device holds now for what its owner wants."""
        self._own_w = self._last = None

    def lower(self, order: Setpoint) -> Setpoint | None:
        """Return what to order under a limit, None where the owner's choice is in it.

        A device that holds an order of ours from before its owner had it in hand
        has no choice of its own: it follows the limit.
        """
        if self._last is None and not self._driver.is_as_ordered():
            self._own_w = self._driver.held_w()
        if _within(self._own_w, order):
            if self._last is None:
                return None
            order = replace(order, power_w=self._own_w)
        self._last = order
        return order

    def leaves_alone(self, order: Setpoint) -> bool:
        """Tell whether the device does what its owner chose, as ``order`` allows."""
        own_w = self._driver.held_w() if self._last is None else self._own_w
        return _within(own_w, order)

    def lift(self) -> Setpoint | None:
        """Return the order that gives the owner's choice back, until it is so."""
        if self._last is None:
            return None
        given_back = replace(self._last, power_w=self._own_w, limit_id=None)
        if self._driver.is_as(given_back):
            self.forget()
            return None
        return given_back


def _within(own_w: int | None, order: Setpoint) -> bool:
    limit_w = order.power_w
    if own_w is None or limit_w is None:
        return False
    return 0 <= own_w <= limit_w or limit_w <= own_w <= 0
