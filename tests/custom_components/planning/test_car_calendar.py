"""A car leaves for the next event of its calendar."""

from datetime import UTC, datetime, timedelta
from typing import Any, override

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.calendar import CalendarEntity, CalendarEvent
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.entity_component import DATA_INSTANCES
from homeassistant.setup import async_setup_component
import pytest

from custom_components.cem.car_needs import departs
from custom_components.cem.car_wish import CarWish
from custom_components.cem.const import Kind
from custom_components.cem.home import Home
from custom_components.cem.planner import Planner
from custom_components.cem.planning.car_calendar import departure
from tests.custom_components.conftest import SetUp
from tests.custom_components.house import DATA
from tests.custom_components.test_planner import NOW
from tests.custom_components.test_replan import Slow

TOMORROW_8 = datetime(2026, 1, 16, 8, tzinfo=UTC)


def event(start: str, summary: str = "Work", location: str = "") -> dict[str, Any]:
    return {"start": start, "summary": summary, "location": location}


@pytest.mark.parametrize(
    ("events", "words", "expected"),
    [
        ([], "", None),
        ([event("2026-01-16T08:00:00+00:00")], "", TOMORROW_8),
        ([event("2026-01-16T09:00:00+01:00")], "WORK", TOMORROW_8),
        ([event("2026-01-16T08:00:00+00:00", location="At work")], "at W", TOMORROW_8),
        ([event("2026-01-16T08:00:00+00:00")], "dentist", None),
        ([event("2026-01-16")], "", None),  # a whole day
        ([event("2026-01-15T18:07:00+00:00")], "", None),  # it has begun
        (
            [event("2026-01-17T08:00:00+00:00"), event("2026-01-16T08:00:00+00:00")],
            "",
            TOMORROW_8,
        ),
    ],
)
def test_the_next_event_that_is_meant(
    events: list[dict[str, Any]], words: str, expected: datetime | None
) -> None:
    assert departure(events, words, after=NOW, lead=timedelta(0)) == expected


def test_who_should_have_left_leaves_for_the_event_after() -> None:
    events = [event("2026-01-15T18:20:00+00:00"), event("2026-01-16T08:00:00+00:00")]
    lead = timedelta(minutes=30)
    assert departure(events, "", after=NOW, lead=lead) == TOMORROW_8 - lead


class Diary(CalendarEntity):
    """A calendar of Home Assistant with the events that a test gives it."""

    _attr_name = "Car"
    entity_id = "calendar.car"

    def __init__(self) -> None:
        self.events: list[CalendarEvent] = []
        self.broken = False

    @property
    @override
    def event(self) -> None:
        return None

    @override
    async def async_get_events(
        self, hass: HomeAssistant, start_date: datetime, end_date: datetime
    ) -> list[CalendarEvent]:
        if self.broken:
            raise HomeAssistantError("the cloud is down")
        return [e for e in self.events if start_date <= e.start < end_date]


def appointment(start: datetime, location: str) -> CalendarEvent:
    end = start + timedelta(hours=1)
    return CalendarEvent(start=start, end=end, summary="Visit", location=location)


async def with_calendar(
    hass: HomeAssistant, set_up: SetUp, monkeypatch: pytest.MonkeyPatch
) -> tuple[Home, Diary, Planner]:
    form = {
        "departure_calendar": "calendar.car",
        "departure_event": "by car",
        "departure_lead": 20,
    }
    monkeypatch.setitem(DATA, Kind.EV_CHARGER, DATA[Kind.EV_CHARGER] | form)
    assert await async_setup_component(hass, "calendar", {})
    diary = Diary()
    await hass.data[DATA_INSTANCES]["calendar"].async_add_entities([diary])
    home = await set_up(Kind.METER, Kind.EV_CHARGER)
    worker = Slow()
    worker.may_answer.set()
    return home, diary, Planner(home, worker)


async def test_a_plan_asks_the_calendar(
    hass: HomeAssistant,
    set_up: SetUp,
    monkeypatch: pytest.MonkeyPatch,
    freezer: FrozenDateTimeFactory,
) -> None:
    freezer.move_to(NOW)
    home, diary, planner = await with_calendar(hass, set_up, monkeypatch)
    (car,) = home.devices.values()
    usual = departs(car, after=NOW)
    diary.events = [
        appointment(TOMORROW_8 - timedelta(hours=1), "on foot"),
        appointment(TOMORROW_8, "By car to town"),
    ]
    await planner.async_plan_afresh()
    leaves = TOMORROW_8 - timedelta(minutes=20)
    assert departs(car, after=NOW) == leaves != usual
    diary.broken = True  # as it answered last
    await planner.async_plan_afresh()
    assert departs(car, after=NOW) == leaves
    diary.broken, diary.events = False, diary.events[:1]
    await planner.async_plan_afresh()
    assert departs(car, after=NOW) == usual
    await planner.async_stop()


async def test_what_a_driver_says_counts_more(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    home = await set_up(Kind.METER, Kind.EV_CHARGER)
    (car,) = home.devices.values()
    car.leaves_at = TOMORROW_8
    car.wish = CarWish(departs_at=TOMORROW_8 + timedelta(hours=3))
    assert departs(car, after=NOW) == TOMORROW_8 + timedelta(hours=3)
    car.wish = None
    assert departs(car, after=NOW) == TOMORROW_8
    assert departs(car, after=TOMORROW_8) > TOMORROW_8
    car.guest = True
    assert departs(car, after=NOW) != TOMORROW_8
