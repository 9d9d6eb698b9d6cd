"""Decides what is told at once, what waits for the digest and what was told already."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final, Self

from cem_core.model import Message
from cem_core.model.message_json import message_from_json, message_to_json
from cem_core.notification.notification import Notification, Subject, Urgency
from cem_core.notification.quiet_hours import QuietHours

_MOST_HELD: Final = 50
_MOST_KNOWN: Final = 500


class Verdict(StrEnum):
    """What becomes of a notification."""

    SEND = "send"
    HOLD = "hold"  # the digest has it
    DROP = "drop"  # nobody wants it, or it was told


@dataclass(frozen=True, slots=True, kw_only=True)
class PostSettings:
    """What people want to be told, and when not.

    ``most_a_day``: of `Urgency.NORMAL`, by the home's calendar day.
    """

    subjects: frozenset[Subject]
    most_a_day: int
    quiet: QuietHours | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What was not told at once: the last of its key, and how often it came."""

    time: datetime
    text: Message
    times: int = 1
    until: datetime | None = None


class Post:
    """The notifications of one home; times are aware and local.

    With each call what is too old to matter is forgotten, so that it stays small.
    """

    def __init__(self, settings: PostSettings) -> None:
        """Have told nothing."""
        self.settings = settings
        self._day: date | None = None
        self._sent = 0
        self._until: dict[str, datetime] = {}  # a key is told again from then on
        self._held: dict[str, Held] = {}
        self._snoozed_until: datetime | None = None

    def judge(self, told: Notification, now: datetime) -> Verdict:
        """Return what becomes of ``told``; it is counted as such."""
        if told.urgency < Urgency.SAFETY:
            if not told.asked and told.subject not in self.settings.subjects:
                return Verdict.DROP
            if (until := self._until.get(told.key)) is not None and now < until:
                self._again(told.key)
                return Verdict.DROP
        self._remember(told, now)
        if self._waits(told.urgency, now):
            self._hold(told, now)
            return Verdict.HOLD
        if told.urgency is Urgency.NORMAL:
            self._sent += 1
        self._held.pop(told.key, None)
        return Verdict.SEND

    def snooze(self, until: datetime) -> None:
        """Tell nothing before ``until`` but what is about safety."""
        self._snoozed_until = until

    def mute(self, key: str, until: datetime) -> None:
        """Tell what has this key not again before ``until``: it was accepted."""
        self._until[key] = until
        self._held.pop(key, None)

    def forget(self, key: str) -> None:
        """Tell what has this key as new when it comes again: it had ended."""
        self._until.pop(key, None)

    def take_held(self, now: datetime) -> tuple[Held, ...]:
        """Return what waited, the oldest first, and wait with nothing any more.

        What is of no use at ``now`` any more is left out.
        """
        of_use = (
            each
            for each in self._held.values()
            if each.until is None or now < each.until
        )
        held = sorted(of_use, key=lambda each: each.time)
        self._held = {}
        return tuple(held)

    def _waits(self, urgency: Urgency, now: datetime) -> bool:
        if urgency is Urgency.SAFETY:
            return False
        if self._snoozed_until is not None and now < self._snoozed_until:
            return True
        if urgency is Urgency.URGENT:
            return False
        if self._day != now.date():
            self._day, self._sent = now.date(), 0
        quiet = self.settings.quiet is not None and self.settings.quiet.cover(now)
        return quiet or self._sent >= self.settings.most_a_day

    def _remember(self, told: Notification, now: datetime) -> None:
        if len(self._until) >= _MOST_KNOWN:
            self._until = {k: t for k, t in self._until.items() if t > now}
        if len(self._until) >= _MOST_KNOWN:
            del self._until[min(self._until, key=lambda key: self._until[key])]
        self._until[told.key] = now + told.again_after

    def _hold(self, told: Notification, now: datetime) -> None:
        before = self._held.pop(told.key, None)
        times = 1 if before is None else before.times + 1
        while len(self._held) >= _MOST_HELD:
            del self._held[next(iter(self._held))]
        self._held[told.key] = Held(
            time=now, text=told.text, times=times, until=told.until
        )

    def _again(self, key: str) -> None:
        if (held := self._held.get(key)) is not None:
            self._held[key] = replace(held, times=held.times + 1)

    def to_json(self) -> dict[str, Any]:
        """Return what has to survive a restart."""
        return {
            "day": None if self._day is None else self._day.isoformat(),
            "sent": self._sent,
            "until": {key: time.isoformat() for key, time in self._until.items()},
            "held": {
                key: {
                    "time": held.time.isoformat(),
                    "text": message_to_json(held.text),
                    "times": held.times,
                    "until": None if held.until is None else held.until.isoformat(),
                }
                for key, held in self._held.items()
            },
            "snoozed_until": None
            if self._snoozed_until is None
            else self._snoozed_until.isoformat(),
        }

    @classmethod
    def from_json(cls, settings: PostSettings, stored: Mapping[str, Any]) -> Self:
        """Return what `to_json` made; a sentence that is no longer known is left out."""
        post = cls(settings)
        day, snoozed = stored["day"], stored["snoozed_until"]
        post._day = None if day is None else date.fromisoformat(day)
        post._sent = stored["sent"]
        post._until = {
            key: datetime.fromisoformat(time) for key, time in stored["until"].items()
        }
        for key, held in stored["held"].items():
            try:
                text = message_from_json(held["text"])
            except ValueError:
                continue  # of another version
            time = datetime.fromisoformat(held["time"])
            until = held.get("until")
            post._held[key] = Held(
                time=time,
                text=text,
                times=held["times"],
                until=None if until is None else datetime.fromisoformat(until),
            )
        if snoozed is not None:
            post._snoozed_until = datetime.fromisoformat(snoozed)
        return post
