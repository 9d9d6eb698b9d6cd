"""A limit is ordered and kept, measured at the devices and the meter."""

import time

import pytest

from script.rig.waiting import until
from tests.e2e.live_home import LiveHome, event_of, state_changes

pytestmark = pytest.mark.e2e

LIMIT_W = 4200
WITHIN_S = 10.0
WATCHED_S = 25.0
NEAR_SHARE = 0.9
NEAR_WITHIN_S = 1.0


async def test_4200_w_are_kept_while_the_car_charges_at_11_kw(live: LiveHome) -> None:
    await live.car_charges_at_11_kw()
    before_w = (await live.telegrams.next()).net_w

    await live.order_limit(LIMIT_W)
    took_s = await live.within(LIMIT_W, seconds=WITHIN_S)
    await live.stays_within(LIMIT_W, seconds=WATCHED_S)

    after_w = (await live.telegrams.next()).net_w
    print(f"within {LIMIT_W} W after {took_s:.1f} s; meter {before_w} -> {after_w} W")
    assert live.car_w() > 0 or after_w < before_w - 5000


async def test_power_comes_back_when_the_limit_ends(live: LiveHome) -> None:
    await live.car_charges_at_11_kw()
    limit_id = await live.order_limit(LIMIT_W)
    await live.within(LIMIT_W, seconds=WITHIN_S)

    async with state_changes(live, live.entity("event", "limits")) as changes:
        await live.end_limit(limit_id)
        await event_of(changes, "limit_ended", within_s=5)
    await until("the car at 11 kW again", lambda: live.car_w() > 10_000, within_s=60)


async def test_a_limit_with_a_duration_ends_by_itself(live: LiveHome) -> None:
    await live.car_charges_at_11_kw()
    await live.order_limit(LIMIT_W, duration={"seconds": 12})
    await live.within(LIMIT_W, seconds=WITHIN_S)
    await until("the car at 11 kW again", lambda: live.car_w() > 10_000, within_s=70)


async def test_near_limit_is_told_within_1_s_of_the_telegram(live: LiveHome) -> None:
    """The connection's limit is set just below what the car will make of it."""
    await live.charge("not_tonight")
    await until("the car to stop", lambda: live.car_w() < 100, within_s=30)
    calm_w = max(t.net_w for t in live.telegrams.since(time.monotonic() - 5))
    limit_w = max(7000, calm_w + 6000)

    async with state_changes(live, live.entity("event", "limits")) as changes:
        await live.order_limit(limit_w, scope="connection")
        ordered_at = time.monotonic()
        await live.charge("now")
        near_at, attributes = await event_of(changes, "near_limit", within_s=60)

    crossing = next(
        telegram
        for telegram in live.telegrams.since(ordered_at)
        if telegram.net_w >= NEAR_SHARE * limit_w
    )
    assert attributes["direction"] == "import"
    assert near_at - crossing.at <= NEAR_WITHIN_S
