"""Servers that devices connect to: OCPP for charging stations, S2 for all else.

Each listens only while a device of the home is described that needs it. Its package is
asked for in the background; without it, or where the port is taken, the home runs on
and a repairs issue says so.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
import importlib
import logging
import ssl
from types import ModuleType
from typing import Final, Protocol

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.requirements import RequirementsNotFound, async_process_requirements

from custom_components.cem.causes import told
from custom_components.cem.const import DOMAIN, Kind
from custom_components.cem.controlled import ControlledDevice
from custom_components.cem.drivers import OcppDriver, S2Driver
from custom_components.cem.forms import ocpp, s2

_LOGGER = logging.getLogger(__name__)

NOT_LISTENING: Final = "not_listening"

type ListeningDriver = OcppDriver | S2Driver


class Server(Protocol):
    """What both servers have in common."""

    async def start(self) -> None:
        """Listen; raises OSError."""

    async def stop(self) -> None:
        """Listen no more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Protocols:
    """One protocol: its package, its module, and how its server is made."""

    name: str
    requirement: str
    module: str
    driver: type[ListeningDriver]
    listens_at: Callable[[ConfigEntry], tuple[str, int]]
    make: Callable[[ModuleType, Listener], Server]


class Listener:
    """One server of a home."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        devices: Sequence[ControlledDevice],
        protocol: Protocols,
        *,
        changed: Callable[[], None],
        plugged: Callable[[], None],
        models_changed: Callable[[], None],
    ) -> None:
        """Serve those of ``devices`` that need ``protocol``."""
        self.hass = hass
        self.entry = entry
        self.devices = tuple(
            d for d in devices if isinstance(d.driver, protocol.driver)
        )
        self._protocol = protocol
        self._changed = changed
        self._plugged = plugged
        self._models_changed = models_changed
        self._server: Server | None = None
        self._there: dict[str, tuple[bool, bool | None]] = {}
        self.port: int | None = None  # at which it listens

    @property
    def _issue_id(self) -> str:
        return f"{NOT_LISTENING}_{self._protocol.name}_{self.entry.entry_id}"

    async def async_start(self) -> None:
        """Listen where a device needs it; failing is told and no error."""
        if not self.devices:
            ir.async_delete_issue(self.hass, DOMAIN, self._issue_id)
            return
        name = self._protocol.name
        self.entry.async_create_background_task(
            self.hass, self._listen(), f"cem {name} listener"
        )

    async def _listen(self) -> None:
        protocol = self._protocol
        try:
            await async_process_requirements(
                self.hass, DOMAIN, [protocol.requirement], is_built_in=False
            )
            module = await self.hass.async_add_import_executor_job(
                importlib.import_module, protocol.module
            )
            server = protocol.make(module, self)
            await server.start()
        except RequirementsNotFound:
            self._tell(f"{protocol.requirement} cannot be installed now")
            return
        except (OSError, ValueError) as error:  # a port, a certificate, a password
            self._tell(str(error))
            return
        ir.async_delete_issue(self.hass, DOMAIN, self._issue_id)
        self._server = server
        self.port = getattr(server, "port", None)
        for device in self.devices:
            if isinstance(device.driver, OcppDriver | S2Driver):
                device.driver.attach(server)  # type: ignore[arg-type] # of its protocol
        self._changed()

    def _tell(self, cause: str) -> None:
        _, port = self._protocol.listens_at(self.entry)
        _LOGGER.error("%s cannot listen: %s", self._protocol.name, cause)
        ir.async_create_issue(
            self.hass,
            DOMAIN,
            self._issue_id,
            is_fixable=False,
            severity=ir.IssueSeverity.ERROR,
            translation_key=NOT_LISTENING,
            translation_placeholders={
                "home": self.entry.title,
                "protocol": self._protocol.name,
                "port": str(port),
                "reason": told(self.hass, cause),
            },
        )

    @callback
    def heard(self, _: str) -> None:
        """Look at all devices: something was said, or somebody came or left."""
        plugged = False
        for device in self.devices:
            driver = device.driver
            if isinstance(driver, OcppDriver):
                device.card = driver.card
            elif isinstance(driver, S2Driver):
                self._notice(device, driver)
            now = driver.available, driver.plugged
            before = self._there.get(device.device_id, (False, None))
            self._there[device.device_id] = now
            if before[0] and not now[0] and isinstance(driver, OcppDriver | S2Driver):
                driver.lost()
            if now[0] and not before[0]:
                device.queue.forget()  # it may have forgotten all: order it at once
            plugged = plugged or before[1] != now[1]
        self._changed()
        if plugged:
            self._plugged()

    def _notice(self, device: ControlledDevice, driver: S2Driver) -> None:
        """Order it at once where it can do something else now.

        A run that can be paused may be turned down, others may not.
        """
        if driver.described_anew():
            device.queue.forget()
        if device.kind is not Kind.APPLIANCE:
            return
        if device.model.interruptible != driver.interruptible:
            device.model = replace(device.model, interruptible=driver.interruptible)
            self._models_changed()

    async def async_stop(self) -> None:
        """Listen no more."""
        for device in self.devices:
            if isinstance(device.driver, OcppDriver | S2Driver):
                device.driver.attach(None)
        if self._server is not None:
            await self._server.stop()
            self._server = None


def _context(entry: ConfigEntry, kind: str) -> ssl.SSLContext | None:
    """Return how the server encrypts, None: it does not. Raises OSError."""
    certificate = entry.options.get(f"{kind}_certificate")
    if not certificate:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, entry.options.get(f"{kind}_key"))
    return context


def _central_system(module: ModuleType, listener: Listener) -> Server:
    from cem_core.ocpp.admission import Card, Cards  # noqa: PLC0415 - loaded by now
    from cem_core.ocpp.profile import Wiring  # noqa: PLC0415
    from cem_core.transport.ocpp_station import StationSettings  # noqa: PLC0415

    entry = listener.entry
    address, port = ocpp.listens_at(entry)
    access = {}
    stations = Counter(device.data["station"] for device in listener.devices)
    for device in listener.devices:
        data = device.data
        phase_w = 230 * int(data["phases"])
        fallback_a = data.get("fallback_current", data["min_current"])
        access[data["station"]] = module.StationAccess(
            id=data["station"],
            password=data["station_password"],
            settings=StationSettings(
                wiring=Wiring(most_a=float(data["max_current"])),
                fallback_w=float(fallback_a * phase_w),
                starts_itself=data.get("free_charging", True),
                several=stations[data["station"]] > 1,
            ),
        )
    cards = [Card.of_words(each) for each in entry.options.get("cards", ())]
    server: Server = module.CentralSystem(
        address=address,
        port=port,
        access=tuple(access.values()),
        cards=Cards.of(cards),
        tls=_context(entry, "ocpp"),
        on_change=listener.heard,
    )
    return server


def _s2_server(module: ModuleType, listener: Listener) -> Server:
    entry = listener.entry
    address, port = s2.listens_at(entry)
    server: Server = module.S2Server(
        address=address,
        port=port,
        access=tuple(
            module.Access(device=device.driver.name, token=device.driver.token)
            for device in listener.devices
            if isinstance(device.driver, S2Driver)
        ),
        tls=_context(entry, "s2"),
        on_change=listener.heard,
    )
    return server


PROTOCOLS: Final = (
    Protocols(
        name="OCPP",
        requirement="ocpp==2.1.0",
        module="cem_core.transport.ocpp_server",
        driver=OcppDriver,
        listens_at=ocpp.listens_at,
        make=_central_system,
    ),
    Protocols(
        name="S2",
        requirement="s2-python==0.11.1",
        module="cem_core.transport.s2_server",
        driver=S2Driver,
        listens_at=s2.listens_at,
        make=_s2_server,
    ),
)
