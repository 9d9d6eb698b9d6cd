"""A battery with its own controller, which a manager may take over.

Losses are taken at the terminals on the home's side: charging stores
``charge_efficiency`` of what it draws, discharging takes 1 /
``discharge_efficiency`` of what it gives out of the store.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

SECONDS_PER_HOUR: Final = 3600.0
# The controller looks at the grid connection point once a second and takes
# away this share of what it sees, so that its own lag does not make it swing.
OWN_CONTROL_GAIN: Final = 0.6
OWN_CONTROL_DEAD_BAND_W: Final = 15.0


class BatteryMode(StrEnum):
    """Who decides on the battery's power."""

    SELF_CONSUMPTION = "self_consumption"
    EXTERNAL = "external"
    IDLE = "idle"


@dataclass(frozen=True, slots=True, kw_only=True)
class BatteryParameters:
    """What is printed on the type plate, and how the installer set it up.

    ``watchdog_s`` is how long it stays in `external` without hearing a
    setpoint before it returns to its own controller; None: for ever.
    """

    capacity_wh: float
    min_energy_wh: float
    charge_limit_w: float
    discharge_limit_w: float
    charge_efficiency: float
    discharge_efficiency: float
    ramp_w_per_s: float = 2500.0
    watchdog_s: float | None = None


@dataclass(slots=True, kw_only=True)
class Battery:
    """The battery as it is now; ``power_w`` is positive when it charges."""

    parameters: BatteryParameters
    energy_wh: float
    mode: BatteryMode = BatteryMode.SELF_CONSUMPTION
    setpoint_w: float = 0.0
    power_w: float = 0.0
    since_order_s: float = 0.0
    bounds_w: tuple[float, float] | None = None
    """Least and most power that it is held between, in any mode."""

    @property
    def state_of_charge(self) -> float:
        """Share of the capacity that is stored, 0 to 1."""
        return self.energy_wh / self.parameters.capacity_wh

    def order_setpoint(self, setpoint_w: float) -> None:
        """Take a setpoint; it is followed in `external` only."""
        self.setpoint_w = setpoint_w
        self.since_order_s = 0.0

    def order_mode(self, mode: BatteryMode) -> None:
        """Change who decides."""
        self.mode = mode
        self.since_order_s = 0.0

    def step(self, seconds: float, *, grid_power_w: float, stuck: bool) -> None:
        """Let ``seconds`` pass with ``grid_power_w`` seen at the meter before."""
        self._watch(seconds)
        if not stuck:
            change = self._bounded_w(self._target_w(grid_power_w)) - self.power_w
            most = self.parameters.ramp_w_per_s * seconds
            self.power_w += min(most, max(-most, change))
        self.power_w = self._possible_w(self.power_w, seconds)
        hours = seconds / SECONDS_PER_HOUR
        if self.power_w >= 0:
            self.energy_wh += self.power_w * self.parameters.charge_efficiency * hours
        else:
            self.energy_wh += (
                self.power_w / self.parameters.discharge_efficiency * hours
            )

    def cut(self) -> None:
        """Lose the mains, and every order with it: it has no backup output."""
        self.power_w, self.setpoint_w, self.bounds_w = 0.0, 0.0, None
        self.mode = BatteryMode.SELF_CONSUMPTION

    def _bounded_w(self, power_w: float) -> float:
        if self.bounds_w is None:
            return power_w
        low_w, high_w = self.bounds_w
        return min(high_w, max(low_w, power_w))

    def _watch(self, seconds: float) -> None:
        watchdog_s = self.parameters.watchdog_s
        self.since_order_s += seconds
        if (
            self.mode is BatteryMode.EXTERNAL
            and watchdog_s is not None
            and self.since_order_s >= watchdog_s
        ):
            self.mode = BatteryMode.SELF_CONSUMPTION

    def _target_w(self, grid_power_w: float) -> float:
        match self.mode:
            case BatteryMode.IDLE:
                return 0.0
            case BatteryMode.EXTERNAL:
                return self.setpoint_w
            case BatteryMode.SELF_CONSUMPTION:
                if abs(grid_power_w) <= OWN_CONTROL_DEAD_BAND_W:
                    return self.power_w
                return self.power_w - OWN_CONTROL_GAIN * grid_power_w

    def _possible_w(self, power_w: float, seconds: float) -> float:
        p = self.parameters
        hours = seconds / SECONDS_PER_HOUR
        room_w = max(0.0, p.capacity_wh - self.energy_wh) / p.charge_efficiency / hours
        left_w = (
            max(0.0, self.energy_wh - p.min_energy_wh) * p.discharge_efficiency / hours
        )
        highest = min(p.charge_limit_w, room_w)
        lowest = -min(p.discharge_limit_w, left_w)
        return min(highest, max(lowest, power_w))
