"""Limits that a control box orders by relay contacts.

A contact that cannot be read counts as limited after 120 s: a broken wire must not
set a home free. Source: FNN's four relays (W4 dims consumption; W3, S2 and S1 leave
0, 30 and 60 % of the feed-in, the strictest first).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from cem_core.model import Direction

UNREADABLE_S: Final = 120.0
DEBOUNCE_S: Final = 0.5


class Contact(StrEnum):
    """What a contact orders."""

    CONSUMPTION = "w4"  # dim consumption
    FEED_IN_0 = "w3"
    FEED_IN_30 = "s2"
    FEED_IN_60 = "s1"


FEED_IN_SHARE: Final = {
    Contact.FEED_IN_0: 0.0,
    Contact.FEED_IN_30: 0.3,
    Contact.FEED_IN_60: 0.6,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayInput:
    """One contact over time: steady for a while before it counts.

    ``limits_when_closed`` is False for a contact that opens to limit. ``closed`` is
    the state that counts, None as long as none was read.
    """

    limits_when_closed: bool = True
    debounce_s: float = DEBOUNCE_S
    closed: bool | None = None
    seen: bool | None = None  # the last state, steady or not; None: unreadable
    since_s: float = 0.0  # since when it has been so

    def read(self, closed: bool | None, now_s: float) -> RelayInput:
        """Return the input after a look at it; None: it could not be read."""
        steady = self.at(now_s)
        if closed == steady.seen:
            return steady
        return replace(steady, seen=closed, since_s=now_s).at(now_s)

    def at(self, now_s: float) -> RelayInput:
        """Return the input at ``now_s``."""
        steady = self.seen is not None and now_s - self.since_s >= self.debounce_s
        return replace(self, closed=self.seen) if steady else self

    def unreadable(self, now_s: float) -> bool:
        """Tell whether it has not been readable for too long."""
        return self.seen is None and now_s - self.since_s >= UNREADABLE_S

    def limits(self, now_s: float) -> bool:
        """Tell whether the contact orders its limit."""
        if self.unreadable(now_s):
            return True
        closed = self.at(now_s).closed
        return closed is not None and closed is self.limits_when_closed


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayLimit:
    """What a contact orders; ``unreadable``: it does so because nobody knows."""

    contact: Contact
    direction: Direction
    limit_w: float
    unreadable: bool


def relay_limits(
    inputs: Mapping[Contact, RelayInput],
    *,
    consumption_w: float,
    nominal_feed_in_w: float,
    now_s: float,
) -> Sequence[RelayLimit]:
    """Return the limits in force, the strictest for each direction.

    ``consumption_w`` is what W4 dims to, ``nominal_feed_in_w`` what 100 % is.
    """
    found: dict[Direction, RelayLimit] = {}
    for contact, each in inputs.items():
        if not each.limits(now_s):
            continue
        share = FEED_IN_SHARE.get(contact)
        direction = Direction.IMPORT if share is None else Direction.EXPORT
        limit_w = consumption_w if share is None else share * nominal_feed_in_w
        if direction not in found or limit_w < found[direction].limit_w:
            found[direction] = RelayLimit(
                contact=contact,
                direction=direction,
                limit_w=limit_w,
                unreadable=each.unreadable(now_s),
            )
    return tuple(found.values())
