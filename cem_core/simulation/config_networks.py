"""Section `simulate`: devices that call the CEM over OCPP, S2 and EEBUS."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cem_core.eebus.error import EebusError
from cem_core.simulation.fields import Fields

LOCAL_HOST: Final = "127.0.0.1"
HIGHEST_PORT: Final = 65535
_VERSIONS: Final = ("1.6", "2.0.1")
_S2_DEVICES: Final = ("battery", "heat_pump")
_EEBUS_DEVICES: Final = ("charger", "heat_pump")


@dataclass(frozen=True, slots=True, kw_only=True)
class OcppSetup:
    """The charger as a charging station: whom it calls, and as who."""

    url: str
    station: str
    password: str
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class S2Setup:
    """Whom the resource managers call; each device's token."""

    url: str
    tokens: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class EebusSetup:
    """One device that takes limits; ``peer`` is the SKI of the CEM it trusts.

    With ``dial_port`` it calls the CEM, else it waits to be called. ``offers_runs``:
    the heat pump's compressor does (OHPCF).
    """

    device: str
    state: Path
    peer: str
    host: str
    port: int
    dial_host: str
    dial_port: int
    offers_runs: bool


def read_ocpp(simulate: Fields) -> OcppSetup | None:
    """Return how the charger speaks OCPP, None where it does not."""
    if simulate.value("ocpp") is None:
        return None
    fields = simulate.section("ocpp")
    setup = OcppSetup(
        url=_url(fields, "/ocpp"),
        station=fields.text("station", "wallbox"),
        password=_said(fields, "password"),
        version=fields.choice("version", "1.6", _VERSIONS),
    )
    fields.done()
    return setup


def read_s2(simulate: Fields) -> S2Setup | None:
    """Return which devices speak S2, None where none does."""
    if simulate.value("s2") is None:
        return None
    fields = simulate.section("s2")
    url = _url(fields, "/s2")
    tokens = {
        device: _said(fields, name)
        for device in _S2_DEVICES
        if fields.value(name := f"{device}_token") is not None
    }
    fields.done()
    if not tokens:
        raise fields.error("battery_token", "or heat_pump_token is missing")
    return S2Setup(url=url, tokens=tokens)


def read_eebus(simulate: Fields) -> EebusSetup | None:
    """Return which device speaks EEBUS, None where none does."""
    if simulate.value("eebus") is None:
        return None
    fields = simulate.section("eebus")
    setup = EebusSetup(
        device=fields.choice("device", "heat_pump", _EEBUS_DEVICES),
        state=Path(_said(fields, "state")),
        peer=_ski(fields, "peer"),
        host=fields.text("host", LOCAL_HOST),
        port=fields.integer("port", 0, low=0, high=HIGHEST_PORT),
        dial_host=fields.text("dial_host", LOCAL_HOST),
        dial_port=fields.integer("dial_port", 0, low=0, high=HIGHEST_PORT),
        offers_runs=fields.flag("offers_runs", default=False),
    )
    fields.done()
    if setup.offers_runs and setup.device != "heat_pump":
        raise fields.error("offers_runs", "only a heat_pump's compressor does")
    return setup


def _url(fields: Fields, path: str) -> str:
    url = _said(fields, "url")
    if not url.startswith(("ws://", "wss://")):
        raise fields.error("url", f"such as ws://127.0.0.1:8887{path}, not {url!r}")
    return url.rstrip("/")


def _ski(fields: Fields, name: str) -> str:
    # It loads cryptography, which no other part of HOME.yaml needs.
    from cem_core.transport.eebus_identity import normal_ski  # noqa: PLC0415

    try:
        return normal_ski(_said(fields, name))
    except EebusError as error:
        raise fields.error(name, str(error)) from error


def _said(fields: Fields, name: str) -> str:
    """Return a text that has no default."""
    text = fields.text(name, "")
    if not text:
        raise fields.error(name, "is missing")
    return text
