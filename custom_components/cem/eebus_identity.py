"""Our EEBUS key and certificate: made once, kept beside Home Assistant's storage."""

from pathlib import Path
from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers import instance_id
from homeassistant.util.hass_dict import HassKey

from cem_core.eebus.home import Naming
from cem_core.transport.eebus_identity import Identity
from custom_components.cem.const import DOMAIN

_IDENTITY: Final[HassKey[Identity]] = HassKey(f"{DOMAIN}_eebus_identity")
_BRAND: Final = "CEM"
_MODEL: Final = "HomeAssistant"
_TYPE: Final = "EnergyManagementSystem"


async def async_identity(hass: HomeAssistant) -> Identity:
    """Return who we are on EEBUS. Raises `EebusError`, `OSError`."""
    if _IDENTITY not in hass.data:
        folder = Path(hass.config.path(".storage", f"{DOMAIN}_eebus"))
        hass.data[_IDENTITY] = await hass.async_add_executor_job(
            Identity.read, folder, f"{_BRAND}-{_MODEL}"
        )
    return hass.data[_IDENTITY]


async def async_naming(hass: HomeAssistant) -> Naming:
    """Return how we call ourselves."""
    serial = (await instance_id.async_get(hass))[:12]
    return Naming(brand=_BRAND, model=_MODEL, serial=serial)


def qr_text(identity: Identity) -> str:
    """Return what a metering operator may scan."""
    return (
        f"SHIP;SKI:{identity.ski};BRAND:{_BRAND};TYPE:{_TYPE};MODEL:{_MODEL};"
        "CAT:2;ENDSHIP;"
    )
