"""What a plan is made from equals what Pyomo makes of the same rules."""

from pathlib import Path
from random import Random

import highspy
from hypothesis import given, settings, strategies as st
import pytest

from optimizer.assemble import Parts
from optimizer.horizon import Horizon
from optimizer.optimize import optimize
from optimizer.pyomo_model import pyomo_model, write_model
from optimizer.read_home import home_from_json
from optimizer.series import table
from optimizer.structures import Structures
from optimizer.tighten import tighten
from tests.examples import examples
from tests.optimizer.homes import BATTERY, CAR, HEAT_PUMP, ROOF, at, home, series
from tests.optimizer.pyomo_walk import Line, walk
from tests.optimizer.test_any_home import any_home
from tests.optimizer.test_any_tariff import meters, sold
from tests.optimizer.test_compile import many, parts_of


def equal(parts: Parts, horizon: Horizon, *, tight: bool = False) -> None:
    compiled = Structures().compiled(parts, horizon, tight=tight)
    model = pyomo_model(parts, horizon)
    if tight:
        tighten(model, parts)
    found, entries = walk(model, compiled), compiled.entries
    assert len(found.lower) == compiled.column_count
    assert len(found.rows) == compiled.row_count
    assert found.integers == set(compiled.integers.tolist())
    for column in range(compiled.column_count):
        close(entries.lower[column], found.lower[column])
        close(entries.upper[column], found.upper[column])
    for row, (line, lower, upper) in found.rows.items():
        part = slice(compiled.starts[row], compiled.starts[row + 1])
        columns = compiled.indices[part].tolist()
        assert len(set(columns)) == len(columns)
        own = dict(zip(columns, entries.coefficients[part].tolist(), strict=True))
        same_factors(own, line)
        close(entries.row_lower[row], lower)
        close(entries.row_upper[row], upper)
    assert list(found.costs) == list(compiled.cost_names)
    for place, line in enumerate(found.costs.values()):
        same_factors(dict(enumerate(entries.costs[place].tolist())), line)
        close(entries.offsets[place], line.constant)


def same_factors(own: dict[int, float], line: Line) -> None:
    for column in own.keys() | line.columns.keys():
        close(own.get(column, 0.0), line.columns.get(column, 0.0))


def close(one: float, other: float) -> None:
    assert one == pytest.approx(other, rel=1e-12, abs=1e-12)


@settings(max_examples=examples(40, 400), deadline=None)
@given(st.integers(0, 10**6))
def test_any_home_is_the_same_in_pyomo(seed: int) -> None:
    equal(*parts_of(*any_home(Random(seed))))  # noqa: S311 - a repeatable draw


@settings(max_examples=examples(15, 100), deadline=None)
@given(st.integers(0, 10**6))
def test_tightened_too(seed: int) -> None:
    equal(*parts_of(*any_home(Random(seed))), tight=True)  # noqa: S311 - as above


@settings(max_examples=examples(15, 100), deadline=None)
@given(st.integers(0, 10**6))
def test_meters_and_what_is_sold_too(seed: int) -> None:
    random = Random(seed)  # noqa: S311 - as above
    document, rows = any_home(random)
    meters(random, document, rows)
    sold(random, document, rows)
    equal(*parts_of(document, rows))


def test_further_devices_too() -> None:
    rows = series(
        [0.1, 0.3, -0.2, 0.4],
        pv_kw=[1.0, 0.0, 2.0, 0.5],
        cop=3.0,
        t_min_c=20.0,
        t_max_c=25.0,
        outdoor_temperature_c=3.0,
    )
    for tight in (False, True):
        equal(*parts_of(many(1.0), rows), tight=tight)


@pytest.mark.parametrize("ending", ["lp", "mps"])
def test_another_solver_finds_the_same_cost(tmp_path: Path, ending: str) -> None:
    session = {"arrive": at(0), "depart": at(3), "energy_kwh": 6}
    car = {**CAR, "sessions": [session], "min_power_kw": 4.14}
    given_home = home(BATTERY, ROOF, car, HEAT_PUMP)
    rows = series(
        [0.1, 0.3, 0.2, 0.4],
        pv_kw=[1.0, 0.0, 2.0, 0.5],
        cop=3.0,
        t_min_c=20.0,
        t_max_c=25.0,
        outdoor_temperature_c=3.0,
    )
    path = tmp_path / f"model.{ending}"
    read = home_from_json(given_home), table(rows)
    write_model(*read, path)
    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    highs.setOptionValue("threads", 1)
    highs.readModel(str(path))
    highs.setOptionValue("mip_rel_gap", 1e-9)
    highs.run()
    plan = optimize(*read)
    assert highs.getModelStatus() == highspy.HighsModelStatus.kOptimal
    found = highs.getInfo().objective_function_value
    assert plan["bound"] - 1e-6 <= found <= plan["objective"] + 1e-6
