"""What announces itself in the local network over EEBUS, and ourselves.

Source: SHIP 1.0.1, chapter 7: the service `_ship._tcp` and its TXT record.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from homeassistant.config_entries import ConfigEntry, ConfigEntryState, ConfigSubentry
from homeassistant.core import HomeAssistant
from homeassistant.helpers.service_info.zeroconf import ZeroconfServiceInfo

from cem_core.eebus.error import EebusError
from cem_core.eebus.home import Naming
from cem_core.transport.eebus_identity import normal_ski
from cem_core.transport.eebus_node import PATH
from custom_components.cem.const import CONF_METHOD, DOMAIN, Kind
from custom_components.cem.eebus_identity import async_identity
from custom_components.cem.forms import FORMS, ONLY, para14a

if TYPE_CHECKING:
    from zeroconf.asyncio import AsyncServiceInfo

SERVICE: Final = "_ship._tcp.local."
_GRID_HUB: Final = "1"  # the category of control boxes
_MANAGER: Final = "2"  # and of our own kind
_GRID_DEVICE: Final = "ElectricitySupplySystem"
_MANAGING_DEVICE: Final = "EnergyManagementSystem"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A control box or a device in the network."""

    ski: str
    is_control_box: bool
    name: str
    host: str
    port: int


async def discovered(hass: HomeAssistant, info: ZeroconfServiceInfo) -> Found | None:
    """Return what announces itself; None: we are it, or our like."""
    said = info.properties
    try:
        ski = normal_ski(str(said.get("ski", "")))
    except EebusError:
        return None
    categories, kind = str(said.get("cat", "")).split(","), said.get("type")
    is_control_box = _GRID_HUB in categories or kind == _GRID_DEVICE
    manages = _MANAGER in categories or kind == _MANAGING_DEVICE
    if manages and not is_control_box:
        return None
    if info.port is None or ski == (await async_identity(hass)).ski:
        return None
    named = (str(said[key])[:32] for key in ("brand", "model") if said.get(key))
    name = " ".join(named) or info.name.partition(".")[0]
    return Found(
        ski=ski,
        is_control_box=is_control_box,
        name=name,
        host=info.host,
        port=info.port,
    )


def locate(hass: HomeAssistant, found: Found) -> bool:
    """Tell the home that is paired with it where it is; False: none is."""
    for entry in hass.config_entries.async_entries(DOMAIN):
        for subentry in entry.subentries.values():
            ski = subentry.data.get("ski")
            if ski is None or normal_ski(ski) != found.ski:
                continue
            if entry.state is ConfigEntryState.LOADED:
                eebus = entry.runtime_data.links.eebus
                eebus.located(found.ski, found.host, found.port)
            return True
    return False


def home_for(hass: HomeAssistant, found: Found) -> ConfigEntry | None:
    """Return the only home that it can be paired with."""
    homes = [
        entry
        for entry in hass.config_entries.async_entries(DOMAIN)
        if not found.is_control_box
        or not any(
            subentry.subentry_type == Kind.CONTROL_BOX
            for subentry in entry.subentries.values()
        )
    ]
    return homes[0] if len(homes) == 1 else None


def pair(
    hass: HomeAssistant,
    home: ConfigEntry,
    found: Found,
    *,
    kind: Kind = Kind.CONTROL_BOX,
    method: str = ONLY,
    said: Mapping[str, Any] = MappingProxyType({}),
) -> None:
    """Pair it with ``home``: what was ``said``, else what the form would suggest."""
    form = para14a.extended(FORMS[kind][method], kind, hass.config.country)
    answers: Mapping[str, Any] = {
        field.key: field.default for field in form.fields if field.default is not None
    }
    data = {CONF_METHOD: method, **answers, **said, "ski": found.ski}
    subentry = ConfigSubentry(
        data=MappingProxyType(data),
        subentry_type=kind,
        title=data.get("name", found.name),
        unique_id=None,
    )
    hass.config_entries.async_add_subentry(home, subentry)


async def async_announce(
    hass: HomeAssistant, naming: Naming, ski: str, port: int
) -> AsyncServiceInfo | None:
    """Announce ourselves; None where Home Assistant speaks no mDNS."""
    if "zeroconf" not in hass.config.components:
        return None
    # A Home Assistant without mDNS need not have its packages.
    from homeassistant.components import network, zeroconf  # noqa: PLC0415
    from zeroconf.asyncio import AsyncServiceInfo  # noqa: PLC0415

    addresses = await network.async_get_announce_addresses(hass)
    said = {
        "txtvers": "1",
        "path": PATH,
        "id": naming.ship_id,
        "ski": ski,
        "brand": naming.brand,
        "model": naming.model,
        "type": "EnergyManagementSystem",
        "register": "false",
        "serial": naming.serial,
        "cat": "2",
    }
    info = AsyncServiceInfo(
        SERVICE,
        f"{naming.ship_id}.{SERVICE}",
        port=port,
        properties=said,
        server=f"{naming.ship_id}.local.",
        parsed_addresses=addresses,
    )
    found = await zeroconf.async_get_async_instance(hass)
    await found.async_register_service(info, allow_name_change=True)
    return info


async def async_withdraw(hass: HomeAssistant, info: AsyncServiceInfo) -> None:
    """Announce ourselves no longer."""
    from homeassistant.components import zeroconf  # noqa: PLC0415 - as above

    found = await zeroconf.async_get_async_instance(hass)
    await found.async_unregister_service(info)
