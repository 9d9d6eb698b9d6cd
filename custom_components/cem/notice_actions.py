"""What can be answered to a notice, and by whom: ids that only it carries."""

from dataclasses import dataclass
from enum import StrEnum
from secrets import token_hex
from typing import Final

from cem_core.limits import NearLimit
from custom_components.cem.const import DOMAIN

_VALID_S: Final = 3600.0
_MOST_OFFERS: Final = 16
_TOKEN_BYTES: Final = 16


class Answer(StrEnum):
    """What a person may answer to a notice."""

    SHED = "shed"
    SNOOZE = "snooze"
    ALLOW = "allow"


@dataclass(frozen=True, slots=True)
class _Offer:
    notice: NearLimit
    ends_s: float


class NoticeActions:
    """Gives out action ids for one home and takes each notice's answer once.

    An id holds a secret that is in no event, state or log: who knows it was sent
    the notice. It is forgotten with the answer, after an hour or a restart.
    """

    def __init__(self, entry_id: str) -> None:
        """Belong to the home of ``entry_id``."""
        self._prefix = f"{DOMAIN}_{entry_id}_"
        self._offers: dict[str, _Offer] = {}

    def offer(self, notice: NearLimit, now_s: float) -> dict[Answer, str]:
        """Return an action id for each answer to ``notice``."""
        while len(self._offers) >= _MOST_OFFERS:
            del self._offers[next(iter(self._offers))]
        secret = token_hex(_TOKEN_BYTES)
        self._offers[secret] = _Offer(notice, now_s + _VALID_S)
        return {answer: f"{self._prefix}{secret}_{answer}" for answer in Answer}

    def is_ours(self, action_id: str) -> bool:
        """Tell whether the id says that it is this home's."""
        return action_id.startswith(self._prefix)

    def take(self, action_id: str, now_s: float) -> tuple[Answer, NearLimit] | None:
        """Return the answer and its notice; None: unknown, used or too late."""
        secret, _, word = action_id.removeprefix(self._prefix).partition("_")
        if word not in Answer or not self.is_ours(action_id):
            return None
        offer = self._offers.pop(secret, None)
        if offer is None or now_s > offer.ends_s:
            return None
        return Answer(word), offer.notice
