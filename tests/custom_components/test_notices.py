"""Near-limit notices: who is told and how, and what can be answered."""

from datetime import timedelta
import json
import logging
from time import perf_counter
from typing import Any

from homeassistant.components import persistent_notification
from homeassistant.core import Event, HomeAssistant, ServiceCall, callback
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import async_mock_service

from cem_core.model import Reading
from custom_components.cem.const import DOMAIN, Kind, Mode
from custom_components.cem.fast_loop import FastLoop
from custom_components.cem.home import Home
from custom_components.cem.wishes import async_set_mode
from tests.custom_components.conftest import SetUp
from tests.custom_components.house import W

EVERY_LEVEL = {"notify_from": "caution"}
PHONE = {"notify": ["notify.mobile_app_phone"], **EVERY_LEVEL}
NEAR_W, VERY_NEAR_W, FAR_W = "8000", "9000", "1000"  # of 9.2 kW
CROSSINGS = 200
WITHIN_S = 1.0


@pytest.fixture
def monotonic(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Return what is added to the fast loop's time; a test may change it."""
    ahead = [0.0]
    run = FastLoop.run

    def later(self: FastLoop, *args: Any, monotonic_s: float, **kwargs: Any) -> Any:
        return run(self, *args, monotonic_s=monotonic_s + ahead[0], **kwargs)

    monkeypatch.setattr(FastLoop, "run", later)
    return ahead


async def power(hass: HomeAssistant, power_w: str) -> None:
    """Let the meter say what flows in."""
    hass.states.async_set("sensor.grid", power_w, W)
    await hass.async_block_till_done()


async def with_car(hass: HomeAssistant, set_up: SetUp, **options: Any) -> Home:
    """Set up a home in control with a car that charges at 7 kW."""
    home = await set_up(Kind.METER, Kind.EV_CHARGER, options={**EVERY_LEVEL, **options})
    async_mock_service(hass, "number", "set_value")
    async_mock_service(hass, "switch", "turn_off")
    hass.states.async_set("switch.charger", "on")
    hass.states.async_set("sensor.charger", "7000", W)
    await async_set_mode(home, Mode.CONTROL)
    await hass.async_block_till_done()
    return home


def notifications(hass: HomeAssistant) -> dict[str, Any]:
    """Return what Home Assistant itself shows."""
    return persistent_notification._async_get_or_create_notifications(hass)


def actions_of(call: ServiceCall) -> dict[str, str]:
    """Return the action ids on the buttons by what they do."""
    return {
        button["action"].rpartition("_")[2]: button["action"]
        for button in call.data["data"]["actions"]
    }


async def press(hass: HomeAssistant, action_id: object) -> None:
    """Press a button as the companion app does."""
    hass.bus.async_fire("mobile_app_notification_action", {"action": action_id})
    await hass.async_block_till_done()


async def test_without_a_phone_home_assistant_itself_shows_it(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    await with_car(hass, set_up)
    await power(hass, VERY_NEAR_W)
    (shown,) = notifications(hass).values()
    assert shown["title"] == "Very near a power limit"
    assert shown["message"] == (
        "9.00 kW now; the limit of your contract for import holds the import at the"
        " grid connection to 9.2 kW. Could be turned down: Wallbox (7.00 kW)."
    )
    await power(hass, FAR_W)
    assert notifications(hass) == {}


async def test_a_phone_gets_buttons_and_the_notice_back(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    calls = async_mock_service(hass, "notify", "mobile_app_phone")
    await with_car(hass, set_up, **PHONE)
    await power(hass, NEAR_W)
    (told,) = calls
    assert told.data["title"] == "Near a power limit"
    buttons = told.data["data"]["actions"]
    assert [button["title"] for button in buttons] == [
        "Turn down for 30 min",
        "Let it be",
        "Quiet for 60 min",
    ]
    assert notifications(hass) == {}
    await power(hass, FAR_W)
    assert calls[-1].data["message"] == "clear_notification"
    assert calls[-1].data["data"]["tag"] == told.data["data"]["tag"]


async def test_a_notify_entity_gets_words(hass: HomeAssistant, set_up: SetUp) -> None:
    calls = async_mock_service(hass, "notify", "send_message")
    hass.states.async_set("notify.kitchen", "unknown")
    await with_car(hass, set_up, notify=["notify.kitchen"])
    await power(hass, NEAR_W)
    (told,) = calls
    assert told.data["entity_id"] == "notify.kitchen"
    assert set(told.data) == {"entity_id", "message", "title"}
    assert notifications(hass) == {}


async def test_whom_nobody_reaches_home_assistant_tells(
    hass: HomeAssistant, set_up: SetUp, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(_: ServiceCall) -> None:
        raise HomeAssistantError("not connected")

    hass.services.async_register("notify", "mobile_app_phone", refuse)
    await with_car(hass, set_up, notify=["notify.mobile_app_phone", "notify.none"])
    await power(hass, NEAR_W)
    assert len(notifications(hass)) == 1
    assert "notify.mobile_app_phone did not take a message" in caplog.text


async def test_people_can_be_told_of_the_second_level_alone(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    calls = async_mock_service(hass, "notify", "mobile_app_phone")
    await with_car(hass, set_up, **{**PHONE, "notify_from": "warning"})
    await power(hass, NEAR_W)
    event = hass.states.get("event.home_limits")
    assert event is not None
    assert event.attributes["level"] == "caution"
    assert calls == []
    await power(hass, VERY_NEAR_W)
    assert len(calls) == 1


async def test_what_the_home_keeps_by_itself_is_told_to_nobody(
    hass: HomeAssistant, set_up: SetUp, monotonic: list[float]
) -> None:
    calls = async_mock_service(hass, "notify", "mobile_app_phone")
    usual = {**PHONE, "notify_from": "if_needed"}
    home = await with_car(hass, set_up, **usual, trip_rule="none")
    await power(hass, VERY_NEAR_W)
    assert calls == []  # the car gives way
    await power(hass, FAR_W)
    await async_set_mode(home, Mode.OBSERVE)
    monotonic[0] += 400
    await power(hass, NEAR_W)
    assert calls == []  # of the first level
    await power(hass, VERY_NEAR_W)
    (told,) = calls
    assert told.data["title"] == "Very near a power limit"


async def test_the_event_tells_everything(hass: HomeAssistant, set_up: SetUp) -> None:
    await with_car(hass, set_up, trip_rule="spain", subscribed_power=8.5)
    await power(hass, VERY_NEAR_W)
    event = hass.states.get("event.home_limits")
    assert event is not None
    said = event.attributes
    assert (said["level"], said["cause"], said["direction"]) == (
        "warning",
        "trip",
        "import",
    )
    assert (said["power_w"], said["limit_w"], said["distance_w"]) == (9000, 9200, 200)
    assert 25 < said["seconds_to_trip"] <= 30
    assert said["helping"] == [
        {"device_id": "wallbox", "name": "Wallbox", "power_w": 7000, "commanded": True}
    ]


async def test_each_direction_has_a_sensor_with_its_level(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    await with_car(hass, set_up)

    def said(direction: str) -> tuple[str, str]:
        state = hass.states.get(f"binary_sensor.home_near_{direction}_limit")
        assert state is not None
        return state.state, state.attributes["level"]

    assert said("import") == ("off", "clear")
    await power(hass, NEAR_W)
    assert said("import") == ("on", "caution")
    await power(hass, VERY_NEAR_W)
    assert said("import") == ("on", "warning")
    await power(hass, "-4900")
    assert said("import") == ("off", "clear")
    assert said("export") == ("on", "warning")


async def test_turn_down_and_let_it_be(hass: HomeAssistant, set_up: SetUp) -> None:
    calls = async_mock_service(hass, "notify", "mobile_app_phone")
    home = await with_car(hass, set_up, **PHONE)
    await power(hass, NEAR_W)
    await press(hass, actions_of(calls[-1])["shed"])
    order = home.snapshot.setpoints["wallbox"]
    assert (order.power_w, order.cause.value) == (0, "shed")
    await power(hass, VERY_NEAR_W)
    await press(hass, actions_of(calls[-1])["allow"])
    assert home.snapshot.setpoints["wallbox"].cause.value != "shed"
    assert (home.snapshot.setpoints["wallbox"].power_w or 0) > 0


async def test_turning_down_ends_by_its_time(
    hass: HomeAssistant, set_up: SetUp, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = await with_car(hass, set_up, shed_minutes=1)
    await power(hass, NEAR_W)
    await hass.services.async_call(DOMAIN, "shed_now", {}, blocking=True)
    assert home.snapshot.setpoints["wallbox"].power_w == 0
    now_s = hass.loop.time()
    monkeypatch.setattr(home.notices, "_shed_until_s", now_s)
    home.cycle()
    assert (home.snapshot.setpoints["wallbox"].power_w or 0) > 0


async def test_let_it_be_is_quiet_until_it_was_clear_but_for_a_higher_level(
    hass: HomeAssistant, set_up: SetUp, monotonic: list[float]
) -> None:
    calls = async_mock_service(hass, "notify", "mobile_app_phone")
    await with_car(hass, set_up, **PHONE)
    await power(hass, NEAR_W)
    await press(hass, actions_of(calls[-1])["allow"])
    await power(hass, VERY_NEAR_W)
    assert len(calls) == 2
    await press(hass, actions_of(calls[-1])["allow"])
    monotonic[0] += 400
    await power(hass, NEAR_W)
    await power(hass, VERY_NEAR_W)
    assert len(calls) == 2
    await power(hass, FAR_W)  # withdrawn
    monotonic[0] += 400
    await power(hass, NEAR_W)
    assert [call.data["message"] == "clear_notification" for call in calls] == [
        False,
        False,
        True,
        False,
    ]


async def test_a_snooze_silences_people_but_not_events(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    calls = async_mock_service(hass, "notify", "mobile_app_phone")
    await with_car(hass, set_up, **PHONE, trip_rule="none")
    await hass.services.async_call(DOMAIN, "snooze_notices", {}, blocking=True)
    await power(hass, NEAR_W)
    event = hass.states.get("event.home_limits")
    assert event is not None
    assert event.attributes["event_type"] == "near_limit"
    assert calls == []
    await hass.services.async_call(
        DOMAIN, "snooze_notices", {"duration": {"seconds": 0}}, blocking=True
    )
    await power(hass, VERY_NEAR_W)
    assert len(calls) == 1


async def test_a_snooze_does_not_hide_that_the_supply_is_cut(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    calls = async_mock_service(hass, "notify", "mobile_app_phone")
    await with_car(hass, set_up, **PHONE, trip_rule="spain")
    await power(hass, NEAR_W)
    await press(hass, actions_of(calls[-1])["snooze"])
    await power(hass, "9300")
    assert len(calls) == 2
    assert "may be cut in about 30 s" in calls[-1].data["message"].replace("29", "30")


async def test_an_answer_counts_once_and_only_from_who_was_told(
    hass: HomeAssistant, set_up: SetUp, caplog: pytest.LogCaptureFixture
) -> None:
    calls = async_mock_service(hass, "notify", "mobile_app_phone")
    home = await with_car(hass, set_up, **PHONE)
    await power(hass, NEAR_W)
    shed = actions_of(calls[-1])["shed"]
    prefix = f"{DOMAIN}_{home.entry.entry_id}_"
    for forged in (f"{prefix}{'0' * 32}_shed", f"{prefix}_shed", f"{shed}x", None, 7):
        await press(hass, forged)
        assert home.notices.shed == {}
    await press(hass, shed.replace(home.entry.entry_id, "another_home"))
    assert home.notices.shed == {}
    await press(hass, shed)
    assert set(home.notices.shed) == {"wallbox"}
    home.notices.shed_now((), home.snapshot.limits[0].direction, timedelta(0))
    caplog.clear()
    await press(hass, shed)
    assert home.notices.shed == {}
    assert "was refused" in caplog.text


async def test_an_answer_after_an_hour_comes_too_late(
    hass: HomeAssistant, set_up: SetUp, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = async_mock_service(hass, "notify", "mobile_app_phone")
    home = await with_car(hass, set_up, **PHONE)
    await power(hass, NEAR_W)
    monkeypatch.setattr("custom_components.cem.messages.answers.VALID", timedelta(-1))
    await power(hass, VERY_NEAR_W)
    await press(hass, actions_of(calls[-1])["shed"])
    assert home.notices.shed == {}


async def test_who_only_observes_is_not_offered_to_turn_down(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    calls = async_mock_service(hass, "notify", "mobile_app_phone")
    home = await with_car(hass, set_up, **PHONE)
    await async_set_mode(home, Mode.OBSERVE)
    await power(hass, NEAR_W)
    assert "Wallbox (7.00 kW)" in calls[-1].data["message"]
    assert set(actions_of(calls[-1])) == {"snooze", "allow"}
    with pytest.raises(ServiceValidationError) as refused:
        await hass.services.async_call(DOMAIN, "shed_now", {}, blocking=True)
    assert refused.value.translation_key == "nothing_to_shed"


async def test_shed_now_tells_what_it_turned_down_and_until_when(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    home = await with_car(hass, set_up)
    await power(hass, NEAR_W)
    answer = await hass.services.async_call(
        DOMAIN,
        "shed_now",
        {"duration": {"minutes": 5}},
        blocking=True,
        return_response=True,
    )
    assert answer is not None
    assert answer["devices"] == [
        {"device_id": "wallbox", "name": "Wallbox", "power_w": 7000, "commanded": True}
    ]
    assert set(home.notices.shed) == {"wallbox"}
    await hass.services.async_call(
        DOMAIN, "shed_now", {"duration": {"seconds": 0}}, blocking=True
    )
    assert home.notices.shed == {}


async def test_mqtt_gets_what_events_say(hass: HomeAssistant, set_up: SetUp) -> None:
    published = async_mock_service(hass, "mqtt", "publish")
    await with_car(hass, set_up, notice_topic="home/near_limit")
    await power(hass, NEAR_W)
    await power(hass, FAR_W)
    assert {call.data["topic"] for call in published} == {"home/near_limit"}
    said = [json.loads(call.data["payload"]) for call in published]
    assert [(x["event_type"], x["level"]) for x in said] == [
        ("near_limit", "caution"),
        ("near_limit_cleared", "clear"),
    ]
    assert said[0]["helping"][0]["name"] == "Wallbox"


async def test_without_mqtt_the_notice_is_given_all_the_same(
    hass: HomeAssistant, set_up: SetUp, caplog: pytest.LogCaptureFixture
) -> None:
    await with_car(hass, set_up, notice_topic="home/near_limit")
    await power(hass, NEAR_W)
    assert len(notifications(hass)) == 1
    assert "MQTT did not take a near-limit notice" in caplog.text


@pytest.mark.parametrize(
    ("options", "fired"),
    [
        ({}, ["near_limit caution", "near_limit warning"]),
        ({"level": "warning"}, ["near_limit warning"]),
        ({"direction": ["export"]}, []),
    ],
)
async def test_the_trigger_starts_an_automation(
    hass: HomeAssistant, set_up: SetUp, options: dict[str, Any], fired: list[str]
) -> None:
    await with_car(hass, set_up)
    said: list[str] = []

    @callback
    def noted(event: Event) -> None:
        said.append(event.data["what"])

    hass.bus.async_listen("noted", noted)
    what = (
        "{{ trigger.to_state.attributes.event_type }} "
        "{{ trigger.to_state.attributes.level }}"
    )
    automation = {
        "triggers": [
            {
                "trigger": "cem.near_limit",
                "target": {"entity_id": "event.home_limits"},
                "options": options,
            }
        ],
        "actions": [{"event": "noted", "event_data": {"what": what}}],
    }
    assert await async_setup_component(hass, "automation", {"automation": automation})
    await hass.async_block_till_done()
    await power(hass, NEAR_W)
    await power(hass, VERY_NEAR_W)
    await power(hass, FAR_W)
    assert said == fired


async def test_crossings_are_told_within_a_second(
    hass: HomeAssistant,
    set_up: SetUp,
    monotonic: list[float],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.WARNING)  # of every reading a line would be kept
    home = await with_car(hass, set_up, **PHONE)
    told: list[float] = []
    sent_at = 0.0

    @callback
    def noted(event: Event) -> None:
        state = event.data["new_state"]
        if event.data["entity_id"] == "event.home_limits" and (
            state.attributes.get("event_type") == "near_limit"
        ):
            told.append(perf_counter() - sent_at)

    hass.bus.async_listen("state_changed", noted)
    calls = async_mock_service(hass, "notify", "mobile_app_phone")
    for _ in range(CROSSINGS):
        monotonic[0] += 301
        sent_at = perf_counter()
        home.on_reading(Reading(format="p1", import_power_w=9000))
        await hass.async_block_till_done()
        home.on_reading(Reading(format="p1", import_power_w=1000))
    await hass.async_block_till_done()
    assert len(told) == CROSSINGS
    p99_s = sorted(told)[CROSSINGS * 99 // 100]
    assert p99_s <= WITHIN_S, f"p99 {p99_s:.3f} s, worst {max(told):.3f} s"
    assert sum(call.data.get("title") is not None for call in calls) == CROSSINGS
