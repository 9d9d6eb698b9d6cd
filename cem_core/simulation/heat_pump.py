"""A modulating heat pump with a thermostat and an SG Ready input.

Its compressor cannot run below a minimum power, and once started it runs for
a minimum time, unless a lock (SG Ready off) or a power limit stops it: those
come from the grid and are obeyed at once.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

# The thermostat runs at this share at the wanted temperature, and at full
# power PROPORTIONAL_BAND_K below.
SHARE_AT_TARGET: Final = 0.35
PROPORTIONAL_BAND_K: Final = 0.8
RECOMMENDED_BOOST_K: Final = 1.0
FORCED_BOOST_K: Final = 3.0
LOWEST_COP: Final = 1.8
HIGHEST_COP: Final = 5.5


class SgReady(StrEnum):
    """The four states of the SG Ready interface."""

    OFF = "off"
    NORMAL = "normal"
    RECOMMENDED = "recommended"
    FORCED = "forced"


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatPumpParameters:
    """What is printed on the type plate; COP as a line over temperature."""

    max_power_w: float
    min_power_w: float
    standby_w: float = 12.0
    min_on_s: float = 600.0
    min_off_s: float = 300.0
    cop_at_0_c: float = 3.0
    cop_per_k: float = 0.08
    ramp_up_w_per_s: float = 60.0
    ramp_down_w_per_s: float = 400.0

    def cop(self, outdoor_c: float) -> float:
        """Return heat over electricity at ``outdoor_c``."""
        line = self.cop_at_0_c + self.cop_per_k * outdoor_c
        return min(HIGHEST_COP, max(LOWEST_COP, line))


@dataclass(slots=True, kw_only=True)
class HeatPump:
    """The heat pump as it is now."""

    parameters: HeatPumpParameters
    target_c: float
    power_limit_w: float
    heating: bool = True
    sg_ready: SgReady = SgReady.NORMAL
    offered_run: bool = False  # an energy manager lets it run at full power
    running: bool = False
    in_state_s: float = 1e6
    compressor_w: float = 0.0

    @property
    def power_w(self) -> float:
        """What it draws from the mains."""
        return self.compressor_w + self.parameters.standby_w

    def heat_w(self, outdoor_c: float) -> float:
        """Return what it gives to the building."""
        return self.compressor_w * self.parameters.cop(outdoor_c)

    def step(self, seconds: float, *, indoor_c: float, stuck: bool) -> None:
        """Let ``seconds`` pass with ``indoor_c`` at the thermostat."""
        self.in_state_s += seconds
        if stuck:
            return
        wanted_w = self._wanted_w(indoor_c)
        running = self._runs(wanted_w)
        if running != self.running:
            self.running, self.in_state_s = running, 0.0
        lowest_w = self.parameters.min_power_w
        target_w = min(self.power_limit_w, max(lowest_w, wanted_w)) if running else 0.0
        change_w = target_w - self.compressor_w
        self.compressor_w += min(
            self.parameters.ramp_up_w_per_s * seconds,
            max(-self.parameters.ramp_down_w_per_s * seconds, change_w),
        )

    def cut(self) -> None:
        """Lose the mains: it starts again as after any stop, with its orders."""
        self.running, self.in_state_s, self.compressor_w = False, 0.0, 0.0

    @property
    def _locked(self) -> bool:
        return (
            self.sg_ready is SgReady.OFF
            or self.power_limit_w < self.parameters.min_power_w
        )

    def _wanted_w(self, indoor_c: float) -> float:
        if not self.heating:
            return 0.0
        if self.offered_run and self.sg_ready is not SgReady.OFF:
            return self.parameters.max_power_w
        share = SHARE_AT_TARGET
        match self.sg_ready:
            case SgReady.OFF:
                return 0.0
            case SgReady.FORCED:
                warm = indoor_c >= self.target_c + FORCED_BOOST_K
                share = 0.0 if warm else 1.0
            case SgReady.NORMAL:
                share += (self.target_c - indoor_c) / PROPORTIONAL_BAND_K
            case SgReady.RECOMMENDED:
                target_c = self.target_c + RECOMMENDED_BOOST_K
                share += (target_c - indoor_c) / PROPORTIONAL_BAND_K
        return min(1.0, max(0.0, share)) * self.parameters.max_power_w

    def _runs(self, wanted_w: float) -> bool:
        p = self.parameters
        if self._locked:
            return False
        if self.running:
            # Below its minimum it goes on at the minimum until it is warmer.
            return wanted_w > 0.5 * p.min_power_w or self.in_state_s < p.min_on_s
        return wanted_w >= p.min_power_w and self.in_state_s >= p.min_off_s
