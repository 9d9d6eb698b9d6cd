"""One device at the telegram at hand: what it may be doing just now.

A device does not obey at once, and what it reports is late. So an order does
not tell its power, and neither does its report: between the two it may be
anywhere. ``least_w`` and ``most_w`` bound it. Whatever is decided from these
bounds (see `observe`) never takes a delay for a change of the house load,
which is what makes control loops swing.
"""

from math import isfinite
from typing import Final

from cem_core.dispatch.memory import Memory, Trail
from cem_core.model import (
    Action,
    Balance,
    Cause,
    Device,
    DeviceKind,
    DeviceState,
    HeatUse,
    Owner,
    Protection,
    Setpoint,
)

_NONSENSE: Final = 1.5  # times the rated power
_SLACK_W: Final = 100  # what a device of no power may report: standby, noise
_SHORT_SHARE: Final = 0.1  # of its order: what a battery may fall short of it
_ARRIVED_W: Final = 50
_ARRIVED_SHARE: Final = 0.05
_AT_ORDER_SHARE: Final = 0.98  # an inverter below it is held down by the sun


class Live:
    """A device, its state, and what this dispatch makes of it.

    Mutable, and never older than one call: the stages of dispatch fill it in.
    """

    __slots__ = (
        "action",
        "balance",
        "battery",
        "cause",
        "commanded",
        "covers",
        "desired_w",
        "device",
        "known",
        "least_able_w",
        "least_w",
        "limit_id",
        "limited",
        "measured_w",
        "most_able_w",
        "most_w",
        "nonsense",
        "now_w",
        "off_course_w",
        "power_w",
        "protection",
        "setpoint_w",
        "solar",
        "state",
        "stuck",
        "trail",
        "trusted",
        "use",
        "used",
        "was_limited",
        "yields",
    )

    device: Device
    state: DeviceState | None
    yields: bool  # to any limit: it is ours to command and does not have to heat
    action: Action
    balance: Balance
    covers: bool  # its planned discharge is for load, never to be fed in
    cause: Cause
    desired_w: int | None
    power_w: int | None
    limit_id: str | None
    use: HeatUse | None  # what a heat pump with a tank heats
    used: HeatUse | None  # what it was told to heat before

    def __init__(
        self, device: Device, state: DeviceState | None, memory: Memory, at_s: float
    ) -> None:
        """Work out what is known."""
        device_id = device.device_id
        self.device = device
        self.state = state
        self.solar = device.kind is DeviceKind.SOLAR
        self.battery = device.kind is DeviceKind.BATTERY
        self.limit_id = None
        self.use = None
        self.limited = False
        self.was_limited = device_id in memory.limited
        self.protection = None
        self.commanded = self.yields = False
        if state is not None:
            self.protection = state.protection
            self.commanded = state.enabled and state.owner is Owner.PLAN
            self.yields = self.commanded and state.protection is None
        trail = memory.trails.get(device_id, ())
        self._measure(device, state)
        self._recall(memory.setpoints.get(device_id), trail, memory)
        self._bound(trail, at_s)

    def _measure(self, device: Device, state: DeviceState | None) -> None:
        self.nonsense = False
        self.trusted, measured_w = False, None
        if state is not None:
            self.trusted = state.available
            measured_w = state.power_w if state.available else None
            if state.cut:  # without supply its own entities say nothing
                self.trusted, measured_w = True, measured_w or 0
        if measured_w is not None and not -_SLACK_W <= measured_w <= _SLACK_W:
            least_w = -_NONSENSE * device.rated_discharge_w
            if not least_w <= measured_w <= _NONSENSE * device.rated_power_w:
                self.nonsense, self.trusted, measured_w = True, False, None
        self.measured_w = measured_w

    def _recall(self, last: Setpoint | None, trail: Trail, memory: Memory) -> None:
        self.setpoint_w = self.used = None
        if last is not None:
            self.setpoint_w, self.used = last.power_w, last.use
            if trail and last.power_w is not None:
                # The device may not have confirmed yet what was just ordered.
                return
        if self.state is None or self.state.setpoint_w is None:
            return
        reported_w = _possible(self.device, self.state.setpoint_w)
        if reported_w is None:
            return
        self.setpoint_w = reported_w
        if memory.at_s is None:
            # After a restart the device's own setpoint tells that it is
            # still held below what it can do.
            self.was_limited = reported_w < self.device.rated_power_w

    def _bound(self, trail: Trail, at_s: float) -> None:
        measured_w, setpoint_w = self.measured_w, self.setpoint_w
        self.known = self.trusted and not (measured_w is None and setpoint_w is None)
        now_w = 0
        if self.known:
            now_w = (setpoint_w or 0) if measured_w is None else measured_w
        self.now_w = self.least_w = self.most_w = now_w
        self.off_course_w = 0
        self.stuck = False
        self.most_able_w = self.device.rated_power_w
        self.least_able_w = -self.device.rated_discharge_w
        if trail:
            trail = self._still_on(trail, at_s)
        self.trail = trail
        if not self.known:
            return
        if trail:
            powers_w = [power_w for _, power_w in trail]
            self.least_w = min(now_w, *powers_w)
            self.most_w = max(now_w, *powers_w)
        elif measured_w is not None and setpoint_w is not None:
            self._judge(measured_w, setpoint_w)

    def _still_on(self, trail: Trail, at_s: float) -> Trail:
        """Return where on ``trail`` the device may be still."""
        measured_w = self.measured_w
        if measured_w is not None and _arrived(measured_w, trail):
            trail = trail[-1:]
        trail = tuple(mark for mark in trail if mark[0] > at_s)
        if self.solar and trail and sun_is_less(measured_w, trail):
            return ()
        return trail

    def _judge(self, measured_w: int, setpoint_w: int) -> None:
        """Compare what a settled device does with what it was ordered."""
        self.off_course_w = off_w = measured_w - setpoint_w
        if -_SLACK_W <= off_w <= _SLACK_W or abs(off_w) <= _SHORT_SHARE * abs(
            setpoint_w
        ):
            return
        # A battery that is full or empty falls short, whatever is ordered.
        if 0 <= measured_w < setpoint_w:
            self.most_able_w = measured_w
        elif setpoint_w < measured_w <= 0:
            self.least_able_w = measured_w
        elif off_w > 0:
            self.stuck = True

    @property
    def floor_w(self) -> int:
        """What a limit leaves it now."""
        if self.protection is Protection.FROST:
            return max(self.device.floor_w, self.device.frost_floor_w)
        return self.device.floor_w

    @property
    def full(self) -> bool:
        """Tell whether it is known to be full; some report 100.4 %."""
        charge = None if self.state is None else self.state.state_of_charge
        return charge is not None and charge >= 1

    @property
    def empty(self) -> bool:
        """Tell whether it is known to be empty."""
        charge = None if self.state is None else self.state.state_of_charge
        return charge is not None and charge <= 0

    @property
    def two_way(self) -> bool:
        """Tell whether it may feed in what it took: a battery, or a car."""
        return self.battery or self.device.rated_discharge_w > 0

    @property
    def car_gives(self) -> bool:
        """Tell whether it is a car that gives back as things stand."""
        if not self.device.rated_discharge_w:
            return False
        return self.to_come_w < 0 and self.device.kind is DeviceKind.EV_CHARGER

    @property
    def may_give(self) -> bool:
        """Tell whether it holds enough to give; a car that does not say gives none."""
        if self.device.kind is not DeviceKind.EV_CHARGER:
            return not self.empty
        charge = None if self.state is None else self.state.state_of_charge
        return charge is not None and charge > self.device.least_state_of_charge

    @property
    def to_come_w(self) -> int:
        """What it will draw (solar: produce) as things stand."""
        return self.now_w if self.power_w is None else self.power_w

    @property
    def drawn_w(self) -> int:
        """What it draws as far as a limit counts it: at least 0."""
        if self.solar:
            return 0
        if not self.known:
            return self.device.rated_power_w
        return max(0, self.now_w)

    @property
    def produced_w(self) -> int:
        """What it feeds in as far as a limit counts it: at least 0."""
        if self.known:
            produced_w = self.now_w if self.solar else -self.now_w
            return max(0, produced_w)
        device = self.device
        return device.rated_power_w if self.solar else device.rated_discharge_w

    def rounded(self, power_w: float) -> int:
        """Return ``power_w`` as the device can take it, towards 0."""
        return self.device.rounded(power_w)


def _possible(device: Device, setpoint_w: int) -> int | None:
    """Return the setpoint that a device reports, as far as it can do that.

    A setpoint may be set wider than the device: a charger of 16 A that takes
    32 A draws no more than its rated power.
    """
    least_w, most_w = -device.rated_discharge_w, device.rated_power_w
    if least_w <= setpoint_w <= most_w:
        return setpoint_w
    if not isfinite(setpoint_w):
        return None
    return least_w if setpoint_w < least_w else most_w


def sun_is_less(measured_w: int | None, orders: Trail) -> bool:
    """Tell whether an inverter is below all of ``orders``: they do not move it."""
    if measured_w is None:
        return False
    lowest_w = min(power_w for _, power_w in orders)
    return measured_w < _AT_ORDER_SHARE * lowest_w - _ARRIVED_W


def _arrived(measured_w: int, trail: Trail) -> bool:
    """Tell whether a report is so near to the order that it is no older one."""
    ordered_w = trail[-1][1]
    powers_w = [power_w for _, power_w in trail]
    change_w = max(powers_w) - min(powers_w)
    tolerance_w = _ARRIVED_W + _ARRIVED_SHARE * abs(ordered_w)
    return abs(measured_w - ordered_w) <= min(tolerance_w, change_w / 4)
