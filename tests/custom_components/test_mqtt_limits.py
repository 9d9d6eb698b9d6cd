"""Limits by MQTT through Home Assistant's client: ordered, answered, silent."""

from datetime import timedelta
import json
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import async_fire_mqtt_message
from pytest_homeassistant_custom_component.typing import MqttMockHAClient

from cem_core.model import Direction, LimitSource, Priority, Scope
from custom_components.cem.const import Kind
from custom_components.cem.events import HomeEvent
from custom_components.cem.home import Home
from custom_components.cem.mqtt_limits import MOST_LIMITS
from custom_components.cem.problems import problems
from tests.custom_components.conftest import SetUp
from tests.custom_components.house import DATA
from tests.custom_components.test_config_flow import body, start
from tests.custom_components.test_limits import order, value

ORDER = {
    "id": "a",
    "issuer": "operator",
    "direction": "import",
    "scope": "controllable",
    "limit_w": 4200,
}


@pytest.fixture
def expected_lingering_timers() -> bool:
    """Let Home Assistant's MQTT client keep its own."""
    return True


@pytest.fixture
async def broker(hass: HomeAssistant, mqtt_mock: MqttMockHAClient) -> MqttMockHAClient:
    """Return what is published; MQTT is set up."""
    return mqtt_mock


async def send(
    hass: HomeAssistant, payload: object, *, topic: str = "order", retain: bool = False
) -> None:
    text = payload if isinstance(payload, str) else json.dumps(payload)
    async_fire_mqtt_message(hass, f"grid/limits/{topic}", text, retain=retain)
    await hass.async_block_till_done(wait_background_tasks=True)


def answers(broker: MqttMockHAClient) -> list[dict[str, Any]]:
    found = [
        json.loads(call.args[1])
        for call in broker.async_publish.call_args_list
        if call.args[0] == "grid/limits/answer"
    ]
    broker.async_publish.reset_mock()
    return found


async def with_mqtt(hass: HomeAssistant, set_up: SetUp, **changes: Any) -> Home:
    """Set up a home whose form for MQTT was filled in with ``changes``."""
    filled_in = DATA[Kind.MQTT_LIMITS] | changes
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(DATA, Kind.MQTT_LIMITS, filled_in)
        home = await set_up(Kind.METER, Kind.MQTT_LIMITS)
    await hass.async_block_till_done(wait_background_tasks=True)
    return home


async def test_an_order_holds_is_answered_and_ends(
    hass: HomeAssistant, set_up: SetUp, broker: MqttMockHAClient
) -> None:
    home = await with_mqtt(hass, set_up)
    await send(hass, ORDER | {"duration": 900, "reason": "Cable works"})
    assert answers(broker) == [{"id": "a", "accepted": True}]
    assert value(hass, "sensor.home_controllable_limit") == "4200"
    shown = home.snapshot.in_force.get(Direction.IMPORT, Scope.CONTROLLABLE)
    assert shown is not None
    assert (shown.source, shown.issuer) == (LimitSource.MQTT, "operator")
    assert shown.priority is Priority.OBLIGATION
    assert shown.reason is not None
    assert shown.reason.values["text"] == "Cable works"
    await send(hass, {"action": "end", "id": "a", "issuer": "operator"})
    assert answers(broker) == [{"id": "a", "accepted": True}]
    assert value(hass, "sensor.home_controllable_limit") == "unknown"


REFUSED = [
    ("no json", None, "no JSON"),
    ([ORDER], None, "JSON object"),
    ("[" * 4000, None, "no JSON"),
    ("x" * 5000, None, "more than the 4096"),
    (ORDER | {"limit_w": -1}, "a", "limit_w is out of range"),
    ('{"id": "a", "issuer": "o", "limit_w": NaN}', None, "NaN is no number"),
    (ORDER | {"limit_w": "4200"}, "a", "limit_w has to be a number"),
    (ORDER | {"scope": "house"}, "a", "connection or controllable"),
    (ORDER | {"watts": 1}, None, "unknown: watts"),
    ({"action": "end", "id": "b", "issuer": "x"}, "b", "no limit mqtt_b"),
]


@pytest.mark.parametrize(
    ("payload", "about", "reason"), REFUSED, ids=range(len(REFUSED))
)
async def test_bad_orders_are_refused_and_change_nothing(  # noqa: PLR0917 - fixtures
    hass: HomeAssistant,
    set_up: SetUp,
    broker: MqttMockHAClient,
    payload: object,
    about: str | None,
    reason: str,
) -> None:
    home = await with_mqtt(hass, set_up)
    await send(hass, payload)
    (answer,) = answers(broker)
    assert (answer["id"], answer["accepted"]) == (about, False)
    assert reason in answer["reason"]
    assert home.store.orders.limits == ()


async def test_nobody_ends_or_raises_anothers_limit(
    hass: HomeAssistant, set_up: SetUp, broker: MqttMockHAClient
) -> None:
    home = await with_mqtt(hass, set_up)
    await send(hass, ORDER)
    await send(hass, ORDER | {"issuer": "other", "limit_w": 9000})
    await send(hass, {"action": "end", "id": "a", "issuer": "other"})
    accepted = [answer["accepted"] for answer in answers(broker)]
    assert accepted == [True, False, False]
    own = await order(hass, limit_id="mine")
    await send(hass, {"action": "end", "id": "mine", "issuer": own["issuer"]})
    assert not answers(broker)[0]["accepted"]
    assert {x.limit_id for x in home.store.orders.limits} == {"mqtt_a", "mine"}


async def test_a_source_orders_no_more_than_the_owner_lets_it(
    hass: HomeAssistant, set_up: SetUp, broker: MqttMockHAClient
) -> None:
    home = await with_mqtt(hass, set_up, most_priority="market")
    await send(hass, ORDER | {"priority": "obligation"})
    (answer,) = answers(broker)
    assert "as market at most" in answer["reason"]
    await send(hass, ORDER)
    (limit,) = home.store.orders.limits
    assert limit.priority is Priority.MARKET
    assert home.operator_limit is None


async def restarted(hass: HomeAssistant, home: Home) -> Home:
    """Set the home up anew: the broker sends what it retains to who subscribes."""
    assert await hass.config_entries.async_reload(home.entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    again: Home = home.entry.runtime_data
    return again


async def test_a_retained_order_is_taken_once_and_has_no_duration(
    hass: HomeAssistant, set_up: SetUp, broker: MqttMockHAClient
) -> None:
    home = await with_mqtt(hass, set_up)
    await send(hass, ORDER | {"duration": 60}, retain=True)
    (refused,) = answers(broker)
    assert "retained" in refused["reason"]
    home = await restarted(hass, home)
    retained = ORDER | {"end": (dt_util.utcnow() + timedelta(hours=1)).isoformat()}
    await send(hass, retained, retain=True)
    (first,) = home.store.orders.limits
    home = await restarted(hass, home)
    await send(hass, retained, retain=True)
    (again,) = home.store.orders.limits
    assert first.start is not None
    assert again.start is not None
    assert abs(again.start - first.start) < timedelta(seconds=0.5)
    assert [answer["accepted"] for answer in answers(broker)] == [True, True]


async def test_a_retained_order_that_has_ended_is_refused_and_a_cleared_one_is_nothing(
    hass: HomeAssistant, set_up: SetUp, broker: MqttMockHAClient
) -> None:
    home = await with_mqtt(hass, set_up)
    past = (dt_util.utcnow() - timedelta(hours=1)).isoformat()
    await send(hass, ORDER | {"end": past}, retain=True)
    assert "has passed" in answers(broker)[0]["reason"]
    await restarted(hass, home)
    await send(hass, "", retain=True)
    assert answers(broker) == []


async def test_an_announced_limit_waits_for_its_start(
    hass: HomeAssistant, set_up: SetUp, broker: MqttMockHAClient
) -> None:
    home = await with_mqtt(hass, set_up)
    start_at = dt_util.utcnow() + timedelta(hours=1)
    await send(hass, ORDER | {"start": start_at.isoformat(), "duration": 900})
    assert answers(broker)[0]["accepted"]
    assert value(hass, "sensor.home_controllable_limit") == "unknown"
    (limit,) = home.store.orders.announced(dt_util.utcnow())
    assert limit.end == start_at + timedelta(minutes=15)


async def test_what_is_kept_is_bounded(
    hass: HomeAssistant,
    set_up: SetUp,
    broker: MqttMockHAClient,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    home = await with_mqtt(hass, set_up)
    monkeypatch.setattr(
        "custom_components.cem.mqtt_limits.Rate.take", lambda self, _: (self, True)
    )
    for place in range(MOST_LIMITS + 1):
        await send(hass, ORDER | {"id": str(place)})
    accepted = [answer["accepted"] for answer in answers(broker)]
    assert accepted == [True] * MOST_LIMITS + [False]
    assert len(home.store.orders.limits) == MOST_LIMITS


async def test_a_flood_is_not_read_and_harms_no_limit(
    hass: HomeAssistant, set_up: SetUp, broker: MqttMockHAClient
) -> None:
    home = await with_mqtt(hass, set_up)
    await send(hass, ORDER)
    for _ in range(1000):
        async_fire_mqtt_message(hass, "grid/limits/order", '{"id": "b"}')
    await hass.async_block_till_done(wait_background_tasks=True)
    said = answers(broker)
    assert len(said) < 50
    assert "too many" in said[-1]["reason"]
    assert [x.limit_w for x in home.store.orders.limits] == [4200]


CAME_AND_WENT = [("limit_ordered", "silent_mqtt"), ("limit_ended", "silent_mqtt")]
SILENT = [
    ("keep", [("mqtt_a", 4200)], []),
    ("limit", [("mqtt_a", 4200), ("silent_mqtt", 1000)], CAME_AND_WENT),
    ("release", [], [("limit_ended", "mqtt_a")]),
]


@pytest.mark.parametrize(("when_silent", "holds", "events"), SILENT)
async def test_what_a_silent_source_means_is_a_setting(  # noqa: PLR0917 - fixtures
    hass: HomeAssistant,
    set_up: SetUp,
    broker: MqttMockHAClient,
    monkeypatch: pytest.MonkeyPatch,
    when_silent: str,
    holds: list[tuple[str, int]],
    events: list[tuple[str, str]],
) -> None:
    now_s = hass.loop.time()
    monkeypatch.setattr(
        "custom_components.cem.mqtt_limits.monotonic_s", lambda _: now_s
    )
    home = await with_mqtt(
        hass, set_up, when_silent=when_silent, silent_after=60, silent_limit=1
    )
    await send(hass, ORDER)
    now_s += 59
    await send(hass, "alive", topic="heartbeat")
    now_s += 60
    home.cycle()
    await hass.async_block_till_done(wait_background_tasks=True)
    assert [x.limit_id for x in home.snapshot.limits if x.is_order] == ["mqtt_a"]
    now_s += 1
    told: list[HomeEvent] = []
    home.listen_events(told.append)
    await send(hass, "alive", topic="heartbeat", retain=True)  # says nothing of now
    for _ in range(2):
        home.cycle()
        await hass.async_block_till_done(wait_background_tasks=True)
    shown = [(x.limit_id, x.limit_w) for x in home.snapshot.limits if x.is_order]
    assert shown == holds
    assert "mqtt_silent" in dict(problems(home))
    await send(hass, "alive", topic="heartbeat")
    home.cycle()
    assert "mqtt_silent" not in dict(problems(home))
    assert all(x.limit_id != "silent_mqtt" for x in home.snapshot.limits)
    await hass.async_block_till_done(wait_background_tasks=True)
    happened = [(each.event_type, each.attributes["limit_id"]) for each in told]
    assert happened == events


async def test_a_source_that_is_removed_orders_no_more(
    hass: HomeAssistant, set_up: SetUp, broker: MqttMockHAClient
) -> None:
    home = await with_mqtt(hass, set_up)
    await send(hass, ORDER)
    hass.config_entries.async_remove_subentry(home.entry, f"id_{Kind.MQTT_LIMITS}")
    await hass.async_block_till_done(wait_background_tasks=True)
    assert value(hass, "sensor.home_controllable_limit") == "unknown"
    await send(hass, ORDER)
    assert home.entry.runtime_data.store.orders.limits == ()


async def test_an_order_survives_a_restart(
    hass: HomeAssistant, set_up: SetUp, broker: MqttMockHAClient
) -> None:
    home = await with_mqtt(hass, set_up)
    await send(hass, ORDER)
    await restarted(hass, home)
    assert value(hass, "sensor.home_controllable_limit") == "4200"
    await send(hass, {"action": "end", "id": "a", "issuer": "operator"})
    assert value(hass, "sensor.home_controllable_limit") == "unknown"


async def test_without_mqtt_the_home_works_and_says_what_is_missing(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    home = await with_mqtt(hass, set_up)
    assert "mqtt_missing" in dict(problems(home))
    assert value(hass, "sensor.home_import_limit") == "9200"


@pytest.mark.parametrize("kind", [Kind.MQTT_LIMITS, Kind.EVCC])
async def test_the_form_needs_mqtt(hass: HomeAssistant, kind: Kind) -> None:
    form = await start(hass, kind)
    flows = hass.config_entries.subentries
    result = await flows.async_configure(form["flow_id"], body(kind))
    assert result["errors"] == {"base": "no_mqtt"}


@pytest.mark.parametrize("kind", [Kind.MQTT_LIMITS, Kind.EVCC])
async def test_a_topic_is_checked_and_then_kept(
    hass: HomeAssistant, broker: MqttMockHAClient, kind: Kind
) -> None:
    form = await start(hass, kind)
    flows = hass.config_entries.subentries
    result = await flows.async_configure(form["flow_id"], body(kind, topic="a/#"))
    assert result["errors"] == {"topic": "topic_wrong"}
    result = await flows.async_configure(form["flow_id"], body(kind))
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done(wait_background_tasks=True)


async def test_silence_needs_a_time(
    hass: HomeAssistant, broker: MqttMockHAClient
) -> None:
    form = await start(hass, Kind.MQTT_LIMITS)
    flows = hass.config_entries.subentries
    result = await flows.async_configure(
        form["flow_id"], body(Kind.MQTT_LIMITS, when_silent="limit")
    )
    assert result["errors"] == {"silent_after": "silent_after_missing"}


async def test_evcc_is_told_what_holds(
    hass: HomeAssistant, set_up: SetUp, broker: MqttMockHAClient
) -> None:
    home = await set_up(Kind.METER, Kind.EVCC)
    await hass.async_block_till_done(wait_background_tasks=True)

    def told() -> dict[str, tuple[Any, ...]]:
        calls = broker.async_publish.call_args_list
        found = {call.args[0]: call.args[1:] for call in calls}
        broker.async_publish.reset_mock()
        return {name: said for name, said in found.items() if "evcc" in name}

    power, percent = "cem/evcc/max_consumption_power", "cem/evcc/feed_in_percent"
    assert told() == {power: ("0", 1, True), percent: ("50", 1, True)}  # 5 of 10 kW
    limit = await order(hass, limit_w=0)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert told()[power] == ("1", 1, True)  # 0 would be none
    home.cycle()
    await hass.async_block_till_done(wait_background_tasks=True)
    assert told() == {}
    await hass.services.async_call(
        "cem", "end_limit", {"limit_id": limit["limit_id"]}, blocking=True
    )
    await hass.async_block_till_done(wait_background_tasks=True)
    assert told()[power] == ("0", 1, True)
