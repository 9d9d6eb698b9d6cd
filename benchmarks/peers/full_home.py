"""Whole canonical homes: ours against HiGHS alone on matrices written by hand."""

from collections.abc import Iterator, Sequence
import json
from typing import Any, Final

from benchmarks.peers.canonical import Canonical, Home, changed
from benchmarks.peers.compiled_once import CompiledOnce
from benchmarks.peers.duel import GAP, Side, ask
from benchmarks.peers.hand_built import HandBuilt
from benchmarks.peers.others import own
from benchmarks.peers.processes import optimized
from benchmarks.peers.rows import (
    Row,
    Took,
    at_most,
    broken,
    dearer,
    faster,
    times_as_long,
)
from benchmarks.peers.serve import timed
from benchmarks.peers.with_cem import read

_ALONE: Final = "HiGHS alone, by hand"
_FINE: Final = 1e-7
_STREET: Final = 100
_LOOSER: Final = 2e-3


def matrix(canonical: Canonical, times: int) -> Iterator[Row]:
    """Yield rows against HiGHS' branch and bound on the hand-built matrix.

    Ours is what `cem optimize` says of itself: a new process for each plan.
    """
    for problem in ("P1", "P2"):
        home, ours, theirs = canonical.home(problem), Side(), Side()
        for _ in range(times):
            alone, took = branched(home)
            theirs.add(took, canonical.score(home, alone.schedule()))
            plan = json.loads(optimized(*canonical.written(home)).output)
            took = Took(plan["build_seconds"] + plan["solve_seconds"])
            ours.add(took, canonical.score(home, canonical.schedule(plan, home)))
        what = f"{_ALONE}, {problem}"
        yield faster(f"{what}: build and solve", ours.first, theirs.first, 1)
        yield dearer(f"{what}: cost", ours.cost, theirs.cost, GAP)
        yield broken(f"{what}: broken schedules", ours.violations, theirs.violations)


def relaxation(canonical: Canonical, times: int) -> Iterator[Row]:
    """Yield how our re-plan compares with a warm linear relaxation."""
    with own() as ours:
        for problem, most in (("P1", 4.0), ("P2", 5.0)):
            home = canonical.home(problem)
            relaxed = HandBuilt(home, GAP, relaxed=True)
            relaxed.solve()
            ask(canonical, ours, "first", home)
            own_seconds, their_seconds, gaps = [], [], []
            for place in range(times):
                new = changed(home, place)
                their_seconds.append(_again(relaxed, new))
                answer = ask(canonical, ours, "again", new)
                own_seconds.append(Took(answer["seconds"], answer["cpu_seconds"]))
                gaps.append(answer["plan"]["gap"])
            what = f"warm linear relaxation, {problem}: new data"
            yield times_as_long(what, own_seconds, their_seconds, most)
            yield at_most(f"{what}, largest gap", [max(gaps)], "", GAP)


def compiled(canonical: Canonical, times: int) -> Iterator[Row]:
    """Yield what Pyomo compiled once costs on new data, same solver, same gap."""
    for problem in ("P1", "P2"):
        home = canonical.home(problem)
        new = [changed(home, place) for place in range(times)]
        given = [read({"files": canonical.written(each)}) for each in (home, *new)]
        for relaxed, how, most in (
            (False, "branch and bound", 1.2),
            (True, "linear", None),
        ):
            by_hand = HandBuilt(home, GAP, relaxed=relaxed)
            once = CompiledOnce(*given[0], GAP, relaxed=relaxed)
            by_hand.solve()
            once.solve()
            ours, theirs, costs = [], [], []
            for each, read_again in zip(new, given[1:], strict=True):
                theirs.append(_again(by_hand, each))
                ours.append(_again(once, *read_again))
                costs.append((_value(once), _value(by_hand)))
            what = f"compiled once against {_ALONE}, {problem}, {how}"
            yield times_as_long(f"{what}: new data", ours, theirs, most)
            if relaxed:
                own_costs, their_costs = zip(*costs, strict=True)
                yield dearer(
                    f"{what}: optimum", own_costs, their_costs, 1e-6, either_way=True
                )
    yield _optima(canonical, times)


def _optima(canonical: Canonical, times: int) -> Row:
    """Return the whole optima of P1; those of P2 take HiGHS too long to prove."""
    home = canonical.home("P1")
    ours, theirs = [], []
    for place in range(times):
        each = changed(home, place)
        theirs.append(HandBuilt(each, _FINE).solve())
        given = read({"files": canonical.written(each)})
        ours.append(CompiledOnce(*given, _FINE).solve())
    what = f"compiled once against {_ALONE}, P1, branch and bound to 1e-7: optimum"
    return dearer(what, ours, theirs, 1e-6, either_way=True)


def _value(solver: HandBuilt | CompiledOnce) -> float:
    return float(solver.highs.getInfo().objective_function_value)


def fleet(canonical: Canonical, times: int) -> Iterator[Row]:
    """Yield the sums over a hundred homes, turn by turn, each planned once."""
    del times
    theirs, gaps = Side(), (GAP, _LOOSER)
    ours = {gap: Side() for gap in gaps}
    reached: dict[float, list[float]] = {gap: [] for gap in gaps}
    with own() as exact, own() as loose:
        for seed in range(_STREET):
            home = canonical.home("P1", seed=seed)
            alone, took = branched(home)
            theirs.add(took, canonical.score(home, alone.schedule()))
            for gap, contender in zip(gaps, (exact, loose), strict=True):
                order = "again" if seed else "first"
                answer = ask(canonical, contender, order, home, gap)
                took = Took(answer["seconds"], answer["cpu_seconds"])
                ours[gap].add(took, canonical.score(home, answer["schedule"]))
                reached[gap].append(answer["plan"]["gap"])
    for gap, side in ours.items():
        what = f"{_ALONE} at {GAP:g}, P3, ours at {gap:g}"
        every = f"{what}: all {_STREET} homes"
        yield faster(every, [_sum(side.first)], [_sum(theirs.first)], 20)
        yield dearer(f"{what}: cost of a home", side.cost, theirs.cost, gap)
        both = side.violations, theirs.violations
        yield broken(f"{what}: broken schedules", *both)
        yield at_most(f"{what}: largest gap", [max(reached[gap])], "", gap)


def branched(home: Home) -> tuple[HandBuilt, Took]:
    """Return the hand-built matrix after branch and bound, building included."""

    def run() -> HandBuilt:
        alone = HandBuilt(home, GAP)
        alone.solve()
        return alone

    alone, took = timed(run)
    return alone, Took(**took)


def _again(solver: HandBuilt | CompiledOnce, *data: Any) -> Took:  # noqa: ANN401 - of each its own
    def run() -> None:
        solver.give(*data)
        solver.solve()

    return Took(**timed(run)[1])


def _sum(taken: Sequence[Took]) -> Took:
    cpu_seconds = sum(each.cpu_seconds or 0.0 for each in taken)
    return Took(sum(each.seconds for each in taken), cpu_seconds)
