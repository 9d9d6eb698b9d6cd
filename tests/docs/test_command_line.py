"""The page of the command line names each command, and each field that is printed."""

import json
import re
from typing import Any

import pytest

from cem_core.model import reading_json
from optimizer.cli import COMMANDS, main
from tests.test_repository import ROOT

PAGE = (ROOT / "docs" / "command-line.md").read_text(encoding="utf-8")


def told_in(heading: str) -> set[str]:
    """Return the fields in the first column of the table under ``heading``."""
    section = PAGE.split(f"### {heading}\n")[1].split("\n#")[0]
    rows = re.findall(r"^\| (`[^|]*) \|", section, re.MULTILINE)
    return {name for row in rows for name in re.findall(r"`(\w+)`", row)}


def test_each_command_has_its_row() -> None:
    rows = re.findall(r"^\| `cem (\w+)` \|", PAGE, re.MULTILINE)
    assert sorted(rows) == sorted(COMMANDS)


def test_each_field_of_a_reading_is_told() -> None:
    fields = {*reading_json._WHO, *reading_json._PLAIN, "timestamp", "raw"}
    fields |= {"phases", "import_energy_wh", "export_energy_wh", "submeters"}
    fields |= {"month_peak_w", "month_peak_at", "peak_history", "quality"}
    fields |= {"power_failures", "voltage_sags", "voltage_swells"}
    assert told_in("A reading") == fields
    for name in (*reading_json._PHASE, *reading_json._SUBMETER):
        assert f"`{name}`" in PAGE


@pytest.mark.parametrize("flags", [[], ["--what-if", "charger=now", "--limit-cost"]])
@pytest.mark.timeout(60)  # the solver's packages are loaded
def test_each_field_of_a_plan_is_told(
    flags: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    demo = ROOT / "examples" / "demo"
    files = [str(demo / "home.yaml"), "--series", str(demo / "series.csv")]
    assert main(["optimize", *files, "--json", *flags]) == 0
    plan: dict[str, Any] = json.loads(capsys.readouterr().out)
    told = told_in("A plan")
    assert plan.keys() - {"what_if", "limit_cost"} <= told
    assert ("what_if" in plan) == bool(flags)
    assert told - plan.keys() <= {
        "what_if",
        "limit_cost",
        "meters",
        "flexibility",
        "inverters",
    }
