"""A battery without a power sensor, judged by the connection point."""

from datetime import timedelta

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest

from cem_core.model import Action, DevicePlan, Plan, PlanStatus, PlanStep
from custom_components.cem.const import Kind, Mode
from custom_components.cem.home import Home
from custom_components.cem.wishes import async_set_mode
from tests.custom_components.conftest import SetUp
from tests.custom_components.house import DATA, W
from tests.custom_components.test_control import obedient, settle
from tests.custom_components.test_obedience import issues

_LOOK_S = 4


class Cellar:
    """A battery whose entities take every order; the meter shows whether it does."""

    def __init__(self, hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch) -> None:
        self.hass, self.second, self.obeys = hass, 0, True
        real = hass.loop.time
        monkeypatch.setattr(hass.loop, "time", lambda: real() + self.second)
        unmeasured = {
            key: value for key, value in DATA[Kind.BATTERY].items() if key != "power"
        }
        monkeypatch.setitem(DATA, Kind.BATTERY, unmeasured)

    async def run(self, home: Home, seconds: int, power_w: int) -> None:
        now = dt_util.utcnow()
        (device,) = home.devices.values()
        action = Action.CHARGE if power_w else Action.HOLD
        steps = (PlanStep(action=action, power_w=power_w),)
        home.plan = Plan(
            created_at=now,
            edges=(now, now + timedelta(hours=8)),
            status=PlanStatus.OPTIMAL,
            devices={device.device_id: DevicePlan(steps=steps)},
        )
        for _ in range(seconds // _LOOK_S):
            self.second += _LOOK_S
            drawn_w = (device.ordered_w or 0) if self.obeys else 0
            hum_w = self.second // _LOOK_S % 7
            self.hass.states.async_set("sensor.grid", f"{600 + drawn_w + hum_w}", W)
            await settle(home)

    async def orders(self, home: Home, times: int) -> None:
        for _ in range(times):
            await self.run(home, 120, 3000)
            await self.run(home, 120, 0)


async def test_what_has_no_meter_is_judged_by_the_connection_point(
    hass: HomeAssistant, set_up: SetUp, monkeypatch: pytest.MonkeyPatch
) -> None:
    cellar = Cellar(hass, monkeypatch)
    home = await set_up(Kind.METER, Kind.BATTERY)
    obedient(hass)
    await async_set_mode(home, Mode.CONTROL)
    (device,) = home.devices.values()
    await cellar.run(home, 2600, 0)
    assert home.obedience.obeyed_percent(device) is None
    await cellar.orders(home, 2)
    assert home.obedience.obeyed_percent(device) == 100
    assert device.reaction.seconds == _LOOK_S
    cellar.obeys = False
    await cellar.orders(home, 2)
    assert "no_effect" not in issues(hass)
    await cellar.orders(home, 2)
    assert "no_effect" in issues(hass)
    assert (home.obedience.obeyed_percent(device) or 0) < 50
    cellar.obeys = True
    await cellar.orders(home, 2)
    assert "no_effect" not in issues(hass)
