"""What could be turned down before a limit is reached, and turning it down."""

from collections.abc import Mapping
from typing import Final

from cem_core.dispatch.fleet import Fleet
from cem_core.dispatch.live import Live
from cem_core.limits import Relief
from cem_core.model import (
    Action,
    Balance,
    Cause,
    Device,
    DeviceKind,
    DeviceState,
    Direction,
    Owner,
)

# Less is not worth a word.
_LEAST_W: Final = 100
_WRONG_SIDE: Final = {Direction.IMPORT: Balance.STORE, Direction.EXPORT: Balance.COVER}
_HELPING_SIDE: Final = {
    Direction.IMPORT: Balance.COVER,
    Direction.EXPORT: Balance.STORE,
}


def relief(
    direction: Direction, fleet: Fleet, states: Mapping[str, DeviceState]
) -> tuple[Relief, ...]:
    """Return who could be turned down now, first who is turned down first.

    Import: down to the floor, a battery until it no longer charges. Export: the
    sun to its floor, a battery until it no longer feeds in. A device that is not
    measured counts with what it was told.
    """
    found = []
    for place in reversed(fleet.protected_first):
        device = fleet.devices[place]
        state = states.get(device.device_id)
        if state is None or not state.available or state.connected is False:
            continue
        if state.protection is not None:
            continue
        less_w = _less_w(direction, device, state)
        if less_w >= _LEAST_W:
            found.append(
                Relief(
                    device_id=device.device_id,
                    name=device.name,
                    power_w=less_w,
                    commanded=state.enabled and state.owner is Owner.PLAN,
                )
            )
    return tuple(found)


def _less_w(direction: Direction, device: Device, state: DeviceState) -> int:
    power_w = state.power_w
    if power_w is None:
        power_w = state.setpoint_w or 0
    feeds_in = device.rated_discharge_w > 0 and direction is Direction.EXPORT
    if device.kind is DeviceKind.BATTERY or feeds_in:
        own_w = power_w if direction is Direction.IMPORT else -power_w
        most_w = (
            device.rated_power_w
            if direction is Direction.IMPORT
            else device.rated_discharge_w
        )
        return min(own_w, most_w)
    produces = device.kind is DeviceKind.SOLAR
    if produces is not (direction is Direction.EXPORT):
        return 0
    return min(power_w, device.rated_power_w) - device.floor_w


def turn_down(live: Live, direction: Direction) -> None:
    """Let a device in the plan's hands do no more than its floor."""
    if not live.commanded or not live.device.interruptible or live.protection:
        return
    if live.device.kind is DeviceKind.BATTERY or live.action is Action.DISCHARGE:
        _turn_battery_down(live, direction)
        return
    if live.solar is not (direction is Direction.EXPORT):
        return
    floor_w = live.device.floor_w
    if live.desired_w is not None and live.desired_w <= floor_w:
        return
    live.desired_w, live.cause = floor_w, Cause.SHED
    if live.solar:
        live.action = Action.CURTAIL
    elif floor_w == 0:
        live.action = Action.OFF
    else:
        live.action = Action.RUN


def _turn_battery_down(live: Live, direction: Direction) -> None:
    if live.action is Action.BALANCE:
        if live.balance is not _WRONG_SIDE[direction]:
            live.balance = _HELPING_SIDE[direction]
            return
    elif live.action is not (
        Action.CHARGE if direction is Direction.IMPORT else Action.DISCHARGE
    ):
        return
    live.action, live.desired_w, live.cause = Action.HOLD, 0, Cause.SHED
    live.covers = False
