"""A heat pump that also heats a tank: planned, commanded, protected, lived with."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import Context, HomeAssistant, ServiceCall
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import async_mock_service

from cem_core.insight.season import Season
from cem_core.model import (
    Action,
    Cause,
    DevicePlan,
    HeatUse,
    Interval,
    Owner,
    Plan,
    PlanStatus,
    PlanStep,
    Series,
)
from cem_core.model.plan_json import plan_from_json
from cem_core.model.profile import Profile, ProfileChoice
from custom_components.cem.const import Kind
from custom_components.cem.forms import FORMS
from custom_components.cem.home import Home
from custom_components.cem.home_profile import async_set_profile, effects
from custom_components.cem.planning.document import request
from custom_components.cem.planning.outlook import Outlook
from custom_components.cem.season import async_set_season
from optimizer.optimize import Options, optimize
from optimizer.read_home import home_from_json
from optimizer.series import table
from tests.custom_components.conftest import SetUp, know_start_values
from tests.custom_components.house import CELSIUS, DATA, STATES, W
from tests.custom_components.test_hot_water import only, pass_time, warm, with_one
from tests.custom_components.test_limits import order
from tests.custom_components.test_planner import NOW, device, outlook

BOILER: Final = "water_heater.boiler"
TANK: Final = {"tank_setpoint": BOILER, "tank_volume": 200}
THERMOSTAT: Final = {"method": "climate", "climate": "climate.heat_pump"}
WEEKLY: Final = {"legionella_days": 7, "legionella_temperature": 55}


@pytest.fixture(autouse=True)
def evening(freezer: FrozenDateTimeFactory) -> None:
    freezer.move_to(NOW)


async def with_tank(set_up: SetUp, **answers: Any) -> Home:
    """Return a home that controls one heat pump with a tank."""
    home = await with_one(set_up, Kind.HEAT_PUMP, **TANK, **answers)
    know_start_values(home)
    return home


def priced(given: Outlook, cheap: Iterator[int] | range, low: float = 0.1) -> Outlook:
    """Return an outlook with hours of the local day in which power is cheap."""
    first = given.steps.start.replace(minute=0)
    hours = [first + timedelta(hours=n) for n in range(48)]
    return replace(
        given,
        prices=replace(
            given.prices,
            imported=Series.of(
                Interval(
                    start=hour,
                    end=hour + timedelta(hours=1),
                    value=low if hour.hour in cheap else 0.4,
                )
                for hour in hours
            ),
        ),
    )


def solved(home: Home, given: Outlook) -> dict[str, Any]:
    asked = request(home, given)
    return optimize(
        home_from_json(asked.home),
        table(asked.series),
        Options(time_limit_s=20, gap=0.005),
    )


def planned(home: Home, **step: Any) -> None:
    """Have the home follow a plan of one step."""
    now = dt_util.utcnow()
    name = only(home).device_id
    home.plan = Plan(
        created_at=now,
        edges=(now, now + timedelta(hours=1)),
        status=PlanStatus.OPTIMAL,
        devices={name: DevicePlan(steps=(PlanStep(**step),))},
    )
    home.cycle()


async def test_the_tank_is_heated_in_cheap_hours_by_the_same_compressor(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    home = await with_tank(set_up, tank_draw=4)
    asked = request(home, outlook())
    pump = device(asked.home, Kind.HEAT_PUMP)
    tank = pump["hot_water"]
    assert (tank["initial_c"], tank["min_c"], tank["max_c"]) == (52, 45, 55)
    assert sum(asked.series["heat_pump_draw_kw"][:96]) / 4 == pytest.approx(4, rel=0.01)

    cheap = range(1, 5)
    found = solved(home, priced(outlook(), cheap))
    assert found["status"] == "optimal"
    rows = found["devices"]["heat_pump"]
    total = 0.0
    in_cheap = 0.0
    for time, minutes, power, water in zip(
        found["times"],
        found["minutes"],
        rows["power_kw"],
        rows["hot_water_kw"],
        strict=True,
    ):
        assert water <= power + 1e-6 <= 2.5 + 1e-5
        utc = dt_util.as_utc(datetime.fromisoformat(time))
        total += water * minutes
        in_cheap += water * minutes * (utc.hour in cheap)
    assert total > 0
    assert in_cheap > 0.6 * total
    assert min(rows["hot_water_temperature_c"]) >= 45 - 0.1


async def test_warm_hours_heat_it_at_the_same_price(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    """At one price water is heated when its COP is best: while it is warm outside."""
    home = await with_tank(set_up, tank_loss=0, comfort_min=10, tank_min=40)
    warm(hass, 42)
    given = outlook()
    hours = [
        given.steps.start.replace(minute=0) + timedelta(hours=n) for n in range(48)
    ]
    outdoor = Series.of(
        Interval(
            start=hour,
            end=hour + timedelta(hours=1),
            value=12.0 if 11 <= hour.hour < 15 else 0.0,
        )
        for hour in hours
    )
    given = replace(given, outdoor={"heat_pump": outdoor})
    asked = request(home, given)
    cop = asked.series["heat_pump_water_cop"]
    assert max(cop) > 1.2 * min(cop)
    found = solved(home, given)
    used_kwh, lasts_h = {True: 0.0, False: 0.0}, {True: 0.0, False: 0.0}
    for time, minutes, water in zip(
        found["times"],
        found["minutes"],
        found["devices"]["heat_pump"]["hot_water_kw"],
        strict=True,
    ):
        utc = dt_util.as_utc(datetime.fromisoformat(time))
        used_kwh[11 <= utc.hour < 15] += water * minutes / 60
        lasts_h[11 <= utc.hour < 15] += minutes / 60
    assert used_kwh[True] / lasts_h[True] > 2 * used_kwh[False] / lasts_h[False]


@pytest.mark.parametrize(
    ("water_w", "room_w", "tank_c", "room_c"),
    [(2500, 0, 55, 20), (0, 2500, 45, 22), (1250, 1250, 55, 22), (0, 0, 45, 20)],
)
async def test_the_plan_raises_and_lowers_both_set_temperatures(
    hass: HomeAssistant,
    set_up: SetUp,
    *,
    water_w: int,
    room_w: int,
    tank_c: float,
    room_c: float,
) -> None:
    tank = async_mock_service(hass, "water_heater", "set_temperature")
    rooms = async_mock_service(hass, "climate", "set_temperature")
    home = await with_tank(set_up, **THERMOSTAT)
    power_w = water_w + room_w
    action = Action.RUN if power_w else Action.OFF
    planned(home, action=action, power_w=power_w, hot_water_w=water_w)
    await only(home).join()
    assert tank[-1].data["temperature"] == tank_c
    assert rooms[-1].data["temperature"] == room_c


async def test_another_use_at_the_same_power_is_another_order(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    tank = async_mock_service(hass, "water_heater", "set_temperature")
    async_mock_service(hass, "number", "set_value")
    home = await with_tank(set_up)
    for water_w, target_c in ((2000, 55), (0, 45), (2000, 55)):
        planned(home, action=Action.RUN, power_w=2000, hot_water_w=water_w)
        await only(home).join()
        assert tank[-1].data["temperature"] == target_c


async def test_a_limit_lowers_both_and_little_water_raises_nothing(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    tank = async_mock_service(hass, "water_heater", "set_temperature")
    number = async_mock_service(hass, "number", "set_value")
    hass.states.async_set("sensor.heat_pump", "2500", W)
    home = await with_tank(set_up)
    planned(home, action=Action.RUN, power_w=2500, hot_water_w=2500)
    await only(home).join()
    assert tank[-1].data["temperature"] == 55
    await order(hass, limit_w=0)
    await only(home).join()
    assert number[-1].data["value"] == 0
    assert tank[-1].data["temperature"] == 45

    planned(home, action=Action.RUN, power_w=1500, hot_water_w=100)
    assert home.snapshot.setpoints["heat_pump"].use is HeatUse.ROOM


async def test_a_tank_that_is_away_or_refuses_holds_no_limit_up(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    number = async_mock_service(hass, "number", "set_value")
    async_mock_service(
        hass,
        "water_heater",
        "set_temperature",
        raise_exception=RuntimeError("a cloud is away"),
    )
    hass.states.async_set("sensor.heat_pump", "2500", W)
    home = await with_tank(set_up)
    planned(home, action=Action.RUN, power_w=2500, hot_water_w=2500)
    await only(home).join()
    assert only(home).problem is None
    hass.states.async_set(BOILER, "unavailable")
    assert only(home).available
    await order(hass, limit_w=500)
    await only(home).join()
    assert 0 < number[-1].data["value"] <= 500


@pytest.mark.parametrize("by_hand", [False, True])
async def test_only_a_hand_on_the_tank_takes_the_heat_pump_over(
    hass: HomeAssistant,
    set_up: SetUp,
    freezer: FrozenDateTimeFactory,
    *,
    by_hand: bool,
) -> None:
    async_mock_service(hass, "number", "set_value")
    async_mock_service(hass, "water_heater", "set_temperature")
    home = await with_tank(set_up)
    planned(home, action=Action.RUN, power_w=2500, hot_water_w=2500)
    await pass_time(hass, freezer, seconds=40)
    context = Context(user_id="somebody") if by_hand else Context()
    _, attributes = STATES[BOILER]
    hass.states.async_set(BOILER, "performance", attributes, context=context)
    await hass.async_block_till_done()
    assert only(home).owner is (Owner.PERSON if by_hand else Owner.PLAN)


async def test_a_tank_that_says_nothing_is_left_to_the_heat_pump(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    home = await with_tank(set_up)
    hass.states.async_set(BOILER, "unavailable")
    pump = device(request(home, outlook()).home, Kind.HEAT_PUMP)
    assert "hot_water" not in pump


async def test_a_cycle_that_is_due_sets_the_tank_and_frost_goes_first(
    hass: HomeAssistant, set_up: SetUp, freezer: FrozenDateTimeFactory
) -> None:
    tank = async_mock_service(hass, "water_heater", "set_temperature")
    async_mock_service(hass, "number", "set_value")
    home = await with_tank(set_up, **WEEKLY)
    cycle = device(request(home, outlook()).home, Kind.HEAT_PUMP)["hot_water"]
    assert "legionella" in cycle
    await pass_time(hass, freezer, days=7)
    told = home.snapshot.setpoints["heat_pump"]
    assert (told.power_w, told.cause, told.use) == (
        2500,
        Cause.HOT_CYCLE,
        HeatUse.WATER,
    )
    assert tank[-1].data["temperature"] == 58

    hass.states.async_set("sensor.indoor", "6.5", CELSIUS)
    await pass_time(hass, freezer, seconds=5)
    told = home.snapshot.setpoints["heat_pump"]
    assert (told.power_w, told.cause) == (None, Cause.FROST)


async def test_with_rooms_left_alone_it_is_a_water_heater(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    home = await with_tank(set_up)
    await async_set_season(home, Season.NONE)
    asked = request(home, outlook())
    heater = device(asked.home, Kind.WATER_HEATER)
    assert heater["id"] == "heat_pump"
    found = solved(home, priced(outlook(), range(1, 5)))
    plan = plan_from_json(found, created_at=NOW)
    steps = plan.devices["heat_pump"].steps
    assert sum(step.power_w for step in steps) > 0
    assert all(step.hot_water_w == step.power_w for step in steps)


async def test_on_vacation_the_tank_may_get_cold(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    tank = async_mock_service(hass, "water_heater", "set_temperature")
    async_mock_service(hass, "number", "set_value")
    home = await with_tank(set_up)
    await async_set_profile(home, ProfileChoice(profile=Profile.VACATION))
    pump = device(request(home, outlook()).home, Kind.HEAT_PUMP)
    assert pump["hot_water"]["min_c"] == 15
    planned(home, action=Action.OFF, power_w=0, hot_water_w=0)
    await only(home).join()
    assert tank[-1].data["temperature"] == 30  # the least that it takes
    keys = [message.key for message in effects([only(home)], Profile.VACATION)]
    assert "profile_water" in keys


@pytest.mark.parametrize(
    ("answers", "refused"),
    [
        ({}, {}),
        ({"tank_usual": 56}, {"tank_usual": "water_order"}),
        ({"tank_max": 75}, {"tank_setpoint": "range_max"}),
        ({"tank_min": 25}, {"tank_setpoint": "range_min"}),
        (
            {"legionella_days": 7, "legionella_temperature": 60},
            {"tank_max": "cooler_than_cycle"},
        ),
        (
            {"tank_setpoint": "number.tank"},
            {"water_temperature": "tank_temperature_missing"},
        ),
        (
            {"tank_setpoint": "number.tank", "water_temperature": "sensor.boiler"},
            {"tank_setpoint": "range_max"},
        ),
        ({"tank_mode": "performance"}, {"tank_mode": "no_such_option"}),
        ({"tank_mode": "eco"}, {"tank_mode_usual": "tank_mode_missing"}),
        ({"tank_mode": "eco", "tank_mode_usual": "off"}, {}),
        (
            {"tank_setpoint": "water_heater.nibe"},
            {"tank_setpoint": "no_set_temperature"},
        ),
    ],
)
async def test_what_the_form_refuses(
    hass: HomeAssistant, answers: dict[str, Any], refused: dict[str, str]
) -> None:
    warm(hass, 50)
    hass.states.async_set("number.tank", "48", CELSIUS | {"min": 40, "max": 52})
    hass.states.async_set("water_heater.nibe", "heat_pump", {"temperature": None})
    form = FORMS[Kind.HEAT_PUMP]["sg_ready"]
    assert form.check is not None
    hass.states.async_set(*_select())
    defaults = {f.key: f.default for f in form.fields if f.default is not None}
    own = DATA[Kind.HEAT_PUMP] | {"sg_ready": "select.heat_pump"} | TANK
    assert await form.check(hass, defaults | own | answers) == refused


def _select() -> tuple[str, str, dict[str, Any]]:
    state, attributes = STATES["select.heat_pump"]
    return "select.heat_pump", state, attributes


@dataclass
class Lived:
    """A house and its heat pump's tank, as their thermostats run them, by the minute.

    The compressor heats the tank first; a thermostat begins some kelvin below.
    """

    indoor_c: float = 21.0
    water_c: float = 48.0
    heats_water: bool = False
    heats_rooms: bool = False
    paid: float = 0.0
    coldest_c: float = 99.0
    coldest_room_c: float = 99.0

    def minute(
        self, now: datetime, rooms_c: float, tank_c: float, price: float
    ) -> None:
        hours = 1 / 60
        self.heats_water = self.water_c < tank_c - (0 if self.heats_water else 4)
        self.heats_rooms = self.indoor_c < rooms_c + (0.2 if self.heats_rooms else -0.2)
        heat_kw = 0.0
        water_kw = 0.0
        if self.heats_water:
            water_kw = 2.5 * 2.6
        elif self.heats_rooms:
            heat_kw = 2.5 * 3.2
        self.paid += price * hours * 2.5 * (self.heats_water or self.heats_rooms)
        drawn_kw = 1.6 if now.hour in {7, 20} else 0.15
        per_k = 200 * 4.186 / 3600
        lost_kw = 0.002 * (self.water_c - 20)
        self.water_c += hours * (water_kw - drawn_kw - lost_kw) / per_k
        self.indoor_c += hours * (heat_kw + 0.3 - (self.indoor_c - 4) / 6) / 6
        self.coldest_c = min(self.coldest_c, self.water_c)
        self.coldest_room_c = min(self.coldest_room_c, self.indoor_c)

    @property
    def power_w(self) -> int:
        """What it draws."""
        return 2500 * (self.heats_water or self.heats_rooms)

    def worth(self, price: float) -> float:
        """Return what its heat would cost at a price."""
        kwh = self.water_c * 200 * 4.186 / 3600 / 2.6 + self.indoor_c * 6 / 3.2
        return price * kwh


async def test_a_day_lived_by_plans_costs_less_and_is_as_warm(
    hass: HomeAssistant, set_up: SetUp, freezer: FrozenDateTimeFactory
) -> None:
    """The loop closed: sensors, plan, orders, thermostats, and again."""
    await hass.config.async_set_time_zone("UTC")
    set_to = {BOILER: 50.0, "climate.heat_pump": 21.0}

    async def take(call: ServiceCall) -> None:
        entity_id = call.data["entity_id"]
        set_to[entity_id] = call.data["temperature"]
        state, attributes = STATES[entity_id]
        said = attributes | {"temperature": call.data["temperature"]}
        if entity_id == BOILER:
            said |= {"current_temperature": planned_life.water_c}
        hass.states.async_set(entity_id, state, said)

    planned_life, left_alone = Lived(), Lived()
    home = await with_tank(set_up, **THERMOSTAT, tank_draw=6)
    for domain in ("climate", "water_heater"):
        hass.services.async_register(domain, "set_temperature", take)
    cheap, every = range(11, 15), 30
    freezer.move_to(NOW.replace(hour=22, minute=0))
    for _ in range(24 * 60 // every):
        now = dt_util.utcnow()
        hass.states.async_set("sensor.indoor", f"{planned_life.indoor_c:.2f}", CELSIUS)
        warm(hass, round(planned_life.water_c, 2))
        given = priced(outlook(now), cheap)
        found = solved(home, given)
        home.plan = plan_from_json(found, created_at=now)
        for begun in range(0, every, 5):
            hass.states.async_set("sensor.heat_pump", f"{planned_life.power_w}", W)
            await pass_time(hass, freezer, minutes=5)
            for minute in range(begun, begun + 5):
                at = now + timedelta(minutes=minute)
                price = 0.1 if at.hour in cheap else 0.4
                rooms_c, tank_c = set_to["climate.heat_pump"], set_to[BOILER]
                planned_life.minute(at, rooms_c, tank_c, price)
                left_alone.minute(at, 21.0, 50.0, price)
    more = planned_life.worth(0.25) - left_alone.worth(0.25)
    assert planned_life.coldest_c > 38
    assert planned_life.coldest_room_c > 19.2
    assert planned_life.paid - more < 0.85 * left_alone.paid
