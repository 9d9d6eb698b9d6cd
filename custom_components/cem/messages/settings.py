"""What the home's options say of messages to people."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from enum import StrEnum
from typing import Any, Final

from cem_core.notification import PostSettings, QuietHours, Subject

PERSON: Final = "person"  # the field of a subentry that names who is told
MOST_A_DAY: Final = 5
DIGEST_AT: Final = "08:00:00"
# Plans change often, and what could be started is on the to-do list anyway.
USUAL_SUBJECTS: Final = tuple(
    subject.value
    for subject in Subject
    if subject not in {Subject.OPPORTUNITY, Subject.PLAN}
)


class Digest(StrEnum):
    """How often what happened is told together."""

    NEVER = "never"
    DAILY = "daily"
    WEEKLY = "weekly"


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageSettings:
    """Who is told what and when.

    ``notify``: actions or entities of the domain `notify`; none: a persistent
    notification.
    """

    notify: tuple[str, ...]
    post: PostSettings
    digest: Digest
    digest_at: time

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> MessageSettings:
        """Return the settings in ``options``; absent ones have defaults."""
        start, end = options.get("quiet_from"), options.get("quiet_until")
        quiet = None
        if start is not None and end is not None:
            quiet = QuietHours(
                start=time.fromisoformat(start), end=time.fromisoformat(end)
            )
        return cls(
            notify=tuple(options.get("notify", ())),
            post=PostSettings(
                subjects=frozenset(
                    map(Subject, options.get("subjects", USUAL_SUBJECTS))
                ),
                most_a_day=round(options.get("most_a_day", MOST_A_DAY)),
                quiet=quiet,
            ),
            digest=Digest(options.get("digest", Digest.DAILY)),
            digest_at=time.fromisoformat(options.get("digest_at", DIGEST_AT)),
        )
