"""The consent without which nothing leaves: who gets what, from when, until when.

A record is never changed. What happens to it, that it was given and that it was revoked,
are entries of a log that only grows (`cem_core.evidence`); `state` says what holds.
Source: GDPR articles 6 (1) (a) and 7; Regulation (EU) 2023/1162 on who is eligible.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
import hashlib
import json
from typing import Any

from cem_core.exchange.curve import CurveError
from cem_core.exchange.values import instant, one_of


class What(StrEnum):
    """The parts of the data that a person agrees to."""

    POWER = "power"  # in and out, W
    REGISTERS = "registers"  # in and out, as the meter shows them, Wh
    PHASES = "phases"  # voltage and current of each
    LOAD_CURVE = "load_curve"  # each quarter hour when it is over


class ConsentState(StrEnum):
    """What a consent allows at a time."""

    NOT_YET = "not_yet"
    HOLDS = "holds"
    EXPIRED = "expired"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """Who (``recipient``, reached at ``endpoint``) may have what over [start, end)."""

    recipient: str
    endpoint: str
    what: tuple[What, ...]
    start: datetime
    end: datetime
    pseudonymous: bool = True
    revoked: datetime | None = None

    def __post_init__(self) -> None:
        """Refuse what nobody can have agreed to. Raises `CurveError`."""
        if not self.recipient or not self.endpoint or not self.what:
            raise CurveError("a consent names who gets what, and where")
        if self.end <= self.start:
            raise CurveError("a consent ends after it begins")

    @property
    def consent_id(self) -> str:
        """What names it, the same for the same words: changed ones are another."""
        words = self.to_json() | {"revoked": None}
        text = json.dumps(words, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def state(self, now: datetime) -> ConsentState:
        """Return what it allows ``now``."""
        if self.revoked is not None and now >= self.revoked:
            return ConsentState.REVOKED
        if now >= self.end:
            return ConsentState.EXPIRED
        return ConsentState.HOLDS if now >= self.start else ConsentState.NOT_YET

    def to_json(self) -> dict[str, Any]:
        """Return the record."""
        return {
            "recipient": self.recipient,
            "endpoint": self.endpoint,
            "what": sorted(self.what),
            "start": self.start.isoformat(),
            "end": self.end.isoformat(),
            "pseudonymous": self.pseudonymous,
            "revoked": None if self.revoked is None else self.revoked.isoformat(),
        }

    @classmethod
    def from_json(cls, tree: Mapping[str, Any]) -> Consent:
        """Return the consent of a record. Raises `CurveError` with the field."""
        what, revoked = tree.get("what"), tree.get("revoked")
        if not isinstance(what, Sequence) or isinstance(what, str):
            raise CurveError("what: expected a list")
        pseudonymous = tree.get("pseudonymous", True)
        if not isinstance(pseudonymous, bool):
            raise CurveError("pseudonymous: expected true or false")
        return cls(
            recipient=str(tree.get("recipient", "")),
            endpoint=str(tree.get("endpoint", "")),
            what=tuple(one_of(What, str(each), "what") for each in what),
            start=instant(str(tree.get("start")), "start"),
            end=instant(str(tree.get("end")), "end"),
            pseudonymous=pseudonymous,
            revoked=None if revoked is None else instant(str(revoked), "revoked"),
        )
