"""Meter, devices and broker misbehave: it shows, and limits hold where they can."""

import asyncio
import time

import pytest

from script.rig.waiting import until
from tests.e2e.live_home import LiveHome

pytestmark = pytest.mark.e2e

LIMIT_W = 4200
SILENT_AFTER_S = 10.0


async def _meter(live: LiveHome, state: str, within_s: float) -> None:
    async def said() -> bool:
        return await live.value("binary_sensor", "meter_connected") == state

    await until(f"the meter to be shown {state}", said, within_s=within_s)


async def _problem(live: LiveHome, word: str, within_s: float) -> None:
    async def said() -> bool:
        problems = (await live.live())["problems"]
        return any(word in f"{p['code']} {p['text']}".lower() for p in problems)

    await until(f"a problem that says {word!r}", said, within_s=within_s)


async def test_a_silent_meter_is_shown_and_the_limit_holds(live: LiveHome) -> None:
    await live.car_charges_at_11_kw()
    await live.order_limit(LIMIT_W)
    await live.kept(LIMIT_W, within_s=10, watched_s=3)

    await live.fault("silence", seconds=25)
    await _meter(live, "off", SILENT_AFTER_S + 5)
    await _problem(live, "meter", 5)
    await live.kept(LIMIT_W, within_s=0, watched_s=8)
    await _meter(live, "on", 30)


async def test_damaged_telegrams_never_become_values(live: LiveHome) -> None:
    await live.fault("bad_crc", seconds=15)
    began = time.monotonic()
    good = {telegram.net_w for telegram in live.telegrams.since(began - 3)}
    await _meter(live, "off", SILENT_AFTER_S + 5)
    shown = await live.live()
    assert shown["grid_power_w"] is None or shown["grid_power_w"] in good
    await _meter(live, "on", 30)


async def test_a_limit_ordered_while_the_meter_is_silent_is_kept(
    live: LiveHome,
) -> None:
    await live.car_charges_at_11_kw()
    await live.fault("silence", seconds=30)
    await _meter(live, "off", SILENT_AFTER_S + 5)
    await live.order_limit(LIMIT_W)
    await live.kept(LIMIT_W, within_s=10, watched_s=3)
    await _meter(live, "on", 40)


@pytest.mark.log_may_say(r"charger")
async def test_a_charger_that_refuses_is_counted_at_what_it_draws(
    live: LiveHome,
) -> None:
    """It cannot be turned down; all else is, and it is said."""
    await live.car_charges_at_11_kw()
    await live.fault("refuse", "charger", seconds=60)
    await live.order_limit(LIMIT_W)
    await _problem(live, "car was ordered", 30)
    # Before it was found out the battery had what the car's order left: it obeys
    # the order that takes it away, and stays there.
    await until("the battery to stop", lambda: _rests(live), within_s=5)
    await _keeps_resting(live, 5)
    await live.fault("refuse", "charger", seconds=0)
    await live.kept(LIMIT_W, within_s=30, watched_s=3)


def _rests(live: LiveHome) -> bool:
    battery_w = live.devices.number("battery/power")
    return battery_w is not None and battery_w <= 0


async def _keeps_resting(live: LiveHome, seconds: float) -> None:
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        assert _rests(live)
        await asyncio.sleep(0.2)


async def test_a_stuck_battery_does_not_stop_the_others(live: LiveHome) -> None:
    await live.car_charges_at_11_kw()
    await live.fault("stuck", "battery", seconds=30)
    stuck_w = max(0.0, live.devices.number("battery/power") or 0.0)
    await live.order_limit(LIMIT_W)
    await live.kept(max(LIMIT_W, stuck_w), within_s=10, watched_s=3)
    await live.fault("stuck", "battery", seconds=0)
    await live.kept(LIMIT_W, within_s=20, watched_s=3)


@pytest.mark.log_may_say(r"mqtt")
async def test_the_broker_goes_and_comes_back(live: LiveHome) -> None:
    await live.car_charges_at_11_kw()
    await live.order_limit(LIMIT_W)
    await live.kept(LIMIT_W, within_s=10, watched_s=3)

    await live.home.broker.stop()
    await asyncio.sleep(5)
    shown = await live.live()
    assert shown["meter"]["connected"], "the meter does not need the broker"
    await live.home.broker.start()

    async def available() -> bool:
        return all(device["available"] for device in (await live.live())["devices"])

    await until("all devices to be available", available, within_s=60)
    await live.kept(LIMIT_W, within_s=10, watched_s=5)
