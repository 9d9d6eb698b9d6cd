"""A home's place on the EEBUS network: its control box and its devices."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
import logging
from typing import TYPE_CHECKING, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.event import async_track_time_interval
from homeassistant.util import dt as dt_util

from cem_core.eebus.clock import Clock
from cem_core.eebus.controllable import ControllableSystem
from cem_core.eebus.error import EebusError
from cem_core.eebus.grid_point import GridPoint, GridValues
from cem_core.eebus.home import our_home
from cem_core.evidence import Kind as EvidenceKind
from cem_core.transport.eebus_node import EebusNode, NodeEvents, Pairing
from custom_components.cem import eebus_issues as issues
from custom_components.cem.causes import told
from custom_components.cem.const import Kind
from custom_components.cem.control_box import ControlBox
from custom_components.cem.controlled import ControlledDevice
from custom_components.cem.drivers import EebusDriver
from custom_components.cem.eebus_identity import async_identity, async_naming
from custom_components.cem.evidence import Evidence
from custom_components.cem.forms.eebus import listens_at
from custom_components.cem.ship_discovery import async_announce, async_withdraw
from custom_components.cem.store import HomeStore

if TYPE_CHECKING:
    from zeroconf.asyncio import AsyncServiceInfo

_LOGGER: Final = logging.getLogger(__name__)
_CHECKED_EVERY: Final = timedelta(seconds=10)


class EebusNetwork:
    """Who is paired, what they say, and what a person has to know of it.

    ``changed`` and ``plugged`` are called in the event loop: something was heard, and
    a car came or left.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        store: HomeStore,
        evidence: Evidence,
        devices: Sequence[ControlledDevice],
        *,
        values: Callable[[], GridValues],
        changed: Callable[[], None],
        plugged: Callable[[], None],
    ) -> None:
        """Take the home's control box, if it has one, and its EEBUS devices."""
        self._hass = hass
        self._entry = entry
        self._store = store
        self._evidence = evidence
        self._values = values
        self._changed = changed
        self._plugged = plugged
        self._clock = Clock(monotonic_s=hass.loop.time, utc=dt_util.utcnow)
        self._drivers: dict[str, EebusDriver] = {}
        self._limited: set[str] = set()  # who holds an order of ours from before
        for device in devices:
            if isinstance(driver := device.driver, EebusDriver):
                self._drivers[driver.ski] = driver
                if device.subentry_id in store.commanded:
                    self._limited.add(driver.ski)
        self._issues = issues.EebusIssues(hass, entry.entry_id, entry.title)
        self._node: EebusNode | None = None
        self._announced: AsyncServiceInfo | None = None
        self._stop: Callable[[], None] | None = None
        self._seen: object = None
        self.port: int | None = None  # at which we listen
        self.control_box = self._control_box()

    def _control_box(self) -> ControlBox | None:
        for subentry in self._entry.subentries.values():
            if subentry.subentry_type == Kind.CONTROL_BOX:
                return ControlBox(
                    subentry.data,
                    self._clock,
                    self._store.failsafe,
                    self._control_box_changed,
                )
        return None

    @callback
    def _control_box_changed(self) -> None:
        if self.control_box is not None:
            for answered in self.control_box.take_answers():
                self._evidence.note(EvidenceKind.ACKNOWLEDGED, answered)
            self._store.failsafe = self.control_box.kept()
            self._save()
        self._changed()

    def _save(self) -> None:
        self._entry.async_create_task(self._hass, self._store.async_save(), "cem store")

    @property
    def _pairings(self) -> Sequence[Pairing]:
        box = () if self.control_box is None else (self.control_box.pairing,)
        devices = (
            replace(driver.pairing, keeps_limit=ski in self._limited)
            for ski, driver in self._drivers.items()
        )
        return (*box, *devices)

    async def async_start(self) -> None:
        """Listen, and dial where an address is known."""
        self._note_pairings()
        self._issues.clear(*issues.ALL)
        if not self._pairings:
            return
        try:
            identity = await async_identity(self._hass)
        except (EebusError, OSError) as error:
            _LOGGER.error("EEBUS has no identity: %s", error)  # noqa: TRY400 - no defect
            return
        naming = await async_naming(self._hass)
        box = self.control_box
        system = ControllableSystem(self._clock, {}) if box is None else box.system
        grid_point = None if box is None else GridPoint(self._values)
        home = our_home(naming, self._clock, system, grid_point, {})
        events = NodeEvents(
            changed=self._heard,
            paired=self._paired,
            asked=lambda ski: self._issues.tell(issues.STRANGER, ski=ski),
            replaced=self._replaced,
        )
        node = self._node = EebusNode(identity, home, self._clock, events)
        for each in (*self._drivers.values(), *(() if box is None else (box,))):
            each.attach(node)
        host, port = listens_at(self._entry.options) if box is None else box.listens_at
        try:
            port = await node.listen(host, port)
        except OSError as error:
            _LOGGER.error("EEBUS cannot listen: %s", error)  # noqa: TRY400 - no defect
            self._issues.tell(
                issues.PORT_TAKEN, port=str(port), reason=told(self._hass, str(error))
            )
        else:
            self.port = port
            self._announced = await async_announce(
                self._hass, naming, identity.ski, port
            )
        for pairing in self._pairings:
            node.pair(pairing)
        self._stop = async_track_time_interval(self._hass, self.check, _CHECKED_EVERY)

    def _note_pairings(self) -> None:
        """Keep in evidence whom an administrator paired or unpaired."""
        now = {p.ski: p.role.value for p in self._pairings}
        before = self._store.paired
        if now == before:
            return
        for ski in before.keys() - now.keys():
            self._evidence.note(EvidenceKind.ADMINISTRATION, unpaired(before, ski))
        for ski in now.keys() - before.keys():
            paired = {"what": "paired", "ski": ski, "role": now[ski]}
            self._evidence.note(EvidenceKind.ADMINISTRATION, paired)
        self._store.paired = now
        self._save()

    def _paired(self, pairing: Pairing) -> None:
        _LOGGER.info("The EEBUS device %s is %s", pairing.ski, pairing.ship_id)

    def _replaced(self, expected: str, found: str) -> None:
        self._issues.tell(issues.REPLACED, ski=expected, found=found)

    @callback
    def located(self, ski: str, host: str, port: int) -> None:
        """Take the address that mDNS reported, unless a person named one."""
        said = any(p.ski == ski and p.host is not None for p in self._pairings)
        if self._node is not None and not said:
            self._node.located(ski, host, port)

    @callback
    def _heard(self) -> None:
        for driver in self._drivers.values():
            driver.notice()
        if self.control_box is not None:
            self.control_box.notice()
        plugged = {ski: driver.plugged for ski, driver in self._drivers.items()}
        seen = (
            plugged,
            {
                ski: (
                    driver.available,
                    driver.measured_w(),
                    driver.held_w(),
                    driver.offered(),
                )
                for ski, driver in self._drivers.items()
            },
        )
        before, self._seen = self._seen, seen
        if before == seen:
            return
        self._changed()
        if not isinstance(before, tuple) or before[0] != plugged:
            self._plugged()

    @callback
    def check(self, now: datetime | None = None) -> None:
        """See who is away, and who is back."""
        del now
        if self.control_box is not None:
            if self.control_box.away:
                self._issues.tell(issues.BOX_AWAY, ski=self.control_box.ski)
            else:
                self._issues.clear(issues.BOX_AWAY)
        if self._node is not None and all(self._node.peers().values()):
            self._issues.clear(issues.REPLACED)

    async def async_stop(self) -> None:
        """Leave the network."""
        if self._stop is not None:
            self._stop()
            self._stop = None
        if self._announced is not None:
            await async_withdraw(self._hass, self._announced)
            self._announced = None
        if self._node is not None:
            await self._node.close()
            self._node = None


def unpaired(before: Mapping[str, str], ski: str) -> Mapping[str, str]:
    """Return what evidence says of a peer that is trusted no longer."""
    return {"what": "unpaired", "ski": ski, "role": before[ski]}


async def async_removed(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Note that with the home all its peers were unpaired; forget the issues."""
    issues.EebusIssues(hass, entry.entry_id, entry.title).clear(*issues.ALL)
    store = HomeStore(hass, entry.entry_id)
    await store.async_load()
    if store.paired:
        evidence = Evidence(hass, entry.entry_id, entry.title)
        for ski in store.paired:
            evidence.note(EvidenceKind.ADMINISTRATION, unpaired(store.paired, ski))
        await evidence.async_stop()
