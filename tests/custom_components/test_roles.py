"""Resident, installer and guest: what each may do, by action, entity and dashboard."""

from typing import Any

from homeassistant.auth.const import GROUP_ID_READ_ONLY, GROUP_ID_USER
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import Unauthorized
import pytest
from pytest_homeassistant_custom_component.common import MockUser, async_mock_service
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from cem_core.model.role import Role
from custom_components.cem.const import DOMAIN, Kind, Mode
from custom_components.cem.home import Home
from custom_components.cem.roles import role_of
from tests.custom_components.conftest import SetUp

CHARGE = {"device": "wallbox", "when": "now"}


async def person(hass: HomeAssistant, group: str = GROUP_ID_USER) -> Context:
    """Return what somebody without administration acts with."""
    user = await hass.auth.async_create_user("Somebody", group_ids=[group])
    return Context(user_id=user.id)


async def with_guest(hass: HomeAssistant, set_up: SetUp) -> tuple[Home, Context]:
    """Set up a home with a charger that has a guest; the first user owns it all."""
    await hass.auth.async_create_user("Owner")
    guest = await person(hass)
    home = await set_up(
        Kind.METER, Kind.EV_CHARGER, options={"guests": [guest.user_id]}
    )
    async_mock_service(hass, "number", "set_value")
    return home, guest


async def call(
    hass: HomeAssistant, domain: str, action: str, context: Context, **data: Any
) -> None:
    """Call an action as somebody."""
    await hass.services.async_call(domain, action, data, blocking=True, context=context)


async def test_who_is_who(hass: HomeAssistant, set_up: SetUp) -> None:
    home, guest = await with_guest(hass, set_up)
    reader = await person(hass, GROUP_ID_READ_ONLY)
    resident = await person(hass)
    roles = []
    for context in (guest, reader, resident):
        user = await hass.auth.async_get_user(str(context.user_id))
        assert user is not None
        roles.append(role_of(home, user))
    assert roles == [Role.GUEST, Role.GUEST, Role.RESIDENT]
    assert role_of(home, MockUser(is_owner=True)) is Role.INSTALLER


@pytest.mark.parametrize(
    ("action", "data"),
    [
        ("charge", CHARGE),
        ("boost", {"device": "wallbox"}),
        ("set_profile", {"profile": "party"}),
        ("shed_now", {}),
        ("snooze_notices", {}),
        ("replan", {}),
        ("set_departure", {"device": "wallbox"}),
        ("forget_learned", {"device": "wallbox"}),
        ("test_device", {"device": "wallbox"}),
        ("order_limit", {"direction": "import", "scope": "connection", "limit_w": 1}),
        ("end_limit", {"limit_id": "1"}),
    ],
)
async def test_a_guest_changes_nothing_by_an_action(
    hass: HomeAssistant, set_up: SetUp, action: str, data: dict[str, Any]
) -> None:
    home, guest = await with_guest(hass, set_up)
    before = home.store.as_json()
    with pytest.raises(Unauthorized):
        await call(hass, DOMAIN, action, guest, **data)
    assert home.store.as_json() == before


@pytest.mark.parametrize(
    ("entity_id", "action", "data"),
    [
        ("select.home_mode", "select_option", {"option": "observe"}),
        ("select.home_profile", "select_option", {"option": "party"}),
        ("select.wallbox_charging", "select_option", {"option": "now"}),
        ("switch.wallbox_control", "turn_off", {}),
        ("button.wallbox_boost", "press", {}),
    ],
)
async def test_a_guest_changes_nothing_by_an_entity(
    hass: HomeAssistant,
    set_up: SetUp,
    entity_id: str,
    action: str,
    data: dict[str, Any],
) -> None:
    home, guest = await with_guest(hass, set_up)
    before = home.store.as_json()
    assert hass.states.get(entity_id) is not None
    domain = entity_id.partition(".")[0]
    with pytest.raises(Unauthorized, match="Your role in this home"):
        await call(hass, domain, action, guest, entity_id=entity_id, **data)
    assert home.store.as_json() == before
    resident = await person(hass)
    await call(hass, domain, action, resident, entity_id=entity_id, **data)


async def test_a_resident_lives_there_and_an_installer_lets_it_control(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    home, _ = await with_guest(hass, set_up)
    resident = await person(hass)
    await call(hass, DOMAIN, "charge", resident, **CHARGE)
    mode = {"entity_id": "select.home_mode"}
    with pytest.raises(Unauthorized):
        await call(
            hass, "select", "select_option", resident, **mode, option=Mode.CONTROL
        )
    with pytest.raises(Unauthorized):
        await call(hass, DOMAIN, "forget_learned", resident, device="wallbox")
    assert home.store.as_json()["mode"] == Mode.OBSERVE
    installer = MockUser(is_owner=True).add_to_hass(hass)
    await call(
        hass,
        "select",
        "select_option",
        Context(user_id=installer.id),
        **mode,
        option=Mode.CONTROL,
    )
    assert home.store.as_json()["mode"] == Mode.CONTROL
    await call(hass, "select", "select_option", resident, **mode, option=Mode.ADVISE)
    assert home.store.as_json()["mode"] == Mode.ADVISE


async def test_the_dashboard_is_told_the_role_and_refuses_a_guests_wish(
    hass: HomeAssistant,
    set_up: SetUp,
    hass_ws_client: WebSocketGenerator,
    hass_read_only_access_token: str,
) -> None:
    home, _ = await with_guest(hass, set_up)
    client = await hass_ws_client(hass, hass_read_only_access_token)
    await client.send_json_auto_id({"type": "cem/homes"})
    answer = await client.receive_json()
    assert [each["role"] for each in answer["result"]] == ["guest"]
    await client.send_json_auto_id(
        {
            "type": "cem/set_wish",
            "entry_id": home.entry.entry_id,
            "device": "wallbox",
            "what": "forbid",
            "start": "2026-01-01T00:00:00+00:00",
            "end": "2036-01-01T00:00:00+00:00",
        }
    )
    answer = await client.receive_json()
    assert answer["error"]["code"] == "unauthorized"
    assert home.store.wishes == []
    admin = await hass_ws_client(hass)
    await admin.send_json_auto_id({"type": "cem/homes"})
    answer = await admin.receive_json()
    assert [each["role"] for each in answer["result"]] == ["installer"]
