from datetime import UTC, datetime, timedelta
import io

import numpy as np
import pytest

from optimizer.align import align, horizon_of
from optimizer.document import InputError
from optimizer.read_home import home_from_json
from optimizer.series import read_csv, table
from tests.optimizer.homes import ROOF, Json, at, home, series

HEADER = "time,import_price,load_kw\n"
GOOD = [
    "2026-01-15T12:00:00+01:00,0.2,1",
    "2026-01-15T12:15:00+01:00,0.3,2",
    "2026-01-15T12:30:00+01:00,0.4,3",
    "2026-01-15T12:45:00+01:00,0.5,4",
]


def refusal(rows: list[str], header: str = HEADER) -> str:
    try:
        found = read_csv(io.StringIO(header + "\n".join(rows)))
    except InputError as error:
        return str(error)
    return "\n".join(str(p) for problems in found.refused.values() for p in problems)


def test_a_table_is_read_in_utc() -> None:
    found = read_csv(io.StringIO(HEADER + "\r\n".join(GOOD) + "\r\n\r\n"))
    assert found.start == datetime(2026, 1, 15, 11, tzinfo=UTC)
    assert found.step == timedelta(minutes=15)
    assert found.end == datetime(2026, 1, 15, 12, tzinfo=UTC)
    assert list(found.columns["load_kw"]) == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([*GOOD[:1], *GOOD[2:]], "line 3: series.time: 1 row(s) missing"),
        (
            [GOOD[0], GOOD[0], *GOOD[1:]],
            "line 3: series.time: 2026-01-15T12:00:00+01:00 ",
        ),
        ([*GOOD[:2], GOOD[0], *GOOD[2:]], "line 4: series.time: "),
        (
            [GOOD[0].replace("+01:00", "")],
            "line 2: series.time: '2026-01-15T12:00:00' has",
        ),
        (["noon,1,1"], "line 2: series.time: 'noon' is no ISO 8601 time"),
        (["0001-01-01T00:00:00+01:00,1,1"], "line 2: series.time: '0001-01-01T00"),
        (["2026-01-15T12:00:00+01:00,,1"], "line 2: series.import_price: is empty"),
        (["2026-01-15T12:00:00+01:00,nan,1"], "must be a finite number"),
        (
            ["2026-01-15T12:00:00+01:00,1"],
            "line 2: series: 2 cells, but the header has 3",
        ),
        ([], "the series has no rows"),
    ],
)
def test_what_cannot_be_read_without_guessing_is_refused(
    rows: list[str], expected: str
) -> None:
    assert expected in refusal(rows)


def test_only_the_columns_of_the_plan_have_to_be_numbers() -> None:
    rows = series([0.2, 0.3]) | {"note": ["a storm", ""], "wind_kw": [None, 1.0]}
    given, found = home_from_json(home()), table(rows)
    assert align(given, found, horizon_of(given, found)).keys() == {
        "import_price",
        "export_price",
        "load_kw",
    }
    asked = home_from_json(home({**ROOF, "series": "wind_kw"}))
    with pytest.raises(InputError, match=r"wind_kw.*: is empty; must be a finite"):
        align(asked, found, horizon_of(asked, found))


def test_a_column_whose_only_fault_is_empty_cells_has_gaps() -> None:
    rows = series([0.2, 0.3, 0.4, 0.5])
    rows |= {"said_kw": [1.0, None, " ", 4.0], "wind_kw": [None, "storm", 1.0, 1.0]}
    found = table(rows)
    assert found.gaps == {"said_kw"}
    assert found.refused.keys() == {"said_kw", "wind_kw"}
    pairs = [found.start + k * 2 * found.step for k in range(3)]
    np.testing.assert_array_equal(
        found.means_with_gaps("said_kw", pairs), [np.nan, np.nan]
    )
    each = [found.start + k * found.step for k in range(5)]
    np.testing.assert_array_equal(
        found.means_with_gaps("said_kw", each), [1.0, np.nan, np.nan, 4.0]
    )


def test_a_gap_says_how_many_rows_are_missing() -> None:
    rows = [f"2026-01-15T{h:02}:00:00+01:00,0.2,1" for h in (1, 2, 3, 4, 7, 8)]
    assert "line 6: series.time: 2 row(s) missing between" in refusal(rows)


def test_disorder_is_called_disorder() -> None:
    assert "not in order of time" in refusal([*GOOD, GOOD[1]])
    assert "stands there twice" in refusal([*GOOD, GOOD[3]])


def test_headers_are_checked() -> None:
    assert "no column time" in refusal(GOOD, "when,import_price,load_kw\n")
    assert "second column" in refusal(GOOD, "time,load_kw,load_kw\n")
    assert "the series is empty" in refusal([], "")


@pytest.mark.parametrize(
    ("day", "offsets", "quarters"),
    [
        ("2026-03-29", ("+01:00", "+02:00"), 92),
        ("2026-10-25", ("+02:00", "+01:00"), 100),
    ],
)
def test_days_of_the_clock_change_have_92_and_100_quarters(
    day: str, offsets: tuple[str, str], quarters: int
) -> None:
    start = datetime.fromisoformat(f"{day}T00:00:00{offsets[0]}")
    end = datetime.fromisoformat(f"{day}T00:00:00{offsets[1]}") + timedelta(days=1)
    count = (end - start) // timedelta(minutes=15)
    assert count == quarters
    change = datetime.fromisoformat(f"{day}T01:00:00+00:00")
    rows = []
    for quarter in range(count):
        time = start + quarter * timedelta(minutes=15)
        local = time if time < change else time.astimezone(end.tzinfo)
        rows.append(f"{local.isoformat()},0.2,1")
    assert read_csv(io.StringIO(HEADER + "\n".join(rows))).rows == quarters


def test_a_repeated_local_hour_without_offset_is_refused() -> None:
    rows = ["2026-10-25T02:00:00,0.2,1", "2026-10-25T02:00:00,0.3,1"]
    assert "has no offset" in refusal(rows)


def test_finer_is_averaged_by_time_and_coarser_held() -> None:
    fine = table({"time": [at(t / 4) for t in range(8)], "a": [1, 2, 3, 6, 8, 8, 8, 8]})
    start, hour = fine.start, timedelta(hours=1)
    assert list(fine.means("a", [start + n * hour for n in range(3)])) == [3, 8]
    coarse = table({"time": [at(0), at(1)], "a": [0.1, 0.7]})
    held = coarse.means("a", [start + n * hour / 4 for n in range(9)])
    assert list(held) == [0.1] * 4 + [0.7] * 4
    across = coarse.means("a", [start + hour / 2, start + 1.5 * hour])
    assert across == pytest.approx([0.4])


def test_the_horizon_defaults_to_all_rows() -> None:
    given = home_from_json(home(minutes=15))
    horizon = horizon_of(given, table(series([0.2, 0.3])))
    assert horizon.steps == 8
    assert set(horizon.hours) == {0.25}


@pytest.mark.parametrize("fields", [{"steps": 9}, {"start": at(-1)}, {"start": at(3)}])
def test_a_series_that_does_not_cover_the_horizon_is_refused(fields: Json) -> None:
    given = home_from_json(home(minutes=15, **fields))
    with pytest.raises(InputError, match="covers 2026-01-15T11:00:00"):
        horizon_of(given, table(series([0.2, 0.3])))


def test_a_missing_column_names_who_needs_it() -> None:
    given, rows = home_from_json(home(ROOF)), table(series([0.2]))
    with pytest.raises(InputError, match="no column pv_kw, which roof needs"):
        align(given, rows, horizon_of(given, rows))


def test_negative_production_is_refused() -> None:
    given, rows = home_from_json(home(ROOF)), table(series([0.2], pv_kw=-1.0))
    with pytest.raises(InputError, match="production is positive"):
        align(given, rows, horizon_of(given, rows))
