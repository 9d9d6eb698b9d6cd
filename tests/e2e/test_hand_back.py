"""Control is handed back when the CEM is to observe, or goes."""

import pytest

from script.rig.waiting import until
from tests.e2e.live_home import FULL_W, LiveHome, handed_back

pytestmark = pytest.mark.e2e

HANDED_BACK_WITHIN_S = 15.0


async def _limited(live: LiveHome) -> None:
    """Leave the car as a limit that has just ended left it: turned down."""
    await live.car_charges_at_11_kw()
    limit_id = await live.order_limit(4200)
    await live.kept(4200, within_s=10, watched_s=3)
    await live.end_limit(limit_id)
    assert live.car_w() < FULL_W


async def test_on_observe(live: LiveHome) -> None:
    await _limited(live)
    await live.mode("observe")
    await until(
        "every device in its own mode",
        lambda: handed_back(live),
        within_s=HANDED_BACK_WITHIN_S,
    )


async def test_on_removal_and_it_can_be_added_again(live: LiveHome) -> None:
    await _limited(live)
    await live.remove()
    await until(
        "every device in its own mode",
        lambda: handed_back(live),
        within_s=HANDED_BACK_WITHIN_S,
    )
    assert await live.api.state(live.entity("sensor", "grid_power")) is None
    assert not live.workers()

    await live.set_up()
    await until("the meter", lambda: _connected(live), within_s=20)


async def _connected(live: LiveHome) -> bool:
    return await live.value("binary_sensor", "meter_connected") == "on"
