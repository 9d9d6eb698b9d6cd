"""The quickest way from an operation mode to each other one, over modes between.

A transition waits for the timers that block it, starts timers of its own and takes
its time; the next one begins when it is through. Source: s2-ws-json, Transition.
"""

from collections.abc import Iterable, Mapping, Sequence, Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import count
from uuid import UUID

from s2python.generated.gen_s2 import Timer, Transition

from cem_core.s2.messages import identifier

type Timers = Mapping[UUID, datetime]  # when each that was started finishes
type _Entry = tuple[datetime, int, float, int, UUID, Timers, tuple[Way, ...], datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """A transition from a mode to another."""

    before: UUID
    after: UUID
    starts: tuple[UUID, ...]
    blocked_by: tuple[UUID, ...]
    abnormal_only: bool
    cost: float = 0.0  # in the currency of the device's details
    takes: timedelta = timedelta()


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
            takes=timedelta()
            if each.transition_duration is None
            else timedelta(milliseconds=each.transition_duration.root),
        )
        for each in transitions
    )


def lengths(timers: Iterable[Timer]) -> dict[UUID, timedelta]:
    """Return how long each timer runs."""
    return {
        identifier(each.id): timedelta(milliseconds=each.duration.root)
        for each in timers
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Path:
    """Transitions one after the other; none where it is there already."""

    ways: tuple[Way, ...]
    begins: datetime
    arrives: datetime
    cost: float
    finished: Timers  # as they run when it arrives


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """The modes of an actuator that may be used, and the ways between them."""

    modes: AbstractSet[UUID]
    ways: Sequence[Way]
    lengths: Mapping[UUID, timedelta]
    abnormal: bool = False

    def paths(
        self, start: UUID, ready: datetime, finished: Timers
    ) -> Mapping[UUID, Path]:
        """Return the path to each mode that is there first, of those the shortest.

        It is in ``start``, and can leave it from ``ready`` on.
        """
        found: dict[UUID, Path] = {}
        number = count()
        waiting: list[_Entry] = [(ready, 0, 0.0, 0, start, finished, (), ready)]
        while waiting:
            at, _, cost, _, mode, timers, before, begins = heappop(waiting)
            if mode in found:
                continue
            found[mode] = Path(
                ways=before, begins=begins, arrives=at, cost=cost, finished=timers
            )
            for way in self._from(mode, found.keys()):
                leaves = max([at, *(timers.get(t, at) for t in way.blocked_by)])
                running = dict(timers)
                for timer in way.starts:
                    running[timer] = leaves + self.lengths.get(timer, timedelta())
                entry = (
                    leaves + way.takes,
                    len(before) + 1,
                    cost + way.cost,
                    next(number),
                    way.after,
                    running,
                    (*before, way),
                    begins if before else leaves,
                )
                heappush(waiting, entry)
        return found

    def _from(self, mode: UUID, known: AbstractSet[UUID]) -> Iterable[Way]:
        return (
            way
            for way in self.ways
            if way.before == mode
            and way.after in self.modes
            and way.after not in known
            and (self.abnormal or not way.abnormal_only)
        )

    def after(
        self, way: Way, at: datetime, finished: Timers
    ) -> tuple[datetime, Timers]:
        """Return when ``way``, begun ``at``, is through, and the timers from then on."""
        started = {t: at + self.lengths.get(t, timedelta()) for t in way.starts}
        return at + way.takes, {**finished, **started}
