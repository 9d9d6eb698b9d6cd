"""Plans: what the worker is asked, what serves without it, what is shown."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, override

from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util
import pytest

from cem_core.dispatch import rule_plan
from cem_core.limits import QuarterHour
from cem_core.model import Interval, PlanStatus, Series
from custom_components.cem.const import DOMAIN, Charging, Kind, Mode
from custom_components.cem.home import Home
from custom_components.cem.planner import Planner
from custom_components.cem.planning.document import request
from custom_components.cem.planning.house_load import HouseLoad
from custom_components.cem.planning.outlook import Outlook
from custom_components.cem.planning.prices import Prices
from custom_components.cem.planning.show import show_plan
from custom_components.cem.planning.steps import Steps
from custom_components.cem.wishes import async_set_mode
from custom_components.cem.worker_client import WorkerClient, WorkerError
from optimizer.optimize import Options, optimize
from optimizer.read_home import home_from_json
from optimizer.series import table
from tests.custom_components.conftest import SetUp
from tests.custom_components.house import DEVICES, W

NOW = datetime(2026, 1, 15, 18, 7, tzinfo=UTC)
NONE = Series(())


def flat(power_w: float, now: datetime) -> Series:
    """Return a series that stays the same for two days."""
    begin = now - timedelta(hours=1)
    always = Interval(start=begin, end=begin + timedelta(days=2), value=power_w)
    return Series.of([always])


def outlook(now: datetime = NOW) -> Outlook:
    return Outlook(
        steps=Steps.from_now(now, None),
        prices=Prices(imported=NONE, exported=NONE, fixed_import=0.3, fixed_export=0.1),
        load=HouseLoad(flat(400, now), now=now),
        present_load_w=None,
    )


def device(document: dict[str, Any], kind: Kind) -> dict[str, Any]:
    (found,) = [each for each in document["devices"] if each["kind"] == kind]
    return dict(found)


async def test_the_optimiser_takes_the_whole_home(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    await hass.config.async_set_time_zone("Europe/Brussels")
    home = await set_up(*DEVICES)
    asked = request(home, outlook())
    kinds = {each["kind"] for each in asked.home["devices"]}
    # The dishwasher's window ends before a run would.
    assert kinds == {
        "solar",
        "battery",
        "ev_charger",
        "heat_pump",
        "water_heater",
        "appliance",
    }
    plan = optimize(
        home_from_json(asked.home),
        table(asked.series),
        Options(time_limit_s=20, gap=0.01),
    )
    assert plan["status"] == "optimal"
    assert plan["times"][0] == "2026-01-15T19:07:00+01:00"
    # The car leaves at 07:00, the dishwasher is due at 23:00: quarters until 19:00.
    assert plan["minutes"] == [3, *[5] * 13, *[15] * 91, *[60] * 12]
    assert asked.series["time"][0] == "2026-01-15T18:00:00+00:00"


async def test_the_running_quarter_hour_counts_with_what_it_imported(
    hass: HomeAssistant, set_up: SetUp, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = await set_up(Kind.METER)
    tariff = {"capacity_price_per_kw": 3.0}
    monkeypatch.setattr(Home, "tariff", property(lambda _: tariff))
    quarter = QuarterHour(
        start=NOW - timedelta(minutes=7),
        elapsed_s=420,
        mean_w=6000,
        projected_w=6000,
        import_w=6000,
    )
    home.snapshot = replace(home.snapshot, quarter=quarter)
    (known, unknown) = (
        request(home, outlook(now)).home["tariff"]["capacity"]["open_period_kwh"]
        for now in (NOW, NOW + timedelta(minutes=15))
    )
    assert known == pytest.approx(0.7)
    assert unknown is None


async def test_a_plan_says_until_when_its_prices_are_known(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    home = await set_up(Kind.METER)
    asked = request(home, replace(outlook(), steps=Steps.from_now(NOW, NOW)))
    assert asked.prices_known_until == NOW
    plan = rule_plan(now=NOW, devices=[], states={})
    shown = show_plan(home, plan, None, asked.prices_known_until)
    assert datetime.fromisoformat(shown["prices_known_until"]) == NOW
    assert show_plan(home, plan)["prices_known_until"] is None


async def test_a_car_has_a_session_only_while_it_is_there(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    await hass.config.async_set_time_zone("Europe/Brussels")
    home = await set_up(Kind.METER, Kind.EV_CHARGER)
    car = home.devices["wallbox"]

    def sessions() -> list[dict[str, Any]]:
        asked = request(home, outlook())
        found: list[dict[str, Any]] = device(asked.home, Kind.EV_CHARGER)["sessions"]
        return found

    (session,) = sessions()
    assert session["depart"] == "2026-01-16T06:00:00+00:00"  # 07:00 in Brussels
    assert session["energy_kwh"] == 20
    car.charging = Charging.NOW
    (session,) = sessions()
    # 20 kWh at 11.04 kW and nine tenths: nine quarters of an hour.
    assert session["depart"] == "2026-01-15T20:15:00+00:00"
    car.charging = Charging.NOT_TONIGHT
    assert sessions() == []
    car.charging = Charging.PLAN
    for state in ("off", "unavailable", "unknown"):
        hass.states.async_set("binary_sensor.plugged", state)
        assert sessions() == []


async def test_a_start_costs_and_what_charges_already_does_not_start(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    home = await set_up(Kind.METER, Kind.EV_CHARGER)

    def charges(power_w: str) -> bool:
        hass.states.async_set("sensor.charger", power_w, W)
        car = device(request(home, outlook()).home, Kind.EV_CHARGER)
        assert car["start_cost"] == 0.02
        runs: bool = car["initially_on"]
        return runs

    assert not charges("0")
    assert not charges("unavailable")
    assert not charges("20")  # its electronics
    assert charges("7000")


async def test_a_limit_goes_into_the_plan(hass: HomeAssistant, set_up: SetUp) -> None:
    home = await set_up(Kind.METER)
    await hass.services.async_call(
        "cem",
        "order_limit",
        {"direction": "import", "scope": "controllable", "limit_w": 4200},
        blocking=True,
    )
    (limit,) = request(home, outlook(dt_util.utcnow())).home["limits"]
    assert (limit["limit_kw"], limit["scope"]) == (4.2, "controllable")


async def test_a_device_of_a_person_is_load_and_not_planned(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    home = await set_up(Kind.METER, Kind.EV_CHARGER)
    await async_set_mode(home, Mode.CONTROL)
    usual = request(home, outlook()).series["load_kw"]
    home.devices["wallbox"].hand_off(dt_util.utcnow() + timedelta(hours=1))
    hass.states.async_set("sensor.charger", "7000", W)
    asked = request(home, outlook())
    assert asked.home["devices"] == []
    assert asked.series["load_kw"][0] == pytest.approx(usual[0] + 7)
    assert asked.series["load_kw"][4] == pytest.approx(usual[4])


class Broken(WorkerClient):
    """A worker without its packages."""

    def __init__(self, kind: str) -> None:
        super().__init__(clock=lambda: 0.0)
        self.kind = kind

    @override
    async def _asked(
        self, message: Mapping[str, Any], wanted: str, *, within_s: float = 0.0
    ) -> dict[str, Any]:
        del message, wanted, within_s
        raise WorkerError(self.kind, "pyomo")


async def test_without_packages_rules_serve_and_an_issue_says_so(
    hass: HomeAssistant,
    set_up: SetUp,
    issue_registry: ir.IssueRegistry,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def nothing(*_: Any) -> None:
        return None

    monkeypatch.setattr(
        "custom_components.cem.requirements.WorkerPackages.async_ensure", nothing
    )
    home = await set_up(Kind.METER, Kind.BATTERY, Kind.EV_CHARGER, Kind.APPLIANCE)
    planner = Planner(home, Broken("missing"))
    await planner.async_replan()
    await hass.async_block_till_done()
    state = hass.states.get("sensor.home_plan_status")
    assert state is not None
    assert state.state == "rule"
    assert issue_registry.async_get_issue(DOMAIN, "worker_packages_home_entry")
    assert home.plan_document is not None
    assert home.plan_document["names"]["wallbox"] == "Wallbox"
    assert "plan_missing" in home.plan_problems


async def test_a_fresh_plan_is_followed_while_the_worker_is_away(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    home = await set_up(Kind.METER, Kind.BATTERY)
    now = dt_util.utcnow()
    solved = rule_plan(now=now, devices=[], states={})
    home.plan = replace(solved, status=PlanStatus.OPTIMAL)
    kept, planner = home.plan, Planner(home, Broken("gone"))
    await planner.async_replan()
    assert home.plan is kept
    assert "plan_gone" in home.plan_problems
    home.plan = replace(kept, created_at=now - timedelta(minutes=31))
    await planner.async_replan()
    assert home.plan.status is PlanStatus.RULE
    await planner.async_stop()


async def test_replan_and_get_plan_by_actions(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    home = await set_up(Kind.METER, Kind.BATTERY, Kind.HEAT_PUMP)
    await with_real_worker(hass, home)


async def with_real_worker(hass: HomeAssistant, home: Home) -> None:
    planner = Planner(home)
    home.replan_now = planner.async_replan
    home.what_if = planner.async_what_if
    try:
        answer = await hass.services.async_call(
            "cem", "replan", {}, blocking=True, return_response=True
        )
        asked = {"device": "cellar_battery", "what": "forbid"}
        other = await hass.services.async_call(
            "cem", "what_if", asked, blocking=True, return_response=True
        )
    finally:
        await planner.async_stop()
    assert answer is not None
    assert answer["status"] in {"optimal", "feasible"}
    assert other is not None
    assert "Cellar battery off until the plan's end: " in str(other["text"])
    plan: Any = await hass.services.async_call(
        "cem", "get_plan", {}, blocking=True, return_response=True
    )
    assert set(plan["devices"]) == {"cellar_battery", "heat_pump"}
    assert plan["battery_capacity_kwh"] == {"cellar_battery": 10}
    event = hass.states.get("event.home_plan")
    assert event is not None
    assert event.attributes["event_type"] == "plan_changed"
    assert len(event.attributes["moved"]) <= 5


def test_what_is_measured_now_counts_for_an_hour() -> None:
    load = HouseLoad(flat(450, NOW), now=NOW)
    assert load.at(NOW) == 450
    assert load.at(NOW, present_w=2000) == 2000
    ahead = load.at(NOW + timedelta(minutes=30), present_w=2000)
    assert load.at(NOW) < ahead < 2000
    assert load.at(NOW + timedelta(hours=2), present_w=2000) == 450
