"""Who may charge: identifiers of cards, cars and apps.

Source: OCPP 1.6, 3.5 and 7.2 AuthorizationStatus. Identifiers are compared without case.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time
from enum import StrEnum
from typing import Final

_MOST_WH: Final = 1e6
_MOST_WORDS: Final = 3


class Admission(StrEnum):
    """Whether an identifier is accepted, in the words of OCPP."""

    ACCEPTED = "Accepted"
    BLOCKED = "Blocked"
    EXPIRED = "Expired"
    INVALID = "Invalid"


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One identifier, and what its cars are taken to need.

    ``departs`` is a local time of day, ``needed_wh`` what such a session draws.
    """

    id_tag: str
    name: str = ""
    blocked: bool = False
    expires_at: datetime | None = None
    departs: time | None = None
    needed_wh: float | None = None

    @classmethod
    def of_words(cls, line: str) -> Card:
        """Return what ``line`` says: ``04A1B2``, ``04A1B2 17:30``, ``04A1B2 17:30 20``.

        The time is that of departure, the number the kWh of a session. Raises
        ValueError.
        """
        words = line.split()
        if not 1 <= len(words) <= _MOST_WORDS:
            raise ValueError(f"{line!r} is no card")
        departs, needed_kwh = [*words[1:], None, None][:2]
        needed_wh = None if needed_kwh is None else float(needed_kwh) * 1000
        if needed_wh is not None and not 0 < needed_wh <= _MOST_WH:
            raise ValueError(f"{needed_kwh} kWh are no session")
        return cls(
            id_tag=words[0],
            departs=None if departs is None else time.fromisoformat(departs),
            needed_wh=needed_wh,
        )


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

    def card(self, id_tag: str) -> Card | None:
        """Return what is known of ``id_tag``."""
        return self.by_tag.get(_key(id_tag))

    def name(self, id_tag: str) -> str:
        """Return whose it is, empty: not known."""
        card = self.by_tag.get(_key(id_tag))
        return "" if card is None else card.name


def _key(id_tag: str) -> str:
    return id_tag.strip().casefold()
