"""Publications: each a recipient whom the user named, and whom a consent names.

Nothing is noted for a recipient, and no connection is made, before the consent is on
the disk; a revocation ends both at once.
"""

import asyncio
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from enum import StrEnum
import logging
import secrets
from typing import TYPE_CHECKING, Any, Final

from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.storage import Store
from homeassistant.util import dt as dt_util

from cem_core.evidence import EvidenceError
from cem_core.exchange import CurveError, LoadCurve
from cem_core.exchange.consent import Consent, ConsentState
from cem_core.exchange.publish import Publisher
from cem_core.model import Reading
from cem_core.transport.sink import Delivery, Sink, SinkError
from custom_components.cem.causes import told
from custom_components.cem.const import DOMAIN, Kind
from custom_components.cem.exchange.consents import Consents, folder_of, key_of
from custom_components.cem.exchange.sinks import async_sink

if TYPE_CHECKING:
    from custom_components.cem.home import Home

_LOGGER: Final = logging.getLogger(__name__)
_SINK_AGAIN_AFTER_S: Final = 300.0
_VERSION: Final = 1


class PublicationState(StrEnum):
    """What its sensor shows."""

    UNRECORDED = "unrecorded"  # its consent is not on the disk: nothing leaves
    NOT_YET = "not_yet"
    PUBLISHING = "publishing"
    WAITING = "waiting"  # it is not delivered, and will be in order
    EXPIRED = "expired"
    REVOKED = "revoked"


_SHOWN: Final = {
    ConsentState.NOT_YET: PublicationState.NOT_YET,
    ConsentState.EXPIRED: PublicationState.EXPIRED,
    ConsentState.REVOKED: PublicationState.REVOKED,
}


def store_of(hass: HomeAssistant, entry_id: str) -> Store[dict[str, Any]]:
    """Return where what waits is kept from a stop to the next start."""
    return Store(hass, _VERSION, f"{DOMAIN}.publications.{entry_id}", private=True)


class Publication:
    """One recipient."""

    def __init__(self, hass: HomeAssistant, subentry: ConfigSubentry) -> None:
        """Send nothing yet."""
        self.subentry = subentry
        self._hass = hass
        self._publisher: Publisher | None = None
        self._delivery: Delivery | None = None
        self._task: asyncio.Task[None] | None = None
        self._problem: str | None = None

    @property
    def consent(self) -> Consent | None:
        """The consent that it stands on, None until that is on the disk."""
        return None if self._publisher is None else self._publisher.consent

    @property
    def state(self) -> PublicationState:
        """What it does now."""
        if self._publisher is None:
            return PublicationState.UNRECORDED
        state = self._publisher.consent.state(dt_util.utcnow())
        if state is not ConsentState.HOLDS:
            return _SHOWN[state]
        problem = self.problem is not None
        return PublicationState.WAITING if problem else PublicationState.PUBLISHING

    @property
    def problem(self) -> str | None:
        """Why something is not delivered yet."""
        return self._delivery.problem if self._delivery is not None else self._problem

    def attributes(self) -> dict[str, Any]:
        """Return who gets what, and how far it has come; no id of the meter."""
        problem = None if self.problem is None else told(self._hass, self.problem)
        found: dict[str, Any] = {"problem": problem}
        if (publisher := self._publisher) is not None:
            words = publisher.consent.to_json()
            found |= {name: words[name] for name in ("what", "start", "end", "revoked")}
            found |= {
                "consent_id": publisher.consent.consent_id,
                "delivered": publisher.delivered,
                "waiting": publisher.waiting,
                "dropped": publisher.dropped,
            }
        return found

    @callback
    def begin(
        self, consent: Consent, key: bytes, kept: Mapping[str, Any] | None
    ) -> None:
        """Publish as ``consent``, which is on the disk, allows.

        ``kept`` is what waited at the last stop, perhaps on another consent.
        """
        self._publisher = Publisher(
            consent=consent,
            per_minute=int(self.subentry.data["per_minute"]),
            key=key,
            run=secrets.token_hex(4),
        )
        if kept is not None and kept["consent_id"] == consent.consent_id:
            self._publisher.restore(kept["messages"])
        if consent.state(dt_util.utcnow()) in (
            ConsentState.HOLDS,
            ConsentState.NOT_YET,
        ):
            self._task = self._hass.async_create_background_task(
                self._deliver(self._publisher), "cem publication"
            )

    async def _deliver(self, publisher: Publisher) -> None:
        sink: Sink | None = None
        while sink is None:
            try:
                sink = await async_sink(self._hass, self.subentry.data)
            except SinkError as error:
                self._problem = str(error)
                await asyncio.sleep(_SINK_AGAIN_AFTER_S)
        self._delivery = Delivery(publisher, sink, dt_util.utcnow)
        await self._delivery.run()

    def kept(self) -> dict[str, Any] | None:
        """Return what waits, to be kept over a restart."""
        if self._publisher is None or not (messages := self._publisher.kept()):
            return None
        consent_id = self._publisher.consent.consent_id
        return {"consent_id": consent_id, "messages": list(messages)}

    @callback
    def take(self, reading: Reading, now: datetime) -> None:
        """Note a telegram, where one is due."""
        if self._publisher is not None and self._publisher.take(reading, now):
            self._wake()

    @callback
    def take_curve(self, curve: LoadCurve, now: datetime) -> None:
        """Note a quarter hour that is over."""
        if self._publisher is not None and self._publisher.take_curve(curve, now):
            self._wake()

    def _wake(self) -> None:
        if self._delivery is not None:
            self._delivery.wake()

    async def async_revoke(self, now: datetime) -> None:
        """Send nothing any more, from now on."""
        if self._publisher is not None:
            self._publisher.revoke(now)
        await self.async_stop()

    async def async_stop(self) -> None:
        """Let go of the connection."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
            self._task = None


class Publications:
    """All recipients of a home."""

    def __init__(self, home: Home) -> None:
        """Read the subentries; start nothing yet."""
        hass, entry = home.hass, home.entry
        self._home = home
        self._hass = hass
        self.folder = folder_of(hass, entry.entry_id)
        self.key = key_of(hass, entry.entry_id)
        self._consents = Consents(self.folder, self.key)
        self.all: Mapping[str, Publication] = {
            subentry.subentry_id: Publication(hass, subentry)
            for subentry in entry.subentries.values()
            if subentry.subentry_type == Kind.PUBLICATION
        }
        self._task: asyncio.Task[None] | None = None
        self._store = store_of(hass, entry.entry_id)

    @callback
    def start(self) -> None:
        """Record the consents, then publish."""
        self._task = self._hass.async_create_background_task(
            self._begin(), "cem consents"
        )

    async def async_stop(self) -> None:
        """Publish no more; keep what waits."""
        if self._task is not None:
            await self._task
        waiting = {}
        for name, publication in self.all.items():
            await publication.async_stop()
            if (kept := publication.kept()) is not None:
                waiting[name] = kept
        if waiting:
            await self._store.async_save(waiting)

    @callback
    def take(self, reading: Reading, now: datetime) -> None:
        """Take a telegram."""
        for publication in self.all.values():
            publication.take(reading, now)

    @callback
    def take_curve(self, curve: LoadCurve, now: datetime) -> None:
        """Take a quarter hour that is over."""
        for publication in self.all.values():
            publication.take_curve(curve, now)

    async def async_revoke(self, publication: Publication, by: str) -> None:
        """Stop first, then record it. Raises `EvidenceError`, `OSError`."""
        if self._task is not None:
            await self._task  # what is not begun yet would begin after it
        consent, now = publication.consent, dt_util.utcnow()
        await publication.async_revoke(now)
        self._home.notify()
        if consent is not None and consent.revoked is None:
            name = publication.subentry.subentry_id
            await self._hass.async_add_executor_job(
                self._consents.revoke, name, consent, now, by
            )

    async def _begin(self) -> None:
        subentries = [publication.subentry for publication in self.all.values()]
        try:
            consents, key = await self._hass.async_add_executor_job(
                self._settle, subentries
            )
        except (CurveError, EvidenceError, OSError) as error:
            self._complain(str(error))
            return
        waiting = await self._store.async_load() or {}
        for name, consent in consents.items():
            self.all[name].begin(consent, key, waiting.get(name))
        self._home.notify()
        if waiting:
            await self._store.async_remove()

    def _complain(self, reason: str) -> None:
        _LOGGER.error("Nothing is published: no record of consents: %s", reason)

    def _settle(
        self, subentries: Iterable[ConfigSubentry]
    ) -> tuple[dict[str, Consent], bytes]:
        consents = self._consents.settle(subentries, dt_util.utcnow())
        return consents, self._consents.key() if consents else b""
