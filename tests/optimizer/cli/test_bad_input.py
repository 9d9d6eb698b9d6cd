"""Whatever comes in: a sentence with its place, or a plan that says what gave way."""

import json
from pathlib import Path

import pytest

from optimizer.cli import main
from tests.optimizer.cli.test_optimize import write
from tests.optimizer.homes import BATTERY, CAR, HEAT_PUMP, ROOF, Json, at, home, series

ROWS = series([0.1, 0.3, 0.1, 0.3])
WARMTH = {"t_min_c": 20.0, "t_max_c": 22.0, "outdoor_temperature_c": 5.0}


def car(arrive: float, depart: float, energy_kwh: float) -> Json:
    stay = {"arrive": at(arrive), "depart": at(depart), "energy_kwh": energy_kwh}
    return {**CAR, "sessions": [stay]}


def washer(hours: int, earliest: float, latest: float) -> Json:
    return {
        "id": "washer",
        "kind": "appliance",
        "profile_kw": [1] * hours,
        "profile_step_minutes": 60,
        "earliest_start": at(earliest),
        "latest_end": at(latest),
    }


def limit(name: str, direction: str) -> Json:
    return {"id": name, "direction": direction, "scope": "connection", "limit_kw": 0}


def without(rows: Json, *places: int) -> Json:
    return {
        name: [value for place, value in enumerate(column) if place not in places]
        for name, column in rows.items()
    }


@pytest.mark.parametrize(
    ("given", "rows", "expected"),
    [
        (
            home(),
            {**ROWS, "import_price": [0.1, float("nan"), 0.1, 0.2]},
            "day.csv: line 3: series.import_price: is 'nan'; must be a finite number",
        ),
        (
            home(),
            {**ROWS, "load_kw": [0.1, "", 0.1, 0.2]},
            "day.csv: line 3: series.load_kw: is empty; must be a finite number",
        ),
        (
            home(),
            {**ROWS, "load_kw": [0.1, 1e12, 0.1, 0.2]},
            "day.csv: line 3: series.load_kw: is 1e+12; no price, power or temperature",
        ),
        (
            home(),
            without(series([0.1] * 6), 2, 3),
            "day.csv: line 4: series.time: 2 row(s) missing between",
        ),
        (home(), series([]), "day.csv: series: the series has no rows"),
        (
            home({**BATTERY, "capacity_kwh": -1}),
            ROWS,
            "line 1: devices[0].capacity_kwh: must be above 0, not -1",
        ),
        (
            home({**BATTERY, "capacity_kwh": 1e300}),
            ROWS,
            "line 1: devices[0].capacity_kwh: is 1e+300; nothing in a home is beyond",
        ),
        (
            home(car(2, 1, 3)),
            ROWS,
            "line 1: devices[0].sessions[0].depart: must be after arrive",
        ),
        (
            home(ROOF),
            {**ROWS, "pv_kw": [-1.0, 0, 0, 0]},
            "day.csv: series.pv_kw: roof produces less than 0 kW; production is",
        ),
        (
            home(HEAT_PUMP),
            {**series([0.1] * 4, cop=0.0, **WARMTH)},
            "day.csv: series.cop: the COP of heat_pump must be above 0",
        ),
        (home(steps=0), ROWS, "home.yaml: line 1: steps: must be at least 1, not 0"),
    ],
)
def test_what_cannot_be_read_is_one_line(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    given: Json,
    rows: Json,
    expected: str,
) -> None:
    assert main([*write(tmp_path, given, rows), "--json"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert expected in err
    assert err.count("\n") == 1
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("given", "rows", "expected"),
    [
        (home(car(0, 1, 300)), ROWS, "relaxed: car leaves 289.00 kWh short of 300"),
        (home(washer(30, -40, 4)), ROWS, "relaxed: washer does not run before 16:00"),
        (
            home({**BATTERY, "final_energy_kwh": 10, "charge_limit_kw": 1}),
            ROWS,
            "relaxed: battery ends 6.00 kWh below 10 kWh",
        ),
        (
            home({**BATTERY, "reserve_kwh": 9, "charge_limit_kw": 0}),
            ROWS,
            "relaxed: battery is 9.00 kWh below 9 kWh at times",
        ),
        (
            home(limits=[limit("a", "import"), limit("b", "export")]),
            ROWS,
            "infeasible: import is up to 1.00 kW above limit a, 0 kW",
        ),
        (
            home({**BATTERY, "initial_energy_kwh": 2}, limits=[limit("a", "import")]),
            ROWS,
            "infeasible: import is up to 1.00 kW above limit a, 0 kW",
        ),
    ],
)
def test_what_cannot_be_met_is_planned_as_far_as_it_can_be(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    given: Json,
    rows: Json,
    expected: str,
) -> None:
    assert main([*write(tmp_path, given, rows), "--json"]) == 1
    out, err = capsys.readouterr()
    plan = json.loads(out)
    assert plan["status"] == expected.partition(":")[0]
    assert len(plan["times"]) == len(rows["time"])
    assert f"cem optimize: {expected}" in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    "given",
    [
        home(car(-9, -8, 3)),
        home(car(2, 40, 30)),
        home(washer(30, 0, 99)),
        home({**BATTERY, "charge_limit_kw": 0, "discharge_limit_kw": 0}),
    ],
    ids=["stay over", "stay beyond the plan", "run beyond the plan", "idle battery"],
)
def test_what_lies_outside_the_plan_asks_for_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], given: Json
) -> None:
    assert main([*write(tmp_path, given, ROWS), "--json"]) == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["status"] == "optimal"
    assert err == ""


def test_a_band_of_comfort_that_is_upside_down_is_a_cost(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = series([0.1] * 4, cop=3.0, **WARMTH | {"t_max_c": 10.0})
    assert main([*write(tmp_path, home(HEAT_PUMP), rows), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["cost"]["comfort"] > 0


def test_ten_thousand_steps_in_too_little_time_are_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cheap = [0.1 + 0.1 * (t // 20 % 3) for t in range(10_000)]
    rows = series(cheap, minutes=15)
    arguments = write(tmp_path, home(BATTERY, minutes=15), rows)
    status = main([*arguments, "--json", "--time-limit", "1"])
    out, err = capsys.readouterr()
    assert "Traceback" not in err
    if out:
        assert (status == 0) == (json.loads(out)["status"] in {"optimal", "feasible"})
    else:
        assert status == 1
        assert err.startswith("cem optimize: no plan in the ")


@pytest.mark.parametrize("text", ["car", "=now", "car="])
def test_a_wish_without_device_or_time_is_wrong_usage(
    text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["optimize", "home.yaml", "--what-if", text])
    assert ended.value.code == 2
    assert f"{text!r} is not DEVICE=WHEN, as in car=now" in capsys.readouterr().err


def test_bytes_that_are_no_text_are_called_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    binary = tmp_path / "binary"
    binary.write_bytes(b"\x98\xfb")
    series_words = [*write(tmp_path, home(), ROWS)[:-1], str(binary)]
    for words in (series_words, ["diff", str(binary), str(binary)]):
        assert main(words) == 1
        err = capsys.readouterr().err
        assert "not UTF-8" in err
        assert "codec" not in err
