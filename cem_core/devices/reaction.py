"""How long a device takes from an order until its own report shows it.

Every order to less that a device follows tells; so does a test order. Orders to
more do not: whether a car takes what it may is its own choice. A battery is
believed both ways.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median
from typing import Any, Final, Self

from cem_core.model import Device, DeviceKind

# What an order must change to be told from what a device does by itself.
LEAST_CHANGE_W: Final = 300
_LEAST_SHARE: Final = 0.05
_BEGUN: Final = 0.25
_DONE: Final = 0.9
# A device that takes longer between the two ramps; a quicker one jumps.
_JUMP_S: Final = 2.0
# What has not happened by then has another cause when it happens.
GIVEN_UP_AFTER_S: Final = 180.0
_KEPT: Final = 9
_TEST_W: Final = 500
_TEST_SHARE: Final = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """An order that a device followed, ``after_s`` seconds after it was given."""

    from_w: int
    ordered_w: int
    power_w: int
    after_s: float
    ramp_w_per_s: int = 0  # 0: at once


@dataclass(frozen=True, slots=True)
class Reaction:
    """What is known of a device's reaction: its latest times and ramps."""

    times_s: tuple[float, ...] = ()
    ramps_w_per_s: tuple[int, ...] = ()

    @property
    def seconds(self) -> float | None:
        """The median time, None before the first."""
        return median(self.times_s) if self.times_s else None

    @property
    def ramp_w_per_s(self) -> int:
        """The median ramp, 0 where it moves at once."""
        return round(median(self.ramps_w_per_s)) if self.ramps_w_per_s else 0

    def with_one(self, followed: Followed) -> Reaction:
        """Return it with one more; the oldest are forgotten."""
        return Reaction(
            (*self.times_s, followed.after_s)[-_KEPT:],
            (*self.ramps_w_per_s, followed.ramp_w_per_s)[-_KEPT:],
        )

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON can hold it."""
        return {"times_s": list(self.times_s), "ramps_w": list(self.ramps_w_per_s)}

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        """Return what `to_json` gave."""
        return cls(tuple(document["times_s"]), tuple(document["ramps_w"]))


@dataclass(slots=True)
class _Order:
    at_s: float
    from_w: int
    to_w: int
    begun_s: float | None = None

    def share(self, power_w: int) -> float:
        """Return how much of the way is done, from 0 to 1 and beyond."""
        return (power_w - self.from_w) / (self.to_w - self.from_w)


class ReactionWatch:
    """Watches the orders to one device and what it then does."""

    def __init__(self, *, both_ways: bool) -> None:
        """Start without an order; ``both_ways`` for a battery."""
        self._both_ways = both_ways
        self._ordered_w: int | None = None
        self._order: _Order | None = None

    def update(
        self, at_s: float, ordered_w: int | None, power_w: int | None
    ) -> Followed | None:
        """Return what was followed just now.

        ``ordered_w`` is what is ordered at ``at_s`` (monotonic seconds), None for
        a device that is left alone; ``power_w`` what it reports.
        """
        if ordered_w is None or power_w is None:
            self._ordered_w = self._order = None
            return None
        if ordered_w != self._ordered_w:
            known = self._ordered_w is not None
            self._ordered_w = ordered_w
            if known:
                self._take(at_s, ordered_w, power_w)
        return self._look(at_s, power_w)

    def _take(self, at_s: float, ordered_w: int, power_w: int) -> None:
        order = self._order
        if order is not None and (ordered_w - order.to_w) * _sign(order) >= 0:
            return  # further the same way: the first order is still the measure
        change_w = ordered_w - power_w
        least_w = max(LEAST_CHANGE_W, _LEAST_SHARE * abs(power_w))
        tells = abs(change_w) >= least_w and (self._both_ways or change_w < 0)
        self._order = _Order(at_s, power_w, ordered_w) if tells else None

    def _look(self, at_s: float, power_w: int) -> Followed | None:
        order = self._order
        if order is None:
            return None
        if at_s - order.at_s > GIVEN_UP_AFTER_S:
            self._order = None
            return None
        share = order.share(power_w)
        if share >= _BEGUN and order.begun_s is None:
            order.begun_s = at_s
        if share < _DONE or order.begun_s is None:
            return None
        self._order = None
        ramped_s = at_s - order.begun_s
        done_w = abs(order.to_w - order.from_w) * (_DONE - _BEGUN)
        return Followed(
            from_w=order.from_w,
            ordered_w=order.to_w,
            power_w=power_w,
            after_s=round(at_s - order.at_s, 1),
            ramp_w_per_s=round(done_w / ramped_s) if ramped_s > _JUMP_S else 0,
        )


def _sign(order: _Order) -> int:
    return 1 if order.to_w > order.from_w else -1


def trial_w(device: Device, power_w: int, state_of_charge: float | None) -> int | None:
    """Return a small order that ``device`` should be seen to follow, or None.

    Always to less, so no limit is touched; only an idle battery that cannot give
    is asked to take. None where the device does not run, or where it could only be
    stopped and has a least run.
    """
    if device.kind is DeviceKind.BATTERY:
        empty = state_of_charge is not None and state_of_charge <= 0
        gives = power_w - _TEST_W >= -device.rated_discharge_w
        if power_w > 0 or (gives and not empty):
            return power_w - _TEST_W
        return power_w + _TEST_W
    if power_w < max(LEAST_CHANGE_W, device.min_power_w // 2):
        return None
    less_w = power_w - max(_TEST_W, round(_TEST_SHARE * power_w))
    less_w = max(0, less_w) // device.step_w * device.step_w
    if less_w >= device.min_power_w:
        return less_w
    return None if device.min_on_s else 0
