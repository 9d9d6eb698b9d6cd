"""Operation modes with transitions and timers, as FRBC, DDBC and OMBC share them.

From the mode that is active only those can be reached to which a transition leads
whose blocking timers have finished. A transition starts timers: a heat pump that was
just stopped cannot be started for some minutes. Source: s2-ws-json, Transition, Timer.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import product
from typing import Final
from uuid import UUID

from s2python.generated.gen_s2 import Timer, Transition

from cem_core.s2.messages import identifier
from cem_core.s2.power import NOTHING, Span

_COMBINATIONS: Final = 5_000  # of modes of several actuators that are looked at


@dataclass(frozen=True, slots=True, kw_only=True)
class Mode:
    """One mode, as it is now: its power and what else the factor goes through.

    ``rate`` is of the storage's fill level a second, or the demand that is met.
    """

    id: UUID
    power_w: Span
    rate: Span = NOTHING
    abnormal_only: bool = False
    cost_per_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Choice:
    """A mode of an actuator and a factor."""

    actuator: UUID
    mode: Mode
    factor: float

    @property
    def power_w(self) -> float:
        """The power that it draws."""
        return self.mode.power_w.at(self.factor)

    @property
    def rate(self) -> float:
        """What else it does."""
        return self.mode.rate.at(self.factor)


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """A transition from a mode to another."""

    before: UUID
    after: UUID
    starts: tuple[UUID, ...]
    blocked_by: tuple[UUID, ...]
    abnormal_only: bool
    cost: float = 0.0  # in the currency of the device's details


def ways(transitions: Iterable[Transition]) -> tuple[Way, ...]:
    """Return transitions as the standard says them."""
    return tuple(
        Way(
            before=identifier(each.from_),
            after=identifier(each.to),
            starts=tuple(map(identifier, each.start_timers)),
            blocked_by=tuple(map(identifier, each.blocking_timers)),
            abnormal_only=each.abnormal_condition_only,
            cost=each.transition_costs or 0.0,
        )
        for each in transitions
    )


def lengths(timers: Iterable[Timer]) -> dict[UUID, timedelta]:
    """Return how long each timer runs."""
    return {
        identifier(each.id): timedelta(milliseconds=each.duration.root)
        for each in timers
    }


@dataclass(slots=True)
class Actuator:
    """What an actuator is in, and what it can be in next."""

    id: UUID
    ways: Sequence[Way]
    timers: Mapping[UUID, timedelta]
    active: UUID | None = None
    factor: float = 0.0
    finished: dict[UUID, datetime] = field(default_factory=dict)
    """When each timer that was started finishes."""
    _before: tuple[UUID | None, float, dict[UUID, datetime]] | None = None

    def now_in(self, mode: UUID, factor: float) -> None:
        """Take what the device says that it is in."""
        self.active, self.factor, self._before = mode, factor, None

    def reachable(
        self, modes: Iterable[Mode], now: datetime, *, abnormal: bool = False
    ) -> Iterator[Mode]:
        """Yield the modes that it can be in from ``now`` on, the active one first."""
        others = []
        for mode in modes:
            if mode.id == self.active:
                yield mode
            elif (not mode.abnormal_only or abnormal) and (
                self.active is None or self._way(mode.id, now, abnormal) is not None
            ):
                others.append(mode)
        yield from others

    def _way(self, to: UUID, now: datetime, abnormal: bool) -> Way | None:
        for each in self.ways:
            if each.before != self.active or each.after != to:
                continue
            if each.abnormal_only and not abnormal:
                continue
            if all(self._has_finished(timer, now) for timer in each.blocked_by):
                return each
        return None

    def _has_finished(self, timer: UUID, now: datetime) -> bool:
        at = self.finished.get(timer)
        return at is None or at <= now

    def go(self, choice: Choice, now: datetime, *, abnormal: bool = False) -> None:
        """Start the timers of the transition to ``choice``, until the device tells."""
        before = self.active, self.factor, dict(self.finished)
        way = self._way(choice.mode.id, now, abnormal)
        if way is not None:
            for timer in way.starts:
                self.finished[timer] = now + self.timers.get(timer, timedelta())
        self.now_in(choice.mode.id, choice.factor)
        self._before = before

    def stayed(self) -> None:
        """Take that it did not go where it was sent, unless it said where it is."""
        if self._before is not None:
            self.active, self.factor, self.finished = self._before
            self._before = None

    def tell_timer(self, timer: UUID, at: datetime) -> None:
        """Take when a timer finishes, as the device says."""
        self.finished[timer] = at


def nearest(
    options: Sequence[tuple[UUID, Sequence[Mode]]],
    power_w: float,
    *,
    at_most: bool = False,
) -> tuple[Choice, ...]:
    """Return a choice for each actuator whose power together is nearest ``power_w``.

    ``options`` are its modes that can be reached, by actuator. ``at_most`` prefers what
    does not exceed ``power_w``, as a limit needs it. Empty where an actuator has no mode.
    """
    best: tuple[Choice, ...] = ()
    best_key: tuple[bool, float, int] | None = None
    for tried, modes in enumerate(product(*(each for _, each in options))):
        if tried >= _COMBINATIONS:
            break
        found = _share(options, modes, power_w)
        total_w = sum(choice.power_w for choice in found)
        over = at_most and total_w > power_w + _EXACT_W
        key = (over, round(abs(total_w - power_w), 3), tried)
        if best_key is None or key < best_key:
            best, best_key = found, key
    return best


_EXACT_W: Final = 0.5


def _share(
    options: Sequence[tuple[UUID, Sequence[Mode]]],
    modes: Sequence[Mode],
    power_w: float,
) -> tuple[Choice, ...]:
    """Give each actuator in turn what the others must leave it."""
    low_w = sum(mode.power_w.low for mode in modes)
    left_w = power_w - low_w
    found = []
    for (actuator, _), mode in zip(options, modes, strict=True):
        span = mode.power_w
        wanted_w = span.low + min(max(left_w, 0.0), span.high - span.low)
        left_w -= wanted_w - span.low
        found.append(Choice(actuator, mode, span.factor(wanted_w)))
    return tuple(found)
