"""Operation modes with transitions and timers, as FRBC, DDBC and OMBC share them.

From the mode that is active only those can be reached to which a transition leads
whose blocking timers have finished. A transition starts timers: a heat pump that was
just stopped cannot be started for some minutes. Others are reached over modes
between, one after the other (`paths`). Source: s2-ws-json, Transition, Timer.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import product
from typing import Final
from uuid import UUID

from cem_core.s2.paths import Network, Path, Way
from cem_core.s2.power import NOTHING, Span

_COMBINATIONS: Final = 5_000  # of modes of several actuators that are looked at
_SAME: Final = 0.002  # of a factor: less is not told again


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
    through: datetime | None = None
    """When the transition that is under way is over, None: there is none."""
    _before: _Before | None = None

    def now_in(
        self,
        mode: UUID,
        factor: float,
        *,
        before: UUID | None = None,
        begun: datetime | None = None,
    ) -> None:
        """Take what the device says that it is in, and since when it goes there."""
        if begun is not None:
            self.through = begun + self._takes(before, mode)
        elif mode != self.active:
            self.through = None
        self.active, self.factor, self._before = mode, factor, None

    def _takes(self, before: UUID | None, after: UUID) -> timedelta:
        found = (w.takes for w in self.ways if (w.before, w.after) == (before, after))
        return max(found, default=timedelta())

    def inherit(self, before: Actuator, modes: AbstractSet[UUID]) -> None:
        """Go on from how it was described ``before``, where that mode is still one."""
        if before.active in modes:
            self.active, self.factor = before.active, before.factor
            self.finished, self.through = before.finished, before.through

    def network(self, modes: Iterable[Mode], *, abnormal: bool = False) -> Network:
        """Return what it can go through."""
        usual = {m.id for m in modes if abnormal or not m.abnormal_only}
        return Network(
            modes=usual, ways=self.ways, lengths=self.timers, abnormal=abnormal
        )

    def _paths(
        self, modes: Sequence[Mode], now: datetime, *, abnormal: bool
    ) -> Mapping[UUID, Path]:
        """Return the paths that can be begun now."""
        if self.active is None:
            return {}
        # A limit does not wait for a start to be over before it stops that.
        ready = now if abnormal or self.through is None else max(now, self.through)
        network = self.network(modes, abnormal=abnormal)
        found = network.paths(self.active, ready, self.finished)
        return {mode: path for mode, path in found.items() if path.begins <= now}

    def reachable(
        self, modes: Iterable[Mode], now: datetime, *, abnormal: bool = False
    ) -> Iterator[Mode]:
        """Yield the modes that it can be in from ``now`` on, the active one first.

        Such that others lie before count where the first of those can be gone to now.
        """
        modes = list(modes)
        paths = self._paths(modes, now, abnormal=abnormal)
        others = []
        for mode in modes:
            if mode.id == self.active:
                yield mode
            elif (not mode.abnormal_only or abnormal) and (
                self.active is None or mode.id in paths
            ):
                others.append(mode)
        yield from others

    def go(
        self,
        choice: Choice,
        modes: Sequence[Mode],
        now: datetime,
        *,
        abnormal: bool = False,
    ) -> Choice | None:
        """Go towards ``choice``; return what it is to be told now, None: nothing.

        That is the first mode on its path, at the power that is nearest. What the
        transition starts counts until the device tells.
        """
        path = self._paths(modes, now, abnormal=abnormal).get(choice.mode.id)
        before = _Before(self.active, self.factor, dict(self.finished), self.through)
        if path is not None and path.ways:
            way = path.ways[0]
            self.through, timers = self.network(modes).after(way, now, self.finished)
            self.finished = dict(timers)
            next_mode = next(mode for mode in modes if mode.id == way.after)
            if next_mode.id != choice.mode.id:
                factor = next_mode.power_w.factor(choice.power_w)
                choice = Choice(choice.actuator, next_mode, factor)
        near = abs(self.factor - choice.factor) <= _SAME
        if self.active == choice.mode.id and near:
            return None
        self.active, self.factor, self._before = choice.mode.id, choice.factor, before
        return choice

    def stayed(self) -> None:
        """Take that it did not go where it was sent, unless it said where it is."""
        if self._before is not None:
            was, self._before = self._before, None
            self.active, self.factor = was.active, was.factor
            self.finished, self.through = was.finished, was.through

    def tell_timer(self, timer: UUID, at: datetime) -> None:
        """Take when a timer finishes, as the device says."""
        self.finished[timer] = at


@dataclass(frozen=True, slots=True)
class _Before:
    """What an actuator was in before it was sent elsewhere."""

    active: UUID | None
    factor: float
    finished: dict[UUID, datetime]
    through: datetime | None


def nearest(
    options: Sequence[tuple[UUID, Sequence[Mode]]],
    power_w: float,
    *,
    at_most: bool = False,
) -> tuple[Choice, ...]:
    """Return a choice for each actuator whose power together is nearest ``power_w``.

    ``options`` are its modes that can be reached, by actuator. ``at_most`` prefers what
    does not exceed ``power_w``, as a limit needs it; of choices of one power that which
    fills most is taken. Empty where an actuator has no mode.
    """
    best: tuple[Choice, ...] = ()
    best_key: tuple[bool, float, float, int] | None = None
    rates = (mode.rate for _, modes in options for mode in modes)
    fastest = max((max(abs(r.low), abs(r.high)) for r in rates), default=0.0) or 1.0
    for tried, modes in enumerate(product(*(each for _, each in options))):
        if tried >= _COMBINATIONS:
            break
        found = _share(options, modes, power_w)
        total_w = sum(choice.power_w for choice in found)
        over = at_most and total_w > power_w + _EXACT_W
        filled = sum(choice.rate for choice in found) / fastest
        key = (over, round(abs(total_w - power_w), 3), -round(filled, 6), tried)
        if best_key is None or key < best_key:
            best, best_key = found, key
    return best


_EXACT_W: Final = 0.5


def _share(
    options: Sequence[tuple[UUID, Sequence[Mode]]],
    modes: Sequence[Mode],
    power_w: float,
) -> tuple[Choice, ...]:
    """Give each actuator what the others must leave it, the least lossy first."""
    left_w = power_w - sum(mode.power_w.low for mode in modes)
    wanted_w = {}
    order = sorted(range(len(modes)), key=lambda place: -_per_w(modes[place]))
    for place in order:
        span = modes[place].power_w
        more_w = min(max(left_w, 0.0), span.high - span.low)
        left_w -= more_w
        wanted_w[place] = span.low + more_w
    return tuple(
        Choice(actuator, mode, mode.power_w.factor(wanted_w[place]))
        for place, ((actuator, _), mode) in enumerate(zip(options, modes, strict=True))
    )


def _per_w(mode: Mode) -> float:
    """Return by how much the rate rises with each W."""
    power, rate = mode.power_w, mode.rate
    if power.start == power.end:
        return 0.0
    return (rate.end - rate.start) / (power.end - power.start)
