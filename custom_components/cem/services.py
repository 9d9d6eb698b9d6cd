"""The actions of the CEM, and who may call each."""

from homeassistant.core import HomeAssistant, ServiceCall, SupportsResponse, callback

from cem_core.model.role import Right
from custom_components.cem.calls import home_of
from custom_components.cem.const import DOMAIN
from custom_components.cem.device_services import (
    CHARGE,
    ONE_DEVICE,
    SET_DEPARTURE,
    async_charge,
    async_forget_learned,
    async_set_departure,
    async_test_device,
)
from custom_components.cem.limit_services import (
    END_LIMIT,
    GET_EVIDENCE,
    ORDER_LIMIT,
    async_end_limit,
    async_get_evidence,
    async_order_limit,
)
from custom_components.cem.notice_services import (
    SHED_NOW,
    SNOOZE_NOTICES,
    async_shed_now,
    async_snooze_notices,
)
from custom_components.cem.person_services import CHOOSE_MESSAGES, async_choose_messages
from custom_components.cem.plan_services import HOME_ONLY, async_get_plan, async_replan
from custom_components.cem.profile_services import (
    BOOST_SCHEMA,
    SET_PROFILE_SCHEMA,
    async_boost_device,
    async_choose_profile,
)
from custom_components.cem.roles import Action, async_require
from custom_components.cem.what_if import WHAT_IF, async_what_if


@callback
def async_setup_services(hass: HomeAssistant) -> None:
    """Register the actions."""
    table = (
        ("order_limit", async_order_limit, ORDER_LIMIT, SupportsResponse.OPTIONAL),
        ("end_limit", async_end_limit, END_LIMIT, SupportsResponse.OPTIONAL),
        ("get_plan", async_get_plan, HOME_ONLY, SupportsResponse.ONLY),
        ("get_evidence", async_get_evidence, GET_EVIDENCE, SupportsResponse.ONLY),
        (
            "replan",
            needs(Right.WISH, async_replan),
            HOME_ONLY,
            SupportsResponse.OPTIONAL,
        ),
        ("charge", needs(Right.WISH, async_charge), CHARGE, SupportsResponse.NONE),
        (
            "set_departure",
            needs(Right.WISH, async_set_departure),
            SET_DEPARTURE,
            SupportsResponse.OPTIONAL,
        ),
        (
            "forget_learned",
            needs(Right.INSTALL, async_forget_learned),
            ONE_DEVICE,
            SupportsResponse.NONE,
        ),
        (
            "test_device",
            needs(Right.INSTALL, async_test_device),
            ONE_DEVICE,
            SupportsResponse.OPTIONAL,
        ),
        (
            "shed_now",
            needs(Right.WISH, async_shed_now),
            SHED_NOW,
            SupportsResponse.OPTIONAL,
        ),
        (
            "snooze_notices",
            needs(Right.WISH, async_snooze_notices),
            SNOOZE_NOTICES,
            SupportsResponse.NONE,
        ),
        (
            "choose_messages",
            needs(Right.WISH, async_choose_messages),
            CHOOSE_MESSAGES,
            SupportsResponse.NONE,
        ),
        ("what_if", async_what_if, WHAT_IF, SupportsResponse.ONLY),
        (
            "set_profile",
            needs(Right.WISH, async_choose_profile),
            SET_PROFILE_SCHEMA,
            SupportsResponse.NONE,
        ),
        (
            "boost",
            needs(Right.WISH, async_boost_device),
            BOOST_SCHEMA,
            SupportsResponse.OPTIONAL,
        ),
    )
    for name, action, schema, response in table:
        hass.services.async_register(
            DOMAIN, name, action, schema=schema, supports_response=response
        )


def needs[T](right: Right, action: Action[T]) -> Action[T]:
    """Return ``action`` for those alone who have ``right`` in the home it names."""

    async def checked(call: ServiceCall) -> T:
        home = home_of(call.hass, call.data.get("config_entry_id"))
        await async_require(home, call.context, right)
        return await action(call)

    return checked
