"""Who may charge: identifiers of cards, cars and apps.

Source: OCPP 1.6, 3.5 and 7.2 AuthorizationStatus. Identifiers are compared without case.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Admission(StrEnum):
    """Whether an identifier is accepted, in the words of OCPP."""

    ACCEPTED = "Accepted"
    BLOCKED = "Blocked"
    EXPIRED = "Expired"
    INVALID = "Invalid"


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One identifier."""

    id_tag: str
    name: str = ""
    blocked: bool = False
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Cards:
    """The identifiers that are known; ``everyone`` accepts those that are not as well."""

    by_tag: Mapping[str, Card]
    everyone: bool = False

    @classmethod
    def of(cls, cards: Iterable[Card], *, everyone: bool = False) -> Cards:
        """Return a list of ``cards``."""
        return cls({_key(card.id_tag): card for card in cards}, everyone)

    def admit(self, id_tag: str, now: datetime) -> Admission:
        """Return whether ``id_tag`` may charge now."""
        card = self.by_tag.get(_key(id_tag))
        if card is None:
            return Admission.ACCEPTED if self.everyone else Admission.INVALID
        if card.blocked:
            return Admission.BLOCKED
        if card.expires_at is not None and card.expires_at <= now:
            return Admission.EXPIRED
        return Admission.ACCEPTED

    def name(self, id_tag: str) -> str:
        """Return whose it is, empty: not known."""
        card = self.by_tag.get(_key(id_tag))
        return "" if card is None else card.name


def _key(id_tag: str) -> str:
    return id_tag.strip().casefold()
