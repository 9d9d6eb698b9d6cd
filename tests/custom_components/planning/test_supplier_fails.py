"""Prices that do not come, come late, or go with the internet: what plans make of it."""

from datetime import datetime, timedelta
import json
from pathlib import Path
from typing import Final
from unittest.mock import patch

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest

from cem_core.model import Cause, PlanStatus
from cem_core.simulation.faults import HOUSE, LASTS_S, PRICES, Fault, Order
from cem_core.simulation.forecasts import prices
from cem_core.simulation.home import Home as SimulatedHome
from cem_core.simulation.mqtt_bridge import attributes
from cem_core.simulation.states import UNKNOWN, states
from custom_components.cem.const import Kind, Mode
from custom_components.cem.home import Home
from custom_components.cem.planner import Planner
from custom_components.cem.planning.prices import async_prices
from custom_components.cem.planning.steps import LEAST, Steps
from tests.custom_components.closed_loop.played import simulated_home
from tests.custom_components.conftest import SetUp
from tests.custom_components.house import DATA
from tests.custom_components.test_listeners import order
from tests.use_cases.closed_loop import BRUSSELS

MORNING: Final = datetime(2026, 4, 8, 10, tzinfo=BRUSSELS)
IMPORT: Final = "sensor.home_electricity_price"
EXPORT: Final = "sensor.home_export_price"
TARIFF: Final = {
    "method": "price_entity",
    "price_entity": IMPORT,
    "export_price_entity": EXPORT,
}


@pytest.fixture
async def supplied(
    hass: HomeAssistant, set_up: SetUp, freezer: FrozenDateTimeFactory
) -> tuple[SimulatedHome, Home, Planner]:
    """Return a simulated home with its supplier, and the CEM that reads its prices."""
    freezer.move_to(MORNING)
    await hass.config.async_set_time_zone("Europe/Brussels")
    simulated = simulated_home(MORNING, Path(), {}, "")
    publish(hass, simulated)
    with patch.dict(DATA, {Kind.TARIFF: TARIFF}):
        home = await set_up(Kind.METER, Kind.TARIFF, Kind.BATTERY, Kind.EV_CHARGER)
    home.store.mode = Mode.CONTROL
    return simulated, home, Planner(home)


def publish(hass: HomeAssistant, simulated: SimulatedHome) -> None:
    """Let Home Assistant know what the supplier says, as over MQTT."""
    said, load = states(simulated), simulated.setup.load
    for entity_id, key, column in (
        (IMPORT, "import_price", load.import_price),
        (EXPORT, "export_price", load.export_price),
    ):
        told = said.get((PRICES, key))
        if told is None:
            hass.states.async_set(entity_id, "unavailable")
            continue
        ahead = json.loads(attributes(prices(simulated, column)))
        unit = {"unit_of_measurement": "EUR/kWh"}
        state = "unknown" if told == UNKNOWN else told
        hass.states.async_set(entity_id, state, ahead | unit)


def at(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    simulated: SimulatedHome,
    time: datetime,
) -> None:
    """Let it be ``time``."""
    freezer.move_to(time)
    simulated.now = time
    publish(hass, simulated)


async def known_until(hass: HomeAssistant) -> datetime:
    found = (await async_prices(hass, TARIFF)).imported.end
    assert found is not None
    return dt_util.as_local(found)


async def test_in_a_gap_plans_go_on_with_expected_prices(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    supplied: tuple[SimulatedHome, Home, Planner],
) -> None:
    simulated, home, planner = supplied
    simulated.befall(Order(fault=Fault.PRICE_GAP, device=PRICES, seconds=7200))
    at(hass, freezer, simulated, MORNING + timedelta(minutes=10))
    state = hass.states.get(IMPORT)
    assert state is not None
    assert state.state == "unknown"
    await planner.async_replan()
    await planner.async_stop()
    assert home.plan is not None
    assert home.plan_problems == {}
    assert home.plan.status in (PlanStatus.OPTIMAL, PlanStatus.FEASIBLE)
    assert home.plan.end - home.plan.start >= timedelta(hours=24)
    # It says that none of them is known.
    assert home.plan_document is not None
    known = datetime.fromisoformat(home.plan_document["prices_known_until"])
    assert known <= dt_util.utcnow()
    at(hass, freezer, simulated, MORNING + timedelta(hours=2, minutes=1))
    assert await known_until(hass) == datetime(2026, 4, 9, tzinfo=BRUSSELS)


async def test_late_prices_are_expected_until_they_come(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    supplied: tuple[SimulatedHome, Home, Planner],
) -> None:
    simulated, _, planner = supplied
    late = Order(
        fault=Fault.PRICES_LATE, device=PRICES, seconds=LASTS_S[Fault.PRICES_LATE]
    )
    simulated.befall(late)
    midnight = datetime(2026, 4, 9, tzinfo=BRUSSELS)
    for hour in (14, 22):
        at(hass, freezer, simulated, MORNING.replace(hour=hour))
        assert await known_until(hass) == midnight
        steps = Steps.from_now(dt_util.utcnow(), midnight)
        # The plan goes on beyond them: a car that leaves at 07:00 is seen.
        assert steps.end - dt_util.utcnow() >= LEAST
    at(hass, freezer, simulated, MORNING.replace(hour=23))
    assert await known_until(hass) == midnight + timedelta(days=1)
    await planner.async_stop()


async def test_two_days_without_the_internet_keep_limits_and_serve_by_rules(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    supplied: tuple[SimulatedHome, Home, Planner],
) -> None:
    simulated, home, planner = supplied
    two_days_s = LASTS_S[Fault.INTERNET_OUT]
    assert two_days_s == 48 * 3600
    simulated.befall(Order(fault=Fault.INTERNET_OUT, device=HOUSE, seconds=two_days_s))
    for hours in (1, 25, 47):
        at(hass, freezer, simulated, MORNING + timedelta(hours=hours))
        await planner.async_replan()
        assert home.plan is not None
        assert home.plan.status is PlanStatus.RULE
        order(home, 4200)
        assert home.snapshot.setpoints["cellar_battery"].cause is not Cause.PLAN
        car_w = home.snapshot.setpoints["wallbox"].power_w
        assert car_w is not None
        assert car_w <= 4200
        assert home.operator_limit is not None
        home.store.orders.end("operator", "operator", administrator=True)
        home.cycle()
    at(hass, freezer, simulated, MORNING + timedelta(hours=48, minutes=1))
    assert await known_until(hass) == datetime(2026, 4, 11, tzinfo=BRUSSELS)
    await planner.async_stop()
