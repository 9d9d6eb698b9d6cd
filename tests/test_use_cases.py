"""docs/use-cases.md claims nothing that is not there."""

from pathlib import Path
import re
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[1]
PAGE: Final = (ROOT / "docs/use-cases.md").read_text(encoding="utf-8")
STATES: Final = {"works", "partly", "planned"}

# ESMIG, Next Generation Smart Metering v1.0, chapter 4, in its order.
USE_CASES: Final = (
    "Limitation of actual power consumption",
    "Grid stability via power limitation at Grid Connection Point",
    "Near to power limit notification",
    "Monitoring of Grid Connection Point (incl. PV)",
    "Exchange of NRTD",
    "Exchange of load curves",
    "Real Time Identification, Location, & Detection of Grid Faults",
    "Dynamic tariff & usage management",
    "Provide dashboard to inform user about status and stimulate to use opportunities",
    "Monitoring active power consumption",
    "Energy monitoring and management",
    "Unified user interface",
    "Awareness and notifications",
    "Monitoring energy consumption",
    "Appliance level real time energy disaggregation & consumption reduction",
    "Maximize flexible energy consumption in premises",
    "Time of use tariffs",
    "Flexibility provision",
    "Manage peak load to avoid increases in the electricity invoice (peak shaving)",
    "Peak shaving via direct control of heat pump",
    "Flexibility aggregation of commercial buildings",
    "Convenient smart EV charging at commercial buildings",
    "Appliance level real time behavioural demand side response",
    "Flexibility management for distribution grid support",
    "Monitoring security",
    "Monitoring the Wide Area communication Network",
    "Update individual functions",
)


def _table(first_heading: str) -> list[dict[str, str]]:
    """Return the rows of the table whose header row starts with the heading."""
    lines = PAGE.splitlines()
    top = next(i for i, line in enumerate(lines) if line.startswith(first_heading))
    names = [cell.strip() for cell in lines[top].strip("|").split("|")]
    rows = []
    for line in lines[top + 2 :]:
        if not line.startswith("|"):
            break
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        rows.append(dict(zip(names, cells, strict=True)))
    return rows


CASES: Final = _table("| no | use case |")
LINKS: Final = _table("| no | link |")


def _paths(cell: str) -> list[Path]:
    return [ROOT / path for path in re.findall(r"`([^`]+)`", cell)]


def test_every_use_case_of_the_report_has_its_row() -> None:
    assert [row["use case"] for row in CASES] == list(USE_CASES)
    numbers = [str(number) for number in range(1, len(USE_CASES) + 1)]
    assert [row["no"] for row in CASES] == numbers
    assert [row["no"] for row in LINKS] == numbers


@pytest.mark.parametrize("row", CASES, ids=lambda row: f"uc{row['no']}")
def test_a_row_claims_only_what_is_there(row: dict[str, str]) -> None:
    assert row["state"] in STATES
    if row["state"] == "planned":
        assert (row["module"], row["test"], row["view"]) == ("-", "-", "-")
        return
    modules, tests = _paths(row["module"]), _paths(row["test"])
    assert modules, "a row that is not planned names its module"
    assert tests, "a row that is not planned names its test"
    for path in modules:
        assert path.exists(), f"{path} is named but not there"
    for path in tests:
        assert "def test_" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("row", CASES, ids=lambda row: f"uc{row['no']}")
def test_a_row_names_only_views_of_the_dashboard(row: dict[str, str]) -> None:
    if row["view"] == "-":
        return
    strategy = "".join(
        path.read_text(encoding="utf-8")
        for path in (ROOT / "frontend/src").rglob("*")
        if path.suffix in {".ts", ".json"}
    )
    for view in row["view"].split(", "):
        assert f'"{view}"' in strategy, f"no view {view} in the dashboard"


@pytest.mark.parametrize("row", LINKS, ids=lambda row: f"uc{row['no']}")
def test_what_was_measured_names_the_test_that_measured_it(row: dict[str, str]) -> None:
    if row["measured"] == "-":
        return
    paths = _paths(row["measured"])
    assert paths, "a measured figure names where it comes from"
    for path in paths:
        assert path.exists(), f"{path} is named but not there"
