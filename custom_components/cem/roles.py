"""Which role a user of Home Assistant has in a home, and what that allows.

Administrators are installers. Who is named as a guest in the home's options, or may
only read in Home Assistant, is a guest; everybody else lives there.
"""

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from homeassistant.auth.const import GROUP_ID_READ_ONLY
from homeassistant.auth.models import User
from homeassistant.components.websocket_api.connection import ActiveConnection
from homeassistant.components.websocket_api.const import ERR_UNAUTHORIZED
from homeassistant.core import Context, ServiceCall
from homeassistant.exceptions import Unauthorized

from cem_core.model.role import RIGHTS, Right, Role
from custom_components.cem.const import DOMAIN

if TYPE_CHECKING:
    from custom_components.cem.home import Home

type Action[T] = Callable[[ServiceCall], Coroutine[Any, Any, T]]


class RoleError(Unauthorized):
    """The role of who asks does not allow it."""

    def __init__(self, context: Context) -> None:
        """Say so in the user's own language."""
        super().__init__(context=context)
        self.translation_domain = DOMAIN
        self.translation_key = "role_not_allowed"
        self.generate_message = True


def role_of(home: Home, user: User) -> Role:
    """Return the role of ``user`` in ``home``."""
    if user.is_admin:
        return Role.INSTALLER
    groups = {group.id for group in user.groups}
    if user.id in home.settings.guests or groups == {GROUP_ID_READ_ONLY}:
        return Role.GUEST
    return Role.RESIDENT


async def async_require(home: Home, context: Context | None, right: Right) -> None:
    """Raise `RoleError` where who acts may not; Home Assistant itself may all."""
    if context is None or context.user_id is None:
        return
    user = await home.hass.auth.async_get_user(context.user_id)
    if user is None or right not in RIGHTS[role_of(home, user)]:
        raise RoleError(context)


def allows(
    home: Home, connection: ActiveConnection, message_id: int, right: Right
) -> bool:
    """Tell whether who is connected has ``right``; where not, that is answered."""
    if right in RIGHTS[role_of(home, connection.user)]:
        return True
    connection.send_error(
        message_id, ERR_UNAUTHORIZED, "Your role in this home does not allow that"
    )
    return False
