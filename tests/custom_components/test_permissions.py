"""Who may order and end limits: over the same socket as the dashboard."""

from typing import Any

from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import ServiceValidationError, Unauthorized
import pytest
from pytest_homeassistant_custom_component.common import MockUser
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.cem.const import DOMAIN, Kind
from tests.custom_components.conftest import SetUp
from tests.custom_components.test_limits import LIMIT, end, order


async def call(client: Any, action: str, **data: Any) -> dict[str, Any]:
    """Call an action over the socket."""
    await client.send_json_auto_id(
        {
            "type": "call_service",
            "domain": DOMAIN,
            "service": action,
            "service_data": data,
            "return_response": True,
        }
    )
    answer: dict[str, Any] = await client.receive_json()
    return answer


async def test_a_normal_user_is_refused_in_the_users_language(
    hass: HomeAssistant,
    set_up: SetUp,
    hass_ws_client: WebSocketGenerator,
    hass_read_only_access_token: str,
) -> None:
    home = await set_up(Kind.METER)
    client = await hass_ws_client(hass, hass_read_only_access_token)
    limit = await order(hass)
    for action, data in (
        ("order_limit", LIMIT),
        ("end_limit", {"limit_id": limit["limit_id"]}),
    ):
        answer = await call(client, action, **data)
        assert not answer["success"]
        error = answer["error"]
        assert (error["translation_domain"], error["translation_key"]) == (
            DOMAIN,
            "not_allowed",
        )
        assert error["message"].startswith("Only administrators")
    assert [x.limit_id for x in home.store.orders.limits] == [limit["limit_id"]]


async def test_a_user_that_is_named_may(
    hass: HomeAssistant,
    set_up: SetUp,
    hass_ws_client: WebSocketGenerator,
    hass_read_only_user: MockUser,
    hass_read_only_access_token: str,
) -> None:
    await set_up(Kind.METER, options={"limit_users": [hass_read_only_user.id]})
    client = await hass_ws_client(hass, hass_read_only_access_token)
    ordered = await call(client, "order_limit", **LIMIT)
    assert ordered["success"]
    limit_id = ordered["result"]["response"]["limit_id"]
    automations = await order(hass)
    refused = await call(client, "end_limit", limit_id=automations["limit_id"])
    assert refused["error"]["translation_key"] == "limit_refused"
    ended = await call(client, "end_limit", limit_id=limit_id)
    assert ended["success"]


async def test_a_user_that_was_deleted_may_not(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    await set_up(Kind.METER)
    with pytest.raises(Unauthorized, match="Only administrators"):
        await hass.services.async_call(
            DOMAIN,
            "order_limit",
            LIMIT,
            blocking=True,
            context=Context(user_id="gone"),
        )


async def test_a_name_that_others_have_ends_nothing_of_theirs(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    one = MockUser(id="one", name="Alex", groups=[]).add_to_hass(hass)
    two = MockUser(id="two", name="Alex", groups=[]).add_to_hass(hass)
    sly = MockUser(id="sly", name="automation", groups=[]).add_to_hass(hass)
    await set_up(Kind.METER, options={"limit_users": ["one", "two", "sly"]})
    of_one, of_automation = await order(hass, one), await order(hass)
    for limit, user in ((of_one, two), (of_automation, sly)):
        with pytest.raises(ServiceValidationError):
            await end(hass, limit["limit_id"], user)
    await end(hass, of_one["limit_id"], one)
