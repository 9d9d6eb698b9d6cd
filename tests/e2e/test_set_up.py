"""Set up through the real forms: readings and a plan come at once."""

import os
import time

import pytest

from script.rig.waiting import until
from tests.e2e.live_home import LiveHome

pytestmark = pytest.mark.e2e

PLAN_WITHIN_S = 15.0


async def test_the_first_plan_comes_within_15_s(session_home: LiveHome) -> None:
    """Counted from the last form to when the plan was made."""
    took_s = session_home.planned_after_s
    print(f"a plan {took_s} s after set-up, on a load of {os.getloadavg()[0]:.1f}")
    assert took_s is not None
    assert took_s <= PLAN_WITHIN_S


async def test_every_device_is_known_and_available(live: LiveHome) -> None:
    # A device that has just been discovered says its first state within 5 s.
    await until("every device to be available", lambda: _available(live), within_s=15)
    shown = await live.live()
    kinds = sorted(device["kind"] for device in shown["devices"])
    assert kinds == ["appliance", "battery", "ev_charger", "heat_pump", "solar"]
    assert shown["mode"] == "control"


async def test_the_reading_is_the_meters(live: LiveHome) -> None:
    await until("the meter's first telegram", lambda: _metered(live), within_s=15)
    shown = await live.live()
    recent = [telegram.net_w for telegram in live.telegrams.since(time.monotonic() - 4)]
    assert shown["meter"]["connected"]
    assert shown["grid_power_w"] in recent


async def test_the_plan_explains_itself(live: LiveHome) -> None:
    plan = await live.plan()
    assert plan is not None
    assert len(plan["times"]) >= 24
    assert set(plan["devices"]) <= set(plan["names"])
    assert plan["reasons"], "no device says why"
    assert all(reason["text"].strip() for reason in plan["reasons"])


async def _available(live: LiveHome) -> bool:
    shown = await live.live()
    return all(device["available"] for device in shown["devices"])


async def _metered(live: LiveHome) -> bool:
    shown = await live.live()
    return bool(shown["meter"]["connected"]) and shown["grid_power_w"] is not None
