"""What the plan has each device do just now: looked up once in each of its steps."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from cem_core.dispatch.fleet import Fleet
from cem_core.model import (
    HEATING,
    Action,
    Device,
    DeviceKind,
    Plan,
    PlanStatus,
    PlanStep,
)

_SOON: Final = timedelta(minutes=30)  # a heat pump heats a tank for about so long
_EVER: Final = datetime.max.replace(tzinfo=UTC)

# A planned mean of at least this share of the least power a device can run at
# runs it at that least power; the plan corrects itself at its next making.
_WORTH_RUNNING: Final = 0.5


@dataclass(frozen=True, slots=True)
class Planned:
    """A step of one device, what it is to be told, and the steps that begin soon."""

    step: PlanStep
    order_w: int | None
    coming: Sequence[PlanStep] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A plan from ``since`` until before ``until``: nothing of it changes meanwhile.

    ``devices`` has what each of the fleet's does, None: the plan says nothing of it.
    ``exports``: power is planned to flow out at the connection, or that is not known.
    """

    plan: Plan | None
    fleet: Fleet
    since: datetime
    until: datetime
    devices: tuple[Planned | None, ...]
    exports: bool

    def holds(self, plan: Plan | None, fleet: Fleet, now: datetime) -> bool:
        """Tell whether it is what ``plan`` has ``fleet`` do at ``now``."""
        return (
            self.plan is plan and self.fleet is fleet and self.since <= now < self.until
        )


def block_of(plan: Plan | None, fleet: Fleet, now: datetime) -> Block:
    """Return the block of ``plan`` that ``now`` falls in; None: it says nothing."""
    index = None if plan is None else plan.index(now)
    if plan is None or index is None:
        begins = plan is not None and now < plan.start
        return Block(
            plan=plan,
            fleet=fleet,
            since=now,
            until=plan.start if plan is not None and begins else _EVER,
            devices=(None,) * len(fleet.devices),
            exports=True,
        )
    soon = bisect_right(plan.edges, now + _SOON)
    until = plan.edges[index + 1]
    if soon < len(plan.edges):
        until = min(until, plan.edges[soon] - _SOON)
    return Block(
        plan=plan,
        fleet=fleet,
        since=now,
        until=until,
        devices=tuple(_planned(plan, device, index, soon) for device in fleet.devices),
        exports=index >= len(plan.export_w) or plan.export_w[index] > 0,
    )


def _planned(plan: Plan, device: Device, index: int, soon: int) -> Planned | None:
    # A plan by rule is what dispatch does by itself, but for the starts.
    if plan.status is PlanStatus.RULE and device.kind is not DeviceKind.APPLIANCE:
        return None
    found = plan.devices.get(device.device_id)
    if found is None or index >= len(found.steps):
        return None
    step = found.steps[index]
    coming = found.steps[index + 1 : soon] if device.heats_water else ()
    return Planned(step, _order_w(device, step), coming)


def _order_w(device: Device, step: PlanStep) -> int | None:
    """Return what a device is told in ``step``, None: it is left to itself."""
    kind, action = device.kind, step.action
    if kind is DeviceKind.SOLAR:
        held_down = action in {Action.CURTAIL, Action.OFF}
        return _within(device, step) if held_down else None
    if kind is DeviceKind.APPLIANCE:
        return _run_w(device, step)
    if action in {Action.HOLD, Action.OFF}:
        return 0
    if action is Action.BALANCE and kind in HEATING:
        return None
    planned_w = step.power_w if step.order_w is None else step.order_w
    least_w = device.min_power_w
    if _WORTH_RUNNING * least_w <= abs(planned_w) < least_w:
        return device.rounded(least_w if planned_w > 0 else -least_w)
    return device.rounded(planned_w)


def _run_w(device: Device, step: PlanStep) -> int | None:
    if step.action is Action.RUN:
        return _within(device, step)
    return 0 if step.order_w == 0 else None  # a pause of its run, or left alone


def _within(device: Device, step: PlanStep) -> int:
    # A plan may be older than the last change of the device's rated power.
    return min(max(step.power_w, 0), device.rated_power_w)
