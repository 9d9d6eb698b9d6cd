"""A device that connects over S2, and where it finds us."""

from dataclasses import replace
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant

from custom_components.cem.const import DOMAIN
from custom_components.cem.forms.field import S2, Answers, number, password, text

PORT: Final = 8080
_SHORTEST_TOKEN: Final = 16

OPTIONAL: Final = (replace(password("s2_token"), section=S2),)
# Where resource managers find us, among the home's options.
LISTENS: Final = tuple(
    replace(field, section=S2)
    for field in (
        text("s2_address", default="0.0.0.0"),  # noqa: S104 - devices are on the local network
        number("s2_port", 1, 65535, step=1, default=PORT),
        text("s2_certificate"),
        text("s2_key"),
    )
)


def refusals(answers: Answers, *entities: str) -> dict[str, str]:
    """Return why the device cannot be commanded so, by field."""
    if "s2_token" not in answers:
        return {}
    if any(key in answers for key in (*entities, "ski", "station")):
        return {"base": "s2_alone"}
    if len(answers["s2_token"]) < _SHORTEST_TOKEN:
        return {"s2_token": "s2_token_short"}
    return {}


def taken(hass: HomeAssistant, answers: Answers, subentry_id: str | None) -> bool:
    """Tell whether another device than ``subentry_id`` has the same token."""
    return "s2_token" in answers and any(
        subentry.data.get("s2_token") == answers["s2_token"]
        for entry in hass.config_entries.async_entries(DOMAIN)
        for subentry in entry.subentries.values()
        if subentry.subentry_id != subentry_id
    )


def listens_at(entry: ConfigEntry) -> tuple[str, int]:
    """Return the address and port at which resource managers are to find us."""
    address = entry.options.get("s2_address", "0.0.0.0")  # noqa: S104 - see above
    return address, int(entry.options.get("s2_port", PORT))
