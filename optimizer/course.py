"""Every course that a programme can take: its legs, and the places between them.

A place lies before each section and at each cut of an option that may be interrupted. A
leg runs from a place to the next without a pause, from when it was come there or from
the beginning of a later step, as far as it may be paused there.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Final

import numpy as np

from optimizer.home import Option, Programme
from optimizer.horizon import Horizon
from optimizer.series import Numbers

_CUT: Final = timedelta(minutes=15)
_MOST_CUTS: Final = 12  # of an option: it is as much as a plan can tell apart
_ANY: Final = timedelta(days=10_000)
_HOUR: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a programme is: before a section, or at a cut of its option."""

    section: int
    option: int = -1
    cut: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """A part of an option, without a pause; its profile is in kW by profile step."""

    before: Place
    after: Place
    option: int
    begins: datetime
    ends: datetime
    profile_kw: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """A place with the legs that come to it and leave it, by number.

    ``longest`` is how long it may be paused before each that leaves.
    """

    place: Place
    comes: Mapping[datetime, Sequence[int]]
    leaves: Mapping[datetime, Sequence[int]]
    longest: Mapping[int, timedelta]

    @property
    def pauses(self) -> bool:
        """Whether there may be a pause."""
        return any(self.longest.values())

    def in_time(self, at: datetime, edges: frozenset[datetime]) -> list[int]:
        """Return the legs that leave soon enough after what came ``at``."""
        return [
            leg
            for begins, legs in self.leaves.items()
            for leg in legs
            if begins == at
            or (begins in edges and at < begins <= at + self.longest[leg])
        ]

    def at_any_time(self) -> bool:
        """Whether no pause is too long."""
        return all(longest == _ANY for longest in self.longest.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """All legs, and all stops but the beginning and the end."""

    legs: Sequence[Leg]
    first: Sequence[int]
    """The legs that a run begins with."""
    stops: Sequence[Stop]


@dataclass(slots=True)
class _Making:
    programme: Programme
    horizon: Horizon
    legs: list[Leg] = field(default_factory=list)
    comes: dict[Place, dict[datetime, list[int]]] = field(default_factory=dict)

    @property
    def step(self) -> timedelta:
        return timedelta(minutes=self.programme.profile_step_minutes)

    def due(self) -> datetime:
        return min(self.programme.latest_end, self.horizon.end)

    def pieces(self, option: Option) -> list[tuple[float, ...]]:
        """Return the parts of an option between which it may be paused."""
        profile = option.profile_kw
        if not option.interruptible:
            return [profile]
        least = max(1, -(-_CUT // self.step), -(-len(profile) // _MOST_CUTS))
        # In whole quarter hours, so that what goes on after a pause ends with a step.
        if not _CUT % self.step:
            quarter = _CUT // self.step
            least = -(-least // quarter) * quarter
        return [profile[at : at + least] for at in range(0, len(profile), least)]

    def left(self, section: int) -> timedelta:
        """Return the least time that ``section`` and what follows take."""
        return self.step * sum(
            min(len(option.profile_kw) for option in each.options)
            for each in self.programme.sections[section:]
        )

    def beginnings(self, section: int, longest: timedelta) -> Iterator[datetime]:
        """Yield when a section may begin after what came before it."""
        if section == 0:
            yield from self._first(longest)
        else:
            yield from self.later(Place(section), longest)

    def _first(self, longest: timedelta) -> Iterator[datetime]:
        programme, horizon = self.programme, self.horizon
        if programme.begun:
            until = horizon.start + longest
            yield from (time for time in horizon.times if time <= until)
        else:
            first = horizon.inside(programme.earliest_start, horizon.end).start
            yield from horizon.times[first:]

    def later(self, place: Place, longest: timedelta) -> Iterator[datetime]:
        """Yield when it may go on: when it came there, and after a pause."""
        came = sorted(self.comes.get(place, ()))
        found = set(came)
        if longest:
            found |= {
                time
                for time in self.horizon.times
                if any(at < time <= at + longest for at in came)
            }
        yield from sorted(found)

    def add(self, leg: Leg) -> None:
        number = len(self.legs)
        self.legs.append(leg)
        self.comes.setdefault(leg.after, {}).setdefault(leg.ends, []).append(number)


@lru_cache(maxsize=16)  # a plan on new data has the same
def course(programme: Programme, horizon: Horizon) -> Course:
    """Return what ``programme`` can do within its window and ``horizon``."""
    making = _Making(programme, horizon)
    for number, section in enumerate(programme.sections):
        for chosen, option in enumerate(section.options):
            _option(making, number, chosen, option)
    legs = making.legs
    first = [n for n, leg in enumerate(legs) if leg.before == Place(0)]
    stops = [
        _stop(programme, place, legs, comes)
        for place, comes in making.comes.items()
        if place.section < len(programme.sections)
    ]
    return Course(legs=legs, first=first, stops=stops)


def _option(making: _Making, section: int, chosen: int, option: Option) -> None:
    after = making.left(section + 1)
    pieces = making.pieces(option)
    place, longest = Place(section), _minutes(option)
    for number, piece in enumerate(pieces):
        last = number == len(pieces) - 1
        following = Place(section + 1) if last else Place(section, chosen, number + 1)
        rest = making.step * sum(len(later) for later in pieces[number + 1 :])
        begins = (
            making.later(place, _ANY) if number else making.beginnings(section, longest)
        )
        for begin in list(begins):
            end = begin + making.step * len(piece)
            if end + rest + after <= making.due():
                making.add(
                    Leg(
                        before=place,
                        after=following,
                        option=chosen,
                        begins=begin,
                        ends=end,
                        profile_kw=piece,
                    )
                )
        place = following


def _minutes(option: Option) -> timedelta:
    return min(timedelta(minutes=option.max_pause_minutes), _ANY)


def _stop(
    programme: Programme,
    place: Place,
    legs: Sequence[Leg],
    comes: Mapping[datetime, Sequence[int]],
) -> Stop:
    leaving = [(n, leg) for n, leg in enumerate(legs) if leg.before == place]
    leaves: dict[datetime, list[int]] = {}
    for number, leg in leaving:
        leaves.setdefault(leg.begins, []).append(number)
    options = programme.sections[place.section].options
    longest = {
        n: _ANY if place.cut else _minutes(options[leg.option]) for n, leg in leaving
    }
    return Stop(place=place, comes=comes, leaves=leaves, longest=longest)


def drawn(legs: Iterable[Leg], horizon: Horizon) -> Iterator[Mapping[int, float]]:
    """Yield the mean power in kW of each leg in the steps that it touches."""
    for leg in legs:
        touched = horizon.touching(leg.begins, leg.ends)
        parts = len(leg.profile_kw)
        marks = (leg.begins - horizon.start) / _HOUR + np.arange(parts + 1) * (
            (leg.ends - leg.begins) / _HOUR / parts
        )
        kwh: Numbers = np.cumsum([0.0, *np.diff(marks) * np.array(leg.profile_kw)])
        edges = horizon.clock[touched.start : touched.stop + 1]
        within = np.interp(edges, marks, kwh)
        yield {
            t: float(last - first) / float(horizon.hours[t])
            for t, (first, last) in zip(touched, pairwise(within), strict=True)
        }
