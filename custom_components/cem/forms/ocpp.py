"""A charging station that connects over OCPP, and where it finds us."""

from dataclasses import replace
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant

from cem_core.ocpp.admission import Card
from custom_components.cem.const import DOMAIN
from custom_components.cem.forms.field import (
    OCPP,
    Answers,
    number,
    password,
    text,
    words,
    yes_no,
)

PORT: Final = 9000
_SHORTEST_PASSWORD: Final = 8  # OCPP 1.6 security white paper: 16 to 20, some have less

OPTIONAL: Final = tuple(
    replace(field, section=OCPP)
    for field in (
        text("station"),
        password("station_password"),
        number("connector", 1, 50, step=1),
        number("fallback_current", 0, 80, step=1, unit="A"),
        yes_no("free_charging", default=True),
        yes_no("switches_phases", default=False),
    )
)
# Where stations find us, and who may charge, among the home's options.
LISTENS: Final = tuple(
    replace(field, section=OCPP)
    for field in (
        text("ocpp_address", default="0.0.0.0"),  # noqa: S104 - stations are on the local network
        number("ocpp_port", 1, 65535, step=1, default=PORT),
        text("ocpp_certificate"),
        text("ocpp_key"),
        words("cards"),
    )
)


def refusals(answers: Answers, *entities: str) -> dict[str, str]:
    """Return why the station that was named cannot be commanded so, by field."""
    if "station" not in answers:
        return {}
    if any(key in answers for key in (*entities, "ski")):
        return {"base": "ocpp_alone"}
    if len(answers.get("station_password", "")) < _SHORTEST_PASSWORD:
        return {"station_password": "station_password_short"}
    return {}


def cards_refused(answers: Answers) -> dict[str, str]:
    """Return why the list of cards cannot be read."""
    try:
        for line in answers.get("cards", ()):
            Card.of_words(line)
    except ValueError:
        return {"cards": "no_card"}
    return {}


def taken(hass: HomeAssistant, answers: Answers, subentry_id: str | None) -> bool:
    """Tell whether another device than ``subentry_id`` is the same connector."""

    def connector(data: Answers) -> tuple[str, int]:
        return data["station"], int(data.get("connector", 1))

    return "station" in answers and any(
        connector(subentry.data) == connector(answers)
        for entry in hass.config_entries.async_entries(DOMAIN)
        for subentry in entry.subentries.values()
        if "station" in subentry.data and subentry.subentry_id != subentry_id
    )


def listens_at(entry: ConfigEntry) -> tuple[str, int]:
    """Return the address and port at which stations are to find us."""
    address = entry.options.get("ocpp_address", "0.0.0.0")  # noqa: S104 - see above
    return address, int(entry.options.get("ocpp_port", PORT))
