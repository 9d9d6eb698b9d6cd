"""Whatever changes something asks for a right: a guest is refused by all of it.

What there is to call is asked of Home Assistant, so that nothing new goes unguarded.
"""

from datetime import timedelta
from typing import Any, Final

from homeassistant.auth.const import GROUP_ID_USER
from homeassistant.components import websocket_api
from homeassistant.const import ATTR_ENTITY_ID, Platform
from homeassistant.core import Context, HomeAssistant, State
from homeassistant.exceptions import Unauthorized
from homeassistant.helpers import entity_registry as er, intent
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.cem import PLATFORMS
from custom_components.cem.assist.handler import AnswerHandler
from custom_components.cem.const import DOMAIN, Kind
from custom_components.cem.home import Home
from tests.custom_components.conftest import SetUp

# All but what listens on a socket; its limits are seen in the entities of the home.
EVERY_KIND: Final = tuple(kind for kind in Kind if kind is not Kind.CONTROL_BOX)

WALLBOX: Final = {"device": "Wallbox"}
# What would be sent to each action, were it allowed.
ACTIONS: Final[dict[str, dict[str, Any]]] = {
    "boost": WALLBOX,
    "charge": WALLBOX | {"when": "now"},
    "choose_messages": {"subjects": []},
    "delete_everything": {"confirmation": "Home"},
    "end_limit": {"limit_id": "1"},
    "export_curves": {"format": "csv"},
    "export_everything": {},
    "forget_learned": WALLBOX,
    "get_evidence": {},
    "import_curves": {"content": ""},
    "order_limit": {"direction": "import", "scope": "connection", "limit_w": 1},
    "replan": {},
    "revoke_consent": {"publication": "Grid Ltd"},
    "set_departure": WALLBOX | {"departure_time": "07:00"},
    "set_profile": {"profile": "party"},
    "shed_now": {},
    "snooze_notices": {},
    "test_device": WALLBOX,
}
LOOKS: Final = {"get_plan", "what_if"}

# Platforms whose entities take no command.
TELL: Final = {
    Platform.BINARY_SENSOR,
    Platform.CALENDAR,
    Platform.EVENT,
    Platform.SENSOR,
}

# What the dashboard may send, and what it only looks at.
ORDERS: Final[dict[str, dict[str, Any]]] = {
    "cem/end_wish": {"wish_id": "1"},
    "cem/set_mode": {"mode": "advise"},
    "cem/set_wish": {
        "device": "wallbox",
        "what": "forbid",
        "start": "2026-01-01T00:00:00+00:00",
        "end": "2036-01-01T00:00:00+00:00",
    },
}
SHOW: Final = {
    "cem/budgets",
    "cem/energy",
    "cem/health",
    "cem/homes",
    "cem/log",
    "cem/opportunities",
    "cem/preview_wish",
    "cem/savings",
    "cem/subscribe_live",
    "cem/subscribe_meter",
    "cem/subscribe_plan",
}


async def everything(hass: HomeAssistant, set_up: SetUp, guest: str) -> Home:
    """Set up a home with every kind of device, all in the hands of a person."""
    home = await set_up(*EVERY_KIND, options={"guests": [guest]})
    until = dt_util.utcnow() + timedelta(hours=1)
    for device in home.devices.values():
        device.hand_off(until)
    home.notify()
    await hass.async_block_till_done()
    return home


async def guest_of(hass: HomeAssistant) -> Context:
    """Return what a guest acts with; the first user, who owns it all, is another."""
    await hass.auth.async_create_user("Owner")
    user = await hass.auth.async_create_user("Guest", group_ids=[GROUP_ID_USER])
    return Context(user_id=user.id)


async def commands(
    hass: HomeAssistant, state: State
) -> list[tuple[str, dict[str, Any]]]:
    """Return each service, with its data, by which the entity of ``state`` is told."""
    match state.domain:
        case Platform.BUTTON:
            return [("press", {})]
        case Platform.SELECT:
            options = state.attributes["options"]
            return [("select_option", {"option": option}) for option in options]
        case Platform.SWITCH:
            return [("turn_on", {}), ("turn_off", {})]
        case Platform.TODO:
            answer: Any = await hass.services.async_call(
                state.domain,
                "get_items",
                {ATTR_ENTITY_ID: state.entity_id},
                blocking=True,
                return_response=True,
            )
            items = [each["uid"] for each in answer[state.entity_id]["items"]]
            assert items
            return [("update_item", {"item": i, "status": "completed"}) for i in items]
        case other:
            pytest.fail(f"{state.entity_id}: how is an entity of {other} told?")


async def test_no_action_is_open_to_a_guest(hass: HomeAssistant, set_up: SetUp) -> None:
    guest = await guest_of(hass)
    home = await everything(hass, set_up, str(guest.user_id))
    assert set(hass.services.async_services_for_domain(DOMAIN)) == LOOKS | set(ACTIONS)
    before = home.store.as_json()
    for name, data in ACTIONS.items():
        answers = hass.services.supports_response(DOMAIN, name) != "none"
        with pytest.raises(Unauthorized):
            await hass.services.async_call(
                DOMAIN,
                name,
                data,
                blocking=True,
                context=guest,
                return_response=answers,
            )
    assert home.store.as_json() == before


async def test_no_entity_obeys_a_guest(hass: HomeAssistant, set_up: SetUp) -> None:
    guest = await guest_of(hass)
    home = await everything(hass, set_up, str(guest.user_id))
    before = home.store.as_json()
    registry = er.async_get(hass)
    told = set()
    for entry in er.async_entries_for_config_entry(registry, home.entry.entry_id):
        if entry.domain in TELL:
            continue
        state = hass.states.get(entry.entity_id)
        assert state is not None, entry.entity_id
        assert state.state != "unavailable", entry.entity_id
        for service, data in await commands(hass, state):
            with pytest.raises(Unauthorized):
                await hass.services.async_call(
                    entry.domain,
                    service,
                    {ATTR_ENTITY_ID: entry.entity_id, **data},
                    blocking=True,
                    context=guest,
                )
        told.add(Platform(entry.domain))
    assert told == set(PLATFORMS) - TELL
    assert home.store.as_json() == before


async def test_the_dashboard_obeys_no_guest(
    hass: HomeAssistant,
    set_up: SetUp,
    hass_ws_client: WebSocketGenerator,
    hass_read_only_access_token: str,
) -> None:
    guest = await guest_of(hass)
    home = await everything(hass, set_up, str(guest.user_id))
    registered = {c for c in hass.data[websocket_api.DOMAIN] if c.startswith("cem/")}
    assert registered == SHOW | set(ORDERS)
    before = home.store.as_json()
    client = await hass_ws_client(hass, hass_read_only_access_token)
    for command, data in ORDERS.items():
        asked = {"type": command, "entry_id": home.entry.entry_id, **data}
        await client.send_json_auto_id(asked)
        answer = await client.receive_json()
        assert answer["error"]["code"] == "unauthorized", command
    assert home.store.as_json() == before


async def test_assist_does_nothing_for_a_guest(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    guest = await guest_of(hass)
    home = await everything(hass, set_up, str(guest.user_id))
    ours = [h for h in intent.async_get(hass) if isinstance(h, AnswerHandler)]
    acting = [each for each in ours if each.question.acts]
    assert acting
    before = home.store.as_json()
    for handler in acting:
        said = {"device": "Wallbox", "when": "now"}
        asked = map(str, handler.slot_schema)
        slots = {slot: {"value": said[slot]} for slot in asked}

        async def handle(
            context: Context, kind: str = handler.intent_type, slots: Any = slots
        ) -> None:
            await intent.async_handle(hass, DOMAIN, kind, slots, context=context)

        with pytest.raises(intent.IntentHandleError, match="You may not"):
            await handle(guest)
        assert home.store.as_json() == before
        await handle(Context())
        assert home.store.as_json() != before
