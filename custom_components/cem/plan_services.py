"""Actions: get the plan, plan anew."""

from typing import Final

from homeassistant.core import ServiceCall, ServiceResponse

from custom_components.cem.action_schema import ActionSchema
from custom_components.cem.calls import HOME, home_of, refuse

HOME_ONLY: Final = ActionSchema(HOME)


async def async_get_plan(call: ServiceCall) -> ServiceResponse:
    """Return the plan as it is."""
    home = home_of(call.hass, call.data.get("config_entry_id"))
    if home.plan_document is None:
        raise refuse("no_plan")
    return home.plan_document


async def async_replan(call: ServiceCall) -> ServiceResponse:
    """Plan now and tell how it went."""
    home = home_of(call.hass, call.data.get("config_entry_id"))
    await home.replan_now()
    if home.plan is None:
        raise refuse("no_plan")
    created = home.plan.created_at.isoformat()
    return {"status": home.plan.status.value, "created_at": created}
