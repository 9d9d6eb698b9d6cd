"""The range of a peak, split: bounds of its parts, none above the optimum."""

import time

import numpy as np
import pytest

from optimizer.linear import Linear, aim_at
from optimizer.split import half_on, split
from optimizer.structures import Structures
from tests.optimizer.homes import CAR, at, home, series
from tests.optimizer.test_climb import optimum, three_phases
from tests.optimizer.test_compile import parts_of


def tight() -> Linear:
    matrices = Structures().compiled(*parts_of(*three_phases()), tight=True)
    linear = Linear(matrices, matrices.closed, time.monotonic() + 20)
    linear.minimise(aim_at(linear.instance, matrices.entries.cost))
    return linear


def test_the_bound_stays_below_the_optimum_and_is_far_higher_outside() -> None:
    linear = tight()
    best, relaxed = optimum(linear.compiled), linear.run()
    rows = half_on(linear.compiled)
    assert best is not None
    assert relaxed is not None
    assert rows is not None
    best -= linear.compiled.offset
    found = split(linear, rows, 3.0, relaxed.bound, best - 1e-4)
    assert found is not None
    assert relaxed.bound - 1e-6 <= found.bound <= best + 1e-6
    assert found.outside > relaxed.bound + 1
    assert found.outside >= best - 1e-4


def test_the_range_that_is_left_holds_the_best_plan() -> None:
    linear = tight()
    best, rows = optimum(linear.compiled), half_on(linear.compiled)
    assert best is not None
    assert rows is not None
    best -= linear.compiled.offset
    found = split(linear, rows, 3.0, -np.inf, best + 0.05)
    assert found is not None
    assert found.linear is not None
    low = found.linear.lower[rows.excess]
    assert 0 < found.linear.upper[rows.excess] - low < 3.2
    inside = found.linear.run()
    assert inside is not None
    assert inside.bound <= best + 1e-6


def test_rows_are_those_of_the_peak() -> None:
    linear = tight()
    rows = half_on(linear.compiled)
    assert rows is not None
    of_excess = rows.column == rows.excess
    assert rows.factor[of_excess] == pytest.approx(-np.ones(len(rows.most)))
    assert np.bincount(rows.row[rows.state > 0]).tolist() == [1] * len(rows.most)


def test_without_a_price_on_the_peak_there_is_nothing_to_split() -> None:
    session = {"arrive": at(0), "depart": at(2), "energy_kwh": 6}
    car = {**CAR, "min_power_kw": 4.14, "sessions": [session]}
    given = home(car, minutes=15, grid={"import_limit_kw": 9})
    parts = parts_of(given, series([0.2] * 8, minutes=15))
    assert half_on(Structures().compiled(*parts, tight=True)) is None


def test_where_the_bound_hardly_rises_no_time_is_lost() -> None:
    linear = tight()
    rows, best = half_on(linear.compiled), optimum(linear.compiled)
    assert rows is not None
    assert best is not None
    best -= linear.compiled.offset
    assert split(linear, rows, 3.0, best - 1e-4, best + 100) is None
