"""On how many phases a charger that can switch them is to charge: one or three.

Three phases begin at 6 A on each; below that one phase goes on. A switch wears a
contactor and makes some cars stop: it waits until its reason has lasted, and is held.
"""

from typing import TYPE_CHECKING, Final

from homeassistant.util import dt as dt_util

from cem_core.model import Action, Direction, Scope
from custom_components.cem.const import NOMINAL_VOLTAGE_V

if TYPE_CHECKING:
    from custom_components.cem.controlled import ControlledDevice
    from custom_components.cem.home import Home

ONE: Final = 1
THREE: Final = 3
_HELD_S: Final = 600.0
_LASTS_S: Final = 60.0
_IMPORTS: Final = (
    (Direction.IMPORT, Scope.CONNECTION),
    (Direction.IMPORT, Scope.CONTROLLABLE),
)


class PhaseChoice:
    """What is chosen, and since when another number would be better."""

    def __init__(self, min_current_a: float) -> None:
        """Charge on three phases, of at least ``min_current_a`` each."""
        self.count = THREE
        self._least_w = min_current_a * NOMINAL_VOLTAGE_V
        self._better_since_s: float | None = None
        self._switched_s: float | None = None

    def update(self, now_s: float, wanted_w: float | None) -> bool:
        """Look at what it is to draw, None: nothing; tell whether the number changed."""
        if self._wish(wanted_w) == self.count:
            self._better_since_s = None
            return False
        if self._better_since_s is None:
            self._better_since_s = now_s
        held = self._switched_s is not None and now_s - self._switched_s < _HELD_S
        if held or now_s - self._better_since_s < _LASTS_S:
            return False
        self.count = ONE if self.count == THREE else THREE
        self._switched_s, self._better_since_s = now_s, None
        return True

    def _wish(self, wanted_w: float | None) -> int:
        if wanted_w is None or wanted_w < self._least_w:
            return self.count  # it cannot charge at all
        return THREE if wanted_w >= THREE * self._least_w else ONE


def most_power_w(device: ControlledDevice) -> int:
    """Return the most that it draws, on as many phases as it has."""
    phases = int(device.data.get("phases", 1))
    most_a: float = device.data["max_current"]
    return round(most_a * NOMINAL_VOLTAGE_V * phases)


def least_power_w(device: ControlledDevice) -> int:
    """Return the least that it draws while it charges, on as few phases as it can."""
    if device.choice is None:
        return device.model.min_power_w
    least_a: float = device.data["min_current"]
    return round(least_a * NOMINAL_VOLTAGE_V)


def wanted_w(home: Home, device: ControlledDevice) -> float | None:
    """Return what the plan, the surplus and the limits would have the car draw.

    None: no car is there, or somebody else decides.
    """
    now = home.snapshot
    state = now.states.get(device.device_id)
    if state is None or not state.enabled or state.connected is False:
        return None
    power_w, step = state.power_w or 0, None
    if home.plan is not None:
        step = home.plan.step_for(device.device_id, dt_util.utcnow())
    found: float = most_power_w(device)
    if step is not None and step.action is Action.BALANCE:
        if now.grid_w is None:
            return None
        found = power_w - now.grid_w
    elif step is not None and step.action is Action.CHARGE:
        found = step.power_w
    elif step is not None:
        return None
    for side in _IMPORTS:
        limit, counted_w = now.in_force.strictest.get(side), now.powers_w.get(side)
        if limit is not None and counted_w is not None:
            found = min(found, limit.limit_w - counted_w + power_w)
    return found
