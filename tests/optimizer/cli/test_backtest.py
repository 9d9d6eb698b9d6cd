import csv
from datetime import timedelta
import json
from pathlib import Path
import subprocess
import sys

import pytest

from optimizer.cli import main
from tests.optimizer.backtest import years
from tests.optimizer.homes import Json

FIELDS = {
    "policy",
    "from",
    "to",
    "currency",
    "cost",
    "windows",
    "import_kwh",
    "export_kwh",
    "final_energy_kwh",
    "shortfalls",
    "self_consumption",
    "perfect",
    "regret",
    "captured_share",
    "churn",
    "solves",
    "solve_seconds",
}


@pytest.fixture
def arguments(tmp_path: Path) -> list[str]:
    given: Json = {
        "schema": 1,
        "time_zone": "Europe/Brussels",
        "step_minutes": 30,
        "tariff": {"capacity": {"integration_minutes": 15, "price_per_kw": 4}},
        "devices": [years.ROOF, years.BATTERY],
    }
    home_file, series_file = tmp_path / "home.yaml", tmp_path / "years.csv"
    home_file.write_text(json.dumps(given))
    table = years.table(5)
    with series_file.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["time", *table.columns])
        for row in range(table.rows):
            time = (table.start + row * table.step).isoformat()
            writer.writerow([time, *(c[row] for c in table.columns.values())])
    begin = (years.START + timedelta(days=3)).isoformat()
    return ["backtest", str(home_file), "--series", str(series_file), "--from", begin]


def test_json_has_the_fields_of_the_contract(
    arguments: list[str], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    steps = tmp_path / "steps.csv"
    assert main([*arguments, "--json", "--trace", str(steps)]) == 0
    out, err = capsys.readouterr()
    result = json.loads(out)
    assert result.keys() >= FIELDS
    assert result["cost"].keys() >= {
        *("energy", "export", "capacity", "wear", "comfort", "total")
    }
    assert result["windows"][0].keys() == {"start", "peaks_kw", "capacity"}
    assert result["solves"] == 48
    assert result["solve_seconds"].keys() == {"p50", "p99", "max"}
    assert err == ""
    with steps.open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 96
    assert list(rows[0]) == [
        *("time", "import_kw", "export_kw", "roof_kw", "battery_kw", "battery_kwh")
    ]
    imported = 0.5 * sum(float(row["import_kw"]) for row in rows)
    assert result["import_kwh"] == pytest.approx(imported, abs=1e-3)


def test_the_default_is_for_a_person_and_the_page_for_a_browser(
    arguments: list[str], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    page = tmp_path / "report.html"
    to = (years.START + timedelta(days=4)).isoformat()
    assert main([*arguments, "--to", to, "--html", str(page)]) == 0
    out = capsys.readouterr().out
    assert "\nan estimate, not for billing\n" in out
    assert "an estimate, not for billing" in page.read_text()
    assert "the plan" in out
    assert "perfect hindsight" in out
    assert "(regret)" in out
    assert "because of forecasts" in out
    text = page.read_text()
    assert "Backtest from 2026-03-05 01:00 to" in text
    assert '<script src="http' not in text


def test_jobs_change_nothing(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    to = (years.START + timedelta(days=3, hours=6)).isoformat()
    asked = [*arguments, "--to", to, "--json", "--jobs"]
    assert main([*asked, "1"]) == 0
    alone = json.loads(capsys.readouterr().out)
    command = [sys.executable, "-c", "from optimizer.cli import main; exit(main())"]
    done = subprocess.run([*command, *asked, "3"], check=True, capture_output=True)
    beside = json.loads(done.stdout)
    del alone["solve_seconds"], beside["solve_seconds"]
    assert beside == alone
    assert done.stderr == b""


def test_a_state_file_is_gone_on_with_and_a_foreign_one_refused(
    arguments: list[str], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    state = tmp_path / "state.json"
    asked = [*arguments, "--json", "--state", str(state)]
    assert main(asked) == 0
    first = json.loads(capsys.readouterr().out)
    assert main(asked) == 0
    assert json.loads(capsys.readouterr().out) == first
    assert main([*asked, "--know-current-step"]) == 1
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert "is of another home, series or question" in err
    state.write_text("[]")
    assert main(asked) == 1
    assert "is no state of a backtest" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("extra", "status", "said"),
    [
        (["--from", "2020-01-01"], 1, "is asked for"),
        (["--to", "2026-03-05T00:00:00+00:00"], 1, "is asked for"),
        (["--every", "45"], 2, "no multiple of step_minutes"),
        (["--series", "missing.csv"], 2, "missing.csv"),
    ],
)
def test_what_cannot_be_played_is_said_in_a_line(
    arguments: list[str],
    capsys: pytest.CaptureFixture[str],
    extra: list[str],
    status: int,
    said: str,
) -> None:
    assert main([*arguments, *extra]) == status
    out, err = capsys.readouterr()
    assert out == ""
    assert said in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    "extra", [["--from", "noon"], ["--jobs", "0"], ["--prices-known-from", "25:00"]]
)
def test_wrong_usage(arguments: list[str], extra: list[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main([*arguments, *extra])
    assert stopped.value.code == 2
