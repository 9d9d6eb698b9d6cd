"""What a home tells of its own habits: a standby that rose, a day far above its like."""

from datetime import datetime, timedelta
from unittest.mock import AsyncMock

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.energy import data as energy_data
from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    async_fire_time_changed,
    async_mock_service,
)
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
)

from cem_core.model import Series
from custom_components.cem.advice import advice
from custom_components.cem.const import Kind
from custom_components.cem.habits.appliances import async_appliances
from custom_components.cem.habits.keeper import DAY, STANDBY, async_look
from custom_components.cem.home import Home
from custom_components.cem.planning.prices import Prices
from tests.custom_components.conftest import SetUp
from tests.custom_components.recorder_rows import import_means, import_sums
from tests.custom_components.test_messages_to_people import texts
from tests.custom_components.test_notices import actions_of, press
from tests.custom_components.test_prefill import prefer

HOUR = timedelta(hours=1)
A_DAY = timedelta(days=1)
MORNING = datetime.fromisoformat("2026-03-12T07:45:00+00:00")  # a Thursday
MIDNIGHT = MORNING.replace(hour=0, minute=0)
OPTIONS = {"notify": ["notify.mobile_app_phone"]}
KNOWN_DAYS = 40
PLUG = "sensor.freezer_energy"


def load_w(hour: datetime) -> float:
    """Return what a home with habits draws: little at night, much in the evening."""
    return {2: 110.0, 3: 100.0, 4: 105.0}.get(
        hour.hour, 900.0 if hour.hour == 18 else 130.0 + hour.hour
    )


@pytest.fixture
def phone(hass: HomeAssistant) -> list[ServiceCall]:
    """Return what the phone got."""
    calls: list[ServiceCall] = async_mock_service(hass, "notify", "mobile_app_phone")
    return calls


@pytest.fixture
async def home(
    hass: HomeAssistant, set_up: SetUp, freezer: FrozenDateTimeFactory
) -> Home:
    """Return a home in the morning, with a fixed price."""
    freezer.move_to(MORNING)
    await hass.config.async_set_time_zone("UTC")
    home = await set_up(Kind.METER, options=OPTIONS)
    home.take_prices(Prices(imported=Series(()), exported=Series(()), fixed_import=0.3))
    return home


async def record(
    home: Home,
    *,
    more_w: float = 0.0,
    last_days: int = 0,
    feast_wh: float = 0.0,
) -> None:
    """Put the past into the recorder; ``more_w`` on the last days, a feast yesterday."""
    start = MIDNIGHT - KNOWN_DAYS * A_DAY
    hours = [start + k * HOUR for k in range(KNOWN_DAYS * 24)]
    means = [
        load_w(hour)
        + (more_w if hour >= MIDNIGHT - last_days * A_DAY else 0)
        + (feast_wh / 6 if MIDNIGHT - 8 * HOUR <= hour < MIDNIGHT - 2 * HOUR else 0)
        for hour in hours
    ]
    assert home.load_statistic_id is not None
    import_means(home.hass, home.load_statistic_id, start, HOUR, means)
    await async_wait_recording_done(home.hass)


async def look(home: Home) -> None:
    await async_look(home)
    await home.hass.async_block_till_done()


async def count_freezer(hass: HomeAssistant, more_wh: float, last_days: int) -> None:
    """List a freezer in the energy dashboard that draws more on the last days."""
    await prefer(hass)
    manager = await energy_data.async_get_manager(hass)
    assert manager.data is not None
    manager.data["device_consumption"] = [
        {"stat_consumption": PLUG, "name": "Freezer"},
        {"stat_consumption": "sensor.lamp_energy"},
    ]
    start, counted = MIDNIGHT - KNOWN_DAYS * A_DAY, 0.0
    sums = []
    for k in range(KNOWN_DAYS * 24):
        hour = start + k * HOUR
        counted += 40 + (more_wh if hour >= MIDNIGHT - last_days * A_DAY else 0)
        sums.append(counted)
    import_sums(hass, PLUG, start, HOUR, sums, unit="Wh")
    await async_wait_recording_done(hass)


async def test_usual_days_are_no_news(home: Home, phone: list[ServiceCall]) -> None:
    await record(home)
    await look(home)
    assert home.unusual == {}
    assert phone == []


async def test_a_home_without_a_past_says_nothing(
    home: Home, phone: list[ServiceCall]
) -> None:
    await look(home)
    assert (home.unusual, phone) == ({}, [])


async def test_a_standby_that_rose_is_told_once_with_what_it_costs(
    home: Home, phone: list[ServiceCall]
) -> None:
    await record(home, more_w=60, last_days=6)
    for _ in range(2):
        await look(home)
    (told,) = phone
    assert told.data["title"] == "The standby has risen"
    assert told.data["message"] == (
        "For 6 days the house has drawn 170 W when nobody uses anything; before it was"
        " 110 W. 60 W more is 526 kWh a year. That is about €157.80 a year. See"
        " what has been plugged in or left on since then."
    )
    (advised,) = (a for a in advice(home, dt_util.utcnow()) if a.key == STANDBY)
    assert advised.text == told.data["message"]


async def test_it_is_taken_back_when_it_fell(
    home: Home, phone: list[ServiceCall]
) -> None:
    await record(home, more_w=60, last_days=6)
    await look(home)
    await record(home)
    await look(home)
    assert texts(phone)[-1] == "clear_notification"
    assert home.unusual == {}


async def test_let_it_be_ends_it(
    hass: HomeAssistant,
    home: Home,
    phone: list[ServiceCall],
    freezer: FrozenDateTimeFactory,
) -> None:
    await record(home, more_w=60, last_days=6)
    await look(home)
    await press(hass, actions_of(phone[-1])["accept"])
    freezer.tick(2 * HOUR)
    await look(home)
    assert len(phone) == 1


async def test_the_device_that_draws_it_is_named(
    hass: HomeAssistant, home: Home, phone: list[ServiceCall]
) -> None:
    await record(home, more_w=60, last_days=6)
    await count_freezer(hass, more_wh=55, last_days=6)
    await look(home)
    (told,) = phone
    assert told.data["message"].endswith(
        "Freezer draws 55 W more than before: see whether it was left on."
    )


async def test_a_day_far_above_its_like_is_told_the_next_morning(
    home: Home, phone: list[ServiceCall]
) -> None:
    await record(home, feast_wh=9000)
    for _ in range(2):
        await look(home)
    (told,) = phone
    assert told.data["title"] == "An unusual day"
    assert told.data["message"].startswith("Yesterday the house used 13.")
    assert "What was used more cost about €2.70." in told.data["message"]
    assert list(home.unusual) == [DAY]


async def test_a_device_is_named_for_a_day_too(
    hass: HomeAssistant, home: Home, phone: list[ServiceCall]
) -> None:
    await record(home, feast_wh=9000)
    await count_freezer(hass, more_wh=300, last_days=1)
    await look(home)
    (told,) = phone
    assert told.data["message"].endswith("Freezer alone used 7.20 kWh more.")


async def test_what_is_not_known_of_yesterday_is_not_told(
    home: Home, phone: list[ServiceCall], freezer: FrozenDateTimeFactory
) -> None:
    await record(home, more_w=60, last_days=6, feast_wh=9000)
    freezer.move_to(MORNING + 2 * A_DAY)
    await look(home)
    assert (home.unusual, phone) == ({}, [])


async def test_days_away_are_no_habit(home: Home, phone: list[ServiceCall]) -> None:
    """Eight weeks away but for a fortnight: what is drawn at home is not unusual."""
    await record(home, more_w=60, last_days=19)
    await look(home)
    assert STANDBY in home.unusual
    for k in range(20, KNOWN_DAYS + 1):
        home.learned.count_away((MIDNIGHT - k * A_DAY).date(), away=True)
    await look(home)
    assert home.unusual == {}
    assert len(phone) == 2
    assert texts(phone)[-1] == "clear_notification"


async def test_it_looks_soon_after_the_start_and_each_morning(
    hass: HomeAssistant,
    home: Home,
    freezer: FrozenDateTimeFactory,
    habits_rest: AsyncMock,
) -> None:
    for minutes, looks in ((4, 0), (6, 1), (1424, 1), (1425, 2)):
        at = MORNING + timedelta(minutes=minutes)
        freezer.move_to(at)
        async_fire_time_changed(hass, at)
        await hass.async_block_till_done()
        assert habits_rest.await_count == looks
    habits_rest.assert_awaited_with(home)


async def test_devices_without_an_energy_dashboard_are_unknown(
    hass: HomeAssistant, home: Home
) -> None:
    del home
    assert await async_appliances(hass, MIDNIGHT, 24) == {}
    await prefer(hass)
    assert await async_appliances(hass, MIDNIGHT, 24) == {}
