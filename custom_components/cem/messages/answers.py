"""What can be answered to a message, and by whom: ids that only it carries."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from secrets import token_hex
from typing import Final

from custom_components.cem.const import DOMAIN

VALID: Final = timedelta(hours=1)
_MOST_OFFERS: Final = 32
_TOKEN_BYTES: Final = 16

type Handler = Callable[[], None]


class Answer(StrEnum):
    """What a person may answer to a message."""

    SHED = "shed"
    FORCE = "force"
    ACCEPT = "accept"
    SNOOZE = "snooze"
    ALLOW = "allow"
    REMIND = "remind"


@dataclass(frozen=True, slots=True)
class _Offer:
    handlers: Mapping[Answer, Handler]
    ends_s: float


class Answers:
    """Gives out action ids for one home and takes each message's answer once.

    An id holds a secret that is in no event, state or log: who knows it was sent
    the message. It is forgotten with the answer, after its time or a restart.
    """

    def __init__(self, entry_id: str) -> None:
        """Belong to the home of ``entry_id``."""
        self._prefix = f"{DOMAIN}_{entry_id}_"
        self._offers: dict[str, _Offer] = {}

    def offer(
        self,
        handlers: Mapping[Answer, Handler],
        now_s: float,
        valid: timedelta | None = None,
    ) -> dict[Answer, str]:
        """Return an action id for each answer, to be given within ``valid``."""
        while len(self._offers) >= _MOST_OFFERS:
            del self._offers[next(iter(self._offers))]
        secret = token_hex(_TOKEN_BYTES)
        lasts = VALID if valid is None else valid
        self._offers[secret] = _Offer(handlers, now_s + lasts.total_seconds())
        return {answer: f"{self._prefix}{secret}_{answer}" for answer in handlers}

    def is_ours(self, action_id: str) -> bool:
        """Tell whether the id says that it is this home's."""
        return action_id.startswith(self._prefix)

    def take(self, action_id: str, now_s: float) -> Handler | None:
        """Return what the answer does; None: unknown, used or too late."""
        secret, _, word = action_id.removeprefix(self._prefix).partition("_")
        if word not in Answer or not self.is_ours(action_id):
            return None
        offer = self._offers.pop(secret, None)
        if offer is None or now_s > offer.ends_s:
            return None
        return offer.handlers.get(Answer(word))
