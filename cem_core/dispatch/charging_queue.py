"""Who charges now where a site has not enough for all: by departure, need and priority.

The car that leaves first comes first, and before it one that can wait no longer (earliest
deadline first until zero laxity, Lee 1994): how long it has until it leaves, less how long
it still has to charge at its most. One that will be late whatever is done comes last. What
is left over is given on in the same order, so that no power of the site stays unused while
a car could take it. A car that has waited for long has a turn in any case, and one that
charges goes on for a while: neither starves, and no relay flaps.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
import math
from typing import Final

_STEP: Final = timedelta(minutes=5)  # of what is foretold
_FORETOLD: Final = timedelta(hours=48)
_MARGIN: Final = timedelta(minutes=10)  # of waiting, before a car counts as urgent
_NOTHING_WH: Final = 10.0  # of a need that counts as met


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueSettings:
    """What is taken for a car that says nothing, and how long turns are."""

    assumed_stay: timedelta = timedelta(hours=10)
    assumed_need_wh: float = 20_000.0
    turn: timedelta = timedelta(minutes=15)
    longest_wait: timedelta = timedelta(minutes=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Car:
    """A car at a socket; it draws 0 or from ``least_w`` to ``most_w``.

    ``needed_wh`` is what it still has to get at its socket, None: it does not say, as
    ``departs_at``. A higher ``priority`` comes first whatever the departure.
    ``on_since`` and ``off_since``: from when it has been given power, or none.
    """

    socket: str
    arrived_at: datetime
    least_w: int
    most_w: int
    departs_at: datetime | None = None
    needed_wh: float | None = None
    priority: int = 0
    on_since: datetime | None = None
    off_since: datetime | None = None

    def still_wh(self, settings: QueueSettings) -> float:
        """Return what it still needs, or what is taken for it."""
        return settings.assumed_need_wh if self.needed_wh is None else self.needed_wh

    def still_needs(self, settings: QueueSettings) -> bool:
        """Tell whether it needs anything worth telling."""
        return self.still_wh(settings) > _NOTHING_WH

    def departure(self, settings: QueueSettings) -> datetime:
        """Return when it leaves, or when it is taken to."""
        return self.departs_at or self.arrived_at + settings.assumed_stay

    def laxity(self, settings: QueueSettings, now: datetime) -> timedelta:
        """Return for how long it could wait and still be ready; negative: it is late."""
        charging = timedelta(hours=self.still_wh(settings) / self.most_w)
        return self.departure(settings) - now - charging


def in_line(
    cars: Sequence[Car], now: datetime, settings: QueueSettings
) -> Sequence[Car]:
    """Return ``cars`` in the order in which they are given power."""
    return sorted(cars, key=lambda car: _place(car, settings, now))


def share(
    cars: Sequence[Car],
    budget_w: float,
    now: datetime,
    settings: QueueSettings | None = None,
) -> dict[str, int]:
    """Return the power of each socket in W, together at most ``budget_w``."""
    settings = settings or QueueSettings()
    shares = dict.fromkeys((car.socket for car in cars), 0)
    left_w = max(0.0, budget_w)
    asking = [car for car in in_line(cars, now, settings) if car.still_needs(settings)]
    begun: list[Car] = []
    for car in asking:
        if car.least_w > left_w:
            givers = [
                other
                for other in begun
                if other.priority <= car.priority
                and other.laxity(settings, now) > settings.turn
            ]
            left_w += _give_way(givers, shares, car.least_w - left_w)
        if car.least_w <= left_w:
            shares[car.socket] = int(min(left_w, car.most_w))
            left_w -= shares[car.socket]
            begun.append(car)
    for car in begun:  # what was given way for a car that was still too large
        more_w = int(min(left_w, car.most_w - shares[car.socket]))
        shares[car.socket] += more_w
        left_w -= more_w
    return shares


def _give_way(givers: Sequence[Car], shares: dict[str, int], wanted_w: float) -> int:
    """Lower those who can wait, the last first, so that power is not left unused."""
    spare_w = sum(shares[car.socket] - car.least_w for car in givers)
    if spare_w < wanted_w:
        return 0
    given_w = 0
    for car in reversed(givers):
        part_w = min(shares[car.socket] - car.least_w, math.ceil(wanted_w - given_w))
        shares[car.socket] -= part_w
        given_w += part_w
    return given_w


def _place(
    car: Car, settings: QueueSettings, now: datetime
) -> tuple[int, bool, int, timedelta, str]:
    """Return by what cars are put in order, the first in the line least."""
    laxity = car.laxity(settings, now)
    waited = now - car.off_since if car.off_since is not None else timedelta()
    in_turn = car.on_since is not None and now - car.on_since < settings.turn
    has_turn = waited >= settings.longest_wait or in_turn
    cannot_wait, too_late = laxity <= _MARGIN, laxity < -_MARGIN
    group = 2 if too_late else 0 if cannot_wait else 1
    return -car.priority, not has_turn, group, car.departure(settings) - now, car.socket


def ready_at(
    cars: Sequence[Car],
    budget_w: float,
    now: datetime,
    settings: QueueSettings | None = None,
) -> dict[str, datetime | None]:
    """Return when each car will be ready; None: not while it is foretold.

    It is played forward as cars are shared now, with the budget as it is and without
    cars that are yet to come, up to two days.
    """
    settings = settings or QueueSettings()
    ready: dict[str, datetime | None] = {car.socket: None for car in cars}
    playing = list(cars)
    at = now
    while playing and at < now + _FORETOLD:
        shares = share(playing, budget_w, at, settings)
        waiting = []
        for car in playing:
            needed_wh = car.still_wh(settings)
            charged_wh = shares[car.socket] * (_STEP / timedelta(hours=1))
            if needed_wh - charged_wh <= _NOTHING_WH:
                part = needed_wh / charged_wh if charged_wh > 0 else 0.0
                ready[car.socket] = at + _STEP * min(1.0, part)
            else:
                waiting.append(replace(car, needed_wh=needed_wh - charged_wh))
        playing = [_turned(car, shares, at) for car in waiting]
        at += _STEP
    return ready


def _turned(car: Car, shares: Mapping[str, int], at: datetime) -> Car:
    """Return a car that was given its share from ``at`` on."""
    if shares[car.socket] > 0:
        return replace(car, on_since=car.on_since or at, off_since=None)
    return replace(car, on_since=None, off_since=car.off_since or at)
