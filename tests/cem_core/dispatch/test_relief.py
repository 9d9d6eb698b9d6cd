"""Turned down before a limit is reached: who is, how far, and that it ends."""

from datetime import UTC, datetime, timedelta

import pytest

from cem_core.dispatch import Dispatched, DispatchSettings, Memory, dispatch, relief
from cem_core.dispatch.fleet import Fleet
from cem_core.model import (
    Action,
    Cause,
    Device,
    DeviceKind,
    DeviceState,
    Direction,
    LimitsInForce,
    Owner,
    Reading,
)

START = datetime(2026, 1, 1, tzinfo=UTC)
CHARGER = Device(
    device_id="charger",
    name="Charger",
    kind=DeviceKind.EV_CHARGER,
    rated_power_w=11_000,
    min_power_w=4140,
)
BATTERY = Device(
    device_id="battery",
    name="Battery",
    kind=DeviceKind.BATTERY,
    rated_power_w=5000,
    rated_discharge_w=5000,
)
HEAT_PUMP = Device(
    device_id="heat_pump",
    name="Heat pump",
    kind=DeviceKind.HEAT_PUMP,
    rated_power_w=2500,
    floor_w=500,
)
ROOF = Device(device_id="roof", name="Roof", kind=DeviceKind.SOLAR, rated_power_w=6000)
WASHER = Device(
    device_id="washer",
    name="Washer",
    kind=DeviceKind.APPLIANCE,
    rated_power_w=2000,
    interruptible=False,
)
ALL = (CHARGER, BATTERY, HEAT_PUMP, ROOF, WASHER)


def state(device: Device, power_w: int | None, **more: object) -> DeviceState:
    return DeviceState(
        device_id=device.device_id,
        time=START,
        power_w=power_w,
        **more,  # type: ignore[arg-type]
    )


def step(
    grid_w: int,
    states: dict[str, DeviceState],
    shed: dict[str, Direction],
    memory: Memory | None = None,
    at_s: float = 0.0,
) -> Dispatched:
    return dispatch(
        now=START + timedelta(seconds=at_s),
        monotonic_s=at_s,
        reading=Reading(
            format="p1", import_power_w=max(grid_w, 0), export_power_w=max(-grid_w, 0)
        ),
        limits=LimitsInForce(),
        plan=None,
        devices=ALL,
        states=states,
        settings=DispatchSettings(),
        memory=memory or Memory(),
        shed=shed,
    )


def running(owner: Owner = Owner.PLAN) -> dict[str, DeviceState]:
    powers_w = {CHARGER: 11_000, BATTERY: 3000, HEAT_PUMP: 2000, ROOF: 4000}
    states = {
        device.device_id: state(device, power_w, owner=owner)
        for device, power_w in powers_w.items()
    }
    return {**states, "washer": state(WASHER, 1800)}


def test_what_is_turned_down_goes_to_its_floor() -> None:
    shed = dict.fromkeys(running(), Direction.IMPORT)
    orders = {x.device_id: x for x in step(13_000, running(), shed).setpoints}
    assert (orders["charger"].power_w, orders["charger"].action) == (0, Action.OFF)
    assert (orders["heat_pump"].power_w, orders["heat_pump"].action) == (
        500,
        Action.RUN,
    )
    assert {orders[x].cause for x in ("charger", "heat_pump")} == {Cause.SHED}
    # What produces helps; a run is never interrupted; a battery covers load.
    assert orders["roof"].power_w is None
    assert orders["washer"].cause is not Cause.SHED
    assert (orders["battery"].power_w or 0) <= 0


def test_a_battery_no_longer_charges_from_the_sun_either() -> None:
    shed = {"battery": Direction.IMPORT}
    orders = {x.device_id: x for x in step(-4000, running(), shed).setpoints}
    assert orders["battery"].power_w == 0
    orders = {x.device_id: x for x in step(-4000, running(), {}).setpoints}
    assert (orders["battery"].power_w or 0) > 0


def test_on_the_export_side_the_sun_and_the_discharging_are_turned_down() -> None:
    states = running() | {"battery": state(BATTERY, -2000)}
    shed = dict.fromkeys(states, Direction.EXPORT)
    orders = {x.device_id: x for x in step(-6000, states, shed).setpoints}
    assert (orders["roof"].power_w, orders["roof"].action) == (0, Action.CURTAIL)
    assert (orders["battery"].power_w or 0) >= 0
    assert orders["charger"].power_w == 11_000


def test_who_is_in_other_hands_is_left_alone() -> None:
    shed = dict.fromkeys(running(), Direction.IMPORT)
    orders = step(13_000, running(Owner.PERSON), shed).setpoints
    assert {x.power_w for x in orders if x.device_id != "washer"} == {None}


def test_it_ends_with_the_next_decision() -> None:
    shed = step(13_000, running(), {"charger": Direction.IMPORT})
    after = step(2000, running(), {}, shed.memory, at_s=1.0)
    assert {x.device_id: x.power_w for x in after.setpoints}["charger"] == 11_000


@pytest.mark.parametrize(
    ("device", "power_w", "more", "less_w"),
    [
        (CHARGER, 11_000, {}, 11_000),
        (CHARGER, 11_000, {"connected": False}, None),
        (CHARGER, 11_000, {"available": False}, None),
        (CHARGER, None, {"setpoint_w": 7000}, 7000),
        (CHARGER, None, {}, None),
        (CHARGER, 99_000, {}, 11_000),
        (HEAT_PUMP, 2000, {}, 1500),
        (HEAT_PUMP, 550, {}, None),
        (BATTERY, 3000, {}, 3000),
        (BATTERY, -3000, {}, None),
        (ROOF, 4000, {}, None),
        (WASHER, 1800, {}, None),
    ],
)
def test_only_what_can_be_turned_down_is_named(
    device: Device, power_w: int | None, more: dict[str, object], less_w: int | None
) -> None:
    states = {device.device_id: state(device, power_w, **more)}
    found = relief(Direction.IMPORT, Fleet.of((device,)), states)
    assert [x.power_w for x in found] == ([] if less_w is None else [less_w])
