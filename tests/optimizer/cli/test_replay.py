"""`cem replay`: files that hold no problem get a sentence."""

import json
from pathlib import Path

import pytest

from optimizer.cli import main

HOME = {
    "schema": 1,
    "name": "**REDACTED**",
    "time_zone": "Europe/Brussels",
    "step_minutes": 60,
    "grid": {"import_limit_kw": 9, "export_limit_kw": 9},
    "tariff": {"currency": "EUR"},
    "devices": [],
}
SERIES = {
    "time": ["2026-01-15T12:00:00+01:00", "2026-01-15T13:00:00+01:00"],
    "import_price": [0.3, 0.2],
    "export_price": [0.1, 0.1],
    "load_kw": [1.0, 2.0],
}
PLAN = {
    "times": SERIES["time"],
    "minutes": [60, 60],
    "cost": {"energy": 0.7},
    "currency": "EUR",
    "devices": {},
}
SOLVED = {"whole": True, "home": HOME, "series": SERIES, "plan": PLAN}


def replay(tmp_path: Path, text: str) -> int:
    file = tmp_path / "diagnostics.json"
    file.write_text(text)
    return main(["replay", str(file)])


def test_the_same_problem_gives_the_same_plan(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert replay(tmp_path, json.dumps({"data": {"solved": SOLVED}})) == 0
    said = capsys.readouterr().out
    assert said == (
        "optimal: 0.70 EUR, in the diagnostics 0.70 EUR\n"
        "an estimate, not for billing\nthe same plan\n"
    )


def test_another_cost_is_another_plan(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = SOLVED | {"plan": PLAN | {"cost": {"energy": 0.5}}}
    assert replay(tmp_path, json.dumps({"solved": other})) == 1
    assert capsys.readouterr().out.endswith("another plan\n")
    rough = other | {"whole": False}
    assert replay(tmp_path, json.dumps({"solved": rough})) == 0
    assert "Curves of use are means" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "line 1: not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[]", "no plan of the solver"),
        ('{"data": {"solved": null}}', "no plan of the solver"),
        ('{"solved": {"home": {}}}', "not all of home, series, plan"),
        (json.dumps({"solved": SOLVED | {"home": {}}}), "schema"),
        (json.dumps({"solved": SOLVED | {"plan": {}}}), "not one of the solver's"),
        (json.dumps({"solved": SOLVED | {"plan": PLAN | {"cost": 1}}}), "not one"),
    ],
)
def test_what_cannot_be_solved_again_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, said: str
) -> None:
    assert replay(tmp_path, text) == 1
    complaint = capsys.readouterr().err
    assert said in complaint
    assert complaint.count("\n") == 1
    assert "Traceback" not in complaint


def test_a_file_that_is_not_there_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["replay", str(tmp_path / "none.json")]) == 2
    assert "No such file" in capsys.readouterr().err
