"""Messages to people: what is worth one, when it comes, the digest, and answers."""

from datetime import timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    async_fire_time_changed,
    async_mock_service,
)

from cem_core.model import Message
from cem_core.model.message_json import message_to_json
from cem_core.notification import Notification, Post, Subject, Urgency, Verdict
from custom_components.cem import events
from custom_components.cem.const import DOMAIN, EVENT_PLAN_CHANGED, Kind, Mode
from custom_components.cem.device_wishes import standing
from custom_components.cem.events import HomeEvent
from custom_components.cem.home import Home
from custom_components.cem.messages.digest import digest_of
from custom_components.cem.messages.watch import Watch
from custom_components.cem.peak_ahead import PeakAhead
from custom_components.cem.wishes import async_set_mode
from tests.custom_components.conftest import SetUp
from tests.custom_components.dashboard.test_opportunities import price
from tests.custom_components.test_limits import order
from tests.custom_components.test_notices import actions_of, press

NOON = "2026-03-12 12:00:00+00:00"
NIGHT = "2026-03-12 23:30:00+00:00"
PHONE = {"notify": ["notify.mobile_app_phone"]}
QUIET = {"quiet_from": "22:00:00", "quiet_until": "07:00:00"}
ALL = {"subjects": [subject.value for subject in Subject]}
DAY = timedelta(days=1)


def told(key: str, urgency: Urgency = Urgency.NORMAL) -> Notification:
    return Notification(
        key=key,
        subject=Subject.DEVICE,
        title=Message.of("title_problem"),
        text=Message.of("issuer_says", text=key),
        urgency=urgency,
    )


@pytest.fixture
def phone(hass: HomeAssistant) -> list[ServiceCall]:
    """Return what the phone got."""
    calls: list[ServiceCall] = async_mock_service(hass, "notify", "mobile_app_phone")
    return calls


@pytest.fixture
async def at_noon(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> Any:
    """Let it be noon in a home in Greenwich."""
    freezer.move_to(NOON)
    await hass.config.async_set_time_zone("UTC")
    return freezer


def post_of(home: Home) -> Post:
    """Return what was told to the household."""
    return next(iter(home.messages.recipients)).post


def texts(calls: list[ServiceCall]) -> list[str]:
    return [call.data["message"] for call in calls]


async def test_at_night_it_waits_for_the_digest_but_for_what_is_urgent(
    hass: HomeAssistant,
    set_up: SetUp,
    phone: list[ServiceCall],
    at_noon: FrozenDateTimeFactory,
) -> None:
    home = await set_up(Kind.METER, options={**PHONE, **QUIET, "digest_at": "08:00:00"})
    at_noon.move_to(NIGHT)
    assert home.messages.tell(told("one")) is Verdict.HOLD
    assert home.messages.tell(told("two", Urgency.URGENT)) is Verdict.SEND
    await hass.async_block_till_done()
    assert texts(phone) == ["two"]
    at_noon.move_to("2026-03-13 08:00:00+00:00")
    async_fire_time_changed(hass, dt_util.utcnow())
    await hass.async_block_till_done()
    digest = phone[-1]
    assert digest.data["title"] == "Your home's energy"
    assert digest.data["message"].startswith("23:30")
    assert "one" in digest.data["message"]
    assert digest.data["data"]["actions"] == []
    assert digest_of(home, DAY, post_of(home)) is None  # told once


async def test_a_weekly_digest_comes_on_mondays(
    hass: HomeAssistant,
    set_up: SetUp,
    phone: list[ServiceCall],
    at_noon: FrozenDateTimeFactory,
) -> None:
    home = await set_up(
        Kind.METER, options={**PHONE, "most_a_day": 0, "digest": "weekly"}
    )
    home.messages.tell(told("one"))
    for day in (13, 14, 15, 16):  # Friday to Monday
        at_noon.move_to(f"2026-03-{day} 08:00:00+00:00")
        async_fire_time_changed(hass, dt_util.utcnow())
        await hass.async_block_till_done()
        assert len(phone) == (1 if day == 16 else 0)


async def test_a_restart_forgets_neither_what_was_told_nor_what_waits(
    hass: HomeAssistant, set_up: SetUp, phone: list[ServiceCall], at_noon: Any
) -> None:
    del at_noon
    home = await set_up(Kind.METER, options={**PHONE, "most_a_day": 1})
    home.messages.tell(told("one"))
    home.messages.tell(told("two"))
    await hass.async_block_till_done()
    assert await hass.config_entries.async_reload(home.entry.entry_id)
    await hass.async_block_till_done()
    again: Home = home.entry.runtime_data
    assert again is not home
    assert again.messages.tell(told("one")) is Verdict.DROP
    assert again.messages.tell(told("three")) is Verdict.HOLD
    assert texts(phone) == ["one"]
    said = digest_of(again, DAY, post_of(again))
    assert said is not None
    assert ("two" in said, "three" in said) == (True, True)


async def test_a_snooze_on_one_message_quiets_all(
    hass: HomeAssistant, set_up: SetUp, phone: list[ServiceCall]
) -> None:
    home = await set_up(Kind.METER, options=PHONE)
    home.messages.tell(told("one"))
    await hass.async_block_till_done()
    await press(hass, actions_of(phone[-1])["snooze"])
    assert home.messages.tell(told("two", Urgency.URGENT)) is Verdict.HOLD
    assert home.messages.tell(told("three", Urgency.SAFETY)) is Verdict.SEND


async def test_an_ordered_limit_is_told_and_taken_back_with_its_end(
    hass: HomeAssistant, set_up: SetUp, phone: list[ServiceCall]
) -> None:
    await set_up(Kind.METER, options=PHONE)
    limit = await order(hass)
    await hass.async_block_till_done()
    assert phone[-1].data["title"] == "A limit was ordered"
    await hass.services.async_call(
        DOMAIN, "end_limit", {"limit_id": limit["limit_id"]}, blocking=True
    )
    await hass.async_block_till_done()
    assert texts(phone)[-1] == "clear_notification"
    await order(hass)
    await hass.async_block_till_done()
    assert phone[-1].data["title"] == "A limit was ordered"


async def test_a_device_that_does_not_follow_is_urgent(
    hass: HomeAssistant, set_up: SetUp, phone: list[ServiceCall]
) -> None:
    home = await set_up(
        Kind.METER, options={**PHONE, "most_a_day": 0, "digest": "never"}
    )
    home.fire(events.not_obeying({"device": "wallbox", "name": "Wallbox"}))
    await hass.async_block_till_done()
    assert texts(phone) == ["Wallbox did not follow its order: it gets a stronger one."]


async def test_a_problem_is_told_when_it_lasts_and_taken_back(
    hass: HomeAssistant,
    set_up: SetUp,
    phone: list[ServiceCall],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    home = await set_up(Kind.METER, options=PHONE)
    monkeypatch.setattr("custom_components.cem.messages.watch._LOOKED_EVERY_S", 0)
    watch = Watch(home)
    refuses = Message.of("device_refuses", device="Battery", cause="no answer")
    found = [("device_refuses", refuses), ("no_meter", Message.of("no_meter"))]
    monkeypatch.setattr(
        "custom_components.cem.messages.watch.problems", lambda _: found
    )
    watch.look()
    await hass.async_block_till_done()
    assert phone == []
    watch.look()
    watch.look()
    await hass.async_block_till_done()
    assert texts(phone) == ["Battery: no answer."]
    found.clear()
    watch.look()
    await hass.async_block_till_done()
    assert texts(phone)[-1] == "clear_notification"


async def test_a_peak_ahead_is_told_once_and_may_be_accepted(
    hass: HomeAssistant, set_up: SetUp, phone: list[ServiceCall], at_noon: Any
) -> None:
    home = await set_up(Kind.METER, options=PHONE)
    start = dt_util.utcnow() + timedelta(hours=3)
    home.peak_ahead = PeakAhead(start=start, mean_w=4200, peak_so_far_w=3100)
    Watch(home).look()
    await hass.async_block_till_done()
    assert "4.20 kW are planned" in texts(phone)[0]
    await press(hass, actions_of(phone[0])["accept"])
    at_noon.move_to("2026-03-14 12:00:00+00:00")
    home.peak_ahead = PeakAhead(start=start + 2 * DAY, mean_w=4300, peak_so_far_w=3100)
    Watch(home).look()
    await hass.async_block_till_done()
    assert len(phone) == 1


async def test_what_is_cheaper_later_is_told_to_who_wants_it_and_ticked_off(
    hass: HomeAssistant, set_up: SetUp, phone: list[ServiceCall]
) -> None:
    home = await set_up(Kind.METER, Kind.APPLIANCE, options={**PHONE, **ALL})
    price(home, [0.40] * 8 + [0.10] * 40)
    Watch(home).look()
    await hass.async_block_till_done()
    assert phone[-1].data["title"] == "Cheaper later"
    assert "Dishwasher" in texts(phone)[-1]
    await press(hass, actions_of(phone[-1])["accept"])
    assert set(home.store.advice_done) == {"opportunity:dishwasher"}


async def test_who_wants_to_be_reminded_of_it_is(
    hass: HomeAssistant, set_up: SetUp, phone: list[ServiceCall], at_noon: Any
) -> None:
    home = await set_up(Kind.METER, Kind.APPLIANCE, options={**PHONE, **ALL})
    price(home, [0.40] * 8 + [0.10] * 40)
    Watch(home).look()
    await hass.async_block_till_done()
    await press(hass, actions_of(phone[-1])["remind"])
    (wish,) = standing(home, dt_util.utcnow())
    assert (wish.reminds, wish.takes_control) == (True, False)
    told = len(phone)
    at_noon.move_to(wish.start - timedelta(minutes=1))
    Watch(home).look()
    await hass.async_block_till_done()
    assert len(phone) == told
    at_noon.move_to(wish.start + timedelta(minutes=1))
    for _ in range(2):
        Watch(home).look()
        await hass.async_block_till_done()
    assert texts(phone)[told:] == ["Start Dishwasher now."]


async def test_a_changed_plan_may_be_overruled(
    hass: HomeAssistant, set_up: SetUp, phone: list[ServiceCall]
) -> None:
    home = await set_up(Kind.METER, Kind.EV_CHARGER, options={**PHONE, **ALL})
    async_mock_service(hass, "number", "set_value")
    await async_set_mode(home, Mode.CONTROL)
    starts = dt_util.utcnow() + timedelta(hours=1)
    said = Message.of("run_added", device="Wallbox", start_time=starts)
    moved = [{"device": "wallbox", **message_to_json(said)}]
    home.fire(HomeEvent(EVENT_PLAN_CHANGED, {"moved": []}))
    home.fire(HomeEvent(EVENT_PLAN_CHANGED, {"moved": moved}))
    await hass.async_block_till_done()
    (call,) = phone
    clock = f"{dt_util.as_local(starts):%H:%M}"
    assert call.data["message"].startswith(f"New plan. Wallbox starts at {clock}")
    assert set(actions_of(call)) == {"accept", "force", "snooze"}
    await press(hass, actions_of(call)["force"])
    assert home.store.charging == {"id_ev_charger": "now"}
    assert set(home.store.boosts) == {"id_ev_charger"}
