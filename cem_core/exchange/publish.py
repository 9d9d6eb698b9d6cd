"""What leaves, and when: rate, consent, and the buffer over an outage. Pure.

Each message is asked for with `next` and taken off with `sent` once its receiver has it:
after an outage the oldest goes first, so what is missed is filled in order, under its own
time and id. Where the consent does not hold nothing is noted and nothing is handed out,
and what still waited is forgotten: a revocation also reaches into the buffer.
"""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from cem_core.exchange.consent import Consent, ConsentState, What
from cem_core.exchange.curve import LoadCurve
from cem_core.exchange.message import curve_message, numbered, reading_message
from cem_core.model import Reading

FEWEST_PER_MINUTE, MOST_PER_MINUTE = 1, 6
MOST_WAITING: Final = 24 * 60 * MOST_PER_MINUTE  # a day at the highest rate

type Message = Mapping[str, Any]


@dataclass(slots=True, kw_only=True)
class Publisher:
    """One recipient's messages; ``key`` makes pseudonyms, ``run`` makes ids unique."""

    consent: Consent
    per_minute: int
    key: bytes
    run: str
    most_waiting: int = MOST_WAITING
    dropped: int = 0
    sequence: int = 0
    delivered: int = 0
    _due: datetime | None = None
    _waiting: deque[Message] = field(default_factory=deque)

    def __post_init__(self) -> None:
        """Refuse a rate that is not provided for. Raises `ValueError`."""
        if not FEWEST_PER_MINUTE <= self.per_minute <= MOST_PER_MINUTE:
            raise ValueError("1 to 6 messages a minute")

    @property
    def waiting(self) -> int:
        """How many messages have not been delivered yet."""
        return len(self._waiting)

    def kept(self) -> tuple[Message, ...]:
        """Return what waits, the oldest first, to be kept over a restart."""
        return tuple(self._waiting)

    def restore(self, messages: Iterable[Message]) -> None:
        """Put back what waited before the restart: it goes first."""
        waiting = [*messages, *self._waiting]
        self._waiting = deque(waiting[-self.most_waiting :])
        self.dropped += len(waiting) - len(self._waiting)

    def take(self, reading: Reading, now: datetime) -> bool:
        """Note a telegram where one is due; tell whether it was noted."""
        if not self._holds(now) or (self._due is not None and now < self._due):
            return False
        message = reading_message(reading, self.consent, self.key, now)
        if message is None:
            return False
        self._due = self._next_due(now)
        self._note(message)
        return True

    def take_curve(self, curve: LoadCurve, now: datetime) -> bool:
        """Note a piece of load curve that is over; tell whether it was noted."""
        if not self._holds(now) or What.LOAD_CURVE not in self.consent.what:
            return False
        self._note(curve_message(curve, self.consent, self.key))
        return True

    def next(self, now: datetime) -> Message | None:
        """Return the message to be sent now, the oldest; None: there is none."""
        return self._waiting[0] if self._holds(now) and self._waiting else None

    def sent(self, message: Message) -> None:
        """Take off a message that was delivered."""
        if self._waiting and self._waiting[0] is message:
            self._waiting.popleft()
            self.delivered += 1

    def revoke(self, now: datetime) -> None:
        """End the consent, now; what waits is forgotten."""
        if self.consent.revoked is None:
            tree = self.consent.to_json() | {"revoked": now.isoformat()}
            self.consent = Consent.from_json(tree)
        self._waiting.clear()

    def _holds(self, now: datetime) -> bool:
        if self.consent.state(now) is ConsentState.HOLDS:
            return True
        self._waiting.clear()
        return False

    def _next_due(self, now: datetime) -> datetime:
        """Return when the next one is due: no drift, and no catching up."""
        step = timedelta(minutes=1) / self.per_minute
        due = now if self._due is None else self._due
        return due + step if due + step > now else now + step

    def _note(self, message: dict[str, Any]) -> None:
        self.sequence += 1
        if len(self._waiting) >= self.most_waiting:
            self._waiting.popleft()
            self.dropped += 1
        self._waiting.append(numbered(message, self.run, self.sequence))
