"""The Controllable System of EEBUS' limitation of power consumption and production.

Five states and twelve transitions, as values: each method returns the machine that
follows. Time is a monotonic clock's seconds, given with each call; whatever fell due
before it happens first, at its own time, so a late caller is told the same as one
who asks every second.

Source: EEBUS UC TS LPC and LPP 1.0.0 by the identifiers of their test specification
(LPC-901 to LPC-921, table 11). Transitions are numbered T1 to T12 as in docs/limits.md.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
import math
from typing import Final

HEARTBEAT_LOST_S: Final = 120.0  # LPC-911
WRITE_WINDOW_S: Final = 60.0  # LPC-913: after a heartbeat
SHORTEST_FAILSAFE_S: Final = 2 * 3600.0
LONGEST_FAILSAFE_S: Final = 24 * 3600.0


class LimitationState(StrEnum):
    """What bounds the power: in ``INIT`` and ``FAILSAFE`` the failsafe limit."""

    INIT = "init"
    CONTROLLED = "unlimited_controlled"
    LIMITED = "limited"
    FAILSAFE = "failsafe"
    AUTONOMOUS = "unlimited_autonomous"


class AfterFailsafe(StrEnum):
    """What follows a control box that stays away, or that orders nothing.

    ``KEEP``: the failsafe limit stays. ``RELEASE``: the transitions that the use
    case allows but does not ask for (T3 and T10) are made.
    """

    KEEP = "keep"
    RELEASE = "release"


class Refusal(StrEnum):
    """Why a write was not accepted."""

    NO_HEARTBEAT = "no heartbeat in the last 60 s"
    NO_LIMIT_YET = "a heartbeat and a limit have to come first"
    EMPTY = "it says nothing"
    NOT_A_NUMBER = "not a number"
    WRONG_SIGN = "wrong sign"
    NO_TIME = "a duration of 0 s or less"
    FAILSAFE_TOO_SHORT = "the failsafe duration is shorter than allowed"
    FAILSAFE_TOO_LONG = "the failsafe duration is longer than allowed"


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitWrite:
    """What is written of the limit; None: that element is not in the message.

    ``value_w`` is no less than 0 for consumption and, by the standard, no more than
    0 for production. ``duration_s`` counts from now.
    """

    value_w: float | None = None
    active: bool | None = None
    duration_s: float | None = None
    delete_duration: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FailsafeWrite:
    """What is written of the failsafe values, both no less than 0; None: nothing."""

    limit_w: float | None = None
    duration_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitationSettings:
    """What the home decides about one direction.

    ``failsafe_limit_w`` and ``failsafe_duration_s`` hold until the control box writes
    others. A limit that is activated before a value was written is ``nominal_max_w``.
    """

    production: bool = False
    nominal_max_w: float
    failsafe_limit_w: float
    failsafe_duration_s: float = SHORTEST_FAILSAFE_S
    shortest_failsafe_s: float = SHORTEST_FAILSAFE_S
    longest_failsafe_s: float = LONGEST_FAILSAFE_S
    after_failsafe: AfterFailsafe = AfterFailsafe.KEEP
    strict_sign: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Limitation:
    """One direction's machine. All powers are magnitudes in W.

    ``entered_s`` is when the state began; ``heartbeat_s`` the last heartbeat of the
    control box, ``returned_s`` the first one in this state.
    """

    settings: LimitationSettings
    state: LimitationState
    entered_s: float
    value_w: float
    failsafe_limit_w: float
    failsafe_duration_s: float
    heartbeat_s: float | None = None
    returned_s: float | None = None
    ends_s: float | None = None  # of the active limit

    @classmethod
    def started(
        cls,
        now_s: float,
        settings: LimitationSettings,
        failsafe: FailsafeWrite | None = None,
    ) -> Limitation:
        """Return the machine after a start: in Init, whatever was before.

        ``failsafe`` is what the control box had written in an earlier run.
        """
        kept = failsafe or FailsafeWrite()
        limit_w, duration_s = kept.limit_w, kept.duration_s
        return cls(
            settings=settings,
            state=LimitationState.INIT,
            entered_s=now_s,
            value_w=settings.nominal_max_w,
            failsafe_limit_w=settings.failsafe_limit_w if limit_w is None else limit_w,
            failsafe_duration_s=(
                settings.failsafe_duration_s if duration_s is None else duration_s
            ),
        )

    @property
    def in_control(self) -> bool:
        """Whether the control box is heard and has said what holds."""
        return self.state in {LimitationState.CONTROLLED, LimitationState.LIMITED}

    @property
    def active(self) -> bool:
        """Whether the limit is shown as active: in Limited only."""
        return self.state is LimitationState.LIMITED

    @property
    def applied_w(self) -> float | None:
        """What bounds the power, None: nothing but the contract."""
        match self.state:
            case LimitationState.INIT | LimitationState.FAILSAFE:
                return self.failsafe_limit_w
            case LimitationState.LIMITED:
                return self.value_w
            case LimitationState.CONTROLLED | LimitationState.AUTONOMOUS:
                return None

    @property
    def lifted_s(self) -> float | None:
        """When what bounds the power ends by itself, None: not before it is changed.

        An active limit ends with its duration; a failsafe limit ends only where it is
        released (T3, T10).
        """
        if self.applied_w is None or self.ends_s is not None:
            return self.ends_s
        due = None if self.in_control else _next(self)
        return None if due is None else due[0]

    def overdue(self, now_s: float) -> bool:
        """Tell whether failsafe has lasted longer than its duration."""
        in_failsafe = self.state is LimitationState.FAILSAFE
        return in_failsafe and now_s >= self.entered_s + self.failsafe_duration_s

    def at(self, now_s: float) -> Limitation:
        """Return the machine at ``now_s``: what fell due has happened."""
        machine = self
        while (due := _next(machine)) is not None and due[0] <= now_s:
            machine = _enter(machine, due[1], due[0])
        return machine

    def heartbeat(self, now_s: float) -> Limitation:
        """Return the machine after a heartbeat of the control box."""
        machine = self.at(now_s)
        first = now_s if machine.returned_s is None else machine.returned_s
        return replace(machine, heartbeat_s=now_s, returned_s=first)

    def write(
        self, now_s: float, written: LimitWrite
    ) -> tuple[Limitation, Refusal | None]:
        """Return the machine after a write to the limit, and why it was refused."""
        machine = self.at(now_s)
        if not _listens(machine, now_s):
            return machine, Refusal.NO_HEARTBEAT
        refusal = _refusal(machine, written)
        if refusal is None:
            return _take(machine, now_s, written), None
        if written.active and not machine.in_control:
            # T1, T8, T11: a limit that cannot be applied ends the waiting too.
            machine = _enter(machine, LimitationState.CONTROLLED, now_s)
        return machine, refusal

    def write_failsafe(
        self, now_s: float, written: FailsafeWrite
    ) -> tuple[Limitation, Refusal | None]:
        """Return the machine after a write to the failsafe values, or the refusal.

        A duration longer than allowed is refused and becomes the longest.
        """
        machine = self.at(now_s)
        if not machine.in_control:
            return machine, Refusal.NO_LIMIT_YET
        refusal = _failsafe_refusal(machine.settings, written)
        limit_w, duration_s = written.limit_w, written.duration_s
        if refusal is Refusal.FAILSAFE_TOO_LONG:
            limit_w, duration_s = None, machine.settings.longest_failsafe_s
        elif refusal is not None:
            return machine, refusal
        if limit_w is not None:
            machine = replace(machine, failsafe_limit_w=limit_w)
        if duration_s is not None:
            machine = replace(machine, failsafe_duration_s=duration_s)
        return machine, refusal


def _listens(machine: Limitation, now_s: float) -> bool:
    """Tell whether a limit counts: asked anew for each write."""
    if machine.in_control:
        return True
    heard_s = machine.heartbeat_s
    return heard_s is not None and now_s - heard_s <= WRITE_WINDOW_S


def _refusal(machine: Limitation, written: LimitWrite) -> Refusal | None:
    if written == LimitWrite():
        return Refusal.EMPTY
    value_w, duration_s = written.value_w, written.duration_s
    for number in (value_w, duration_s):
        if number is not None and not math.isfinite(number):
            return Refusal.NOT_A_NUMBER
    if value_w is not None and not _sign_fits(machine, value_w):
        return Refusal.WRONG_SIGN
    if duration_s is not None and duration_s <= 0:
        return Refusal.NO_TIME
    return None


def _failsafe_refusal(
    settings: LimitationSettings, written: FailsafeWrite
) -> Refusal | None:
    limit_w, duration_s = written.limit_w, written.duration_s
    if written == FailsafeWrite():
        return Refusal.EMPTY
    if not all(math.isfinite(x) for x in (limit_w, duration_s) if x is not None):
        return Refusal.NOT_A_NUMBER
    if limit_w is not None and limit_w < 0:
        return Refusal.WRONG_SIGN
    if duration_s is not None and duration_s < settings.shortest_failsafe_s:
        return Refusal.FAILSAFE_TOO_SHORT
    if duration_s is not None and duration_s > settings.longest_failsafe_s:
        return Refusal.FAILSAFE_TOO_LONG
    return None


def _sign_fits(machine: Limitation, value_w: float) -> bool:
    if not machine.settings.production:
        return value_w >= 0
    # Boxes in the field send either sign for production; the standard's is <= 0.
    return value_w <= 0 or not machine.settings.strict_sign


def _take(machine: Limitation, now_s: float, written: LimitWrite) -> Limitation:
    if written.value_w is not None:
        machine = replace(machine, value_w=abs(written.value_w))
    if written.active is not None:
        limited, free = LimitationState.LIMITED, LimitationState.CONTROLLED
        machine = _enter(machine, limited if written.active else free, now_s)
    if written.delete_duration or written.active:
        # An active limit written without a duration holds until changed.
        machine = replace(machine, ends_s=None)
    if written.duration_s is not None and machine.active:
        machine = replace(machine, ends_s=now_s + written.duration_s)
    return machine


def _next(machine: Limitation) -> tuple[float, LimitationState] | None:
    """Return what falls due next, and when."""
    due: list[tuple[float, LimitationState]] = []
    if machine.in_control and machine.heartbeat_s is not None:  # T5, T7
        lost_s = machine.heartbeat_s + HEARTBEAT_LOST_S
        due.append((lost_s, LimitationState.FAILSAFE))
    if machine.ends_s is not None:  # T6
        due.append((machine.ends_s, LimitationState.CONTROLLED))
    if machine.settings.after_failsafe is AfterFailsafe.RELEASE:
        if machine.state is LimitationState.INIT:  # T3
            waited_s = machine.entered_s + HEARTBEAT_LOST_S
            due.append((waited_s, LimitationState.AUTONOMOUS))
        if machine.state is LimitationState.FAILSAFE:  # T10
            over_s = machine.entered_s + machine.failsafe_duration_s
            due.append((over_s, LimitationState.AUTONOMOUS))
            if machine.returned_s is not None:
                waited_s = machine.returned_s + HEARTBEAT_LOST_S
                due.append((waited_s, LimitationState.AUTONOMOUS))
    return min(due, default=None)


def _enter(machine: Limitation, state: LimitationState, now_s: float) -> Limitation:
    if state is machine.state:
        return machine
    return replace(
        machine,
        state=state,
        entered_s=now_s,
        returned_s=None,
        ends_s=None,
    )
