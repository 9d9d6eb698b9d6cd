"""A plan to begin with: whole, near the linear optimum, and without a trace."""

import highspy
import numpy as np
import pytest

from optimizer.dive import dive
from tests.optimizer.homes import CAR, Json, at, home, plan, series
from tests.optimizer.test_solve import compiled


def car(energy_kwh: float) -> Json:
    session = {"arrive": at(0), "depart": at(6), "energy_kwh": energy_kwh}
    return {**CAR, "min_power_kw": 4.0, "sessions": [session]}


PRICES = series([0.3, 0.1, 0.2, 0.15, 0.25, 0.3])


def test_the_plan_is_whole_and_keeps_its_bounds() -> None:
    _, matrices = compiled(home(car(24)), PRICES)
    values = dive(matrices, 5.0, {})
    assert values is not None
    whole = values[matrices.integer]
    assert whole == pytest.approx(np.round(whole))
    assert (values >= matrices.lower - 1e-6).all()
    assert (values <= matrices.upper + 1e-6).all()
    start = highspy.HighsSolution()
    start.col_value, start.value_valid = list(values), True
    assert matrices.highs.setSolution(start) == highspy.HighsStatus.kOk
    # 24 kWh: eleven in each of the two cheapest hours leave less than a third's four.
    best = plan(home(car(24)), PRICES)["objective"]
    assert best <= matrices.cost @ values + matrices.offset + 1e-6 <= 1.05 * best


def test_it_leaves_no_trace() -> None:
    _, matrices = compiled(home(car(24)), PRICES)
    before = matrices.highs.getLp()
    kept = (
        list(before.col_lower_),
        list(before.col_upper_),
        list(before.integrality_),
        list(before.col_cost_),
        matrices.highs.getOptionValue("presolve")[1],
    )
    dive(matrices, 5.0, {0: 1.0})
    after = matrices.highs.getLp()
    assert kept == (
        list(after.col_lower_),
        list(after.col_upper_),
        list(after.integrality_),
        list(after.col_cost_),
        matrices.highs.getOptionValue("presolve")[1],
    )


def test_without_integers_or_without_a_plan_there_is_none() -> None:
    assert dive(compiled(home(), PRICES)[1], 5.0, {}) is None
    assert dive(compiled(home(car(500)), PRICES)[1], 5.0, {}) is None
    assert dive(compiled(home(car(24)), PRICES)[1], 0.0, {}) is None
