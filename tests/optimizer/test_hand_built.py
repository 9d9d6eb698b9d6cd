"""The compiled matrices against one that was written by hand, on canonical homes.

Both have the same mathematics and share no code: whatever the components, Pyomo or the
compiling got wrong would show in an optimum.
"""

import highspy
import numpy as np
from numpy.typing import NDArray
import pytest

from benchmarks.peers.canonical import TOOLS, Canonical, Home, changed
from benchmarks.peers.compiled_once import CompiledOnce
from benchmarks.peers.hand_built import HandBuilt
from benchmarks.peers.with_cem import read
from optimizer.optimize import Options, optimize

pytestmark = pytest.mark.shared

FINE = 1e-7
CLOSE = 1e-6
DRAWN = 12

type Chosen = NDArray[np.float64]


@pytest.fixture(scope="module")
def canonical(tmp_path_factory: pytest.TempPathFactory) -> Canonical:
    return Canonical(TOOLS, tmp_path_factory.mktemp("homes"))


def pair(
    canonical: Canonical, home: Home, *, relaxed: bool
) -> tuple[CompiledOnce, HandBuilt]:
    """Return both, of the same home."""
    given = read({"files": canonical.written(home)})
    compiled = CompiledOnce(*given, FINE, relaxed=relaxed)
    return compiled, HandBuilt(home, FINE, relaxed=relaxed)


def cost_of(
    solver: CompiledOnce | HandBuilt, chosen: Chosen
) -> float | highspy.HighsModelStatus:
    """Return the least cost with the integers ``chosen``, or why there is none."""
    highs, columns = solver.highs, solver.integers
    highs.changeColsBounds(len(columns), columns, chosen, chosen)
    highs.run()
    status = highs.getModelStatus()
    if status != highspy.HighsModelStatus.kOptimal:
        return status
    return float(highs.getInfo().objective_function_value)


def drawn(home: Home, seed: int) -> Chosen:
    """Return a car that is on in many steps, and a start of each appliance."""
    rng = np.random.default_rng(seed)
    plugged = int(home["ev"]["plug"].sum())
    parts = [(rng.random(plugged) < rng.uniform(0.3, 1)).astype(float)]
    for job in home["jobs"]:
        start = np.zeros(len(job["starts"]))
        start[rng.integers(len(start))] = 1.0
        parts.append(start)
    return np.concatenate(parts)


@pytest.mark.parametrize("problem", ["P1", "P2"])
def test_the_linear_optima_are_equal(canonical: Canonical, problem: str) -> None:
    compiled, by_hand = pair(canonical, canonical.home(problem), relaxed=True)
    assert compiled.solve() == pytest.approx(by_hand.solve(), rel=CLOSE)


def test_so_they_are_on_new_data(canonical: Canonical) -> None:
    home = canonical.home("P1")
    compiled, by_hand = pair(canonical, home, relaxed=True)
    found = {by_hand.solve()}
    for place in range(3):
        new = changed(home, place)
        compiled.give(*read({"files": canonical.written(new)}))
        by_hand.give(new)
        found.add(by_hand.solve())
        assert compiled.solve() == pytest.approx(by_hand.solve(), rel=CLOSE)
        assert pair(canonical, new, relaxed=True)[1].solve() == pytest.approx(
            by_hand.solve(), rel=CLOSE
        )
    assert len(found) == 4


@pytest.mark.parametrize("seed", [7, 0, 1])
def test_the_whole_optima_of_a_day_are_equal(canonical: Canonical, seed: int) -> None:
    home = canonical.home("P1", seed=seed)
    compiled, by_hand = pair(canonical, home, relaxed=False)
    found = by_hand.solve()
    assert compiled.solve() == pytest.approx(found, rel=CLOSE)
    scored = canonical.score(home, by_hand.schedule())
    assert scored.violations == {}
    assert scored.cost == pytest.approx(found, rel=CLOSE)


@pytest.mark.parametrize("problem", ["P1", "P2"])
def test_every_choice_costs_the_same(canonical: Canonical, problem: str) -> None:
    # To prove the whole optimum of P2 to 1e-6 takes HiGHS too long. What the two
    # matrices say of each choice of integers decides it as well.
    home = canonical.home(problem)
    compiled, by_hand = pair(canonical, home, relaxed=True)
    assert len(compiled.integers) == len(by_hand.integers)
    costs = []
    for seed in range(DRAWN):
        chosen = drawn(home, seed)
        cost = cost_of(by_hand, chosen)
        if isinstance(cost, float):
            costs.append(cost)
            assert cost_of(compiled, chosen) == pytest.approx(cost, rel=CLOSE)
        else:
            assert cost_of(compiled, chosen) == cost
    assert len(set(costs)) > DRAWN / 2


def test_a_plan_of_p2_costs_by_hand_what_it_says(canonical: Canonical) -> None:
    home = canonical.home("P2")
    files = {"files": canonical.written(home)}
    plan = optimize(*read(files), Options(gap=1e-4))
    schedule = canonical.schedule(plan, home)
    _, by_hand = pair(canonical, home, relaxed=True)
    on = np.asarray(schedule["ev"])[home["ev"]["plug"]] > 0
    starts = [
        np.asarray(job["starts"]) == schedule["starts"][job["name"]]
        for job in home["jobs"]
    ]
    cost = cost_of(by_hand, np.concatenate([on, *starts]).astype(float))
    assert plan["objective"] == pytest.approx(cost, rel=2 * CLOSE)
    assert plan["bound"] <= plan["objective"]
