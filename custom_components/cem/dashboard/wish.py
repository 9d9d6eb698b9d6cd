"""Wishes: what one would cost, to keep it, and to take it back."""

from collections.abc import Mapping
from typing import Any, Final

from homeassistant.auth.permissions.const import POLICY_CONTROL
from homeassistant.components.websocket_api.connection import ActiveConnection
from homeassistant.components.websocket_api.const import ERR_UNAUTHORIZED
from homeassistant.components.websocket_api.decorators import (
    async_response,
    websocket_command,
)
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers import config_validation as cv, entity_registry as er
from homeassistant.util import dt as dt_util
import probatio

from cem_core.model import SeriesError
from cem_core.model.role import Right
from cem_core.model.what_if import What
from cem_core.model.wish import Wish
from custom_components.cem.const import DOMAIN
from custom_components.cem.dashboard.asked_home import Message, asked_home
from custom_components.cem.device_wishes import (
    WishError,
    async_unwish,
    async_wish,
    standing,
    wish_from,
)
from custom_components.cem.home import Home
from custom_components.cem.language import renderer
from custom_components.cem.roles import allows
from custom_components.cem.worker_client import WorkerError

_MOST_W: Final = 1_000_000
_TIME_LIMIT_S: Final = 0.7  # who asks waits; what is proven is told
_REFUSED: Final = "refused"
_WISH: Final[dict[Any, Any]] = {
    probatio.Required("entry_id"): str,
    probatio.Required("device"): str,
    probatio.Required("what"): probatio.Coerce(What),
    probatio.Optional("start"): cv.datetime,
    probatio.Optional("end"): cv.datetime,
    probatio.Optional("power_w"): probatio.All(
        probatio.Coerce(int), probatio.Range(min=-_MOST_W, max=_MOST_W)
    ),
}


@websocket_command({probatio.Required("type"): "cem/preview_wish", **_WISH})
@async_response
async def ws_preview_wish(
    hass: HomeAssistant, connection: ActiveConnection, message: Message
) -> None:
    """Tell what a wish would cost; nothing is done."""
    if (home := asked_home(hass, connection, message)) is None:
        return
    wish = _wish(home, connection, message)
    if wish is None:
        return
    if home.what_if is None:
        connection.send_error(message["id"], _REFUSED, "There is no plan yet")
        return
    began_s = hass.loop.time()
    try:
        answer = await home.what_if(wish.for_plan(), time_limit_s=_TIME_LIMIT_S)
    except (SeriesError, WorkerError) as error:
        connection.send_error(message["id"], _REFUSED, str(error))
        return
    replaces = [
        old.wish_id for old in standing(home, dt_util.utcnow()) if wish.excludes(old)
    ]
    took_s = round(hass.loop.time() - began_s, 3)
    connection.send_result(
        message["id"], answer | {"replaces": replaces, "took_s": took_s}
    )


@websocket_command(
    {
        probatio.Required("type"): "cem/set_wish",
        **_WISH,
        probatio.Optional("takes_control"): bool,
        probatio.Optional("reminds"): bool,
    }
)
@async_response
async def ws_set_wish(
    hass: HomeAssistant, connection: ActiveConnection, message: Message
) -> None:
    """Keep a wish until it is over, and plan with it."""
    if (home := asked_home(hass, connection, message)) is None:
        return
    # To have the CEM command what is not under control is as to hand it over.
    right = Right.CONTROL if message.get("takes_control") else Right.WISH
    if not allows(home, connection, message["id"], right):
        return
    wish = _wish(home, connection, message | {"asked_by": connection.user.id})
    if wish is None or not _may_wish(home, connection, message, wish.device_id):
        return
    try:
        await async_wish(home, wish)
    except WishError as error:
        _refuse(connection, message, error)
        return
    connection.send_result(message["id"], wish.shown())


@websocket_command(
    {
        probatio.Required("type"): "cem/end_wish",
        probatio.Required("entry_id"): str,
        probatio.Required("wish_id"): str,
    }
)
@async_response
async def ws_end_wish(
    hass: HomeAssistant, connection: ActiveConnection, message: Message
) -> None:
    """Take a wish back."""
    if (home := asked_home(hass, connection, message)) is None:
        return
    if not allows(home, connection, message["id"], Right.WISH):
        return
    for wish in home.store.wishes:
        if wish.wish_id == message["wish_id"] and not _may_wish(
            home, connection, message, wish.device_id
        ):
            return
    try:
        await async_unwish(home, message["wish_id"])
    except WishError as error:
        _refuse(connection, message, error)
        return
    connection.send_result(message["id"])


def _wish(
    home: Home, connection: ActiveConnection, message: Mapping[str, Any]
) -> Wish | None:
    try:
        return wish_from(home, message)
    except WishError as error:
        _refuse(connection, message, error)
        return None


def _may_wish(
    home: Home,
    connection: ActiveConnection,
    message: Mapping[str, Any],
    device_id: str,
) -> bool:
    """Tell whether the user may control the device, as by its switch."""
    device = home.devices.get(device_id)
    entity_id = device and er.async_get(home.hass).async_get_entity_id(
        Platform.SWITCH, DOMAIN, f"{device.subentry_id}_control"
    )
    may = connection.user.permissions.check_entity
    if not entity_id or may(entity_id, POLICY_CONTROL):
        return True
    connection.send_error(message["id"], ERR_UNAUTHORIZED, "You may not control it")
    return False


def _refuse(
    connection: ActiveConnection, message: Mapping[str, Any], error: WishError
) -> None:
    text = renderer(connection.hass).text(error.why)
    connection.send_error(message["id"], _REFUSED, text)
