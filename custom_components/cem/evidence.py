"""Evidence of limits: noted in the event loop, written by a thread, in order."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
import json
import logging
from pathlib import Path
from typing import Any, Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util

from cem_core.evidence import (
    ClockState,
    EvidenceError,
    EvidenceLog,
    Fault,
    Head,
    Kind,
    Record,
    Signer,
)
from cem_core.evidence.watch import Watch
from cem_core.model import LimitSource
from custom_components.cem.const import DOMAIN
from custom_components.cem.control_box import ISSUER_AWAY
from custom_components.cem.fast_loop import Snapshot
from custom_components.cem.mqtt_limits import ISSUER_SILENT

_LOGGER: Final = logging.getLogger(__name__)
_SIGNED_EVERY: Final = timedelta(hours=1)
_MOST_WAITING: Final = 10_000
_UNORDERED: Final = {
    (LimitSource.CONTROL_BOX, ISSUER_AWAY): Kind.FAILSAFE,
    (LimitSource.MQTT, ISSUER_SILENT): Kind.SILENT,
}

type Entry = tuple[Kind, Mapping[str, Any], datetime, ClockState]


def folder_of(hass: HomeAssistant, entry_id: str) -> Path:
    """Return where a home's evidence is: in the configuration, so in its backups."""
    return Path(hass.config.path(f"{DOMAIN}_evidence", entry_id))


def key_of(hass: HomeAssistant, entry_id: str) -> Path:
    """Return where its key is: not beside the evidence, which is given away."""
    return Path(hass.config.path(".storage", f"{DOMAIN}_evidence.{entry_id}.key"))


class Evidence:
    """What a home keeps for the grid operator, two years long."""

    def __init__(self, hass: HomeAssistant, entry_id: str, title: str) -> None:
        """Keep it in the configuration's folder, apart for each home."""
        self._hass = hass
        self._entry_id = entry_id
        self._title = title
        self.folder = folder_of(hass, entry_id)
        self.key = key_of(hass, entry_id)
        self._log: EvidenceLog | None = None
        self._signer: Signer | None = None
        self._watch = Watch(unordered=_UNORDERED)
        self._waiting: list[Entry] = []
        self._task: asyncio.Task[None] | None = None
        self._signed: datetime | None = None
        self._taken = 0  # of the entries that are being written

    @callback
    def observe(self, snapshot: Snapshot, owed_w: int | None) -> None:
        """Note what a decision adds; an operator has to leave ``owed_w``."""
        reading, clock = snapshot.reading, ClockState()
        if reading is not None and reading.timestamp is not None:
            offset_s = (reading.timestamp - snapshot.time).total_seconds()
            clock = ClockState(source="host", offset_s=round(offset_s, 1))
        assumed = [
            device_id
            for device_id, state in snapshot.states.items()
            if state.power_w is None
        ]
        entries = self._watch.update(
            now_s=self._hass.loop.time(),
            limits=snapshot.limits,
            grid_w=snapshot.grid_w,
            powers_w=snapshot.powers_w,
            assumed=assumed,
            owed_w=owed_w,
        )
        for kind, data in entries:
            self._note((kind, data, snapshot.time, clock))

    @callback
    def note(self, kind: Kind, data: Mapping[str, Any]) -> None:
        """Note something else: an answer to a control box, a pairing."""
        self._note((kind, data, dt_util.utcnow(), ClockState()))

    def _note(self, entry: Entry) -> None:
        if len(self._waiting) >= _MOST_WAITING:
            _LOGGER.error("Evidence cannot be written fast enough: an entry is lost")
            return
        self._waiting.append(entry)
        if self._task is None or self._task.done():
            self._task = self._hass.async_create_background_task(
                self._write(), f"cem evidence {self._entry_id}"
            )

    async def async_stop(self) -> None:
        """Write what waits, and sign the end."""
        if self._task is not None:
            await self._task
        if self._log is not None or self._waiting:
            entries = tuple(self._waiting)
            await self._hass.async_add_executor_job(self._append, entries, True)

    async def async_read(
        self, start: datetime | None, end: datetime | None
    ) -> tuple[Sequence[Record], Sequence[Head], Sequence[Fault]]:
        """Return entries, signed heads and what does not fit. `EvidenceError`."""
        return await self._hass.async_add_executor_job(self._read, start, end)

    def _read(
        self, start: datetime | None, end: datetime | None
    ) -> tuple[Sequence[Record], Sequence[Head], Sequence[Fault]]:
        log = EvidenceLog(self.folder)
        return list(log.records(start, end)), log.heads(), log.verify()

    async def _write(self) -> None:
        """Write until nothing waits: one writer at a time keeps the order.

        What the disk did not take waits for the next entry.
        """
        written = True
        while self._waiting and written:
            count, now = len(self._waiting), dt_util.utcnow()
            due = self._signed is None or now - self._signed >= _SIGNED_EVERY
            entries = tuple(self._waiting)
            written, head = await self._hass.async_add_executor_job(
                self._append, entries, due
            )
            del self._waiting[: count if written else self._taken]
            if head is not None:
                self._signed = now
                await self._publish(head)

    def _append(self, entries: Sequence[Entry], sign: bool) -> tuple[bool, Head | None]:
        self._taken = 0
        try:
            if self._log is None or self._signer is None:
                self._log = EvidenceLog(self.folder)
                self._signer = Signer.read(self.key)
                self._log.prune(dt_util.utcnow())
            for kind, data, time, clock in entries:
                self._log.append(kind, data, time, clock)
                self._taken += 1
            head = self._log.sign(self._signer, dt_util.utcnow()) if sign else None
            if head is not None:
                text = json.dumps(head.to_json(), indent=1)
                (self.folder / "head.json").write_text(text, encoding="utf-8")
        except (EvidenceError, OSError) as error:
            self._log = None  # opened anew with the next entry
            self._hass.loop.call_soon_threadsafe(self._complain, str(error))
            return False, None
        self._hass.loop.call_soon_threadsafe(self._recovered)
        return True, head

    async def _publish(self, head: Head) -> None:
        """Give the head to the broker: whoever keeps it can prove the log."""
        if not self._hass.services.has_service("mqtt", "publish"):
            return
        message = {
            "topic": f"{DOMAIN}/{self._entry_id}/evidence_head",
            "payload": json.dumps(head.to_json()),
            "qos": 1,
            "retain": True,
        }
        try:
            await self._hass.services.async_call("mqtt", "publish", message)
        except HomeAssistantError as error:
            _LOGGER.warning("The broker did not take the evidence's head: %s", error)

    @callback
    def _complain(self, reason: str) -> None:
        _LOGGER.error("Evidence of %s cannot be written: %s", self._title, reason)
        ir.async_create_issue(
            self._hass,
            DOMAIN,
            self._issue_id,
            is_fixable=False,
            severity=ir.IssueSeverity.ERROR,
            translation_key="evidence_unwritable",
            translation_placeholders={"home": self._title, "reason": reason},
        )

    @callback
    def _recovered(self) -> None:
        ir.async_delete_issue(self._hass, DOMAIN, self._issue_id)

    @property
    def _issue_id(self) -> str:
        return f"evidence_unwritable_{self._entry_id}"
