"""Meters that announce themselves: a cable that is plugged in, a device in the network.

Nothing is opened or asked here: that waits for a person.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.core import HomeAssistant
from homeassistant.helpers.service_info.mqtt import MqttServiceInfo
from homeassistant.helpers.service_info.usb import UsbServiceInfo
from homeassistant.helpers.service_info.zeroconf import ZeroconfServiceInfo
from homeassistant.util.hass_dict import HassKey

from custom_components.cem.const import CONF_METHOD, DOMAIN, Kind
from custom_components.cem.forms.meter import API_V1, API_V2

SERVICES: Final = {
    "_hwenergy._tcp.local.": API_V1,
    "_homewizard._tcp.local.": API_V2,
}
_HOMEWIZARD: Final = "homewizard"
_HOMEWIZARD_METERS: Final = ("HWE-P1",)  # what is at the grid connection by itself
_USUAL_PORTS: Final = (None, 80, 443)
_BY_ID: Final = Path("/dev/serial/by-id")
_PRODUCT_LENGTH: Final = 48


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundMeter:
    """A meter, perhaps: ``answers`` are those of a form of `forms.meter`."""

    name: str
    unique_id: str
    method: str
    answers: Mapping[str, Any] = field(default_factory=dict)

    @property
    def data(self) -> dict[str, Any]:
        """What a subentry would begin with."""
        return {CONF_METHOD: self.method, **self.answers}


_FOUND: Final[HassKey[dict[str, FoundMeter]]] = HassKey(f"{DOMAIN}_found_meters")


def remember(hass: HomeAssistant, found: FoundMeter) -> None:
    """Keep what is offered, for a home that is set up meanwhile."""
    hass.data.setdefault(_FOUND, {})[found.unique_id] = found


def offered_meters(hass: HomeAssistant) -> dict[str, FoundMeter]:
    """Return the meters that are offered just now, by the id of the flow that does."""
    found = hass.data.get(_FOUND, {})
    offered = {
        flow["flow_id"]: found.get(str(flow["context"].get("unique_id")))
        for flow in hass.config_entries.flow.async_progress_by_handler(DOMAIN)
    }
    return {flow_id: meter for flow_id, meter in offered.items() if meter is not None}


async def by_usb(hass: HomeAssistant, info: UsbServiceInfo) -> FoundMeter:
    """Return the cable under the name that it keeps when it is plugged in elsewhere."""
    device = await hass.async_add_executor_job(by_id, info.device)
    maker = " ".join(part for part in (info.manufacturer, info.description) if part)
    return FoundMeter(
        name=maker[:_PRODUCT_LENGTH] or device,
        unique_id=f"usb_{info.vid}_{info.pid}_{info.serial_number or device}",
        method="serial",
        answers={"device": device},
    )


def by_zeroconf(info: ZeroconfServiceInfo) -> FoundMeter | None:
    """Return the meter that announces itself; None: it is none, or will not answer."""
    said = info.properties
    serial, product = str(said.get("serial", "")), said.get("product_type")
    api = SERVICES[info.type]
    if not serial or product not in _HOMEWIZARD_METERS:
        return None
    if api == API_V1 and str(said.get("api_enabled", "1")) != "1":
        return None
    host = f"[{info.host}]" if ":" in info.host else info.host
    if info.port not in _USUAL_PORTS:
        host = f"{host}:{info.port}"
    return FoundMeter(
        name=str(said.get("product_name") or "HomeWizard")[:_PRODUCT_LENGTH],
        unique_id=f"{product}_{serial}",
        method=_HOMEWIZARD,
        answers={"host": host, "api": api, "serial": serial},
    )


def by_mqtt(info: MqttServiceInfo) -> FoundMeter | None:
    """Return the gateway that speaks at one of the manifest's topics."""
    for beginning, form in (("glow/", "glow"), ("dsmr/json", "dsmr_reader")):
        if info.topic.startswith(beginning):
            return FoundMeter(
                name=info.topic[:_PRODUCT_LENGTH],
                unique_id=f"mqtt_{info.topic}",
                method="mqtt",
                answers={"form": form, "topic": info.topic},
            )
    return None


def by_id(device: str) -> str:
    """Return the path by which a serial port is the same one after every start."""
    if _BY_ID.is_dir():
        for path in sorted(_BY_ID.iterdir()):
            if path.resolve() == Path(device).resolve():
                return str(path)
    return device


async def is_used(hass: HomeAssistant, found: FoundMeter) -> bool:
    """Tell whether a home reads it already, or another integration owns it."""
    if found.method == "serial":
        ports = set(
            _texts([entry.data for entry in hass.config_entries.async_entries()])
        )
        ports |= set(_texts([subentry.data for _, subentry in _meters(hass)]))
        return await hass.async_add_executor_job(
            _is_one_of, found.answers["device"], ports
        )
    for entry, subentry in _meters(hass):
        data = subentry.data
        if data[CONF_METHOD] != found.method:
            continue
        if (serial := found.answers.get("serial")) and data.get("serial") == serial:
            if data["host"] != found.answers["host"]:
                moved = {**data, "host": found.answers["host"]}
                hass.config_entries.async_update_subentry(entry, subentry, data=moved)
            return True
        if any(
            data.get(key) == found.answers[key]
            for key in ("host", "topic")
            if key in found.answers
        ):
            return True
    return any(
        entry.unique_id == found.unique_id
        for entry in hass.config_entries.async_entries(_HOMEWIZARD)
    )


def homes_without_meter(hass: HomeAssistant) -> dict[str, str]:
    """Return the titles of the homes that have no meter yet, by entry id."""
    have = {entry.entry_id for entry, _ in _meters(hass)}
    return {
        entry.entry_id: entry.title
        for entry in hass.config_entries.async_entries(DOMAIN)
        if entry.entry_id not in have
    }


def _meters(hass: HomeAssistant) -> Iterator[tuple[ConfigEntry, ConfigSubentry]]:
    for entry in hass.config_entries.async_entries(DOMAIN):
        for subentry in entry.subentries.values():
            if subentry.subentry_type == Kind.METER:
                yield entry, subentry


def _texts(values: Iterable[object]) -> Iterator[str]:
    """Yield every path that another integration may have been told."""
    for value in values:
        if isinstance(value, str) and value.startswith("/dev/"):
            yield value
        elif isinstance(value, Mapping):
            yield from _texts(value.values())


def _is_one_of(device: str, ports: set[str]) -> bool:
    real = Path(device).resolve()
    return any(Path(port).resolve() == real for port in ports)
