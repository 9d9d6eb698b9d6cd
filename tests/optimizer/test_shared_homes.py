"""The canonical homes, their schedules judged by an independent simulator."""

from collections.abc import Iterator
import importlib
from pathlib import Path
import sys
from typing import Any

import pytest

from optimizer.cli.series_file import read_series
from optimizer.optimize import Options, optimize
from optimizer.read_home import home_from_tree
from optimizer.yaml_document import parse

TOOLS = Path(__file__).resolve().parents[3] / "shared" / "tools" / "optimizer"
OPTIMUM = 12.64714

pytestmark = pytest.mark.shared


@pytest.fixture(scope="module")
def tools() -> Iterator[tuple[Any, Any]]:
    sys.path.insert(0, str(TOOLS))
    yield importlib.import_module("problems"), importlib.import_module("contract")
    sys.path.remove(str(TOOLS))


def judged(
    tools: tuple[Any, Any], given: dict[str, Any], folder: Path
) -> dict[str, Any]:
    """Return PLAN of a canonical home after the simulator has agreed with it."""
    problems, contract = tools
    home_file, series_file = contract.write(given, folder)
    home = home_from_tree(parse(home_file.read_text()))
    plan = optimize(home, read_series(str(series_file)), Options())
    scored = problems.simulate(given, contract.read(plan, given))
    assert scored["violations"] == {}
    assert scored["total"] == pytest.approx(plan["objective"], abs=1e-3)
    assert plan["bound"] <= plan["objective"] + 1e-9
    assert plan["status"] == "optimal"
    assert plan["gap"] <= 1e-3
    assert plan["relaxed"] == []
    return plan


def test_p1_is_within_a_thousandth_of_its_optimum(tools: Any, tmp_path: Path) -> None:
    plan = judged(tools, tools[0].make_home(7), tmp_path)
    assert plan["objective"] == pytest.approx(OPTIMUM, rel=1e-3)
    assert plan["bound"] <= OPTIMUM + 1e-5


def test_p1_with_a_three_phase_car(tools: Any, tmp_path: Path) -> None:
    given = tools[0].make_home(7)
    given["ev"] = {**given["ev"], "pmin": 4.14}
    plan = judged(tools, given, tmp_path)
    assert plan["objective"] >= OPTIMUM


@pytest.mark.parametrize("seed", range(4))
def test_homes_of_p3(tools: Any, tmp_path: Path, seed: int) -> None:
    judged(tools, tools[0].make_home(seed), tmp_path)


@pytest.mark.parametrize("seed", range(2))
def test_negative_prices(tools: Any, tmp_path: Path, seed: int) -> None:
    judged(tools, tools[0].make_home(seed, negative_prices=True), tmp_path)


@pytest.mark.parametrize(
    "kept",
    [
        (),
        ("pv",),
        ("battery",),
        ("pv", "battery"),
        ("ev", "dso"),
        ("hp",),
        ("appliances", "peak"),
        ("pv", "battery", "hp", "peak"),
        ("pv", "battery", "ev", "appliances"),
    ],
)
def test_homes_without_some_devices(
    tools: Any, tmp_path: Path, kept: tuple[str, ...]
) -> None:
    given = tools[0].with_devices(tools[0].make_home(7), *kept)
    judged(tools, given, tmp_path)
