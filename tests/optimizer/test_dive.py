"""A whole plan near the linear optimum, in a few linear runs."""

import time

from hypothesis import given, strategies as st
import numpy as np
import pytest

from optimizer.align import align, horizon_of
from optimizer.assemble import assemble
from optimizer.dive import _choose, _Reach, dive, summed_up
from optimizer.linear import Linear, aim_at
from optimizer.matrices import Compiled
from optimizer.standard import STANDARD, standard_home, standard_series
from optimizer.structures import Structures
from tests.optimizer.homes import CAR, Json, at, home, plan, series
from tests.optimizer.test_solve import compiled

PRICES = series([0.3, 0.1, 0.2, 0.15, 0.25, 0.3])
WASHER: Json = {
    "id": "washer",
    "kind": "appliance",
    "profile_kw": [2, 1],
    "profile_step_minutes": 60,
    "earliest_start": at(0),
    "latest_end": at(6),
}


def car(energy_kwh: float) -> Json:
    session = {"arrive": at(0), "depart": at(6), "energy_kwh": energy_kwh}
    return {**CAR, "min_power_kw": 4.0, "sessions": [session]}


def relaxed(matrices: Compiled, seconds: float = 5.0) -> Linear:
    linear = Linear(matrices, matrices.closed, time.monotonic() + seconds)
    linear.minimise(aim_at(linear.instance, matrices.entries.cost, matrices.weights))
    return linear


def test_the_plan_is_whole_and_keeps_rows_and_bounds() -> None:
    given = home(car(24), WASHER, grid={"import_limit_kw": 9})
    _, matrices = compiled(given, PRICES)
    linear = relaxed(matrices)
    root = linear.run()
    assert root is not None
    whole = dive(linear, root)
    assert whole is not None
    values = whole.values
    assert values[matrices.integers] == pytest.approx(
        np.round(values[matrices.integers]), abs=1e-6
    )
    assert matrices.keeps(values)
    assert (values >= matrices.entries.lower - 1e-6).all()
    assert (values <= matrices.entries.upper + 1e-6).all()
    # 24 kWh: more in the cheapest hours leaves less than the four of a third.
    best = plan(given, PRICES, gap=1e-9)["objective"]
    found = matrices.entries.cost @ values + matrices.offset
    assert root.bound + matrices.offset <= best + 1e-9 <= found + 2e-9 <= 1.05 * best


def test_it_leaves_the_columns_free() -> None:
    _, matrices = compiled(home(car(24), WASHER), PRICES)
    linear = relaxed(matrices)
    root = linear.run()
    assert root is not None
    before = matrices.closed.highs.getLp()
    kept = list(before.col_lower_), list(before.col_upper_)
    assert dive(linear, root) is not None
    after = matrices.closed.highs.getLp()
    assert kept == (list(after.col_lower_), list(after.col_upper_))
    again = linear.run()
    assert again is not None
    assert again.bound == pytest.approx(root.bound)


def test_a_linear_plan_is_whole_already() -> None:
    _, matrices = compiled(home(), PRICES)
    linear = relaxed(matrices)
    root = linear.run()
    assert root is not None
    whole = dive(linear, root)
    assert whole is not None
    assert (whole.values == root.values).all()


def test_there_is_no_optimum_without_a_plan_or_without_time() -> None:
    assert relaxed(compiled(home(car(500)), PRICES)[1]).run() is None
    assert relaxed(compiled(home(car(24)), PRICES)[1], 0.0).run() is None


@given(
    st.lists(st.floats(0, 1), min_size=1, max_size=60), st.sampled_from([1, 3, 6, 12])
)
def test_what_is_rounded_at_once_is_on_about_as_long(
    share: list[float], longest: int
) -> None:
    values = summed_up(np.array(share), longest)
    assert set(values.tolist()) <= {0.0, 1.0}
    if longest == 1:
        share = [part if part > 1e-6 else 0.0 for part in share]
    owed = np.cumsum(np.array(share) - values)
    assert owed.max() <= longest / 2 + 1
    assert owed.min() >= -longest / 2 - 1


def test_longer_runs_are_asked_for_and_come() -> None:
    values = summed_up(np.full(60, 0.4), 6)
    edges = np.flatnonzero(np.diff(values))
    assert len(edges) > 3
    assert np.diff(edges).min() >= 6
    assert summed_up(np.full(4, 0.5), 1).tolist() == [1, 0, 1, 0]


def test_a_heat_pump_with_least_runs_is_on_where_it_has_power() -> None:
    # Its states cannot move alone, as each would need a start: its power tells.
    problem = next(each for each in STANDARD if each.least_run_minutes)
    for seed in (6, 9):
        given, rows = standard_home(problem, seed), standard_series(problem, seed)
        horizon = horizon_of(given, rows)
        parts = assemble(given, align(given, rows, horizon), horizon)
        matrices = Structures().compiled(parts, horizon)
        linear = relaxed(matrices, 30)
        root = linear.run()
        assert root is not None
        whole = dive(linear, root)
        assert whole is not None
        assert matrices.keeps(whole.values)
        cost = float(matrices.entries.cost @ whole.values) + matrices.offset
        assert cost <= 1.015 * (root.bound + matrices.offset)


def test_a_start_of_each_appliance_is_chosen_in_one_round() -> None:
    found = np.array([0.6, 0.4, 0.3, 0.3, 0.4])
    tied = np.ones(5, bool)
    reach = _Reach(found, found, found, np.zeros(5), tied)
    groups = np.array([0, 0, 1, 1, 1], np.int32)
    up, down = _choose(reach, tied, groups, careful=False)
    assert sorted(up.tolist()) == [0, 4]
    assert down.tolist() == []
