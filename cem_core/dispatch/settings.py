"""What a home can set about its fast loop."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from cem_core.model import Device

# A device is slower at times than its median, and its report is late.
_REACTIONS: Final = 1.5
_REPORT_S: Final = 3.0
_LEAST_SETTLE_S: Final = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DispatchSettings:
    """Settings of dispatch; the defaults suit a P1 meter that sends each second.

    ``margin_share`` and ``margin_w``: the larger of the two is kept free below
    every limit, so that what is measured is inside it.
    ``imbalance_w``: by how much generation, storage and charging may load one
    phase more than another; None: by any power.
    ``site_w``: what the line carries that all chargers hang on; None: they share none.
    ``tolerance_share`` and ``tolerance_w``: within the larger of the two above a
    limit it is measured as kept.
    ``settle_s``: how long a device may take from an order until it has done it
    and its own power report says so.
    Where a device's reaction was measured, that counts instead (`device_settle_s`).
    ``harder_after_s``: how long each harder action on a device that does not
    obey is given before the next one.
    ``unused_after_s``: how long a device may leave room unused before other
    devices get it.
    ``give_back_w_per_s``: how fast power comes back under a limit that stays; where
    it leaves room for all that is asked for, as fast as a device settles that goes
    ``give_back_all_s`` behind.
    ``restart_after_s``: how long a device that a limit stopped stays off.
    ``return_least_s`` and ``return_most_s``: between these, drawn anew each time,
    lies how long power takes to come back after an operator's limit: all homes of
    a street are let go at the same moment (BNetzA BK6-22-300, annex 1, 4.3).
    ``return_after_cut_most_s``: after a power cut each device waits between
    ``return_least_s`` and this.
    ``reconnect_share_per_min``: by what share of its rated power generation may rise
    a minute then, above 0 (EN 50549-1, 4.10.2: 0.1).
    ``sustain_s``: how long a battery has to last to count as a source.
    """

    balance_target_w: int = 0
    dead_band_w: int = 30
    balance_ramp_w_per_s: int = 2500
    surplus_start_s: float = 60
    surplus_stop_s: float = 120

    margin_share: float = 0.01
    margin_w: int = 50
    tolerance_share: float = 0.02
    tolerance_w: int = 100
    battery_keeps_limits: bool = True
    imbalance_w: int | None = None
    site_w: int | None = None
    settle_s: float = 15
    harder_after_s: float = 5
    unused_after_s: float = 60

    give_back_w_per_s: int = 100
    give_back_all_s: int = 10
    give_back_delay_s: float = 10
    give_back_hysteresis_w: int = 100
    restart_after_s: float = 120
    return_least_s: float = 60
    return_most_s: float = 180
    return_after_cut_most_s: float = 300
    reconnect_share_per_min: float = 0.1
    sustain_s: float = 900

    meter_silent_after_s: float = 10
    plan_stale_after: timedelta = timedelta(minutes=30)

    def margin(self, limit_w: int) -> int:
        """Return what to keep free below a limit."""
        return max(self.margin_w, round(self.margin_share * limit_w))

    def device_settle_s(self, device: Device) -> float:
        """Return how long ``device`` may take to have done what it is ordered."""
        if device.reaction_s is None:
            return self.settle_s
        return max(_LEAST_SETTLE_S, _REACTIONS * device.reaction_s + _REPORT_S)

    def tolerance(self, limit_w: int) -> int:
        """Return what may be measured above a limit that is kept."""
        return max(self.tolerance_w, round(self.tolerance_share * limit_w))

    def return_s(self, chance: float) -> float:
        """Return how long power takes to come back, for a chance from 0 to 1."""
        return self._drawn_s(self.return_most_s, chance)

    def return_after_cut_s(self, chance: float) -> float:
        """Return how long a device waits after a power cut, likewise."""
        return self._drawn_s(self.return_after_cut_most_s, chance)

    def _drawn_s(self, most_s: float, chance: float) -> float:
        more_s = max(0.0, most_s - self.return_least_s)
        return self.return_least_s + chance * more_s
