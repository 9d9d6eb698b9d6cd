import json
import os
from pathlib import Path
import subprocess
import sys

import pandas as pd
import pytest

from optimizer.cli import main
from optimizer.cli.series_file import read_series
from optimizer.document import InputError
from tests.optimizer.homes import BATTERY, CAR, Json, at, home, series


def write(folder: Path, given: Json, rows: Json) -> list[str]:
    home_file, series_file = folder / "home.yaml", folder / "day.csv"
    home_file.write_text(json.dumps(given))
    lines = [",".join(rows)]
    lines += [",".join(map(str, row)) for row in zip(*rows.values(), strict=True)]
    series_file.write_text("\n".join(lines) + "\n")
    return ["optimize", str(home_file), "--series", str(series_file)]


def test_the_table_is_for_a_person(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = write(tmp_path, home(BATTERY), series([0.1, 0.3]))
    assert main(arguments) == 0
    out, err = capsys.readouterr()
    assert out.startswith("optimal: the best plan\ncost 0.20 EUR")
    assert "\n  an estimate, not for billing\n" in out
    assert "15 Jan 12:00" in out
    assert "battery: Stores 1.00 kWh" in out
    assert err == ""


def test_json_is_the_plan_of_the_contract(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan_file = tmp_path / "plan.json"
    arguments = write(tmp_path, home(BATTERY), series([0.1, 0.3]))
    assert main([*arguments, "--json", "--plan", str(plan_file)]) == 0
    plan = json.loads(capsys.readouterr().out)
    assert plan == json.loads(plan_file.read_text())
    assert {
        "status",
        "objective",
        "bound",
        "gap",
        "build_seconds",
        "solve_seconds",
        "currency",
        "cost",
        "times",
        "grid",
        "devices",
        "reasons",
        "relaxed",
    } <= plan.keys()
    assert plan["cost"].keys() == {"energy", "capacity", "wear", "comfort"}
    assert plan["objective"] == pytest.approx(sum(plan["cost"].values()))
    assert plan["times"] == [at(0), at(1)]
    assert plan["build_seconds"] > 0
    assert plan["solve_seconds"] > 0


def test_a_plan_that_cannot_be_written_is_still_printed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = write(tmp_path, home(), series([0.1]))
    assert main([*arguments, "--json", "--plan", str(tmp_path / "no" / "p.json")]) == 2
    out, err = capsys.readouterr()
    assert json.loads(out)["status"] == "optimal"
    assert "p.json: No such file or directory" in err


def test_a_plan_is_written_though_nobody_reads_what_is_printed(
    tmp_path: Path,
) -> None:
    arguments = write(tmp_path, home(BATTERY), series([0.1, 0.3]))
    plan, page = tmp_path / "plan.json", tmp_path / "plan.html"
    program = "import sys; from optimizer.cli import main; sys.exit(main())"
    command = [sys.executable, "-c", program, *arguments]
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run(
            [*command, "--plan", str(plan), "--html", str(page)],
            stdout=writing,
            stderr=subprocess.PIPE,
            check=False,
        )
    finally:
        os.close(writing)
    assert (done.returncode, done.stderr) == (1, b"")
    assert json.loads(plan.read_text())["status"] == "optimal"
    assert page.stat().st_size > 0


def test_plan_dash_is_stdout_and_nothing_else(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*write(tmp_path, home(), series([0.1])), "--plan", "-"]) == 0
    assert json.loads(capsys.readouterr().out)["status"] == "optimal"


def test_the_page_opens_without_network(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "plan.html"
    risky = {**BATTERY, "id": "<script>x</script>"}
    arguments = write(tmp_path, home(risky), series([0.1, 0.3]))
    assert main([*arguments, "--html", str(page)]) == 0
    text = page.read_text()
    assert "<script>x</script>" not in text
    assert 'src="http' not in text
    assert "link href" not in text
    assert "Stores 1.00 kWh" in text


def test_a_relaxed_plan_is_written_and_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    session = {"arrive": at(0), "depart": at(1), "energy_kwh": 30}
    given = home({**CAR, "sessions": [session]})
    assert main([*write(tmp_path, given, series([0.1, 0.1])), "--json"]) == 1
    out, err = capsys.readouterr()
    assert json.loads(out)["status"] == "relaxed"
    assert err == "cem optimize: relaxed: car leaves 19.00 kWh short of 30 kWh\n"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"steps": 99}, "day.csv: series: covers 2026-01-15T11:00:00+00:00"),
        ({"step_minutes": 7}, "home.yaml: line 1: step_minutes: 7 does not divide"),
        ({"batteries": []}, "home.yaml: line 1: batteries: unknown field; allowed"),
    ],
)
def test_bad_input_is_one_line_each_with_its_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], change: Json, expected: str
) -> None:
    assert main(write(tmp_path, {**home(BATTERY), **change}, series([0.1, 0.3]))) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert expected in err
    assert err.count("\n") == 1
    assert "Traceback" not in err


def test_a_bad_row_names_its_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = write(tmp_path, home(), series([0.1, 0.2, 0.3]))
    file = tmp_path / "day.csv"
    file.write_text(file.read_text().replace("0.2", "cheap"))
    assert main(arguments) == 1
    err = capsys.readouterr().err
    assert "day.csv: line 3: series.import_price: is 'cheap'; must be a finite" in err


def test_bytes_that_are_no_text_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = write(tmp_path, home(), series([0.1]))
    (tmp_path / "home.yaml").write_bytes(b"schema: \xff\xfe")
    assert main(arguments) == 1
    assert "home.yaml: byte 8: not UTF-8" in capsys.readouterr().err


def test_wrong_usage_is_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = write(tmp_path, home(), series([0.1]))
    assert main(arguments[:2]) == 2
    assert "--series is needed" in capsys.readouterr().err
    assert main(["optimize", "-", "--series", "-"]) == 2
    assert main([*arguments[:2], "--series", str(tmp_path / "none.csv")]) == 2
    for wrong in (
        ["--time-limit", "0"],
        ["--gap", "-1"],
        ["--gap", "nan"],
        ["--model", "model.txt"],
    ):
        with pytest.raises(SystemExit) as ended:
            main([*arguments, *wrong])
        assert ended.value.code == 2


def test_the_equations_are_written_for_other_solvers(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = write(tmp_path, home(BATTERY), series([0.1, 0.3]))
    model = tmp_path / "model.lp"
    assert main([*arguments, "--model", str(model)]) == 0
    assert "part(device_battery)_storage(1)" in model.read_text()
    assert main([*arguments, "--model", str(tmp_path / "none" / "model.lp")]) == 2
    assert str(tmp_path / "none") in capsys.readouterr().err


def test_parquet_is_read_like_csv(tmp_path: Path) -> None:
    rows = series([0.1, 0.3])
    frame = pd.DataFrame(rows)
    frame["time"] = pd.to_datetime(frame["time"])
    frame.to_parquet(tmp_path / "day.parquet")
    read = read_series(str(tmp_path / "day.parquet"))
    assert list(read.columns["import_price"]) == [0.1, 0.3]
    assert read.start.isoformat() == "2026-01-15T11:00:00+00:00"
    (tmp_path / "bad.parquet").write_bytes(b"PAR1 is not enough")
    with pytest.raises(InputError, match="no parquet"):
        read_series(str(tmp_path / "bad.parquet"))


def test_parquet_without_its_packages_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pandas", None)
    with pytest.raises(InputError, match=r"parquet needs .* install cem\[cli\]"):
        read_series(str(tmp_path / "day.parquet"))


def test_what_something_else_would_cost_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = write(tmp_path, home(BATTERY), series([0.1, 0.3]))
    assert main([*arguments, "--what-if", "battery=never"]) == 0
    out, err = capsys.readouterr()
    assert "instead: battery off until the plan's end: €0.20 more" in out
    assert "  battery: 1.00 kWh less from 12:00 to 13:00." in out
    assert err == ""
    wishes = ["--what-if", "battery=13:00", "--what-if", "boat=now"]
    assert main([*arguments, *wishes, "--json"]) == 1
    out, err = capsys.readouterr()
    (other,) = json.loads(out)["what_if"]
    assert other["what"] == "forbid_discharge"
    assert other["more_cost"] == pytest.approx(0)
    assert (
        err == "cem optimize: --what-if boat=now: no device boat; there are: battery\n"
    )


def test_what_limits_cost_is_said_on_request(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    limit = {"id": "dso", "direction": "import", "scope": "connection", "limit_kw": 1.0}
    arguments = write(
        tmp_path, home(BATTERY, limits=[limit | {"end": at(1)}]), series([0.1, 0.3])
    )
    assert main([*arguments, "--limit-cost"]) == 0
    out, err = capsys.readouterr()
    # Nothing can be stored for the second hour.
    assert "limits: What is ordered costs €0.20." in out
    assert "  battery: 1.00 kWh less from 12:00 to 13:00." in out
    assert err == ""
    assert main([*arguments, "--limit-cost", "--json"]) == 0
    plan = json.loads(capsys.readouterr().out)
    assert plan["limit_cost"]["cost_with"] == plan["objective"]
    assert main([*arguments, "--json"]) == 0
    assert "limit_cost" not in json.loads(capsys.readouterr().out)
