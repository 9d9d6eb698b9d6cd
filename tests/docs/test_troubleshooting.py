"""Every problem that the CEM can tell of has its section in docs/troubleshooting.md."""

import ast
from collections.abc import Iterator
import json
import re

import pytest

from cem_core.dispatch import WarningCode
from optimizer import answers
from tests.test_repository import ROOT

PAGE = (ROOT / "docs" / "troubleshooting.md").read_text()
HEADINGS = re.findall(r"^### `(\w+)`$", PAGE, re.MULTILINE)
INTEGRATION = ROOT / "custom_components" / "cem"


def codes_of_problems() -> Iterator[str]:
    """Yield the codes that problems.py gives by name, and those of dispatch."""
    tree = ast.parse((INTEGRATION / "problems.py").read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.Yield) and isinstance(node.value, ast.Tuple):
            code = node.value.elts[0]
            if isinstance(code, ast.Constant):
                yield str(code.value)
    yield from WarningCode


def kinds_of_plan_problems() -> Iterator[str]:
    """Yield the code of each failure that a worker and its client name."""
    for path, call in (
        (INTEGRATION / "worker_client.py", "WorkerError"),
        (ROOT / "optimizer" / "worker.py", "_error"),
        (ROOT / "optimizer" / "answers.py", "_error"),
    ):
        for node in ast.walk(ast.parse(path.read_text())):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id == call
                and isinstance(first := node.args[0], ast.Constant)
                and isinstance(kind := first.value, str)
            ):
                yield f"plan_{kind}"
    yield from (f"plan_{kind}" for kind in (*answers._INVALID.values(), "invalid_home"))
    yield "plan_input"  # what the planner could not make a question of


def issues() -> Iterator[str]:
    yield from json.loads((INTEGRATION / "strings.json").read_text())["issues"]


# What is not told as a problem: a plan that was given up for another one, the pause
# between two tries, and the answers to questions that are no plan.
UNTOLD = {
    "plan_abandoned",
    "plan_backing_off",
    "plan_invalid_replay",
    "plan_invalid_what_if",
}


@pytest.mark.parametrize(
    "code", sorted({*codes_of_problems(), *kinds_of_plan_problems(), *issues()})
)
def test_every_problem_has_its_section(code: str) -> None:
    assert code in HEADINGS or code in UNTOLD


def test_no_section_is_about_a_problem_that_is_gone() -> None:
    known = {*codes_of_problems(), *kinds_of_plan_problems(), *issues()}
    assert {heading for heading in HEADINGS if heading not in known} == set()


def test_no_problem_has_two_sections() -> None:
    assert len(HEADINGS) == len(set(HEADINGS))


def test_the_codes_are_found_in_the_code() -> None:
    """The searches above see what they are to see."""
    assert {"no_meter", "device_cut"} <= set(codes_of_problems())
    assert {"plan_deadline", "plan_missing"} <= set(kinds_of_plan_problems())
