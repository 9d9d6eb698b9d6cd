"""The records of consents: a log that only grows, apart for each home.

A publication is a subentry; that it was added, changed or removed there are a consent
given, another in its place, and one revoked. What a record says is never changed.
"""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from pathlib import Path
import secrets
from typing import Final

from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from cem_core.evidence import ClockState, EvidenceLog, Kind
from cem_core.exchange.consent import Consent, What
from custom_components.cem.const import DOMAIN

_KEY_BYTES: Final = 32


def folder_of(hass: HomeAssistant, entry_id: str) -> Path:
    """Return where a home's records are: in the configuration, so in its backups."""
    return Path(hass.config.path(f"{DOMAIN}_consents", entry_id))


def key_of(hass: HomeAssistant, entry_id: str) -> Path:
    """Return where the key of its pseudonyms is: it is never given away."""
    return Path(hass.config.path(".storage", f"{DOMAIN}_pseudonyms.{entry_id}.key"))


def agreed(subentry: ConfigSubentry, now: datetime) -> Consent:
    """Return what the user filled in as a consent given ``now``.

    It begins with the day that is named, else now, and lasts to the end of its last day.
    """
    answers = subentry.data
    begins = now
    if "from" in answers:
        begins = max(now, _midnight(answers["from"]))
    return Consent(
        recipient=answers["name"],
        endpoint=answers["endpoint"],
        what=tuple(What(each) for each in answers["what"]),
        start=begins,
        end=_midnight(answers["until"]) + timedelta(days=1),
        pseudonymous=answers["pseudonymous"],
    )


class Consents:
    """The log of a home. Its methods wait for the disk: call them in a thread."""

    def __init__(self, folder: Path, key: Path) -> None:
        """Read nothing yet."""
        self._folder = folder
        self._key = key

    def settle(
        self, subentries: Iterable[ConfigSubentry], now: datetime
    ) -> dict[str, Consent]:
        """Record what was given and what ended since; return each subentry's consent.

        Raises `EvidenceError`, `OSError`, `CurveError`.
        """
        subentries = tuple(subentries)
        if not subentries and not self._folder.exists():
            return {}
        log = EvidenceLog(self._folder)
        known = _known(log)
        found: dict[str, Consent] = {}
        for subentry in subentries:
            name, given = subentry.subentry_id, agreed(subentry, now)
            before = known.pop(name, None)
            if before is not None and _same(before, given):
                found[name] = before
                continue
            if before is not None and before.revoked is None:
                _append(log, "revoked", name, before, now, by="changed")
            _append(log, "given", name, given, now)
            found[name] = given
        for name, gone in known.items():
            if gone.revoked is None:
                _append(log, "revoked", name, gone, now, by="removed")
        return found

    def revoke(self, name: str, consent: Consent, now: datetime, by: str) -> None:
        """Record that a consent was revoked. Raises `EvidenceError`, `OSError`."""
        _append(EvidenceLog(self._folder), "revoked", name, consent, now, by=by)

    def key(self) -> bytes:
        """Return the key of pseudonyms; the first call makes it. Raises `OSError`."""
        if not self._key.exists():
            self._key.parent.mkdir(parents=True, exist_ok=True)
            self._key.touch(mode=0o600)
            self._key.write_bytes(secrets.token_bytes(_KEY_BYTES))
        key = self._key.read_bytes()
        if len(key) != _KEY_BYTES:
            raise OSError(f"{self._key} holds no key of {_KEY_BYTES} bytes")
        return key


def _known(log: EvidenceLog) -> dict[str, Consent]:
    """Return the last consent of each publication, with when it was revoked."""
    found: dict[str, Consent] = {}
    for record in log.records():
        if record.kind is Kind.CONSENT:
            found[record.data["publication"]] = Consent.from_json(
                record.data["consent"]
            )
    return found


def _same(before: Consent, given: Consent) -> bool:
    """Tell whether the same was agreed to; one without a first day began earlier."""
    one = before.to_json() | {"revoked": None, "start": None}
    return one == given.to_json() | {"start": None} and before.start <= given.start


def _append(
    log: EvidenceLog,
    event: str,
    name: str,
    consent: Consent,
    now: datetime,
    *,
    by: str | None = None,
) -> None:
    words = consent.to_json()
    if event == "revoked":
        words["revoked"] = now.isoformat()
    data = {
        "event": event,
        "publication": name,
        "consent_id": consent.consent_id,
        "consent": words,
        "by": by,
    }
    log.append(Kind.CONSENT, data, now, ClockState())


def _midnight(day: str) -> datetime:
    local = datetime.combine(
        date.fromisoformat(day), time(), dt_util.get_default_time_zone()
    )
    return dt_util.as_utc(local)
