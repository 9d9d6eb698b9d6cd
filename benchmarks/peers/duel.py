"""One contender against another on the same homes, turn by turn."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from benchmarks.peers.canonical import Canonical, Home, Scored, changed
from benchmarks.peers.contender import Contender
from benchmarks.peers.rows import Row, Took, broken, dearer, faster

GAP: Final = 1e-3
_ROUNDED: Final = 1e-4  # EUR, by the rounding of powers


@dataclass(slots=True)
class Side:
    """What one contender took, and what the simulator says of its schedules."""

    first: list[Took] = field(default_factory=list)
    again: list[Took] = field(default_factory=list)
    cost: list[float] = field(default_factory=list)
    claimed: list[float] = field(default_factory=list)
    violations: list[Mapping[str, float]] = field(default_factory=list)

    def add(self, took: Took, scored: Scored, *, again: bool = False) -> None:
        """Take one more schedule."""
        (self.again if again else self.first).append(took)
        self.cost.append(scored.cost)
        self.violations.append(scored.violations)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bars:
    """How many times faster ours must be, and how much dearer it may.

    Where a plan can be ``exact``, ours is the objective that PLAN states: priced by
    the powers in it, which are rounded to a milliwatt, it is 1e-6 EUR off.
    """

    first: float | None = None
    again: float | None = None
    dearer: float | None = None
    exact: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Duel:
    """Ours against a peer on one home, ``times`` times."""

    canonical: Canonical
    own: Contender
    peer: Contender
    times: int
    own_orders: tuple[str, str] = ("first", "again")
    peer_orders: tuple[str, ...] = ("first", "again")

    def rows(self, what: str, home: Home, bars: Bars) -> Iterator[Row]:
        """Yield the rows of ``home``: first plan, plan on new data, cost."""
        ours, theirs = Side(), Side()
        for place in range(self.times):
            sides = [
                (self.own, self.own_orders, ours),
                (self.peer, self.peer_orders, theirs),
            ]
            if place % 2:
                sides.reverse()
            for contender, orders, side in sides:
                asked = [home, changed(home, place)]
                for order, each in zip(orders, asked, strict=False):
                    self._ask(contender, order, each, side)
        yield faster(f"{what}: first plan", ours.first, theirs.first, bars.first)
        if theirs.again:
            yield faster(f"{what}: new data", ours.again, theirs.again, bars.again)
        # A peer that keeps nothing has only its first plans to be compared with.
        every = len(self.own_orders) // len(self.peer_orders)
        costs = (ours.claimed if bars.exact else ours.cost)[::every]
        yield dearer(f"{what}: cost", costs, theirs.cost, bars.dearer)
        yield broken(f"{what}: broken schedules", ours.violations, theirs.violations)

    def _ask(self, contender: Contender, order: str, home: Home, side: Side) -> None:
        answer = ask(self.canonical, contender, order, home)
        took = Took(answer["seconds"], answer["cpu_seconds"])
        scored = self.canonical.score(home, answer["schedule"])
        side.add(took, scored, again=order.startswith("again"))
        if "plan" in answer:
            side.claimed.append(answer["plan"]["objective"])
            assert abs(side.claimed[-1] - scored.cost) < _ROUNDED


def ask(
    canonical: Canonical,
    contender: Contender,
    order: str,
    home: Home,
    gap: float = GAP,
) -> Mapping[str, Any]:
    """Return seconds and schedule of ``contender`` for ``home``."""
    asked = home | {"gap": gap}
    if contender.name == "cem":
        asked["files"] = canonical.written(home)
    answer = contender.ask(order, asked)
    if "plan" in answer:
        return {**answer, "schedule": canonical.schedule(answer["plan"], home)}
    return answer
