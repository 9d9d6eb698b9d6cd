"""What does not follow its orders is counted on for less in the plan."""

from datetime import timedelta

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest

from cem_core.devices import Promise
from cem_core.model import Action, DevicePlan, Plan, PlanStatus, PlanStep
from custom_components.cem.const import Charging, Kind, Mode
from custom_components.cem.home import Home
from custom_components.cem.planning.document import request
from custom_components.cem.planning.promised import promised
from custom_components.cem.sentences import reason_for
from custom_components.cem.wishes import async_set_mode
from optimizer.optimize import Options, optimize
from optimizer.read_home import home_from_json
from optimizer.series import table
from tests.custom_components.conftest import SetUp
from tests.custom_components.house import PERCENT, W
from tests.custom_components.test_control import obedient, settle
from tests.custom_components.test_obedience import Street, charging
from tests.custom_components.test_planner import outlook

_STEP_S = 19  # odd: so that what the meter says is never twice the same


@pytest.fixture
def street(hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch) -> Street:
    return Street(hass, monkeypatch)


def _planned(home: Home, action: Action, power_w: int) -> None:
    now = dt_util.utcnow()
    (device_id,) = home.devices
    step = PlanStep(action=action, power_w=power_w)
    home.plan = Plan(
        created_at=now,
        edges=(now, now + timedelta(hours=8)),
        status=PlanStatus.OPTIMAL,
        devices={device_id: DevicePlan(steps=(step,))},
    )


async def _pass(street: Street, home: Home, seconds: int) -> None:
    for _ in range(seconds // _STEP_S):
        street.second += _STEP_S - 1
        await street.run(home, 1)


def _optimal(home: Home) -> bool:
    asked = request(home, outlook())
    document = home_from_json(asked.home)
    plan = optimize(document, table(asked.series), Options(time_limit_s=20))
    return plan["status"] in ("optimal", "feasible")


async def test_a_charger_that_stays_at_zero_is_planned_for_nothing_until_it_charges(
    hass: HomeAssistant, set_up: SetUp, street: Street
) -> None:
    home = await charging(street, set_up)
    (device,) = home.devices.values()
    _planned(home, Action.CHARGE, 11_040)
    wanted: list[str] = []
    home.replan_wanted = wanted.append
    assert request(home, outlook()).home["devices"][0]["sessions"]
    street.most_w = 0
    await _pass(street, home, 300)
    assert device.promise.whole
    await _pass(street, home, 100)
    assert device.promise == Promise(takes_w=0)
    assert wanted == ["promise"]
    assert request(home, outlook()).home["devices"][0]["sessions"] == []
    assert "plan_counts_on_taking" in repr(reason_for(home, device))
    assert _optimal(home)
    street.most_w = 11_040
    await _pass(street, home, 60)
    assert device.promise.whole
    assert request(home, outlook()).home["devices"][0]["sessions"]
    assert "plan_counts_on" not in repr(reason_for(home, device))


async def test_who_wants_it_at_once_gets_what_there_is(
    set_up: SetUp, street: Street
) -> None:
    home = await charging(street, set_up)
    (device,) = home.devices.values()
    _planned(home, Action.CHARGE, 11_040)
    device.charging = Charging.NOW
    street.most_w = 0
    await _pass(street, home, 400)
    assert (device.ordered_w, device.power_w) == (11_040, 0)
    assert device.promise.whole


async def test_what_stays_on_is_load_and_planned_for_nothing(
    hass: HomeAssistant, set_up: SetUp, street: Street
) -> None:
    home = await charging(street, set_up)
    (device,) = home.devices.values()
    _planned(home, Action.OFF, 0)
    before = request(home, outlook()).series["load_kw"]
    street.lag_s = None
    await _pass(street, home, 400)
    assert device.promise.stuck
    asked = request(home, outlook())
    assert asked.home["devices"][0]["sessions"] == []
    assert asked.series["load_kw"][0] - before[0] == pytest.approx(11.04)
    assert asked.series["load_kw"][-1] == before[-1]
    assert "plan_counts_on_nothing" in repr(reason_for(home, device))
    street.lag_s = 0
    await _pass(street, home, 60)
    assert device.promise.whole


async def _battery(
    hass: HomeAssistant, set_up: SetUp, street: Street, *, charge: str
) -> Home:
    """Return a home whose battery gives 3 of the 5 kW that it is ordered."""
    home = await set_up(Kind.METER, Kind.BATTERY)
    obedient(hass)
    hass.states.async_set("sensor.battery_charge", charge, PERCENT)
    await async_set_mode(home, Mode.CONTROL)
    _planned(home, Action.DISCHARGE, -5000)
    hass.states.async_set("sensor.battery", "-3000", W)
    for _ in range(20):
        street.second += _STEP_S
        hass.states.async_set("sensor.grid", f"{4000 + street.second % 7}", W)
        await settle(home)
    return home


async def test_a_battery_that_gives_three_of_five_is_planned_with_three(
    hass: HomeAssistant, set_up: SetUp, street: Street
) -> None:
    home = await _battery(hass, set_up, street, charge="50")
    (device,) = home.devices.values()
    assert device.ordered_w == -5000
    assert device.promise == Promise(gives_w=3000)
    (battery,) = request(home, outlook()).home["devices"]
    assert battery["discharge_limit_kw"] == 3
    assert battery["charge_limit_kw"] == device.data["charge_limit"]
    assert "plan_counts_on_giving" in repr(reason_for(home, device))
    assert _optimal(home)


async def test_a_battery_near_its_floor_may_give_less(
    hass: HomeAssistant, set_up: SetUp, street: Street
) -> None:
    home = await _battery(hass, set_up, street, charge="14")
    (device,) = home.devices.values()
    assert device.ordered_w == -5000
    assert device.promise.whole


def test_of_two_ranges_what_is_out_of_reach_goes() -> None:
    described = {
        "min_power_kw": 1.38,
        "max_power_kw": 11.04,
        "power_ranges": [
            {"min_kw": 1.38, "max_kw": 3.68},
            {"min_kw": 4.14, "max_kw": 11.04},
        ],
    }

    def ranges(takes_w: int) -> tuple[float, list[dict[str, float]]]:
        found = promised(Kind.EV_CHARGER, described, Promise(takes_w=takes_w))
        return found["max_power_kw"], found["power_ranges"]

    low = {"min_kw": 1.38, "max_kw": 3.68}
    assert ranges(7000) == (7, [low, {"min_kw": 4.14, "max_kw": 7}])
    assert ranges(3000) == (3, [{"min_kw": 1.38, "max_kw": 3}])
    assert ranges(900) == (1.38, [{"min_kw": 1.38, "max_kw": 1.38}])
    assert ranges(4000) == (3.68, [low])
