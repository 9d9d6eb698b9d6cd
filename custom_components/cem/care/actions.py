"""Actions: export and delete all that is kept of a home. For administrators."""

from typing import Final

from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.service import async_register_admin_service
import probatio

from cem_core.archive import ArchiveError
from cem_core.exchange import CurveError
from custom_components.cem.action_schema import ActionSchema
from custom_components.cem.calls import home_of, refuse
from custom_components.cem.care.deletion import async_delete
from custom_components.cem.care.export import async_export, folder_of
from custom_components.cem.const import DOMAIN

_ENTRY: Final = {probatio.Optional("config_entry_id"): cv.string}
EXPORT: Final = ActionSchema(_ENTRY)
DELETE: Final = ActionSchema(
    {
        **_ENTRY,
        probatio.Required("confirmation"): cv.string,
        probatio.Optional("evidence", default=False): cv.boolean,
    }
)


@callback
def async_setup_care_services(hass: HomeAssistant) -> None:
    """Register the actions."""
    for name, action, schema in (
        ("export_everything", _export, EXPORT),
        ("delete_everything", _delete, DELETE),
    ):
        async_register_admin_service(
            hass,
            DOMAIN,
            name,
            action,
            schema=schema,
            supports_response=SupportsResponse.OPTIONAL,
        )


async def _export(call: ServiceCall) -> ServiceResponse:
    """Write the archive and tell where it is."""
    home = home_of(call.hass, call.data.get("config_entry_id"))
    try:
        path = await async_export(home, folder_of(call.hass))
    except (ArchiveError, CurveError, OSError) as error:
        raise refuse("export_failed", reason=str(error)) from error
    return {"file": str(path)}


async def _delete(call: ServiceCall) -> ServiceResponse:
    """Delete the home that the confirmation names, and tell what is left."""
    home = home_of(call.hass, call.data.get("config_entry_id"))
    if call.data["confirmation"].strip() != home.entry.title:
        raise refuse("not_confirmed", home=home.entry.title)
    try:
        deleted = await async_delete(home, evidence=call.data["evidence"])
    except OSError as error:
        raise refuse("not_all_deleted", reason=str(error)) from error
    return deleted.to_json()
