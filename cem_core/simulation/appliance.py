"""An appliance that runs its programme to the end once it is started."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

STANDBY_W: Final = 1.0


class ApplianceState(StrEnum):
    """`ready` is loaded and released for a remote start."""

    READY = "ready"
    RUNNING = "running"
    DONE = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplianceParameters:
    """The programme in equal steps; somebody loads it again after a while."""

    profile_w: tuple[float, ...]
    profile_step_s: float
    reload_s: float = 4 * 3600.0


@dataclass(slots=True, kw_only=True)
class Appliance:
    """The appliance as it is now."""

    parameters: ApplianceParameters
    state: ApplianceState = ApplianceState.READY
    in_state_s: float = 0.0
    power_w: float = STANDBY_W

    def start(self) -> bool:
        """Start the programme; False when there is nothing to start."""
        if self.state is not ApplianceState.READY:
            return False
        self._enter(ApplianceState.RUNNING)
        return True

    def step(self, seconds: float, *, stuck: bool) -> None:
        """Let ``seconds`` pass; stuck stops the programme where it is."""
        if stuck:
            return
        p = self.parameters
        self.power_w = STANDBY_W
        if self.state is ApplianceState.RUNNING:
            place = int(self.in_state_s // p.profile_step_s)
            if place < len(p.profile_w):
                self.power_w = p.profile_w[place]
            else:
                self._enter(ApplianceState.DONE)
        elif self.state is ApplianceState.DONE and self.in_state_s >= p.reload_s:
            self._enter(ApplianceState.READY)
        self.in_state_s += seconds

    def _enter(self, state: ApplianceState) -> None:
        self.state, self.in_state_s = state, 0.0
