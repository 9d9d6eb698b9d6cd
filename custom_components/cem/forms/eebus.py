"""A device that is commanded over EEBUS: who it is, and what it does without us."""

from collections.abc import Mapping
from dataclasses import replace
from ipaddress import ip_address
from typing import Final

from homeassistant.core import HomeAssistant

from cem_core.eebus.error import EebusError
from cem_core.transport.eebus_identity import normal_ski
from custom_components.cem.const import DOMAIN
from custom_components.cem.eebus_identity import async_identity, qr_text
from custom_components.cem.forms.field import (
    EEBUS,
    Answers,
    Field,
    number,
    qr_code,
    text,
    yes_no,
)

EVERY_NETWORK: Final = "0.0.0.0"  # noqa: S104 - peers are on the local network
PORT: Final = 4712
# Where peers find us: of a control box in its own form, else of the home.
LISTENS: Final = (
    text("listen_address", default=EVERY_NETWORK),
    number("listen_port", 1, 65535, step=1, default=PORT),
)
SKI: Final = text("ski", required=True)
FAILSAFE_POWER: Final = number("failsafe_power", 0, 500, unit="kW")
REQUIRED: Final = (
    SKI,
    text("host"),
    number("port", 1, 65535, step=1),
    FAILSAFE_POWER,
    number("failsafe_hours", 2, 24, unit="h"),
)
# Of a heat pump: whether a run that its compressor offers is begun.
BEGINS_RUNS: Final = yes_no("begins_runs", default=True, advanced=True)
# Beside entities to command it by, of which it then needs none.
OPTIONAL: Final = tuple(
    replace(field, required=False, section=EEBUS) for field in REQUIRED
)


def listens_at(answers: Answers) -> tuple[str, int]:
    """Return the address and port at which peers are to find us."""
    address = answers.get("listen_address", EVERY_NETWORK)
    return address, int(answers.get("listen_port", PORT))


def address_refused(answers: Answers) -> Mapping[str, str]:
    """Return why nobody can listen at the address that was named, by field."""
    try:
        ip_address(answers["listen_address"])
    except ValueError:
        return {"listen_address": "no_address"}
    return {}


async def refusals(hass: HomeAssistant, answers: Answers) -> dict[str, str]:
    """Return why the peer that was named cannot be paired, by field."""
    if "ski" not in answers:
        return {}
    try:
        ski = normal_ski(answers["ski"])
    except EebusError:
        return {"ski": "no_ski"}
    if ski == (await async_identity(hass)).ski:
        return {"ski": "own_ski"}
    if "host" in answers and "port" not in answers:
        return {"port": "port_missing"}
    return {}


async def device_refusals(
    hass: HomeAssistant, answers: Answers, *entities: str
) -> dict[str, str]:
    """Return why it cannot be commanded so; ``entities`` would command it too."""
    if "ski" in answers and any(key in answers for key in entities):
        return {"base": "eebus_alone"}
    return await refusals(hass, answers)


def taken(hass: HomeAssistant, answers: Answers, subentry_id: str | None) -> bool:
    """Tell whether another subentry than ``subentry_id`` is paired with the peer."""
    return "ski" in answers and any(
        normal_ski(subentry.data["ski"]) == normal_ski(answers["ski"])
        for entry in hass.config_entries.async_entries(DOMAIN)
        for subentry in entry.subentries.values()
        if "ski" in subentry.data and subentry.subentry_id != subentry_id
    )


async def own(hass: HomeAssistant) -> Mapping[str, str]:
    """Return who we are, for a form's description."""
    return {"own_ski": spaced((await async_identity(hass)).ski)}


async def own_qr_code(hass: HomeAssistant) -> Field:
    """Return the picture that a metering operator may scan."""
    return qr_code(qr_text(await async_identity(hass)))


def spaced(ski: str) -> str:
    """Return an SKI as a person compares it, in groups of four digits."""
    return " ".join(ski[place : place + 4] for place in range(0, len(ski), 4))
