"""Limits that a control box orders by relay contacts.

A contact that cannot be read counts as limited after 120 s: a broken wire must not
set a home free. Source: FNN's four relays (W4 dims consumption; W3, S2 and S1 leave
0, 30 and 60 % of the feed-in, the strictest first).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from cem_core.model import Direction, LimitSource, Message, PowerLimit, Scope

UNREADABLE_S: Final = 120.0
DEBOUNCE_S: Final = 0.5

# The share of the installed feed-in power that a contact leaves.
FEED_IN_SHARE: Final = {"w3": 0.0, "s2": 0.3, "s1": 0.6}


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """What a contact orders while it limits."""

    direction: Direction
    scope: Scope
    limit_w: int


def fnn_contacts(
    *, consumption_w: int, scope: Scope, feed_in_w: float
) -> Mapping[str, Contact]:
    """Return FNN's four relays: w4 dims what ``scope`` counts to ``consumption_w``.

    ``feed_in_w`` is the installed power that the others leave a share of.
    """
    return {
        "w4": Contact(direction=Direction.IMPORT, scope=scope, limit_w=consumption_w),
        **{
            name: Contact(
                direction=Direction.EXPORT,
                scope=Scope.CONNECTION,
                limit_w=round(share * feed_in_w),
            )
            for name, share in FEED_IN_SHARE.items()
        },
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


def relay_limits(
    contacts: Mapping[str, Contact],
    inputs: Mapping[str, RelayInput],
    *,
    issuer: str,
    relay_id: str,
    now_s: float,
) -> tuple[PowerLimit, ...]:
    """Return what ``inputs`` order now; ``relay_id`` keeps several relays apart."""
    return tuple(
        PowerLimit(
            limit_id=f"relay_{relay_id}_{name}",
            source=LimitSource.RELAY,
            issuer=issuer,
            direction=contacts[name].direction,
            scope=contacts[name].scope,
            limit_w=contacts[name].limit_w,
            reason=_reason(name, each, now_s),
        )
        for name, each in inputs.items()
        if each.limits(now_s)
    )


def _reason(name: str, each: RelayInput, now_s: float) -> Message:
    contact = name.upper()
    if each.unreadable(now_s):
        return Message.of("contact_unreadable", contact=contact)
    return Message.of("contact_limits", contact=contact)
