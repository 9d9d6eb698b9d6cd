"""A source that says in time that it is still there, or is silent."""

from dataclasses import dataclass, replace
from enum import StrEnum


class WhenSilent(StrEnum):
    """What holds while a source is silent."""

    KEEP = "keep"  # what it ordered, until that ends
    LIMIT = "limit"  # that, and a limit of its own
    RELEASE = "release"  # nothing: what it ordered ends


@dataclass(frozen=True, slots=True, kw_only=True)
class Heartbeat:
    """When a source was heard last; without ``silent_after_s`` it need not speak."""

    heard_s: float
    silent_after_s: float | None = None

    def heard(self, now_s: float) -> Heartbeat:
        """Return it after a sign of life."""
        return replace(self, heard_s=now_s)

    def silent(self, now_s: float) -> bool:
        """Tell whether it has been silent for too long."""
        after_s = self.silent_after_s
        return after_s is not None and now_s - self.heard_s > after_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """At most ``per_s`` messages a second in the long run, ``burst`` at once."""

    per_s: float
    burst: float
    left: float
    at_s: float

    def take(self, now_s: float) -> tuple[Rate, bool]:
        """Return the rate after a message, and whether it may pass."""
        left = min(self.burst, self.left + (now_s - self.at_s) * self.per_s)
        passes = left >= 1
        return replace(self, left=left - 1 if passes else left, at_s=now_s), passes
