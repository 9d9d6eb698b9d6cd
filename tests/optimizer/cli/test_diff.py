"""`cem diff`: two plans, and what each was made of."""

import json
from pathlib import Path

import pytest

from optimizer.cli import main
from tests.optimizer.cli.test_optimize import write
from tests.optimizer.homes import BATTERY, home, series


def planned(folder: Path, prices: list[float]) -> list[str]:
    """Write a home, its series and its plan; return the three files."""
    folder.mkdir()
    arguments = write(folder, home(BATTERY), series(prices))
    plan = folder / "plan.json"
    assert main([*arguments, "--plan", str(plan)]) == 0
    return [str(plan), str(folder / "home.yaml"), str(folder / "day.csv")]


def test_it_says_what_moved_and_why(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old, *old_inputs = planned(tmp_path / "old", [0.1, 0.2, 0.3])
    new, *new_inputs = planned(tmp_path / "new", [0.2, 0.1, 0.3])
    capsys.readouterr()
    assert main(["diff", old, new]) == 0
    out, err = capsys.readouterr()
    assert out.startswith(
        "cost 0.30 -> 0.40 EUR, an estimate, not for billing\n"
        "  battery: 2.00 kWh less from 12:00"
    )
    assert err == ""
    inputs = ["--old", *old_inputs, "--new", *new_inputs]
    assert main(["diff", old, new, *inputs]) == 0
    out, _ = capsys.readouterr()
    assert "as the old one foresaw it for 0.30, now for 0.40 EUR:" in out
    assert "Prices: €0.10 more.\n  battery: 2.00 kWh less" in out
    assert main(["diff", old, new, *inputs, "--json"]) == 0
    (cause,) = json.loads(capsys.readouterr().out)["why"]["causes"]
    assert cause["cause"] == "prices"
    assert main(["diff", old, old]) == 0
    assert "nothing moved" in capsys.readouterr().out


def test_what_cannot_be_read_is_said_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan, home_file, rows = planned(tmp_path / "old", [0.1, 0.2])
    bad = tmp_path / "bad.json"
    bad.write_text("{")
    capsys.readouterr()
    for arguments, status, said in (
        ([plan, str(bad)], 1, "bad.json: no JSON"),
        ([home_file, plan], 1, "home.yaml: not a plan"),
        ([plan, plan, "--old", home_file, rows], 2, "belong together"),
        (
            [plan, plan, "--old", plan, rows, "--new", home_file, rows],
            1,
            "plan.json: line",
        ),
        (
            [plan, plan, "--old", home_file, str(bad), "--new", home_file, rows],
            1,
            "bad.json",
        ),
        ([plan, "/no/such/plan.json"], 2, "/no/such/plan.json: No such file"),
    ):
        assert main(["diff", *arguments]) == status
        out, err = capsys.readouterr()
        assert out == ""
        assert said in err
        assert all(line.startswith("cem diff: ") for line in err.splitlines())
